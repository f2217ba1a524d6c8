"""The edge to AWS: one module for each store; foreign errors become our own here and nowhere else."""
