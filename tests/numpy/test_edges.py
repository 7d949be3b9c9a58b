"""Every elementwise function that becomes a kernel, at the edges of all dtypes: what NumPy gives.

That all targets give the same is held by the rules in `tests/edges.py`.
"""

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tenfold.kernel.ops import STORAGES
from tenfold.primitives import elementary
from tenfold.stage.arrays import RULES
from tests import edges
from tests.numpy.same import ULPS, assert_same_array

UFUNCS = [name for name in RULES if isinstance(getattr(real, name, None), real.ufunc)]
SCALARS = 5  # as many of the least and the greatest edges meet all others as scalars


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("name", UFUNCS)
def test_functions_are_numpys_at_the_edges(name, storage):
    function = getattr(real, name)
    for operands in combinations(storage, function.nin):
        try:
            with real.errstate(all="ignore"):
                expected = function(*operands)
        except (TypeError, ValueError) as error:  # no such types, or a negative power of an integer
            with pytest.raises(type(error)):
                getattr(np, name)(*map(ours, operands)).compute()
            continue
        with config.set(target="blocks"):
            found = getattr(np, name)(*map(ours, operands)).compute()
        if name in elementary.FUNCTIONS:
            assert_same_array(found, expected, ULPS)
        else:
            assert found.dtype == expected.dtype
            found, expected = (without_signs(name, storage, x) for x in (found, expected))
            real.testing.assert_array_equal(edges.bits(found), edges.bits(expected), err_msg=str(operands[1:]))


def combinations(storage, count):
    """All pairs of edges as columns, and some with a scalar on either side."""
    values = edges.values(storage)
    if count == 1:
        return [(values,)]
    some = real.sort(values)
    some = [*some[:SCALARS], *some[len(some) // 2 - 2 :][:SCALARS], *some[-SCALARS:]]
    return [edges.pairs(storage), *((values, x) for x in some), *((x, values) for x in some)]


def ours(operand):
    return np.array(operand) if operand.ndim else operand


def without_signs(name, storage, x):
    """Of zeros of both signs, NumPy's fmin and fmax give the one or the other."""
    return x + real.zeros((), x.dtype) if name in ("fmin", "fmax") and storage[0] == "f" else x


@pytest.mark.parametrize("function", ["min", "max"])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("computed", [False, True])
def test_extremes_tell_zeros_apart_in_any_order(function, dtype, computed, quick_target):
    zeros = real.array([[0.0, -0.0, 0.0], [-0.0, 0.0, 0.0], [-0.0, -0.0, -0.0], [0.0, 0.0, 0.0]], dtype)
    zeros = real.repeat(zeros, 40, axis=1)
    array = np.array(zeros) * np.ones(120, dtype) if computed else np.array(zeros)
    expected = {"min": [True, True, True, False], "max": [False, False, True, False]}[function]
    assert real.signbit(getattr(array, function)(axis=1).compute()).tolist() == expected
    whole = getattr(array, function)()
    assert bool(real.signbit(whole.compute())) is (function == "min")
