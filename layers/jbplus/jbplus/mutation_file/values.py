"""Builds one value from parser events: notices repeated keys, and does not grow with a hostile input."""

from decimal import Decimal

from jbplus.mutation_file.codes import Code, Finding

Value = None | bool | int | Decimal | str | list["Value"] | dict[str, "Value"]

# A record of Article 3 has ten values, none longer than 64 characters, in two levels.
_MAX_VALUES = 200
_MAX_DEPTH = 8
_MAX_TEXT = 16 * 1024
_KNOWN_OBJECTS = frozenset({"verrichting"})


class ElementBuilder:
    """Collects the events of one value.

    Attributes:
        value: the value, once `done`; None when it was too large to keep.
        flaw: a repeated key, or that the value is too large; the rest of it is then passed over.
        depth: how many arrays and objects are open.
    """

    def __init__(self, path: str) -> None:
        self.value: Value = None
        self.flaw: Finding | None = None
        self.depth = 0
        self.done = False
        self._path = path
        self._open: list[list[Value] | dict[str, Value]] = []
        self._keys: list[str] = []
        self._values = 0
        self._text = 0
        self._too_large = False

    def take(self, event: str, value: Value) -> None:
        """Take the next event of the parser."""
        if event in ("end_map", "end_array"):
            self.depth -= 1
            if not self._too_large:
                self._close()
        elif event == "map_key":
            if not self._too_large:
                self._name(str(value))
        else:
            opened = event in ("start_map", "start_array")
            self.depth += opened
            if not self._too_large:
                self._add({} if event == "start_map" else [] if opened else value, opened=opened)
        self.done = self.depth == 0

    def _name(self, key: str) -> None:
        self._count(key)
        if self._too_large:
            return
        parent = self._open[-1]
        if isinstance(parent, dict) and key in parent and self.flaw is None:
            self.flaw = Finding(Code.FIELD_REPEATED, self._known_path())
        self._keys.append(key)

    def _add(self, value: Value, *, opened: bool) -> None:
        self._count(value)
        if self._too_large:
            return
        if not self._open:
            self.value = value
        elif isinstance(parent := self._open[-1], dict):
            parent[self._keys[-1] if opened else self._keys.pop()] = value
        else:
            parent.append(value)
        if isinstance(value, dict | list):
            self._open.append(value)

    def _close(self) -> None:
        self._open.pop()
        if self._open and isinstance(self._open[-1], dict):
            self._keys.pop()

    def _count(self, value: Value) -> None:
        self._values += 1
        self._text += len(value if isinstance(value, str) else str(value))
        if self._values > _MAX_VALUES or self._text > _MAX_TEXT or self.depth > _MAX_DEPTH:
            self._too_large = True
            self.flaw = Finding(Code.RECORD_TOO_LARGE, self._path)
            self.value = None
            self._open.clear()
            self._keys.clear()

    def _known_path(self) -> str:
        """Give the path to where the builder stands, as far as its keys are the protocol's."""
        path = self._path
        for key in self._keys:
            if key not in _KNOWN_OBJECTS:
                break
            path += f"/{key}"
        return path
