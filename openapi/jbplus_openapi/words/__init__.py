"""What the document says of each call, in words."""
