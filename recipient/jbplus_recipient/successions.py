"""Persons whose number changes: the new number is registered and looked up, and only then the old one is let go.

Whoever dies in between goes on: what is told, what was answered and what is to be let go stands in the state.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from json import loads
from typing import Final, NamedTuple

from jbplus.notices.notice import Notification, SuccessionNotice, SuccessionNotification
from jbplus_recipient.database import Database

_TAKEN_BACK: Final = "03"
_AT_ONCE: Final = 3600
"""Answers that lie no further apart, in seconds, are those of one run."""

_NOT_SO: Final = (
    "SELECT oud, nieuw, ours FROM successions JOIN persons ON insz = oud "
    "WHERE NOT let_go AND confirmed AND due = 0 AND asked IS NOT NULL AND refused IS NULL AND NOT replaced"
)


class Successions:
    """What a recipient remembers of numbers that change.

    Every method is done within a transaction of the state's, or reads.

    Args:
        database: the state.
        next_event: counts one more thing that makes persons due, and gives its number.
    """

    def __init__(self, database: Database, next_event: Callable[[], int]) -> None:
        self._database = database
        self._next_event = next_event
        self._found_alike: tuple[tuple[int, int] | None, list[_Answered]] = (None, [])

    def take(self, name: str, notice: SuccessionNotice) -> None:
        """Take a notice: its number, and that its persons are due, whatever volgnummer their answers had.

        One that comes after a later one may be overtaken by it: then its persons are looked up, and no more.
        """
        latest = self._database.one("SELECT coalesce(max(number), 0) FROM succession_notices")
        is_late = notice.context.volgnummer < latest
        self._database.do("INSERT OR IGNORE INTO succession_notices VALUES (?, ?)", (name, notice.context.volgnummer))
        due = self._next_event()
        for told in notice.notificaties:
            if told.type == _TAKEN_BACK and not is_late:
                self._take_back(told, due)
            elif told.nieuw is not None and not is_late:
                self._replace(told.insz, told.nieuw, due)
            # A number that is not here is another one of somebody who is: whose, its own lookup tells.
            self._database.do("INSERT OR IGNORE INTO persons (insz) VALUES (?)", (self._moved_to(told.insz),))
            self._make_due(told.numbers, due)
        # Whoever has several numbers may have others now: all of them are asked about again.
        self._database.do(
            "UPDATE persons SET due = ?, known = 0 WHERE (begin IS NULL AND answer IS NOT NULL) OR replaced "
            "OR insz IN (SELECT nieuw FROM successions) OR insz IN (SELECT own FROM others)",
            (due,),
        )

    def expect(self, numbers: Collection[str], registration: Sequence[object], due: int) -> None:
        """Hear that numbers are registered for their own sake: they stay, whatever is taken back.

        The last word on a person counts: those that replaced them are registered likewise.

        Args:
            numbers: of whom.
            registration: begin, end and right, as the state keeps them.
            due: the number of what makes persons due.
        """
        self._database.each("UPDATE successions SET ours = 0 WHERE nieuw = ?", ((number,) for number in numbers))
        self._database.each(
            "UPDATE successions SET own = 1, begin = ?, einde = ?, recht = ? WHERE oud = ?",
            ((*registration, number) for number in numbers),
        )
        self._database.each("DELETE FROM leaving WHERE insz = ?", ((number,) for number in numbers))
        after = dict(self._database.rows("SELECT oud, nieuw FROM successions WHERE ours"))
        for old in numbers:
            self._expect_after(old, after, registration, due)

    def _expect_after(self, old: str, after: dict[str, str], registration: Sequence[object], due: int) -> None:
        if new := after.pop(old, None):
            self._database.do(
                "UPDATE successions SET begin = ?, einde = ?, recht = ? WHERE oud = ?", (*registration, old)
            )
            self._register(new, registration, due)
            self._expect_after(new, after, registration, due)

    def hear_of(self, told: Iterable[Notification], due: int) -> set[str]:
        """Hear of payments in a notice of mutations; a number that is not known may be another one of a person.

        Args:
            told: the notifications.
            due: the number of what makes persons due.

        Returns:
            The numbers among them that were let go: in their stead the new ones are due.
        """
        let_go = set()
        refertes: set[str] = set()
        several: set[str] = set()
        for one in told:
            new = self._moved_to(one.insz)
            if new != one.insz:
                let_go.add(one.insz)
                self._make_due([new], due)
            elif replacing := self._database.one("SELECT nieuw FROM successions WHERE oud = ?", (one.insz,)):
                # What it was answered before this may not stand for the old one.
                self._make_due([replacing], due)
            elif not self._is_known(one.insz):
                self._make_due(self._replaced(), due)
            if not self._is_registered(one.insz) or self._has_replaced():
                refertes.add(one.referte)
                several |= {one.insz, new}
        # Told of under one number, answered under another: that answer is not so any more.
        for number in several:
            refertes |= self._refertes(number)
        self._database.each(
            "UPDATE persons SET due = ? WHERE insz IN (SELECT insz FROM refertes WHERE referte = ?)",
            ((due, referte) for referte in refertes),
        )
        return let_go

    def let_go(self) -> None:
        """Say of which old numbers the new one is answered, and registered for as long: they are let go.

        Unless the exchange says that they are not replaced: that was taken back, and nobody told.
        """
        for old, new, ours in list(self._database.rows(_NOT_SO)):
            self._end(old, new, ours=ours)
        answered = (
            "SELECT oud FROM successions "
            "JOIN persons AS new ON new.insz = nieuw LEFT JOIN persons AS old ON old.insz = oud "
            "WHERE NOT let_go AND new.confirmed AND new.due = 0 AND new.asked IS NOT NULL AND new.refused IS NULL "
            "AND new.begin <= date(new.asked, 'unixepoch') "
            "AND (old.insz IS NULL OR (old.replaced AND new.asked >= ifnull(old.asked, 0) "
            "AND (new.einde IS NULL OR new.einde >= old.einde)))"
        )
        self._database.do(f"INSERT OR IGNORE INTO leaving {answered}")
        self._database.do(f"UPDATE successions SET let_go = 1 WHERE oud IN ({answered})")  # noqa: S608 - own words
        self._note_others()

    def leaving(self) -> list[str]:
        """List the numbers whose registration the exchange is to delete."""
        return [number for (number,) in self._database.rows("SELECT insz FROM leaving ORDER BY insz")]

    def left(self, number: str) -> None:
        """Forget a number: the exchange has deleted its registration."""
        self._database.do("DELETE FROM persons WHERE insz = ?", (number,))
        self._database.do("DELETE FROM leaving WHERE insz = ?", (number,))
        self._forget_others()

    def forget(self) -> None:
        """Forget successions to persons who are not here any more."""
        self._database.do(
            "DELETE FROM successions WHERE nieuw NOT IN (SELECT insz FROM persons) "
            "AND nieuw NOT IN (SELECT oud FROM successions)"
        )
        self._forget_others()

    def _forget_others(self) -> None:
        """Forget what is known of a person under other numbers, once no registration of ours is left."""
        ours = "SELECT insz FROM persons WHERE begin IS NOT NULL"
        still = f"SELECT insz FROM others WHERE own IN ({ours})"  # noqa: S608 - own words
        gone = f"insz IN (SELECT insz FROM others) AND insz NOT IN ({still})"  # noqa: S608 - own words
        self._database.do(f"DELETE FROM persons WHERE begin IS NULL AND {gone}")  # noqa: S608 - own words
        self._database.do(f"DELETE FROM others WHERE own NOT IN ({ours}) OR insz NOT IN (SELECT insz FROM persons)")  # noqa: S608 - own words

    def uncounted(self) -> set[str]:
        """Tell which numbers are not counted, since another number of the same person is.

        Numbers are one person's when one of them was replaced and both were answered the same payments, or one of them
        as long as one is to be asked about again, or was asked about long before the other. What was asked last counts,
        for a notice may make one of them due alone; of what was asked at once the highest volgnummer, and of equals
        that about the number that was not replaced.
        """
        uncounted = {number for (number,) in self._database.rows("SELECT insz FROM leaving")}
        counted: dict[str, list[_Answered]] = {}
        alike = (one for one in self._alike() if one.insz not in uncounted)
        for one in sorted(alike, key=lambda one: (-one.asked, -one.volgnummer, one.is_replaced, one.insz)):
            if any(one.is_of(other) for referte in one.refertes for other in counted.get(referte, ())):
                uncounted.add(one.insz)
            else:
                for referte in one.refertes:
                    counted.setdefault(referte, []).append(one)
        return uncounted

    def ask_again(self, number: str, began: int) -> None:
        """Make due who is perhaps the person that was answered, and was answered otherwise before.

        WEWIS may have spoken of a payment of one person under the number of another, whom it took for the same.

        Args:
            number: who was answered.
            began: when the run began in which it was, in epoch seconds: who was asked since was asked by it too.
        """
        found = self._database.rows(
            "SELECT DISTINCT other.insz FROM refertes AS mine JOIN refertes AS other USING (referte) "
            "JOIN persons ON persons.insz = other.insz WHERE mine.insz = :insz AND other.insz <> :insz "
            "AND ifnull(persons.asked, 0) < :began "
            "AND (replaced OR (SELECT replaced FROM persons WHERE insz = :insz))",
            {"insz": number, "began": began},
        )
        others = {other: self._refertes(other) for (other,) in list(found)}
        if not others:
            return  # nearly always: what was answered need not be read
        answered = self._refertes(number)
        for other in [other for other, refertes in others.items() if refertes != answered]:
            self._database.do("UPDATE persons SET due = ? WHERE insz = ?", (self._next_event(), other))

    def _note_others(self) -> None:
        """Note which numbers, known by notices alone, are those of persons whom we registered, and which are not."""
        told_of = "SELECT 1 FROM refertes WHERE insz ="
        shared = "SELECT 1 FROM refertes AS mine JOIN refertes AS other USING (referte)"
        self._database.do(
            f"DELETE FROM others WHERE NOT EXISTS ({shared} WHERE mine.insz = own AND other.insz = others.insz) "  # noqa: S608 - own words
            f"AND EXISTS ({told_of} own) AND EXISTS ({told_of} others.insz)"
        )
        alike = self._alike()
        ours = [one for one in alike if one.is_registered]
        self._database.each(
            "INSERT OR IGNORE INTO others VALUES (?, ?)",
            ((one.insz, own.insz) for one in alike if not one.is_registered for own in ours if own.is_of(one)),
        )

    def _alike(self) -> "list[_Answered]":
        """List the numbers that were answered a payment that was answered about a replaced number too."""
        # A run asks twice, and mostly nothing changes in between: a twelfth of a quiet night.
        if self._found_alike[0] != self._database.changes:
            self._found_alike = self._database.changes, self._find_alike()
        return self._found_alike[1]

    def _find_alike(self) -> "list[_Answered]":
        found = self._database.rows(
            "SELECT insz, due > 0, replaced, asked, begin, "
            "iif(known = 0 AND json_valid(answer), json_extract(answer, '$.volgnummer'), known), "
            "(SELECT json_group_array(referte) FROM refertes WHERE refertes.insz = persons.insz) FROM persons "
            "WHERE insz IN (SELECT insz FROM refertes WHERE referte IN "
            "(SELECT referte FROM persons CROSS JOIN refertes USING (insz) WHERE replaced))"
        )
        return [
            _Answered(
                number,
                bool(is_due),
                bool(replaced),
                asked or 0,
                begin is not None,
                volgnummer or 0,
                frozenset(loads(refertes)),
            )
            for number, is_due, replaced, asked, begin, volgnummer, refertes in found
        ]

    def _refertes(self, number: str) -> frozenset[str]:
        """Give the payments that were answered about a number."""
        found = self._database.rows("SELECT referte FROM refertes WHERE insz = ?", (number,))
        return frozenset(referte for (referte,) in found)

    def _replace(self, old: str, new: str, due: int) -> None:
        registration = next(
            self._database.rows("SELECT begin, einde, recht FROM persons WHERE insz = ? AND begin IS NOT NULL", (old,)),
            None,
        )
        if registration is None or self._is_left(old):
            return  # another application of the party registered it, and sees to it; or it is somebody else's
        is_new = not self._is_registered(new) or self._is_left(new)
        is_own = self._database.one("SELECT 1 FROM successions WHERE nieuw = ? AND ours", (old,)) is None
        self._database.do("DELETE FROM leaving WHERE insz IN (?, ?)", (old, new))
        self._database.do(
            "INSERT INTO successions VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (oud) DO UPDATE SET "
            "nieuw = excluded.nieuw, begin = excluded.begin, einde = excluded.einde, recht = excluded.recht, "
            "ours = excluded.ours OR (ours AND nieuw = excluded.nieuw), let_go = 0, own = excluded.own OR own",
            (old, new, *registration, is_new, is_own),
        )
        if is_new:
            self._register(new, registration, due)

    def _take_back(self, told: SuccessionNotification, due: int) -> None:
        by, number = ("oud", told.insz) if told.nieuw is not None else ("nieuw", told.insz)
        found = list(
            self._database.rows(
                f"SELECT oud, nieuw, begin, einde, recht, ours, let_go, own FROM successions WHERE {by} = ?",  # noqa: S608 - own words
                (number,),
            )
        )
        if len(found) != 1:
            # Which of several was taken back, nobody says: all are asked about again.
            for old, _, *registration, _, let_go, _ in found:
                if let_go:
                    self._register(old, registration, due)
            return
        ((old, new, *registration, ours, let_go, own),) = found
        if let_go:
            self._register(old, registration, due)
        if own:
            self._database.do("UPDATE successions SET ours = 0 WHERE nieuw = ?", (old,))
        elif let_go:
            self._ask_about_those_before(old, due)
        self._database.do("DELETE FROM leaving WHERE insz = ?", (old,))
        self._end(old, new, ours=ours)

    def _end(self, old: str, new: str, *, ours: bool) -> None:
        """Forget a succession, and leave the new number that was registered because of it."""
        self._database.do("DELETE FROM successions WHERE oud = ?", (old,))
        if ours:
            self._leave(new, kept=old)

    def _ask_about_those_before(self, number: str, due: int) -> None:
        """Take the numbers back that a number replaced: of what was taken back with its own, perhaps nobody told us."""
        before = "SELECT oud, begin, einde, recht FROM successions WHERE nieuw = ? AND ours AND let_go"
        for old, *registration in list(self._database.rows(before, (number,))):
            self._database.do("UPDATE successions SET let_go = 0 WHERE oud = ?", (old,))
            self._register(old, registration, due)
            self._ask_about_those_before(old, due)

    def _leave(self, number: str, kept: str) -> None:
        """Leave somebody else, of whom we have no file, under the number and those that replaced it.

        Unless the number replaces another one of ours: then it is registered because of that. And what replaced it
        when it was registered for its own sake stays.
        """
        other = self._database.one("SELECT oud FROM successions WHERE nieuw = ? LIMIT 1", (number,))
        if other is not None:
            self._database.do("UPDATE successions SET ours = 1 WHERE oud = ?", (other,))
            return
        self._database.do("INSERT OR IGNORE INTO leaving VALUES (?)", (number,))
        after = list(self._database.rows("SELECT nieuw, ours FROM successions WHERE oud = ? AND NOT own", (number,)))
        self._database.do("DELETE FROM successions WHERE oud = ? AND NOT own", (number,))
        for new, is_ours in after:
            if is_ours and new != kept:
                self._leave(new, kept)

    def _register(self, number: str, registration: Iterable[object], due: int) -> None:
        self._database.do(
            "INSERT INTO persons (insz, due, begin, einde, recht) VALUES (?, ?, ?, ?, ?) ON CONFLICT (insz) DO UPDATE "
            "SET due = excluded.due, begin = excluded.begin, einde = excluded.einde, recht = excluded.recht, "
            "confirmed = 0",
            (number, due, *registration),
        )

    def _make_due(self, numbers: Iterable[str], due: int) -> None:
        """Make persons due whom we have; an answer may have a lower volgnummer now, when fewer numbers are joined."""
        known = [self._moved_to(number) for number in numbers]
        here = [number for number in known if self._is_known(number)]
        self._database.each(
            "UPDATE persons SET due = ?, known = 0, refused = NULL WHERE insz = ?",
            ((due, number) for number in (here or self._replaced())),
        )

    def _is_known(self, number: str) -> bool:
        return self._database.one("SELECT 1 FROM persons WHERE insz = ?", (number,)) is not None

    def _moved_to(self, number: str) -> str:
        """Follow a number that was let go to the one that stands for it now."""
        seen = {number}
        while not self._is_registered(number):
            new = self._database.one("SELECT nieuw FROM successions WHERE oud = ? AND let_go", (number,))
            if new is None or new in seen:
                return number
            seen.add(new)
            number = new
        return number

    def _is_left(self, number: str) -> bool:
        """Tell whether a number turned out to be somebody else's, and its registration is to be deleted."""
        left = "SELECT 1 FROM leaving WHERE insz = ? AND insz NOT IN (SELECT oud FROM successions)"
        return self._database.one(left, (number,)) is not None

    def _is_registered(self, number: str) -> bool:
        return self._database.one("SELECT 1 FROM persons WHERE insz = ? AND begin IS NOT NULL", (number,)) is not None

    def _has_replaced(self) -> bool:
        return self._database.one("SELECT 1 FROM persons WHERE replaced LIMIT 1") is not None

    def _replaced(self) -> list[str]:
        found = self._database.rows("SELECT insz FROM persons WHERE replaced OR insz IN (SELECT oud FROM successions)")
        return [number for (number,) in found]


class _Answered(NamedTuple):
    insz: str
    is_due: bool
    is_replaced: bool
    asked: int
    is_registered: bool
    volgnummer: int
    refertes: frozenset[str]

    def is_of(self, other: "_Answered") -> bool:
        """Tell whether two numbers that may share a payment are one person's."""
        # A state of an earlier version may hold answers that lie apart, and nobody was asked about again.
        is_sure = not (self.is_due or other.is_due) and abs(self.asked - other.asked) <= _AT_ONCE
        return self.refertes == other.refertes if is_sure else bool(self.refertes & other.refertes)
