"""The gate: what is reached is held, plus 3 %, in instructions, which repeat however busy the machine is."""

import json
from pathlib import Path

from benchmarks import intake, lookups
from benchmarks.processes import Bench

REACHED = Path(__file__).with_name("reached.json")
"""What the product takes, divided by what a rival takes in the same run: so that another Python does not matter."""

ALLOWED = 1.03


def measure(bench: Bench, folder: Path) -> dict[str, float]:
    """Measure the figures that are held."""
    counted = lookups.count(bench, ("product", "bare"))
    figures = {
        f"{name} ÷ bare boto3": counted["product"][name] / counted["bare"][name] for name in ("cold", "get", "query")
    }
    records = intake.count(bench, folder, without="conditional_put")
    figures["intake of a record ÷ BatchWrite(25)"] = records["product"] / records["batch_write"]
    return {name: round(value, 3) for name, value in figures.items()}


def exceeded(measured: dict[str, float], reached: dict[str, float]) -> list[str]:
    """Tell which figures are more than what is reached allows."""
    return [
        f"{name}: {value:.3f}, and {reached[name]:.3f} is reached: more than {ALLOWED - 1:.0%} above it"
        for name, value in measured.items()
        if value > reached[name] * ALLOWED
    ]


def read_reached() -> dict[str, float]:
    """Read what is reached."""
    reached: dict[str, float] = json.loads(REACHED.read_text(encoding="utf-8"))
    return reached


def write_reached(measured: dict[str, float]) -> None:
    """Write down what is reached."""
    REACHED.write_text(json.dumps(measured, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
