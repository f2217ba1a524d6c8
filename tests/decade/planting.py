"""Faults that are planted in the product: its code is read with one place changed, and nothing on the disk is."""

import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from typing_extensions import override

FILE = Path(__file__).with_name("planted.toml")
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and a life in which it shows.

    Attributes:
        name: what it is.
        path: the file of the product.
        was: what stands there, once.
        becomes: what stands there instead.
        seed: of the life.
        persons: in it.
        days: in which it shows.
    """

    name: str
    path: str
    was: str
    becomes: str
    seed: int = 1
    persons: int = 60
    days: int = 60


def faults() -> list[Fault]:
    """Give the faults."""
    return [Fault(**each) for each in tomllib.loads(FILE.read_text())["fault"]]


def source_of(fault: Fault) -> str:
    """Give the file of a fault with the fault in it.

    Raises:
        ValueError: what it changes does not stand there once.
    """
    source = (_ROOT / fault.path).read_text()
    if source.count(fault.was) != 1:
        raise ValueError(f"{fault.path} does not hold once what {fault.name!r} changes")
    return source.replace(fault.was, fault.becomes)


def plant(fault: Fault) -> None:
    """Have this process read the product with the fault in it; before anything of the product is read."""
    sys.meta_path.insert(0, _Finder(fault))


@dataclass
class _Finder(MetaPathFinder):
    fault: Fault

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin != str(_ROOT / self.fault.path):
            return None
        return spec_from_file_location(fullname, found.origin, loader=_Loader(fullname, found.origin, self.fault))


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, fault: Fault) -> None:
        super().__init__(fullname, path)
        self._fault = fault

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(source_of(self._fault), self.path, "exec")
