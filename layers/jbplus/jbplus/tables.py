"""The tables' keys and their TTL attribute, by name: the same in the template, which a test compares."""

TTL_ATTRIBUTE = "expiresAt"

PERSON_KEY = "person"
PARTY_KEY = "party"
SUBJECT_KEY = "subject"
ENTRY_KEY = "entry"
SERIES_KEY = "series"
NUMBER_KEY = "number"
