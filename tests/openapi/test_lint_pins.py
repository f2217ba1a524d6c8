"""What looks at the document is pinned by hash, and fetched from wherever npm is set up to fetch."""

import json
from pathlib import Path

LOCK = json.loads((Path(__file__).parents[2] / "openapi" / "lint" / "package-lock.json").read_text(encoding="utf-8"))
PACKAGES = {name: package for name, package in LOCK["packages"].items() if name}


def test_every_package_has_its_hash_and_none_an_address() -> None:
    assert [name for name, package in PACKAGES.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, package in PACKAGES.items() if "resolved" in package] == []
    assert {"node_modules/@redocly/cli", "node_modules/@stoplight/spectral-cli"} <= PACKAGES.keys()
