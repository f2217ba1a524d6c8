"""Comparing with the exchange: what is kept is checked, compared with the stand, and mended where it differs.

What differs is noted before it is mended: whoever dies in between goes on, and tells all of it in the end.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain

from jbplus.protocol.calendar import Clock, brussels_day
from jbplus.stand.document import Stand
from jbplus.stand.rules import Parted, differing, is_range, parted, ranges_of
from jbplus_recipient.answers import Person, RegistrationItem
from jbplus_recipient.exchange import MAX_RANGES, batches
from jbplus_recipient.service import Service
from jbplus_recipient.standing import Due
from jbplus_recipient.stands import Kind
from jbplus_recipient.store import Store


class Comparing:
    """Compares a recipient with the exchange.

    Args:
        store: what is remembered.
        service: the exchange.
        now: gives the present moment.
        register: registers who is not confirmed yet, and says what became of it.
        look_up: looks up who is due, and says how many there were.
        own: the party's own list of persons (INSZ), None when it is not given.
    """

    def __init__(
        self,
        store: Store,
        service: Service,
        now: Clock,
        *,
        register: Callable[[], Sequence[RegistrationItem]],
        look_up: Callable[[], int],
        own: Collection[str] | None,
    ) -> None:
        self._store = store
        self._stands = store.stands
        self._service = service
        self._now = now
        self._register = register
        self._look_up = look_up
        self._own = own

    def run(self) -> int:
        """Compare, and mend; tell how many persons were looked up for it.

        Raises:
            ExchangeError: the exchange gives no answer or refuses; the next run goes on.
        """
        looked_up = 0
        stand = self._stands.waiting()
        if self._stands.find_damage(self._now()) and stand is None:
            looked_up += self._look_up()
        if stand is not None:
            looked_up += self._compare(stand)
            self._stands.compared(stand)
        return looked_up

    def _compare(self, stand: Stand) -> int:
        self._stands.find_unproven(brussels_day(self._now()), self._now())
        self._stands.registered(self._register())
        looked_up = self._look_up()
        ranges, there = self._open(stand)
        here = {pair.handle: pair.version for pair in self._stands.pairs(brussels_day(self._now()))}
        return looked_up + self._mend(parted(here, there, ranges), there)

    def _open(self, stand: Stand) -> tuple[list[str], dict[str, str]]:
        """Open the ranges that differ; give them, and version by handle in them."""
        here = ranges_of(self._stands.pairs(brussels_day(stand.context.tijdstip)))
        ranges = differing(here, stand.ranges)
        # What a damaged handle begins with may be no range: the exchange has nothing in it.
        asked = batches(list(filter(is_range, ranges)), MAX_RANGES)
        opened = chain.from_iterable(self._service.open(part) for part in asked)
        return ranges, {pair.handle: pair.versie for pair in opened}

    def _mend(self, found: Parted, there: Mapping[str, str]) -> int:
        now = self._now()
        missing = {there[handle]: handle for handle in found.not_here}
        self._stands.rename(found.only_here, missing, now)
        self._stands.find_other_answers(found.outdated, now)
        self._stands.find_only_here(found.only_here, now)
        for number in self._stands.doubtful():
            self._ask_about(number)
        self._register()
        looked_up = self._look_up()
        known = self._stands.handles()
        missing = {version: handle for version, handle in missing.items() if handle not in known}
        self._stands.find_missing(missing.values(), now)
        looked_up += self._find(missing) + self._look_up()
        self._stands.settle()
        return looked_up

    def _ask_about(self, number: str) -> None:
        """Ask for a registration that is here alone, and do as the party says: it ended, or there is none."""
        registration = self._service.registration(number)
        if registration is not None and registration.is_active(brussels_day(self._now())):
            self._stands.register_again(number, Kind.RENEWED)
        elif registration is not None:
            self._stands.forget(number, Kind.ENDED)
        elif self._own is None:
            self._stands.call(number, Kind.ONLY_HERE)
        elif number in self._own:
            self._stands.register_again(number, Kind.ONLY_HERE)
        else:
            self._stands.forget(number, Kind.ONLY_HERE)

    def _find(self, missing: dict[str, str]) -> int:
        """Find whose registrations are missing here: their answers have the versions that the exchange told."""
        looked_up = 0
        for batch in batches(list(self._candidates())):
            if not missing:
                break
            asked = self._now()
            for item in self._service.lookup(batch, after_notice=False):
                looked_up += 1
                if isinstance(item, Person) and item.versie is not None and item.versie in missing:
                    self._restore(item, missing.pop(item.versie), asked)
        return looked_up

    def _candidates(self) -> Iterator[str]:
        # Of whom something was found, it is known that it is not them.
        passed = {one.name for one in self._stands.divergences()} | set(self._stands.handles().values())
        here = self._stands.unmatched()
        yield from (number for number in here if number not in passed)
        yield from sorted(set(self._own or ()) - passed - set(here))

    def _restore(self, answer: Person, handle: str, asked: datetime) -> None:
        registration = self._service.registration(answer.insz)
        if registration is not None:
            due = self._stands.restore(answer.insz, handle, registration, asked)
            self._store.keep([(Due(answer.insz, 0, due), answer)], [], asked=asked)
