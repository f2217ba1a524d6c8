"""Cold start: what it takes to import each function, its clients made, up to its first event."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from benchmarks.processes import ROOT, Effort, Spread, can_count_instructions, instructions, rounds, run
from benchmarks.results import Result
from jbplus import settings

_VALUES = {
    "DROPSERVER_BROKEN_AFTER": "60",
    "DROPSERVER_FILE_SECONDS": "300",
    "DROPSERVER_OUTGOING": "To_Vip/{party}",
    "DROPSERVER_PATIENCE": "120",
    "DROPSERVER_PORT": "21",
    "DROPSERVER_SETTLE": "10",
    "DROPSERVER_TIMEOUT": "30",
    "DROPSERVER_TLS": "explicit",
    "RETENTION_YEARS": "5",
    "TEST_NUMBERS_ALLOWED": "true",
}


def _variables() -> Iterator[str]:
    for model in vars(settings).values():
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (field.alias for field in model.model_fields.values() if field.alias is not None)


ENVIRONMENT: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "POWERTOOLS_METRICS_NAMESPACE": "jbplus",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    **{name: _VALUES.get(name, name.lower().replace("_", "-")) for name in _variables()},
}
"""What the functions find in their environment; nobody is asked for any of it."""

_BARE = "bare Python"
_MILLI = 1000


def cost(effort: Effort) -> Result:
    """Measure the import of each function, against Python alone and against boto3 with one client."""
    folders = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py"))
    commands = {
        _BARE: ["-c", "pass"],
        "boto3, one client": ["-c", "import boto3; boto3.client('dynamodb')"],
        **{folder.name: ["-c", f"import sys; sys.path.insert(0, {str(folder)!r}); import app"] for folder in folders},
    }
    # First once for the bytecode: in the layer it is there from the start.
    for words in commands.values():
        run(words, ENVIRONMENT)
    runs = rounds(commands, effort.rounds, **ENVIRONMENT)
    counted: dict[str, int] = {}
    if effort.cold_start_instructions and can_count_instructions():
        counted = instructions(commands, **ENVIRONMENT)
    return Result(
        "cold start",
        "Cold start: a fresh process that imports a function and makes its clients",
        ("function", "ms CPU", "least", "most", "ms wall", "MiB", "M instr."),
        [
            (
                name,
                *_spread([one.cpu * _MILLI for one in runs[name]]),
                Spread.of([one.wall * _MILLI for one in runs[name]]).median,
                Spread.of([one.peak for one in runs[name]]).median,
                counted[name] // 1_000_000 if counted else None,
            )
            for name in commands
        ],
        (
            f"{effort.rounds} fresh processes each, in random order, valid bytecode.",
            _about_instructions(effort),
        ),
    )


def _about_instructions(effort: Effort) -> str:
    if not effort.cold_start_instructions:
        return "Instructions are skipped: `make bench FULL=1` counts them."
    if not can_count_instructions():
        return "Instructions are skipped: valgrind is not installed."
    return "Instructions repeat within a promille, however busy the machine."


def _spread(values: list[float]) -> tuple[float, float, float]:
    spread = Spread.of(values)
    return spread.median, spread.least, spread.most
