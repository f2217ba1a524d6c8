"""The source's stand: by which WEWIS sees that the exchange is in step with its books, naming nobody."""
