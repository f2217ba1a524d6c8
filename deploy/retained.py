"""`python -m deploy.retained`: the template of what a deleted stack leaves, to import it into a new one."""

import json
import sys
from pathlib import Path
from typing import Final

from jbplus_local import template
from jbplus_local.template import Document

_TEMPLATE: Final = Path(__file__).parents[1] / "template.yaml"


def retained(document: Document) -> Document:
    """Give the part of the template that CloudFormation imports: the resources that are kept, and the parameters.

    Whom the bucket tells is left out, because they are not there yet; the deployment that follows adds them.
    """
    kept = {
        name: resource
        for name, resource in document["Resources"].items()
        if "Retain" in resource.get("DeletionPolicy", "")
    }
    return {
        "AWSTemplateFormatVersion": document["AWSTemplateFormatVersion"],
        "Parameters": document["Parameters"],
        "Resources": kept,
    }


if __name__ == "__main__":
    json.dump(retained(template.read(_TEMPLATE)), sys.stdout, indent=1)
