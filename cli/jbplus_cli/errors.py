"""What goes wrong, in words that tell the operator what to do; no error here ever holds a person number."""

from jbplus_cli.answers import Problem


class ExchangeError(Exception):
    """A command cannot do what was asked; the text says why, and what to do about it."""


class ProblemError(ExchangeError):
    """The exchange refused a request as a whole (RFC 9457).

    Attributes:
        problem: the exchange's own words.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words)
        self.problem = problem
