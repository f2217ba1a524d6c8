"""Files that the command writes for people."""

from pathlib import Path

from jbplus_recipient.errors import ExchangeError


def write(path: Path, content: str, option: str) -> None:
    """Write a file that only its owner may read: it is about citizens, or not for everybody.

    Args:
        path: where.
        content: what.
        option: with which option another file is chosen.

    Raises:
        ExchangeError: it cannot be written.
    """
    try:
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise ExchangeError(f"{path} cannot be written. Choose another file with {option}.") from error
