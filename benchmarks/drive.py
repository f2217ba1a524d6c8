"""Stands for Lambda's runtime: `python -S drive.py FOLDER MODULE PLAN [apart]` imports a function and hands it events.

The plan is a JSON file of stages: a name, an event, and how often it comes. With `apart`, each stage but the first runs
in a child of its own, that begins where the first one ended: whoever counts instructions counts the start once.
For each stage it prints a line: its name, its process, the seconds that it took, of CPU and by the clock, and its last
answer. An empty plan is the import alone. It imports next to nothing itself.
"""

import json
import os
import sys
import time


class Context:
    """What Lambda tells a function beside the event."""

    function_name = "benchmark"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:benchmark"
    aws_request_id = "00000000-0000-4000-8000-000000000000"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Give the time that is left."""
        return 900_000


def main() -> None:
    """Import what the command line names, and go through the plan."""
    folder, module, path, *apart = sys.argv[1:]
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - importing pathlib would count
        plan = json.load(file)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a function prints is its log.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path.insert(0, folder)
    handler = __import__(module).handler
    if not plan:
        print(json.dumps({"name": "import", "process": os.getpid(), "cpu": 0, "wall": 0, "answer": None}), file=out)
        return

    def run(name: str, event: object, times: int) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        answer = None
        for _ in range(times):
            answer = handler(event, Context)
        took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "answer": answer}
        print(json.dumps({"name": name, "process": os.getpid(), **took}), file=out, flush=True)

    run(*plan[0])
    for each in plan[1:]:
        if not apart:
            run(*each)
        elif child := os.fork():
            if os.waitpid(child, 0)[1]:
                sys.exit(1)
        else:
            run(*each)
            os._exit(0)


if __name__ == "__main__":
    main()
