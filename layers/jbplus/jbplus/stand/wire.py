"""What is answered about a stand."""

from jbplus.wire import Wire


class PairAnswer(Wire):
    """What is compared of one registration."""

    handle: str
    versie: str


class PairsAnswer(Wire):
    """The registrations of the ranges that were asked about, in the order of their handles."""

    items: tuple[PairAnswer, ...]
