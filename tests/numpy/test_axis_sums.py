"""Sums over any axes are exact whatever way rows take to their cells: runs, columns, or one by one; on every target."""

import itertools
import math

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config

SHAPES = [(40, 70), (3, 4, 5), (2, 3, 4, 5), (9, 3, 2, 40), (2, 2, 2, 2, 2, 3), (300, 9), (9, 300), (12, 4500)]


def curious(shape):
    """Values of many sizes, zeros of both signs among them."""
    values = real.random.default_rng(0).normal(size=shape)
    values.reshape(-1)[::7] = -0.0
    values.reshape(-1)[::11] *= 1e-25
    values.reshape(-1)[::13] *= 1e30
    return values


def exact(array, over):
    moved = real.moveaxis(array, over, range(len(over)))
    rest = moved.shape[len(over) :]
    columns = moved.reshape(-1, math.prod(rest)).T
    return real.array([math.fsum(column) for column in columns]).reshape(rest)


@pytest.mark.parametrize("target", ["blocks", "cpu"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sums_over_any_axes_are_exact(shape, target):
    for array in (curious(shape), real.random.default_rng(1).normal(size=shape)):
        ours = np.asarray(array)
        for count in range(1, len(shape) + 1):
            for over in itertools.combinations(range(len(shape)), count):
                with config.set(target=target, morsel_rows=4096):
                    found = ours.sum(axis=over).compute()
                real.testing.assert_array_equal(found, exact(array, over), err_msg=str(over))
