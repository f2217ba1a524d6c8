"""The exchange's API as the operator's command calls it: what recipients ask, and what only operators do.

Example:
    exchange = Exchange(target, tokens=LocalIssuer(target, http), http=http)
    for item in exchange.lookup(numbers, asker=INFINO, question=Question(Purpose.SOCIAL_SUPPLEMENT)):
        print(item.wire())
"""

from collections.abc import Iterator
from typing import Final

import urllib3

from jbplus.protocol.parties import OPGROEIEN, Party
from jbplus.protocol.purposes import SCOPE_PRIVACY_LOG, SCOPE_STATISTICS
from jbplus_cli.log_records import LogItem, LogPage, LogQuestion
from jbplus_cli.statistics_answers import Statistics
from jbplus_cli.target import Target
from jbplus_cli.tokens import TokenSource
from jbplus_recipient import exchange
from jbplus_recipient.exchange import Advice, Question, Term

__all__ = ["END_USER", "Exchange", "Question", "Term"]

END_USER: Final = "jbplus-cli"
"""Who is said to ask when the operator says nothing; the privacy log keeps it."""


class Exchange(exchange.Exchange):
    """One stack's API: that of the recipients' library, with the reading of the privacy log and the statistics.

    Args:
        target: the stack.
        tokens: where access tokens come from.
        http: where requests go through; its retries and time-outs apply (`transport.pool_for`).
        end_user: who asks (`X-Magda-Enduser-ID`), 1-64 of `A-Z a-z 0-9 . _ -`, never a person number.
    """

    def __init__(
        self, target: Target, *, tokens: TokenSource, http: urllib3.PoolManager, end_user: str = END_USER
    ) -> None:
        advice = Advice(target.advice_when_unreachable, tokens.advice_when_refused)
        super().__init__(target.api, token=tokens.token, http=http, end_user=end_user, advice=advice)

    def privacy_log(self, question: LogQuestion, *, asker: Party) -> Iterator[LogItem]:
        """Read a party's own records of the privacy log (`/v1/privacylog/query`, Articles 6 and 9), page by page.

        Args:
            question: about whom, or about which days.
            asker: the party whose data protection officer asks.

        Yields:
            The records in the order of time.
        """
        for part in question.parts():
            body = part.wire()
            while True:
                page = self.post("/v1/privacylog/query", body, LogPage, asker, SCOPE_PRIVACY_LOG)
                yield from page.items
                if page.next is None:
                    break
                body["na"] = page.next

    def statistics(self, fiscal_year: int | None = None) -> Statistics:
        """Read the published figures of one fiscal year, or of all (`/v1/statistieken`, Article 2 b)."""
        path = "/v1/statistieken" if fiscal_year is None else f"/v1/statistieken?fiscaalJaar={fiscal_year}"
        return self.read(path, Statistics, OPGROEIEN, SCOPE_STATISTICS)
