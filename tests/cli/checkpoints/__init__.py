"""`jbplus checkpoints`, and proofs of the privacy log."""
