"""What tests share: fakes that are handed in, test persons, and files made for the occasion."""
