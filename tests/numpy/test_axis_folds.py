"""Extremes, counts and sums of integers over any axes are NumPy's, whatever way rows take to their groups."""

import itertools

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tests.numpy.same import assert_same_array

SHAPES = [(17,), (6, 40), (40, 6), (3, 4, 5), (2, 3, 4, 5), (2, 1, 2, 2, 3, 2)]
STORAGES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
FUNCTIONS = ["min", "max", "any", "all", "count_nonzero", "sum"]


def values(shape, dtype, seed=0):
    """Numbers of both signs, zeros and the ends of the range among them."""
    found = (real.random.default_rng(seed).normal(size=shape) * 50).astype("i1").astype(dtype)
    flat = found.reshape(-1)
    if dtype[0] != "?":
        limits = real.finfo(dtype) if dtype[0] == "f" else real.iinfo(dtype)
        flat[1::13], flat[2::17] = limits.min, limits.max
    flat[3::5] = 0
    return found


def axes_of(shape):
    return itertools.chain.from_iterable(itertools.combinations(range(len(shape)), n + 1) for n in range(len(shape)))


def check(array, function, over):
    with config.set(morsel_rows=64):
        wanted = getattr(real, function)(array, axis=over)
        ours = np.asarray(array)
        assert_same_array(getattr(np, function)(ours, axis=over), wanted)
        if array.dtype.kind == "f":  # extremes of memory are NumPy's own, of what is computed a kernel's
            assert_same_array(getattr(np, function)(np.positive(ours), axis=over), wanted)


@pytest.mark.parametrize("dtype", STORAGES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_folds_over_any_axes(shape, dtype, quick_target):
    array = values(shape, dtype)
    for function, over in itertools.product(FUNCTIONS, axes_of(shape)):
        if function != "sum" or dtype[0] != "f":
            check(array, function, over)


@pytest.mark.parametrize(
    ("dtype", "function"), [("f8", "max"), ("f4", "min"), ("u1", "max"), ("i8", "min"), ("i8", "sum")]
)
def test_machine_code_folds_in_vectors_what_it_does_one_by_one(function, dtype):
    with config.set(target="cpu"):
        for shape, over in [((300, 40), (0,)), ((40, 300), (1,)), ((12000,), (0,))]:
            check(values(shape, dtype), function, over)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("curious", [real.nan, -real.nan, real.inf, -real.inf])
def test_a_nan_is_the_answer_and_an_infinity_a_number(curious, dtype, quick_target):
    array = values((40, 30), dtype)
    array[3, 7] = array[39, 29] = curious
    for function, over in itertools.product(("min", "max"), ((0,), (1,), (0, 1))):
        check(array, function, over)


def test_folds_of_what_is_computed_on_the_way(quick_target):
    array = values((40, 30), "i4")
    ours = np.asarray(array)
    for over in axes_of(array.shape):
        with config.set(morsel_rows=64):
            assert_same_array((ours * 2 - 1).max(over), (array * 2 - 1).max(over))
            assert_same_array(np.count_nonzero(ours > 3, axis=over), real.count_nonzero(array > 3, axis=over))
            assert_same_array((ours[::2, ::-3] > 3).any(over), (array[::2, ::-3] > 3).any(over))
