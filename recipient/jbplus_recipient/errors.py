"""What goes wrong, in words that tell people what to do; no error here ever holds a person number or an amount."""

from jbplus_recipient.answers import Problem


class ExchangeError(Exception):
    """What was asked cannot be done; the text says why, and what to do about it."""


class ProblemError(ExchangeError):
    """The exchange refused a request as a whole (RFC 9457).

    Attributes:
        problem: the exchange's own words.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words)
        self.problem = problem
