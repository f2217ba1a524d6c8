"""A function's start without the garbage collector: it makes nothing but what stays, and looking for garbage takes 3 %.

Importing this stops the collector, so it comes before all that is ours.
"""

import gc

gc.disable()


def done() -> None:
    """Let the collector run again, which need not look at what the start made."""
    gc.freeze()
    gc.enable()
