"""Programs of many steps: each is computed once, however often the steps behind it read it, at any depth."""

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tenfold.stage import arrays as sa
from tests.conftest import use_target


@pytest.fixture(autouse=True)
def _blocks(monkeypatch):
    with use_target("blocks", monkeypatch), config.set(check=False):  # the check of a pass walks all of a plan
        yield


def mandelbrot(np, side, steps):
    """Complex numbers, for which there is no kernel, between operations that have one."""
    c = np.linspace(-2, 1, side)[None, :] + 1j * np.linspace(-1, 1, side)[:, None]
    z, count = np.zeros((side, side), complex), np.zeros((side, side), int)
    for _ in range(steps):
        z = np.where(abs(z) < 4, z * z + c, z)
        count = count + (abs(z) < 2)
    return count


def mandelbrot_in_reals(np, side, steps):
    x0 = np.linspace(-2, 1, side)[None, :] + np.zeros((side, 1))
    y0 = np.linspace(-1, 1, side)[:, None] + np.zeros((1, side))
    x, y, count = x0 * 0, y0 * 0, x0 * 0
    for _ in range(steps):
        inside = x * x + y * y < 4
        x, y = np.where(inside, x * x - y * y + x0, x), np.where(inside, 2 * x * y + y0, y)
        count = count + inside
    return count


def smoothed(np, values, steps):
    """Neighbours: every step looks at three views of the one before."""
    for _ in range(steps):
        values = np.concatenate([values[:1], (values[:-2] + values[1:-1] + values[2:]) / 3, values[-1:]])
    return values


def counted(np, start, steps):
    for _ in range(steps):
        start = start + 1
    return start


@pytest.mark.parametrize("program", [mandelbrot, mandelbrot_in_reals])
def test_iterations(program):
    real.testing.assert_array_equal(program(np, 20, 60), program(real, 20, 60))


def test_neighbours():
    values = real.random.default_rng(0).normal(size=200)
    real.testing.assert_array_equal(smoothed(np, np.array(values), 60), smoothed(real, values, 60))


@pytest.mark.parametrize("start", [0.0, 1j])
def test_a_chain_of_thousands(start):
    values = real.arange(5) + start
    real.testing.assert_array_equal(counted(np, np.array(values), 3_000), values + 3_000)


def test_long_expressions_become_several_kernels():
    plan = counted(np, np.array(real.arange(5.0)), 1_000)._node
    kernels = list(sa.kernels(plan))
    assert len(kernels) == -(-1_000 // sa.LARGEST)
    assert sum(len(kernel.body) for kernel in kernels) <= 1_000 + len(kernels)
