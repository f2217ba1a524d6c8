"""Deploying jbplus: what is checked before, in which steps, what protects the stack after, and who may do it."""
