"""JSON Schemas of the files that are exchanged: those of WEWIS, their report, the notices and the stands."""

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from jbplus.mutation_file.records import Context, Record
from jbplus.mutation_file.report import Report
from jbplus.mutation_file.successions import Succession
from jbplus.notices.notice import Notice, SuccessionNotice
from jbplus.source_stand.document import SourceStand
from jbplus.stand.document import Stand

Schema = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class MutationContext(Context):
    """The envelope of a mutation file."""

    naam: Literal["PubliceerMutatieJobbonusPlus"]


class SuccessionContext(Context):
    """The envelope of a succession file."""

    naam: Literal["PubliceerNummeropvolging"]


class MutationFile(BaseModel):
    """The mutation file of WEWIS: one object; the order of its keys is free.

    What a schema cannot say is checked all the same: check digits, `aantal`, days that lie ahead, numbers in
    refertes.
    """

    model_config = ConfigDict(extra="forbid")

    context: MutationContext
    mutaties: list[Record]


class SuccessionFile(BaseModel):
    """The succession file of WEWIS: one object; the order of its keys is free.

    What a schema cannot say is checked all the same: check digits, `aantal`, that `oud` and `nieuw` differ, numbers in
    refertes.
    """

    model_config = ConfigDict(extra="forbid")

    context: SuccessionContext
    opvolgingen: list[Succession]


_MODELS: Final[dict[str, type[BaseModel]]] = {
    "mutation-file": MutationFile,
    "succession-file": SuccessionFile,
    "report": Report,
    "notice": Notice,
    "succession-notice": SuccessionNotice,
    "stand": Stand,
    "source-stand": SourceStand,
}


def schemas() -> dict[str, str]:
    """Give each schema as it is committed, by the name of its file."""
    return {
        f"{name}.schema.json": json.dumps(_schema(model), ensure_ascii=False, indent=2) + "\n"
        for name, model in _MODELS.items()
    }


def _schema(model: type[BaseModel]) -> Schema:
    made = _plain(model.model_json_schema(by_alias=True, mode="validation"))
    return {"$schema": _DIALECT, **made}


def _plain(node: Any) -> Any:  # noqa: ANN401 - a part of a schema
    """Take out what a file never has: nulls and defaults; and titles, which only say names again."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "anyOf" in node:
        kept = [each for each in node["anyOf"] if each != {"type": "null"}]
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        node = {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}
    # A field may itself be called as a keyword is.
    return {
        key: {name: _plain(each) for name, each in value.items()} if key in {"properties", "$defs"} else _plain(value)
        for key, value in node.items()
        if key not in {"title", "default"}
    }
