"""Runs one program and measures it: `python -I -S benchmarks/launch.py PROGRAM [WORD ...]` prints what it took.

First a line with seconds of CPU, seconds, and bytes of memory at most; then what the program printed.
It is a program of its own because Linux counts what the parent holds at the fork as memory of the child: this one
imports next to nothing, so that it is never the larger.
"""

import os
import sys
import time

# ru_maxrss comes in kibibytes, on macOS in bytes.
_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> int:
    """Run the program that the command line names."""
    reading, writing = os.pipe()
    begun = time.perf_counter()
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)])
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - begun
    sys.stdout.write(f"{usage.ru_utime + usage.ru_stime} {wall} {usage.ru_maxrss * _UNIT}\n{said}")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
