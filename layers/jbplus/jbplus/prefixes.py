"""The bucket's folders, by the protocol's own Dutch names; the template's rights and lifecycles name the same."""

INCOMING = "inkomend/"
PROCESSED = "verwerkt/"
PROGRESS = "voortgang/"
QUARANTINE = "quarantaine/"
REPORTS = "verslagen/"
OUTGOING = "uitgaand/"
SENT = "verzonden/"
