"""The dropserver: where files are exchanged over FTPS."""
