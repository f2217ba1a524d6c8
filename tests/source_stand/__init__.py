"""Tests of the room `source_stand`."""
