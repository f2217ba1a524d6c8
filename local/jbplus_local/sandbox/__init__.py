"""Test persons with a story each, for whoever builds a client against the local stack."""
