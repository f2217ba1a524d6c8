"""Live through years: `python -m tests.decade --seed 1`."""

import sys

from tests.decade.running import main

if __name__ == "__main__":
    sys.exit(main())
