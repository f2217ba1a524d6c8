"""What may be told of an unexpected error."""

import traceback


def where_it_failed(error: BaseException) -> dict[str, object]:
    """Tell an error's type and the lines it came through, but not its message: that may hold a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
