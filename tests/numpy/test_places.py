"""argmin and argmax are NumPy's: of equal ones the first, a NaN before all, however arrays are cut."""

import itertools

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tests.numpy.same import assert_same_array

SHAPES = [(1,), (500,), (40, 7), (7, 40), (3, 300), (300, 3), (3, 4, 5), (2, 3, 4, 5), (0, 3), (3, 0)]


def check(ours, array):
    for function in ("argmin", "argmax"):
        for axis in (None, *range(array.ndim)):
            if array.size if axis is None else array.shape[axis]:
                found = getattr(np, function)(ours, axis)
                assert_same_array(found, getattr(real, function)(array, axis))
                kept = getattr(np, function)(ours, axis, keepdims=True)
                assert_same_array(kept, getattr(real, function)(array, axis, keepdims=True))


@pytest.mark.parametrize("morsel", [8, 64, 100_000])
@pytest.mark.parametrize("dtype", ["?", "u1", "i4", "i8", "f2", "f4", "f8"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_first_of_many_equal_ones(shape, dtype, morsel):
    array = real.random.default_rng(0).integers(0, 5, shape).astype(dtype)
    with config.set(morsel_rows=morsel):
        check(np.asarray(array), array)


@pytest.mark.parametrize("morsel", [8, 100_000])
def test_the_first_nan_before_all(morsel):
    array = real.random.default_rng(0).normal(size=(40, 30))
    array[real.random.default_rng(1).random(array.shape) < 0.05] = real.nan
    array[0, 0] = real.inf
    with config.set(morsel_rows=morsel):
        check(np.asarray(array), array)
        check(np.asarray(array.T), array.T)
        check(np.asarray(array)[::-2, 1:], array[::-2, 1:])


@pytest.mark.parametrize("executor", ["serial", "threads"])
def test_of_what_is_computed_on_the_way(executor):
    array = real.random.default_rng(0).integers(-9, 9, (30, 20, 10))
    ours = np.asarray(array)
    with config.set(morsel_rows=64, executor=executor):
        check(ours * ours - 3, array * array - 3)
        check(np.transpose(ours * 2, (2, 0, 1)), real.transpose(array * 2, (2, 0, 1)))
        for axis, other in itertools.permutations(range(2)):
            assert_same_array((ours + 1).argmax(axis).max(other), (array + 1).argmax(axis).max(other))


def test_of_nothing_there_is_no_place():
    with pytest.raises(ValueError, match="empty sequence"):
        np.zeros((3, 0)).argmax(1)
