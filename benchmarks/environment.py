"""What the functions find in their environment, and the tables it names."""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel
from tests.support.fakes import PSEUDONYMS

from jbplus import settings
from jbplus.protocol.purposes import Right

_VALUES = {
    "DROPSERVER_BROKEN_AFTER": "60",
    "DROPSERVER_FILE_SECONDS": "300",
    "DROPSERVER_OUTGOING": "To_Vip/{party}",
    "DROPSERVER_PATIENCE": "120",
    "DROPSERVER_PORT": "21",
    "DROPSERVER_SETTLE": "10",
    "DROPSERVER_TIMEOUT": "30",
    "DROPSERVER_TLS": "explicit",
    "IGNORED_QUERY_PARAMETERS": "",
    "RETENTION_YEARS": "5",
    "REGISTRATIONS_PER_DAY": "50000",
    "SUCCESSION_ALLOWED": "false",
    "TEST_NUMBERS_ALLOWED": "true",
}


def _variables() -> Iterator[str]:
    for model in vars(settings).values():
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (field.alias for field in model.model_fields.values() if field.alias is not None)


VARIABLES: Mapping[str, str] = {
    **{name: _VALUES.get(name, name.lower().replace("_", "-")) for name in _variables()},
    "PARTY_ENDS": "",
}
"""The variables of all functions together; a table is named as its variable."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "ledger-table": ("series", "number"),
    "notices-table": ("party", "entry"),
    "persons-table": ("person",),
    "privacy-log-table": ("subject", "entry"),
    "registrations-table": ("person", "party"),
    "suspensions-table": ("party",),
}
"""The keys of the tables, by name."""

SECRET = json.dumps({"version": 1, "k1": PSEUDONYMS.keys[0].decode()})
"""What the secret holds."""

REGISTRATION = {"begin": {"S": "2025-01-01"}, "right": {"S": Right.RUNNING.value}, "keyVersion": {"N": "1"}}
"""What an item of a registration holds besides its key."""
