"""Look for bytes that break the reader or the intake, led by what code they reach.

Run by `make fuzz` in an environment of its own. What it finds is left as a file that is the mutation file itself,
plain or (when it begins like one) gzip; given as an argument, it is tried again. Inputs that reach new code are
kept for the next time.
"""

import argparse
import gzip
import random
import sys
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import atheris  # type: ignore[import-untyped]  # it has an environment of its own, without stubs

with atheris.instrument_imports(include=["jbplus.mutation_file", "jbplus.intake", "jbplus.protocol", "jbplus.persons"]):
    from tests.fuzz import damage, seeds
    from tests.fuzz.judge import judge

FOLDER = Path(__file__).parents[2] / ".local" / "fuzz"
_GZIP = b"\x1f\x8b"
_OFTEN = 0.5
_LONGEST = 32 * 1024
_MOST_BLOCKS = 500
# By the clock on the wall: on a busy machine a file that takes 0.1 s of CPU takes its time.
_SECONDS_FOR_ONE = 30
_MEBIBYTES = 512


def try_one(content: bytes) -> None:
    """Judge one file; the size of its blocks follows from its bytes, so that a finding repeats."""
    block = max(1 + zlib.crc32(content) % 97, len(content) // _MOST_BLOCKS)
    judge(content, block=block)


def mutate(content: bytes, most: int, seed: int) -> bytes:
    """Change a file: its bytes, or its words, so that it often stays JSON; those in gzip, too."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    if content.startswith(_GZIP) and rng.random() < _OFTEN:
        with suppress(OSError, EOFError, zlib.error):
            return gzip.compress(_mutate_plain(gzip.decompress(content), most, rng), mtime=0)[:most]
    return _mutate_plain(content, most, rng)


def _mutate_plain(content: bytes, most: int, rng: random.Random) -> bytes:
    changed: bytes = atheris.Mutate(content, most) if rng.random() < _OFTEN else damage.of_words(content, rng)
    return changed[:most]


def _write_seeds(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (seeds.PLAIN | seeds.COMPRESSED | seeds.sample_files(folder.parent)).items():
        (folder / name.replace(" ", "-")).write_bytes(content)


def _write_dictionary(path: Path, words: Iterable[bytes]) -> None:
    lines = ["".join(f"\\x{byte:02x}" for byte in word) for word in words if word]
    path.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")


def _options(seconds: int) -> list[str]:
    return [
        f"-max_total_time={seconds}",
        f"-timeout={_SECONDS_FOR_ONE}",
        f"-rss_limit_mb={_MEBIBYTES}",
        f"-max_len={_LONGEST}",
        f"-dict={FOLDER / 'words.dict'}",
        f"-artifact_prefix={FOLDER}/",
        "-use_value_profile=1",
        "-print_final_stats=1",
    ]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long to look (default: %(default)s)")
    parser.add_argument("files", nargs="*", type=Path, help="try these, and look no further")
    arguments = parser.parse_args()
    if arguments.files:
        words = [str(path) for path in arguments.files]
    else:
        _write_seeds(FOLDER / "seeds")
        _write_dictionary(FOLDER / "words.dict", seeds.TOKENS)
        (FOLDER / "corpus").mkdir(exist_ok=True)
        words = [*_options(arguments.seconds), str(FOLDER / "corpus"), str(FOLDER / "seeds")]
    atheris.Setup([sys.argv[0], *words], try_one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
