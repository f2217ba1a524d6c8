"""Ten years of the whole circle in minutes: one seed, the real code, and every edge a fake that may die at any write.

`script` draws what the world does, `world` has the product do it, `oracle` says by itself what must come of it, and
`life` holds the one against the other at each midnight.
"""

from datetime import date
from typing import Final

START: Final = date(2028, 9, 1)
"""The exchange is not new then: what WEWIS tells first is up to five years old, and some of it of a 29 February."""
