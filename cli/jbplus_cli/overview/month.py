"""The month that an overview is about: whole calendar days in Brussels."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

import typer
from typing_extensions import override

from jbplus.protocol.calendar import start_of_day


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in Brussels.

    Attributes:
        first: its first day.
    """

    first: date

    @classmethod
    def of(cls, day: date) -> Self:
        """Give the month of a day."""
        return cls(day.replace(day=1))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a month as it is typed."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError:
            raise typer.BadParameter("not a month; write it as 2026-03") from None

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    @property
    def days(self) -> list[date]:
        """All its days."""
        return [self.first + timedelta(days=number) for number in range(self.last.day)]

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return start_of_day(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return start_of_day(self.last + timedelta(days=1))

    @override
    def __str__(self) -> str:
        """Write it as it is typed."""
        return f"{self.first:%Y-%m}"
