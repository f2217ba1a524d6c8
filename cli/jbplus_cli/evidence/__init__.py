"""What is shown to who asks for proof: the protocol's obligations, the stack's settings, what it did (Article 6)."""
