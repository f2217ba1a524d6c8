"""What goes wrong, in words that tell the operator what to do: the errors of the recipients' library serve here too."""

from jbplus_recipient.errors import ExchangeError, ProblemError

__all__ = ["ExchangeError", "ProblemError"]
