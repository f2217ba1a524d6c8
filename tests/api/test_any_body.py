"""Whatever is sent, the answer is an answer or a refusal, and a refusal repeats nothing of it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jbplus.protocol.purposes import Purpose
from tests.support.api import CALLS, DELETE, FIND, GET, PRIVACY_LOG, QUERY, REGISTER, TOKEN, Answered, Api, Json
from tests.support.events import CORRELATION, claims
from tests.support.fakes import PSEUDONYMS
from tests.support.known import entry, registered, stored
from tests.support.people import ANNA, BRAM, CELINE

EVERY_SCOPE = [
    f"jbplus:{name}"
    for name in ("audit", "dossierbeheer", "geschillen", "inschrijving", "klachten", "privacylog", "toezicht")
]
TOKENS = st.sampled_from([TOKEN, claims("0692793497", *EVERY_SCOPE), claims("0886886638", *EVERY_SCOPE), None])

Json_ = st.SearchStrategy[Any]
ANY_LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
# What is sent from here cannot stand in a problem by chance.
MARK = "zqx"
MARKED_TEXT = st.text(max_size=20).map(lambda text: f"{MARK}{text}")
MARKED_LEAF = MARKED_TEXT | st.integers(10**12, 10**13) | st.integers(10**12, 10**13).map(lambda number: f"0{number}")


def trees(leaves: Json_, keys: st.SearchStrategy[str]) -> Json_:
    """Make JSON values of some depth."""
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
    )


def calls(junk: Json_, keys: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, Any]]:
    """Make calls whose bodies are like the API's, with junk here and there, or junk altogether."""

    def field(good: Json_) -> Json_:
        return st.integers(0, 9).flatmap(lambda draw: good if draw else junk)

    def fields(required: Mapping[str, Json_], optional: Mapping[str, Json_]) -> Json_:
        shape = st.fixed_dictionaries(
            {name: field(good) for name, good in required.items()},
            optional={name: field(good) for name, good in optional.items()},
        )
        unknown = field(st.just({})).flatmap(
            lambda drawn: st.just({}) if drawn == {} else st.dictionaries(keys, st.just(drawn), max_size=2)
        )
        return st.builds(lambda known, more: known | more, shape, unknown)

    number = st.sampled_from([ANNA, BRAM, CELINE])
    several = st.lists(field(number), min_size=1, max_size=3, unique_by=repr)
    question = {"doel": st.sampled_from([purpose.value for purpose in Purpose])}
    ground = {"dossier": st.just("D-1"), "naarAanleidingVanMutatie": st.booleans()}
    day = st.dates().map(str)
    item = fields({"insz": number, "periode": fields({"begin": day}, {"einde": day}), "recht": st.just("lopend")}, {})
    bodies = {
        GET: fields({"insz": number, **question}, ground),
        QUERY: fields({"inszLijst": several, **question}, ground),
        REGISTER: fields({"items": st.lists(field(item), min_size=1, max_size=3)}, {}),
        FIND: fields({"insz": number}, {}),
        DELETE: fields({"insz": number}, {}),
        PRIVACY_LOG: fields(
            {}, {"insz": number, "van": day, "tot": day, "gebruiker": st.just("an"), "na": st.just("a")}
        ),
    }
    return st.sampled_from(CALLS).flatmap(lambda path: st.tuples(st.just(path), field(bodies[path])))


@pytest.fixture(scope="module")
def api() -> Api:
    store = registered(ANNA, BRAM)
    store.persons[PSEUDONYMS(ANNA)] = stored({"R-1": entry()})
    return Api(lookup_store=store)


def problems(answered: Answered) -> Iterator[Json]:
    """List the problem that an answer is, or those in its items."""
    if answered.status >= 400:
        yield answered.json
    elif answered.body:
        yield from (item["problem"] for item in answered.json.get("items", []) if "problem" in item)


def scalars(value: object) -> Iterator[object]:
    """List all keys and values in a JSON value."""
    match value:
        case dict():
            for key, inner in value.items():
                yield key
                yield from scalars(inner)
        case list():
            for inner in value:
                yield from scalars(inner)
        case _:
            yield value


def check(answered: Answered) -> None:
    assert answered.status in {200, 204, 400, 403, 413}
    assert answered.headers["x-correlation-id"] == CORRELATION
    trace = answered.headers["BelGov-Trace-Id"]
    for problem in problems(answered):
        assert problem["instance"] == f"urn:uuid:{trace}"
        assert None not in list(scalars(problem))


@settings(max_examples=250)
@example(call=(QUERY, {"inszLijst": ["\ud800"], "doel": "socialeToeslag"}), token=TOKEN)
@example(call=(REGISTER, {"items": [{"insz": "", "periode": {"begin": "0000-00-00"}}]}), token=TOKEN)
@given(call=calls(trees(ANY_LEAF, st.text()), st.text()), token=TOKENS)
def test_any_json_whatsoever_is_answered_or_refused(api: Api, call: tuple[str, Any], token: Json | None) -> None:
    api.metrics.clear_metrics()

    check(api.post(*call, token))


@settings(max_examples=150)
@given(path=st.sampled_from(CALLS), body=st.text() | st.binary(), token=TOKENS)
def test_any_text_and_any_bytes_are_answered_or_refused(
    api: Api, path: str, body: str | bytes, token: Json | None
) -> None:
    api.metrics.clear_metrics()

    check(api.post_raw(path, body, token))


@settings(max_examples=250)
@given(call=calls(trees(MARKED_LEAF, MARKED_TEXT), MARKED_TEXT), token=TOKENS)
def test_no_problem_repeats_anything_that_was_sent(api: Api, call: tuple[str, Any], token: Json | None) -> None:
    api.metrics.clear_metrics()

    answered = api.post(*call, token)

    check(answered)
    told = json.dumps(list(problems(answered)), ensure_ascii=False)
    numbers = [str(value) for value in scalars(call[1]) if str(value)[-12:].isdigit()]
    assert [value for value in (MARK, ANNA, BRAM, CELINE, "D-1", *numbers) if value in told] == []
