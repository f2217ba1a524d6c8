"""Tests of numbers that change."""
