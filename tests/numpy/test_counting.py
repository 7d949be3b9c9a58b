"""bincount by a kernel counts what NumPy's does, in one pass behind the one that looks for the largest number."""

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tests.numpy.same import assert_same_array


def numbers(dtype, largest=100, size=70_000):
    return real.random.default_rng(0).integers(0, 1 if dtype == "?" else largest, size, endpoint=True).astype(dtype)


@pytest.mark.parametrize("dtype", ["?", "u1", "i2", "u4", "i8"])
def test_numbers_are_counted(dtype, quick_target):
    array = numbers(dtype, size=900)
    with config.set(morsel_rows=64):
        assert_same_array(np.bincount(np.asarray(array)), real.bincount(array))
        assert_same_array(np.bincount(np.asarray(array), minlength=300), real.bincount(array, minlength=300))


@pytest.mark.parametrize("largest", [0, 100, 200_000])
def test_machine_code_counts_few_and_numpy_many(largest):
    array = numbers("i8", largest)
    with config.set(target="cpu", morsel_rows=4096):
        ours = np.asarray(array)
        assert_same_array(np.bincount(ours), real.bincount(array))
        assert_same_array(np.bincount(ours[::-3] * 2), real.bincount(array[::-3] * 2))


def test_negative_numbers_have_no_place():
    with pytest.raises(ValueError, match="negative"):
        np.bincount(np.asarray(real.array([3, -1, 4])))
    assert np.bincount(np.zeros(0, int)).shape == (0,)


@pytest.mark.parametrize("later", [1_000_000, -1])
def test_memory_that_changes_meanwhile_is_an_error_and_no_crash(later, target):
    array = numbers("i8")
    counts = np.bincount(np.asarray(array, copy=False))  # whoever says so has promised not to write
    array[1234] = later
    with pytest.raises(ValueError, match="written to"):
        counts.compute()
