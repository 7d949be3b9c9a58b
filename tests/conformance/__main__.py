"""Run the suite: `python -m tests.conformance [--fraction 10] [--page docs/numpy-suite.md] [pytest's options]`."""

import argparse
import os
import sys
from pathlib import Path

import numpy
import pytest

HERE = Path(__file__).parent
NUMPY = Path(numpy.__file__).parent
FILES = {
    "_core/tests": """numeric umath umath_complex ufunc indexing shape_base multiarray item_selection einsum
        function_base nep50_promotions""",
    "lib/tests": """arraypad arraysetops function_base histograms index_tricks nanfunctions shape_base stride_tricks
        twodim_base type_check ufunclike""",
    "linalg/tests": "linalg regression",
    "fft/tests": "helper pocketfft",
}
PYTEST = """-p tests.conformance.plugin -p no:randomly -p no:cacheprovider --dist worksteal --max-worker-restart 100
    --timeout 150 --continue-on-collection-errors --import-mode prepend --tb no --no-summary --disable-warnings -q"""


def main() -> int:
    """Whether all went as expected, as an exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--fraction", default="1", help="only a fixed part, drawn by the tests' names: 10 is a tenth")
    parser.add_argument("--jobs", default="auto", help="so many processes")
    parser.add_argument("--page", default="", help="write the tallies here")
    parser.add_argument("--json", default="", help="write what became of each test here")
    chosen, rest = parser.parse_known_args()
    if not numpy.__version__.startswith("2.4."):
        parser.error(f"the expectations are for NumPy 2.4, this is {numpy.__version__}: pip install '.[conformance]'")
    os.environ.setdefault("NUT_MAX", "8")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # every process has its core
    os.environ.setdefault("NPY_AVAILABLE_MEM", "2 GB")  # tests that need more are skipped
    os.environ |= {"NUT_FRACTION": chosen.fraction, "NUT_PAGE": chosen.page, "NUT_OUT": chosen.json}
    files = [str(NUMPY / folder / f"test_{name}.py") for folder, names in FILES.items() for name in names.split()]
    place = ["-c", str(HERE / "numpy_suite.ini"), "--rootdir", str(NUMPY.parent), "-n", chosen.jobs]
    return pytest.main([*PYTEST.split(), *place, *rest, *files])


if __name__ == "__main__":
    sys.exit(main())
