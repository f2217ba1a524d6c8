"""Runs the emulator until its standard input closes.

Started by `emulator.py` with the emulator's own interpreter. The input closes when the local stack says so, and
also when the local stack dies without a word, so that the emulator never outlives it and always saves its data.
"""

import os
import signal
import sys
import threading

from ministack.app import main  # type: ignore[import-not-found]  # it lives in an environment of its own


def _stop_when_input_closes() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_stop_when_input_closes, daemon=True).start()
    sys.argv = ["ministack"]
    main()
