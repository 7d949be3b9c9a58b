"""Goldens of arrays: what their plans and kernels look like. Written by `make golden`, reviewed like source."""

from pathlib import Path

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold.plan import optimise
from tenfold.stage import arrays as sa
from tenfold.target import cuda
from tests.goldens import assert_golden

FOLDER = Path(__file__).parents[1] / "golden" / "arrays"


def memory(*shape):
    return np.array(real.zeros(shape))


PROGRAMS = {
    "slice_of_normals": lambda: (np.random.default_rng(0).normal(size=(500, 400)) + 1)[::2, ::2].sum(),
    "chain_and_mean": lambda: _chain(memory(1000)).mean(),
    "largest_of_rows": lambda: (memory(30, 20) * 2).max(axis=1),
    "joined": lambda: np.concatenate([memory(4, 6), np.ones((2, 6))])[::2, 1:] * 3,
    "clipped_integers": lambda: np.clip(np.random.default_rng(0).integers(0, 100, 50) // 7, 2, 9),
}


def _chain(x):
    return np.sqrt(np.abs(x * 2 - 1) + x * x / 2) / (1 + x * x)


def kernels(name):
    return list(sa.kernels(optimise(PROGRAMS[name]()._node)))


def listing(name):
    """All levels of a program in one text."""
    program = PROGRAMS[name]()
    parts = {
        "expr": program.explain("expr"),
        "plan": program.explain("plan", passes=True),
        "kernel": program.explain("kernel"),
        "python": program.explain("source"),
        "cuda": "\n".join(cuda.text(kernel) for kernel in kernels(name)),
    }
    return "".join(f"==== {level}\n{text.rstrip()}\n\n" for level, text in parts.items())


@pytest.mark.parametrize("name", PROGRAMS)
def test_golden(name):
    assert_golden(FOLDER / f"{name}.txt", listing(name))


def test_every_golden_has_its_program():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(PROGRAMS)


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_kernel_compiles_for_a_gpu(name):
    for kernel in kernels(name):
        assert cuda.compile_cubin(cuda.source(kernel, 3, 32), "sm_90").startswith(b"\x7fELF")
