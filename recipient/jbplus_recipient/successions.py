"""Persons whose number changes: the new number is registered and looked up, and only then the old one is let go.

Whoever dies in between goes on: what is told, what was answered and what is to be let go stands in the state.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from jbplus.notices.notice import SuccessionNotice, SuccessionNotification
from jbplus_recipient.answers import Person
from jbplus_recipient.database import Database

_TAKEN_BACK: Final = "03"


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
            self._make_due(told.numbers, due)

    def hear_of(self, numbers: Iterable[str], due: int) -> set[str]:
        """Hear of numbers in a notice of mutations; one that is not known may be another number of a person.

        Args:
            numbers: those that the notice tells of.
            due: the number of what makes persons due.

        Returns:
            The numbers among them that were let go: in their stead the new ones are due.
        """
        let_go = set()
        for number in numbers:
            new = self._database.one("SELECT nieuw FROM successions WHERE oud = ? AND let_go", (number,))
            if new is not None:
                let_go.add(number)
                self._make_due([new], due)
            elif not self._is_known(number):
                self._make_due(self._replaced(), due)
        return let_go

    def let_go(self) -> None:
        """Say of which old numbers the new one is answered: they are let go."""
        answered = (
            "SELECT oud FROM successions JOIN persons ON insz = nieuw "
            "WHERE NOT let_go AND confirmed AND due = 0 AND asked IS NOT NULL AND refused IS NULL"
        )
        self._database.do(f"INSERT OR IGNORE INTO leaving {answered}")
        self._database.do(f"UPDATE successions SET let_go = 1 WHERE oud IN ({answered})")  # noqa: S608 - own words

    def leaving(self) -> list[str]:
        """List the numbers whose registration the exchange is to delete."""
        return [number for (number,) in self._database.rows("SELECT insz FROM leaving ORDER BY insz")]

    def left(self, number: str) -> None:
        """Forget a number: the exchange has deleted its registration."""
        self._database.do("DELETE FROM persons WHERE insz = ?", (number,))
        self._database.do("DELETE FROM leaving WHERE insz = ?", (number,))

    def forget(self) -> None:
        """Forget successions to persons who are not here any more."""
        self._database.do("DELETE FROM successions WHERE nieuw NOT IN (SELECT insz FROM persons)")

    def uncounted(self, answers: Callable[[], Iterator[Person]]) -> set[str]:
        """Tell which numbers are not counted, since another number of the same person is.

        Numbers are one person's when one of them was replaced and both were answered one payment. The latest answer
        counts; of equals that about the number that was not replaced.

        Args:
            answers: gives all answers.
        """
        uncounted = {number for (number,) in self._database.rows("SELECT insz FROM leaving")}
        if self._database.one("SELECT 1 FROM persons WHERE replaced AND answer IS NOT NULL LIMIT 1") is None:
            return uncounted
        replaced = {referte for person in answers() if person.vervangen for referte in _refertes(person)}
        alike = [person for person in answers() if person.insz not in uncounted and replaced & _refertes(person)]
        counted: set[str] = set()
        for person in sorted(alike, key=lambda one: (-(one.volgnummer or 0), bool(one.vervangen), one.insz)):
            if counted & _refertes(person):
                uncounted.add(person.insz)
            counted |= _refertes(person)
        return uncounted

    def _replace(self, old: str, new: str, due: int) -> None:
        registration = next(
            self._database.rows("SELECT begin, einde, recht FROM persons WHERE insz = ? AND begin IS NOT NULL", (old,)),
            None,
        )
        if registration is None:
            return  # another application of the party registered it, and sees to it
        is_new = self._database.one("SELECT 1 FROM persons WHERE insz = ? AND begin IS NOT NULL", (new,)) is None
        self._database.do("DELETE FROM leaving WHERE insz IN (?, ?)", (old, new))
        self._database.do(
            "INSERT INTO successions VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (oud) DO UPDATE SET "
            "nieuw = excluded.nieuw, begin = excluded.begin, einde = excluded.einde, recht = excluded.recht, "
            "ours = excluded.ours OR (ours AND nieuw = excluded.nieuw), let_go = 0",
            (old, new, *registration, is_new),
        )
        if is_new:
            self._register(new, registration, due)

    def _take_back(self, told: SuccessionNotification, due: int) -> None:
        by, number = ("oud", told.insz) if told.nieuw is not None else ("nieuw", told.insz)
        found = list(
            self._database.rows(
                f"SELECT oud, nieuw, begin, einde, recht, ours, let_go FROM successions WHERE {by} = ?",  # noqa: S608 - own words
                (number,),
            )
        )
        if len(found) != 1:
            # Which of several was taken back, nobody says: all are asked about again.
            for old, _, *registration, _, let_go in found:
                if let_go:
                    self._register(old, registration, due)
            return
        ((old, new, *registration, ours, let_go),) = found
        if let_go:
            self._register(old, registration, due)
        self._database.do("DELETE FROM leaving WHERE insz = ?", (old,))
        self._database.do("DELETE FROM successions WHERE oud = ?", (old,))
        if ours:
            # It is somebody else, of whom we have no file.
            self._database.do("INSERT OR IGNORE INTO leaving VALUES (?)", (new,))

    def _register(self, number: str, registration: Iterable[object], due: int) -> None:
        self._database.do(
            "INSERT INTO persons (insz, due, begin, einde, recht) VALUES (?, ?, ?, ?, ?) ON CONFLICT (insz) DO UPDATE "
            "SET due = excluded.due, begin = excluded.begin, einde = excluded.einde, recht = excluded.recht, "
            "confirmed = 0",
            (number, due, *registration),
        )

    def _make_due(self, numbers: Iterable[str], due: int) -> None:
        """Make persons due whom we have; an answer may have a lower volgnummer now, when fewer numbers are joined."""
        known = list(numbers)
        here = [number for number in known if self._is_known(number)]
        self._database.each(
            "UPDATE persons SET due = ?, known = 0, refused = NULL WHERE insz = ?",
            ((due, number) for number in (here or self._replaced())),
        )

    def _is_known(self, number: str) -> bool:
        return self._database.one("SELECT 1 FROM persons WHERE insz = ?", (number,)) is not None

    def _replaced(self) -> list[str]:
        found = self._database.rows("SELECT insz FROM persons WHERE replaced OR insz IN (SELECT oud FROM successions)")
        return [number for (number,) in found]


def _refertes(person: Person) -> set[str]:
    return {each.referte for each in person.verrichtingen}
