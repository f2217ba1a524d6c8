"""What a report may say of a bad record: where and what, never whose or how much."""

import re
from datetime import date
from typing import Any

import pytest

from jbplus.mutation_file.codes import MESSAGES, Code, Finding
from jbplus.mutation_file.kinds import Kind
from jbplus.mutation_file.records import Circumstances, valid_referte
from jbplus.mutation_file.successions import parse
from tests.support.files import record, verrichting
from tests.support.people import ANNA

_PUNCTUATED = f"{ANNA[:2]}.{ANNA[2:4]}.{ANNA[4:6]}-{ANNA[6:9]}.{ANNA[9:]}"
_HERE = Circumstances(date(2025, 3, 4), test_numbers_allowed=True)


def _with(**fields: Any) -> dict[str, Any]:
    return record(ANNA) | fields


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(_with(insz="x"), "JBP-2025-000001", id="a good one"),
        pytest.param({"referte": "a"}, "a", id="no number to compare with"),
        pytest.param(_with(referte="a b"), None, id="a bad one"),
        pytest.param(_with(referte=1), None, id="a number"),
        pytest.param({}, None, id="none"),
        pytest.param([], None, id="no object"),
        pytest.param(None, None, id="nothing"),
        pytest.param(_with(referte=ANNA), None, id="an INSZ"),
        pytest.param(_with(referte=_PUNCTUATED), None, id="an INSZ with punctuation"),
        pytest.param(_with(referte=f"JBP-{ANNA}"), None, id="containing the own INSZ"),
        pytest.param(_with(referte=f"JBP-{ANNA}", insz=int(ANNA)), None, id="containing an INSZ given as number"),
        pytest.param(_with(referte=f"JBP-{ANNA}", insz=_PUNCTUATED), None, id="containing an INSZ given otherwise"),
        pytest.param({"referte": f"JBP-{ANNA}"}, None, id="containing the INSZ that is not given"),
        pytest.param(_with(referte=f"a{ANNA[:10]}0", insz=f"{ANNA[:10]}0"), None, id="containing a mistyped INSZ"),
        pytest.param(_with(referte=f"a{ANNA[:10]}0", insz=int(f"{ANNA[:10]}0")), None, id="the same as a number"),
    ],
)
def test_the_referte_of_a_bad_record_is_shown_only_when_it_tells_no_number(value: object, shown: str | None) -> None:
    assert valid_referte(value, 2025) == shown


@pytest.mark.parametrize("code", Code)
def test_each_code_has_a_message_that_holds_no_value(code: Code) -> None:
    assert MESSAGES[code].endswith(".")
    assert not re.search(r"[{%]", MESSAGES[code])


@pytest.mark.parametrize(
    ("value", "path"),
    [
        pytest.param(_with(**{ANNA: 1}), "/mutaties/0", id="as a key of the record"),
        pytest.param(
            _with(verrichting=verrichting(**{ANNA: 1})), "/mutaties/0/verrichting", id="as a key of the verrichting"
        ),
        pytest.param(_with(verrichting={ANNA: {ANNA: 1}}), "/mutaties/0/verrichting/maatregel", id="deeper"),
        pytest.param(_with(type=ANNA), "/mutaties/0/type", id="as a value"),
    ],
)
def test_a_number_in_the_wrong_place_is_not_told(value: object, path: str) -> None:
    found = parse(value, 0, Kind.MUTATIONS, _HERE)

    assert isinstance(found, Finding)
    assert found.path == path
    assert ANNA not in repr(found) + MESSAGES[found.code]
