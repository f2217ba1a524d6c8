"""Who runs which tests, when several processes share them."""

from typing import Final

from typing_extensions import override
from xdist.scheduler import LoadFileScheduling

END_TO_END: Final = "tests/e2e/"


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # it ships no types
    """Gives each process a file at a time; all end-to-end tests to one, which starts their stack once for all."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return END_TO_END if nodeid.startswith(END_TO_END) else str(super()._split_scope(nodeid))
