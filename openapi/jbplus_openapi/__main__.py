"""`python -m jbplus_openapi FILE`: write the API's document, and the schemas of files in `schemas/` beside it."""

import sys
from pathlib import Path

from jbplus_openapi.files import schemas
from jbplus_openapi.whole import written

if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(written(), encoding="utf-8")
    folder = document.parent / "schemas"
    folder.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
