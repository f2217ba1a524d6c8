"""The tables' keys and their TTL attribute, by name: the same in the template, which a test compares."""

TTL_ATTRIBUTE = "expiresAt"

PERSON_KEY = "person"
PARTY_KEY = "party"
KEY_VERSION = "keyVersion"
"""The version of the key that made the pseudonym of an item's key; absent from what was written before there was one
more, which is of version 1."""
NOT_A_PERSON = "#"
"""What the keys begin with that stand among persons and are none: a pseudonym is made of hexadecimal digits."""
LINKS = f"{NOT_A_PERSON}link/"
"""What the keys begin with under which the links of a person's number stand, among the persons; the template lets
those read them by it that may read no person."""
HANDLE_KEY = "handle"
BY_HANDLE_INDEX = "byHandle"
"""The index of a party's registrations in the order of their handles."""
SUBJECT_KEY = "subject"
ENTRY_KEY = "entry"
DAY_KEY = "day"
BY_DAY_INDEX = "byDay"
SERIES_KEY = "series"
NUMBER_KEY = "number"
REPORT_KEY = "report"

NEWEST_INDEX = "newest"
"""The index of the quality reports of a party in the order of time."""
FISCAL_YEAR_KEY = "fiscalYear"
MONTH_KEY = "month"
