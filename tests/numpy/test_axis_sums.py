"""Sums over any axes are exact whatever way rows take to their cells: runs, columns, or one by one; on every target."""

import itertools
import math
from unittest import mock

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tenfold.run import few

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


@pytest.mark.skipif(few._compiled() is None, reason="the primitive does not ship for this processor")
@pytest.mark.parametrize(("shape", "over"), [((5, 5_000), 0), ((3, 4, 5_000), (0, 1)), ((2, 3, 700, 5), 1)])
@pytest.mark.parametrize("kind", ["f8", "f4"])
def test_few_rows_a_result_are_added_in_words_to_the_same_bits(shape, over, kind, monkeypatch):
    monkeypatch.setattr(few, "TILE", 2_000)
    values = np.asarray(curious(shape).astype(kind))
    for program in (values, values * 2, values[..., ::-1], values.astype("f8"), values[..., 1:]):
        with mock.patch.object(few, "LEAST", 1 << 60):
            expected = program.sum(axis=over).compute()  # by cells
        with mock.patch.object(few, "LEAST", 1), mock.patch.object(few, "sums", wraps=few.sums) as taken:
            found = program.sum(axis=over).compute()
        assert taken.called
        real.testing.assert_array_equal(found, expected, strict=True)
