"""The SAM template, read and expanded to plain CloudFormation without a request to AWS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import intrinsics_multi_constructor

# A CloudFormation template is an open document; its parts have no types of their own.
Document = dict[str, Any]

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # in C, where it was built so
    """Reads short forms as the translator does."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)

_LOOP = "Fn::ForEach::"
_CODE_PROPERTY = {FUNCTION: "CodeUri", LAYER: "ContentUri"}


@dataclass(frozen=True, slots=True)
class CodeLocation:
    """Where the code of a function or a layer lies on S3."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The location as an S3 URI."""
        return f"s3://{self.bucket}/{self.key}"


def read(path: Path) -> Document:
    """Read a SAM template with its short forms (`!Ref` and the like) and its loops (`Fn::ForEach`) written out."""
    document: Document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one
    return {**document, "Resources": without_loops(document["Resources"])}


def without_loops(resources: Document) -> Document:
    """Write out loops over a list of names, as CloudFormation's `AWS::LanguageExtensions` does."""
    result: Document = {}
    for name, resource in resources.items():
        if name.startswith(_LOOP):
            identifier, items, body = resource
            for item in items:
                result |= without_loops(_filled_in(body, identifier, item))
        else:
            result[name] = resource
    return result


def _filled_in(node: Any, identifier: str, item: str) -> Any:  # noqa: ANN401 - any part of a template
    match node:
        case {"Fn::Sub": str() as text}:
            filled = _filled(text, identifier, item)
            return {"Fn::Sub": filled} if "${" in filled else filled
        case str():
            return _filled(node, identifier, item)
        case list():
            return [_filled_in(each, identifier, item) for each in node]
        case dict():
            return {_filled(key, identifier, item): _filled_in(value, identifier, item) for key, value in node.items()}
        case _:
            return node


def _filled(text: str, identifier: str, item: str) -> str:
    """Put a name in a text: `${Name}` as it is, `&{Name}` with its letters and digits alone, as ids must be."""
    return text.replace(f"${{{identifier}}}", item).replace(f"&{{{identifier}}}", "".join(filter(str.isalnum, item)))


def code_folders(document: Document, *types: str) -> dict[str, str]:
    """Give the folder of code of each function and layer, or of some types alone, by logical id; from the template."""
    return {
        name: resource["Properties"][_CODE_PROPERTY[resource["Type"]]]
        for name, resource in document["Resources"].items()
        if resource["Type"] in (types or _CODE_PROPERTY)
    }


def expand(document: Document, code: Mapping[str, CodeLocation], region: str) -> Document:
    """Expand a SAM template as CloudFormation's transform does.

    Args:
        document: the template as `read` gives it; it stays as it is.
        code: where the code of each function and layer lies, by logical id.
        region: AWS region.

    Returns:
        A template of plain CloudFormation resources; references to parameters stay references.

    Raises:
        samtranslator.public.exceptions.InvalidDocumentException: the template is wrong.
    """
    resources = {
        name: _with_code(resource, code[name]) if name in code else resource
        for name, resource in document["Resources"].items()
    }
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name=region))
    expanded = translator.translate(
        {**document, "Resources": resources}, parameter_values={}, get_managed_policy_map=dict
    )
    translator.metrics.publish()  # to nobody; it would complain at its end that nobody did
    plain: Document = json.loads(json.dumps(expanded))  # the translator has dictionaries of its own
    return plain


def _with_code(resource: Document, location: CodeLocation) -> Document:
    properties = {**resource["Properties"], _CODE_PROPERTY[resource["Type"]]: location.uri}
    return {**resource, "Properties": properties}
