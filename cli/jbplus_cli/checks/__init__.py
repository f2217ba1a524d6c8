"""What is kept, compared with what it was made of."""
