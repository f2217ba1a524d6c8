"""What begins anew when Lambda resumes a function from a snapshot (SnapStart)."""

import random
from collections.abc import Callable

try:
    from snapshot_restore_py import register_after_restore
except ImportError:  # Lambda's own runtime has it, and makes the snapshots

    def register_after_restore(_renewal: Callable[[], object]) -> None:
        """Do nothing: there are no snapshots here."""


def renew_after_restore(*renewals: Callable[[], object]) -> None:
    """Have what a snapshot must not carry over begin anew in each environment that resumes from it.

    The spread of retries is drawn anew in any case; whatever must not be guessed, or must be unique, comes from the
    operating system and needs nothing.

    Args:
        renewals: close a connection, or forget what was read.
    """
    for renewal in (random.seed, *renewals):
        register_after_restore(renewal)
