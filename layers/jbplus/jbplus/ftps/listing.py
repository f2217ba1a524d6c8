"""Rules for reading what FTP servers say of files and folders: as RFC 959 and RFC 3659 have it, and as it is."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

_FACTS = re.compile(r"((?:[^;= ]+=[^;]*;)*(?:[^;= ]+=[^; ]*)?) (.+)", re.DOTALL)
_FOLDERS = frozenset({"dir", "cdir", "pdir"})
_SEPARATORS = re.compile(r"[/\\]")
_WORDS = re.compile(r"[/\\;\s]")
_DENIED = re.compile(r"permi|denied|allowed|access|author|refus", re.IGNORECASE)
_NOTHING_FOUND = ("450", "550")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line of a listing says.

    Attributes:
        name: a name, without any folder.
        kind_known: whether the line says that it is a file; a name alone may be a folder's.
        size: in bytes; None when the line does not say.
        modified: when it was last written, by the server's clock; None when the line does not say.
    """

    name: str
    kind_known: bool = False
    size: int | None = None
    modified: datetime | None = None


def read_facts(line: str, pattern: str) -> Entry | None:
    """Read a line of MLSD (RFC 3659, section 7).

    A line that is not understood still counts when it ends in a name that matches: that is looked at by itself.

    Args:
        line: the line, without its end.
        pattern: which names are meant, as `fnmatch` has it.

    Returns:
        The file, or None for a folder or another name.
    """
    understood = _FACTS.fullmatch(line)
    facts = understood[1].lower().split(";") if understood else []
    known = dict(fact.split("=", 1) for fact in facts if "=" in fact)
    if understood is None or "type" not in known:
        return read_words(line, pattern)
    if known["type"] in _FOLDERS:
        return None
    entry = read_name(understood[2], pattern)
    return entry and Entry(
        entry.name, kind_known=True, size=number(known.get("size")), modified=moment(known.get("modify"))
    )


def read_name(line: str, pattern: str) -> Entry | None:
    """Read a line of NLST. Some servers put the folder before the name; we ask in our folder, wherever it leads."""
    name = _SEPARATORS.split(line)[-1]
    return Entry(name) if fnmatchcase(name, pattern) else None


def read_words(line: str, pattern: str) -> Entry | None:
    """Read a line of a form of its own, such as LIST's: the name is what it ends in."""
    starts = [0, *(separator.end() for separator in _WORDS.finditer(line))]
    names = (line[start:] for start in reversed(starts))
    fitting = (name for name in names if name and not _SEPARATORS.search(name) and fnmatchcase(name, pattern))
    return next(map(Entry, fitting), None)


def number(text: str | None) -> int | None:
    """Read a size; None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() else None


def moment(text: str | None) -> datetime | None:
    """Read a time stamp of FTP (RFC 3659, section 2.3), in UTC; None for anything else.

    Fractions of a second are left out: not every answer of a server has them.
    """
    try:
        return datetime.strptime((text or "")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def home(answer: str) -> str:
    """Read the folder that a login begins in, out of the answer to PWD; the root when it says none.

    Servers put it between quotes, and double those in it (RFC 959, appendix II), or leave the quotes out.
    """
    quoted = re.match(r'257[ -]*"((?:[^"]|"")*)"', answer)
    path = quoted[1].replace('""', '"') if quoted else (answer[4:].split() or [""])[0]
    return path if path.startswith("/") or path[1:2] == ":" else "/"


def is_empty(refusals: list[str]) -> bool:
    """Tell whether a folder that exists, and that no command lists, is empty: some servers refuse to list nothing.

    Args:
        refusals: the answers to the commands that list.
    """
    return any(answer.startswith(_NOTHING_FOUND) and not _DENIED.search(answer) for answer in refusals)
