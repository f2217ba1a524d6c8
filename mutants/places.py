"""What is broken, and the tests that should notice."""

import random
from collections.abc import Iterator
from pathlib import Path

from mutants import code, template
from mutants.mutant import Mutant

_LAYER = "layers/jbplus/jbplus"
_RECIPIENT = "recipient/jbplus_recipient"
# Where the tests of a room are not, or not only, in the folder of its name.
_TESTS = {
    "aws": [
        "tests/aws",
        "tests/test_retry.py",
        "tests/persons/test_table.py",
        "tests/intake/test_bucket.py",
        "tests/template/test_template_folders.py",
        "tests/template/test_template_storage.py",
    ],
    "ftps": ["tests/dropserver"],
    "intake": ["tests/intake", "tests/notices/test_telling.py"],
    "mutation_file": [
        "tests/mutation_file",
        "tests/intake/test_records.py",
        "tests/docs/test_report_codes.py",
        "tests/fuzz/test_damaged_files.py",
    ],
    "notices": ["tests/notices"],
    "protocol": [
        "tests/protocol",
        "tests/consultation/test_service.py",
        "tests/suspensions/test_rules.py",
        "tests/ended_parties",
    ],
    "errors.py": ["tests/api", "tests/intake"],
    "logs.py": ["tests/api", "tests/intake"],
}
# The build of the layer and of the page has nothing of what is broken.
_TEMPLATE_TESTS = ["tests/template", "--ignore=tests/template/test_layer_build.py"]
_TEMPLATE_TESTS += ["--ignore=tests/template/test_docs_build.py"]


def of_tree(root: Path) -> list[str]:
    """Give what may be broken: the layer's modules, the recipient's, and the template."""
    modules = [path for folder in (_LAYER, _RECIPIENT) for path in sorted((root / folder).rglob("*.py"))]
    return [*(path.relative_to(root).as_posix() for path in modules if path.name != "__init__.py"), template.PATH]


def is_of(path: str, parts: list[str]) -> bool:
    """Tell whether a file is one of the parts asked for; all are when none is named."""
    short = path.removeprefix(f"{_LAYER}/")
    return not parts or any(short.startswith(part) for part in parts)


def tests(path: str) -> list[str]:
    """Give the arguments of pytest for what may notice that a file is broken."""
    if path == template.PATH:
        return _TEMPLATE_TESTS
    if path.startswith(_RECIPIENT):
        return ["tests/recipient"]
    room = path.removeprefix(f"{_LAYER}/").partition("/")[0]
    return _TESTS.get(room, [f"tests/test_{room}" if room.endswith(".py") else f"tests/{room}"])


def likeliest(path: str, root: Path) -> list[str]:
    """Give the test that bears the name of a module, if there is one; it comes before the others."""
    return [
        found.relative_to(root).as_posix()
        for found in sorted((root / "tests").rglob(f"test_{Path(path).name}"))
        if found.parent.name in path
    ]


def mutants(paths: list[str], root: Path, expanded: str, chance: random.Random) -> Iterator[Mutant]:
    """Give mutants without end, none twice; a long file comes as often as it is long.

    Args:
        paths: what may be broken.
        root: the tree.
        expanded: the template after the SAM transform, as JSON.
        chance: chooses.
    """
    texts = {path: (root / path).read_text(encoding="utf-8") for path in paths}
    weights = [len(text.splitlines()) for text in texts.values()]
    seen: set[tuple[str, str]] = set()
    misses = 0
    while misses < 1000:  # noqa: PLR2004 - then all has been
        path = chance.choices(paths, weights)[0]
        mutant = (
            template.sample(expanded, texts[path], chance)
            if path == template.PATH
            else code.sample(path, texts[path], chance)
        )
        misses += 1
        if mutant is not None and (path, mutant.text) not in seen:
            seen.add((path, mutant.text))
            misses = 0
            yield mutant
