"""Build the content of the docs function: its code, the API's document, and the page with Swagger UI.

    python3 build.py libraries FOLDER
    python3 build.py package FOLDER

Files of the site are packed here, so that no call has to.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WITHIN_PACKAGE = Path("drf_spectacular_sidecar") / "static" / "drf_spectacular_sidecar" / "swagger-ui-dist"
TAKEN = {"swagger-ui.css": "swagger-ui.css", "swagger-ui-bundle.js": "swagger-ui-bundle.js", "LICENSE": "licence.txt"}


def libraries(folder: Path) -> None:
    """Fetch the pinned Swagger UI, and pack what the page needs of it."""
    with tempfile.TemporaryDirectory() as fetched:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
        wheels = ["--require-hashes", "--only-binary=:all:", "--no-compile", "--root-user-action=ignore"]
        pinned = ["--requirement", str(HERE / "requirements.txt")]
        subprocess.run([*pip, *wheels, "--target", fetched, *pinned], check=True)  # noqa: S603 - own words
        for name, ours in TAKEN.items():
            pack(Path(fetched) / WITHIN_PACKAGE / name, folder, ours)


def package(folder: Path) -> None:
    """Copy the code, and pack the document and the page."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "app.py", folder / "app.py")
    pack(HERE / "openapi.json", folder, "openapi.json")
    for path in (HERE / "page").iterdir():
        pack(path, folder, path.name)


def pack(path: Path, folder: Path, name: str) -> None:
    """Pack a file for the site; the same content gives the same bytes."""
    site = folder / "site"
    site.mkdir(parents=True, exist_ok=True)
    (site / f"{name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", choices=["libraries", "package"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    {"libraries": libraries, "package": package}[options.part](options.folder)


if __name__ == "__main__":
    main()
