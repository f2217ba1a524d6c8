"""What a mutant is."""

import ast
import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One file of the tree with one deliberate mistake in it.

    Attributes:
        path: the file, from the root of the tree; posix.
        line: the place of the mistake, from 1.
        was: what stood there, on one line.
        becomes: what stands there now, on one line; empty when it is gone.
        text: the whole file with the mistake.
    """

    path: str
    line: int
    was: str
    becomes: str
    text: str

    def told(self) -> str:
        """Tell it on one line."""
        return f"{self.path}:{self.line}: {self.was}  →  {self.becomes or 'nothing'}"


def of_python(path: str, line: int, before: str, after: str) -> Mutant | None:
    """Give the mutant that a changed text of a module makes; None when it does not compile or means the same."""
    try:
        if ast.dump(ast.parse(before)) == ast.dump(ast.parse(after)):
            return None
    except SyntaxError:
        return None
    changed = [found for found in difflib.ndiff(before.splitlines(), after.splitlines()) if found[:2] in {"- ", "+ "}]
    was, becomes = (" ".join(found[2:].strip() for found in changed if found.startswith(sign)).strip() for sign in "-+")
    return Mutant(path, line, was, becomes, after)
