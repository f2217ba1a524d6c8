"""JSON schemas of the models, as the Belgif REST guide wants them: no nulls, everything described and required."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

# JSON Schema is an open format; its parts have no types of their own.
Json = dict[str, Any]

REF = "#/components/schemas/"
# Pydantic's title repeats the name; a bound on a date is no JSON Schema; a null default is a field left out; and
# more fields may come in any answer.
_NOISE = ("title", "ge", "le")
_BOUNDS = {"ge": "minimum", "le": "maximum"}


def schemas_of(
    inputs: Sequence[type[BaseModel]],
    answers: Sequence[type[BaseModel]],
    glossary: Mapping[str, Json],
    rules: Mapping[str, Json],
) -> Json:
    """Make the schemas of models and of all that they hold, by name.

    Args:
        inputs: models of requests.
        answers: models of answers.
        glossary: what is said of a field, by its name on the wire.
        rules: what binds several fields of a model, by its name.

    Raises:
        ValueError: a field stands in no glossary, or two models of one name differ.
    """
    made = _definitions(inputs, "validation") | {}
    for name, schema in _definitions(answers, "serialization").items():
        if made.setdefault(name, schema) != schema:
            raise ValueError(f"two models are called {name}: give one of them another name")
    if unknown := set(rules) - set(made):
        raise ValueError(f"there are rules for models that no call has: {sorted(unknown)}")
    return {name: _described(name, schema, glossary) | rules.get(name, {}) for name, schema in sorted(made.items())}


def _definitions(models: Sequence[type[BaseModel]], mode: Literal["validation", "serialization"]) -> Json:
    if not models:
        return {}
    _, found = models_json_schema([(model, mode) for model in models], ref_template=REF + "{model}")
    return {name: _plain(schema, mode) for name, schema in found["$defs"].items()}


def _plain(schema: Json, mode: str) -> Json:
    schema = {**schema, "description": schema.get("description", "").split("\n\n")[0]}
    properties: Json = schema.get("properties", {})
    if mode == "serialization" and properties:
        # What may be None is left out of an answer; all the rest is always there.
        schema["required"] = [name for name, each in properties.items() if not _is_nullable(each)]
    return _without_nulls(schema, inside_properties=False)


def _is_nullable(schema: Json) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())


def _without_nulls(schema: Json, *, inside_properties: bool) -> Json:
    if not inside_properties:
        if schema.get("type") == "integer":
            # Pydantic leaves a bound behind a validator of ours under its own name.
            schema = schema | {_BOUNDS[key]: value for key, value in schema.items() if key in _BOUNDS}
        schema = {key: value for key, value in schema.items() if key not in _NOISE}
        if schema.get("additionalProperties") is True:
            schema.pop("additionalProperties")
        if schema.get("default", ...) is None or "const" in schema:
            schema.pop("default", None)
        if "anyOf" in schema:
            choices = [choice for choice in schema.pop("anyOf") if choice != {"type": "null"}]
            if len(choices) == 1:
                return _without_nulls(schema | choices[0], inside_properties=False)
            schema["anyOf"] = choices
    return {key: _step(key, value, inside_properties=inside_properties) for key, value in schema.items()}


def _step(key: str, value: Any, *, inside_properties: bool) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case dict():
            return _without_nulls(value, inside_properties=key == "properties" and not inside_properties)
        case list():
            return [_without_nulls(each, inside_properties=False) if isinstance(each, dict) else each for each in value]
        case _:
            return value


def _described(name: str, schema: Json, glossary: Mapping[str, Json]) -> Json:
    if "properties" not in schema:
        return schema
    properties = {}
    for field, given in schema["properties"].items():
        said = glossary.get(f"{name}.{field}") or glossary.get(field)
        if said is None:
            raise ValueError(f"{name}.{field} has no entry in the glossary of the API's document: describe it there")
        # A reference bears a description beside it (OpenAPI 3.1).
        properties[field] = given | said
    return {**schema, "properties": properties}


def glossary_keys(schemas: Mapping[str, Json]) -> Iterator[str]:
    """Give every key under which the glossary may describe a field."""
    for name, schema in schemas.items():
        for field in schema.get("properties", {}):
            yield field
            yield f"{name}.{field}"
