# ruff: noqa: INP001 - it is found by its folder, not as part of a package
"""Stands before pyOpenSSL, which the layer does not have: boto3 would import it, and take a fifth longer to start."""

raise ImportError(__doc__)
