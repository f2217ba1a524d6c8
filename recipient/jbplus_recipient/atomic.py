"""Files that hold personal data: nobody else may read them, and nobody ever sees half of one."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

_FOLDER: Final[int | None] = getattr(os, "O_DIRECTORY", None)
_NOT_SUPPORTED: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file under a temporary name beside it; it gets its own name when it is whole and on the disk.

    Args:
        path: where to; what stood there is replaced. Two may not write the same file at once.

    Raises:
        OSError: it cannot be written; what stood there still does.
    """
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path, how: int | None = _FOLDER) -> None:
    """Have the names in a folder on the disk: after that a renamed file stays renamed, whatever fails.

    Where a platform or a file system has no such thing, it is as sure there as it can be.

    Args:
        folder: the folder.
        how: the flags to open it with; None where folders cannot be opened (Windows).

    Raises:
        OSError: the folder cannot be written.
    """
    if how is None:
        return
    opened = os.open(folder, how)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
    finally:
        os.close(opened)
