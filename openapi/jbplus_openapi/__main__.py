"""`python -m jbplus_openapi FILE`: write the document."""

import sys
from pathlib import Path

from jbplus_openapi.whole import written

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
