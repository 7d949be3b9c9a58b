"""Goldens: what plans and kernels look like, at every level. Written by `make golden`, reviewed like source."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tenfold.pandas as tf
from tenfold.target import cuda
from tests import programs
from tests.goldens import assert_golden
from tests.kernels import kernels

FOLDER = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[1]
CHOSEN = ("taxi", "filtered", "arithmetic", "by_dense_keys", "by_hashed_keys", "by_late_field", "beginning")


def lazy(name):
    return programs.PROGRAMS[name](tf.from_pandas(programs.frame(rows=10)))


def listing(name):
    """All levels of a program in one text."""
    program = lazy(name)
    parts = {
        "expr": program.explain("expr"),
        "plan": program.explain("plan"),
        "passes": program.explain("plan", passes=True),
        "stage": program.explain("stage"),
        "kernel": program.explain("kernel"),
        "python": program.explain("source"),
        "cuda": "\n".join(cuda.text(kernel) for kernel in kernels(program)),
    }
    return "".join(f"==== {level}\n{text.rstrip()}\n\n" for level, text in parts.items())


def keys(name):
    return [kernel.key for kernel in kernels(lazy(name))]


@pytest.mark.parametrize("name", CHOSEN)
def test_golden(name):
    assert_golden(FOLDER / f"{name}.txt", listing(name))


def test_every_golden_has_its_program():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(CHOSEN)


PRINT_ALL = "from tests import test_golden as t; print([(t.listing(n), t.keys(n)) for n in t.CHOSEN])"


def test_texts_and_keys_are_the_same_in_every_process():
    outputs = set()
    for seed in ("1", "2"):
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        outputs.add(
            subprocess.run([sys.executable, "-c", PRINT_ALL], env=environment, capture_output=True, check=True).stdout
        )
    assert len(outputs) == 1


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")
@pytest.mark.parametrize(("limbs", "columns", "architecture"), [(3, 32, "sm_80"), (5, 0, "sm_90")])
@pytest.mark.parametrize("name", CHOSEN)
def test_every_kernel_compiles_for_a_gpu(name, limbs, columns, architecture):
    for kernel in kernels(lazy(name)):
        code = cuda.source(kernel, limbs, columns)
        assert cuda.compile_cubin(code, architecture).startswith(b"\x7fELF")
