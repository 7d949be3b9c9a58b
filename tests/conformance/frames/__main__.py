"""Run pandas' tests: `python -m tests.conformance.frames [--fraction 30] [--folders "frame series"] [...]`.

The short road for small frames is off, and batches have at most three rows.
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
SETTINGS = {"TENFOLD_SMALL_CELLS": "0", "TENFOLD_MORSEL_ROWS": "3", "TENFOLD_PROGRESS": "0", "TENFOLD_TARGET": "blocks"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folders", default=FOLDERS)
    parser.add_argument("--fraction", type=int, default=1)
    parser.add_argument("--jobs", default="2")
    given, more = parser.parse_known_args()
    os.environ.update(SETTINGS, PUT_FRACTION=str(given.fraction))
    paths = [str(TESTS / folder) for folder in given.folders.split()]
    options = ["-c", str(HERE / "suite.ini"), f"--rootdir={TESTS.parents[1]}", "-p", "tests.conformance.frames.plugin"]
    return pytest.main([*options, "-n", given.jobs, "--dist", "worksteal", "--timeout", "120", *paths, *more])


if __name__ == "__main__":
    sys.exit(main())
