"""Mutants that are known to change nothing."""

import tomllib
from pathlib import Path

from mutants.mutant import Mutant


class Known:
    """The list of known mutants.

    Args:
        file: TOML; each entry has path, was, becomes and why.
    """

    def __init__(self, file: Path) -> None:
        self._why = {
            (entry["path"], entry["was"], entry["becomes"]): str(entry["why"])
            for entry in tomllib.loads(file.read_text(encoding="utf-8"))["known"]
        }

    def why(self, mutant: Mutant) -> str | None:
        """Say why no test notices a mutant; None when nobody said."""
        return self._why.get((mutant.path, mutant.was, mutant.becomes))
