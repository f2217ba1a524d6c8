"""The operator's command, and the client library underneath it."""
