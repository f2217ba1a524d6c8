"""What goes when a party leaves the protocol (Article 12)."""
