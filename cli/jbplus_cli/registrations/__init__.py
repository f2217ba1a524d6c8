"""What operators grant of the repertory."""
