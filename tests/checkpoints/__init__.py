"""Sealing the privacy log: segments, checkpoints, and who verifies them."""
