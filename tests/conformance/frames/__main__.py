"""Run the suite: `python -m tests.conformance.frames [--folders "frame series"] [--fraction 30] [pytest's options]`.

The short road for small frames is off, and batches have at most three rows. The tests are those of the pandas wheel;
of io/parser the data files are not in it, so that tests that need them are skipped.
"""

import argparse
import os
import sys
from pathlib import Path

import pandas
import pytest

HERE = Path(__file__).parent
TESTS = Path(pandas.__file__).parent / "tests"
FOLDERS = """frame series groupby reshape indexing reductions strings arithmetic indexes apply window resample extension
    io/parser io/json"""
SETTINGS = {
    "TENFOLD_SMALL_CELLS": "0",
    "TENFOLD_MORSEL_ROWS": "3",
    "TENFOLD_PROGRESS": "0",
    "TENFOLD_TARGET": "blocks",  # nothing waits for a compiler
    "OPENBLAS_NUM_THREADS": "1",  # every process has its core
}
PYTEST = """-p tests.conformance.frames.plugin -p no:randomly -p no:cacheprovider --dist worksteal
    --max-worker-restart 100 --no-strict-data-files"""


def main() -> int:
    """Whether all went as expected, as an exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.frames", description=__doc__)
    parser.add_argument("--folders", default=FOLDERS, help="only these folders of the suite")
    parser.add_argument("--fraction", default="1", help="only a fixed part, drawn by the tests' names: 10 is a tenth")
    parser.add_argument("--jobs", default="auto", help="so many processes")
    parser.add_argument("--timeout", default="120", help="seconds that a test may take")
    parser.add_argument("--page", default="", help="write the tallies here, if all tests run")
    parser.add_argument("--json", default="", help="write what became of each test here")
    chosen, rest = parser.parse_known_args()
    if not pandas.__version__.startswith("3.1."):
        parser.error(f"the expectations are for pandas 3.1, this is {pandas.__version__}: pip install '.[conformance]'")
    whole = chosen.fraction == "1" and set(chosen.folders.split()) == set(FOLDERS.split())
    settings = {"FRACTION": chosen.fraction, "WHOLE": str(int(whole)), "OUT": chosen.json}
    settings["PAGE"] = chosen.page if whole else ""
    os.environ |= SETTINGS | {f"PUT_{name}": value for name, value in settings.items()}
    place = ["-c", str(HERE / "suite.ini"), "--rootdir", str(TESTS.parents[1]), "-n", chosen.jobs]
    paths = [str(TESTS / folder) for folder in chosen.folders.split()]
    return pytest.main([*PYTEST.split(), *place, "--timeout", chosen.timeout, *rest, *paths])


if __name__ == "__main__":
    sys.exit(main())
