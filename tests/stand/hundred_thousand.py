"""`make in-step`: 100,000 registered persons, of whom seven diverge; most of its minutes go into registering them."""

import sys
import tempfile
from pathlib import Path

from tests.stand.diverging import try_it

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(try_it(Path(folder), 100_000, seed=1) + "\n")
