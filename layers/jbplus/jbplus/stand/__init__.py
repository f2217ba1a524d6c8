"""The stand: by which a payment actor and the exchange see that they are in step, naming nobody."""
