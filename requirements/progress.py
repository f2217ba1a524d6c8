"""Shows on one line how far pip is with a file of pinned requirements; what went wrong stands below it, whole."""

import re
import sys
from pathlib import Path

total = len(re.findall(r"^[a-zA-Z0-9]", Path(sys.argv[1]).read_text(encoding="utf-8"), re.MULTILINE))
collected, said = 0, []
for line in sys.stdin:
    said.append(line)
    if line.startswith("Collecting "):
        collected += 1
        # Not each is for this computer, so the last number may be lower.
        sys.stdout.write(f"\r  package {collected} of {total}")
    elif line.startswith("Installing "):
        sys.stdout.write("\r  installing what was fetched")
    sys.stdout.flush()
sys.stdout.write("\n")
if any(line.startswith("ERROR") for line in said):
    sys.stderr.writelines(line for line in said if not line.startswith(("Collecting ", "  ")))
