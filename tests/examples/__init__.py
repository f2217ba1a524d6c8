"""Dated examples of the protocol's rules, told in Dutch while the real rules run: `docs/voorbeelden.md`."""
