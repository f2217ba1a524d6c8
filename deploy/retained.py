"""`python -m deploy.retained`: the template of what a deleted stack leaves, to import it into a new one."""

import json
import sys
from pathlib import Path
from typing import Final

from jbplus_local import template
from jbplus_local.template import Document

_KEY: Final = "AWS::KMS::Key"
_TEMPLATE: Final = Path(__file__).parents[1] / "template.yaml"


def retained(document: Document) -> Document:
    """Give the part of the template that CloudFormation imports: the resources that are kept, and the parameters.

    Whom the bucket tells is left out, because they are not there yet, and so is what is there by parameter alone; the
    deployment that follows adds them.
    """
    kept = {
        name: _by_itself(resource)
        for name, resource in document["Resources"].items()
        if "Retain" in resource.get("DeletionPolicy", "") and "Condition" not in resource
    }
    return {
        "AWSTemplateFormatVersion": document["AWSTemplateFormatVersion"],
        "Parameters": document["Parameters"],
        "Resources": kept,
    }


def _by_itself(resource: Document) -> Document:
    plain = {name: part for name, part in resource.items() if name != "DependsOn"}
    properties = {
        name: part
        for name, part in resource["Properties"].items()
        if name != "NotificationConfiguration" and not (isinstance(part, dict) and "Fn::If" in part)
    }
    if resource["Type"] == _KEY:
        policy = properties["KeyPolicy"]
        always = [each for each in policy["Statement"] if "Fn::If" not in each]
        properties["KeyPolicy"] = {**policy, "Statement": always}
    return {**plain, "Properties": properties}


if __name__ == "__main__":
    json.dump(retained(template.read(_TEMPLATE)), sys.stdout, indent=1)
