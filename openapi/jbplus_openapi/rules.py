"""What binds several fields of one body, said in JSON Schema: what the code checks beyond the single field."""

from collections.abc import Iterable, Mapping

from jbplus.protocol.purposes import MATRIX, Purpose
from jbplus.suspensions.rules import Stream
from jbplus_openapi.schemas import Json


def _needs_dossier(purposes: Iterable[Purpose]) -> Json:
    without = [purpose.value for purpose in purposes if not MATRIX[purpose].one_file]
    return {"anyOf": [{"properties": {"doel": {"enum": without}}}, {"required": ["dossier"]}]}


IN_BULK = [purpose for purpose, rule in MATRIX.items() if rule.in_bulk]

# Choices instead of conditions: fewer tools stumble over them.
RULES: Mapping[str, Json] = {
    "GetBody": _needs_dossier(MATRIX),
    "QueryBody": _needs_dossier(IN_BULK),
    "PrivacyLogBody": {"anyOf": [{"required": ["insz"]}, {"required": ["van", "tot"]}]},
    "SuspendBody": {
        "anyOf": [
            {"not": {"properties": {"doelen": {}}, "required": ["doelen"]}},
            {"properties": {"stromen": {"contains": {"const": Stream.CONSULTATION.value}}}},
        ]
    },
}
