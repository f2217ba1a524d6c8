"""Speaking FTPS with a dropserver, for both ends of it."""
