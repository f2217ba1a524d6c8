"""The files' road: from and to the FTPS server of MAGDA, where parties leave and find their files."""
