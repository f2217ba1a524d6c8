"""Mutation files, made for the occasion."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]


def verrichting(**changes: Any) -> Record:
    """Make the body of a record."""
    return {
        "maatregel": "Jobbonus plus",
        "fiscaalJaar": 2024,
        "bedragtype": "1",
        "verrichtingbedrag": "600.00",
        "effectieveVerrichtingsdatum": "2025-03-03",
    } | changes


def record(insz: str, referte: str = "JBP-2025-000001", type_: str = "01", **body: Any) -> Record:
    """Make a record of type 01 or 02; the keywords change its verrichting."""
    return {"referte": referte, "type": type_, "insz": insz, "verrichting": verrichting(**body)}


def annulment(insz: str, referte: str = "JBP-2025-000001") -> Record:
    """Make a record of type 03 without a body."""
    return {"referte": referte, "type": "03", "insz": insz}


def context(count: int, volgnummer: int = 1, **changes: Any) -> Record:
    """Make an envelope; its referte follows from the volgnummer."""
    return {
        "naam": "PubliceerMutatieJobbonusPlus",
        "versie": "01.00.0000",
        "referte": str(uuid.uuid5(uuid.NAMESPACE_OID, f"file {volgnummer}")),
        "volgnummer": volgnummer,
        "tijdstip": "2025-03-04T18:30:00+01:00",
        "afzender": "0316380841",
        "aantal": count,
    } | changes


def mutation_file(records: Sequence[object], volgnummer: int = 1, **changes: Any) -> bytes:
    """Make a mutation file; the keywords change its context."""
    document = {"context": context(len(records), volgnummer, **changes), "mutaties": list(records)}
    return json.dumps(document).encode()


def succession(old: str, new: str, referte: str = "NUM-2025-000001", type_: str = "01") -> Record:
    """Make a record of a succession file."""
    return {"referte": referte, "type": type_, "oud": old, "nieuw": new}


def succession_file(records: Sequence[object], volgnummer: int = 1, **changes: Any) -> bytes:
    """Make a succession file; the keywords change its context."""
    own = {
        "naam": "PubliceerNummeropvolging",
        "referte": str(uuid.uuid5(uuid.NAMESPACE_OID, f"succession file {volgnummer}")),
    }
    document = {"context": context(len(records), volgnummer, **(own | changes)), "opvolgingen": list(records)}
    return json.dumps(document).encode()
