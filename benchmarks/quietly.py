"""Runs the auditors' file as they do, and says whether all agreed as JSON."""

import json
import subprocess
import sys

done = subprocess.run([sys.executable, *sys.argv[1:]], check=False, capture_output=True)  # noqa: S603 - own words
json.dump({"agrees": done.returncode == 0}, sys.stdout)
