"""Tests of the local stack's own parts."""
