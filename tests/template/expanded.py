"""Reads an expanded template: references, and values as short text to compare with."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# In the text of !Sub: ${Name}, ${Name.Attribute} or ${AWS::Pseudo}; ${!Literal} is none.
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z][A-Za-z0-9:.]*)\}")


@dataclass(frozen=True)
class Expanded:
    """A template after the SAM transform.

    Attributes:
        document: the whole of it.
    """

    document: Mapping[str, Any]

    @property
    def resources(self) -> Mapping[str, Any]:
        return self.document["Resources"]  # type: ignore[no-any-return]  # an open document

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.document["Parameters"]  # type: ignore[no-any-return]  # an open document

    def of_type(self, resource_type: str) -> dict[str, Any]:
        """Give the resources of a type by logical id."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == resource_type}

    def properties(self, name: str) -> dict[str, Any]:
        """Give the properties of a resource."""
        return self.resources[name]["Properties"]  # type: ignore[no-any-return]  # an open document

    def dependencies(self) -> dict[str, set[str]]:
        """Give the graph: of each resource, the resources it needs first."""
        return {name: set(references(resource)) & set(self.resources) for name, resource in self.resources.items()}


def references(node: Any) -> Iterator[str]:
    """Give the names that a part of the template refers to, whatever they name."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _named(key, value)


def _named(key: str, value: Any) -> Iterator[str]:
    match key, value:
        case (("Ref" | "DependsOn"), str()):
            yield value
        case "DependsOn", [*names]:
            yield from names
        case "Fn::GetAtt", str():
            yield value.partition(".")[0]
        case "Fn::GetAtt", [str() as name, *_]:
            yield name
        case "Fn::Sub", str():
            yield from _placeholders(value)
        case "Fn::Sub", [str() as text, dict() as own]:
            yield from (name for name in _placeholders(text) if name not in own)
            yield from references(own)
        case _:
            yield from references(value)


def _placeholders(text: str) -> Iterator[str]:
    for found in _PLACEHOLDER.findall(text):
        yield found.partition(".")[0]


def short(value: Any) -> Any:
    """Write a reference as text: `Name`, `Name.Attribute` or the text of !Sub; other values stay as they are."""
    match value:
        case {"Ref": str() as name}:
            return name
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": str() as text}:
            return text
        case _:
            return value


def shortened(node: Any) -> Any:
    """Write each reference in a part of the template as text, as `short` does."""
    match short(node):
        case dict() as items:
            return {key: shortened(value) for key, value in items.items()}
        case list() as items:
            return [shortened(item) for item in items]
        case value:
            return value


def as_list(value: Any) -> list[Any]:
    """Give a list for what the template may write as one item or as a list."""
    return value if isinstance(value, list) else [value]


def in_order(items: Iterable[Any]) -> list[Any]:
    """Sort parts of the template whose order means nothing."""
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
