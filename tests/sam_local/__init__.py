"""Each function in a container, as `sam local invoke` runs it: `make sam-local`."""
