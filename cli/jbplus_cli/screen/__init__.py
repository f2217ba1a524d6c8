"""The operator's screen: what may be typed, and how it is shown."""
