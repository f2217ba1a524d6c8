"""What is held on one person, for who asks to see it (GDPR, Article 15)."""
