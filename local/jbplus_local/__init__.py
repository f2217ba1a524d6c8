"""The local stack: the SAM template on an embedded emulator, for a laptop without Docker or an AWS account."""
