"""Chosen calls, one a line of `calls.txt`: the answer of real NumPy, or an error of its class.

In a line, statements come before the expression that is compared, as in `x = f; x[0] = 1; x`. The names stand for
arrays (`ARRAYS`), `memory(n)` for an arange that is NumPy's in both runs.
"""

import copy
import pickle
import warnings
from pathlib import Path

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config

pytestmark = pytest.mark.usefixtures("small_bytes")

LINES = [line for line in (Path(__file__).parent / "calls.txt").read_text().splitlines() if line[:1] not in ("#", "")]
_draw = real.random.default_rng(0)
ARRAYS = {
    "f": _draw.normal(size=(4, 5)),
    "v": _draw.normal(size=7),
    "i": _draw.integers(-5, 9, (3, 4)),
    "u": _draw.integers(0, 200, 6).astype("u1"),
    "i1": _draw.integers(-128, 127, (5, 3)).astype("i1"),
    "b": _draw.random((3, 4)) > 0.5,
    "c": _draw.normal(size=(3, 2)) + 1j * _draw.normal(size=(3, 2)),
    "h": _draw.normal(size=(2, 3)).astype("f2"),
    "s": _draw.normal(size=(3, 1, 4)).astype("f4"),
    "z": real.array(3.5),
    "zi": real.array(7),
    "e": real.zeros((0, 3)),
    "n": real.array([[1, real.nan, 3], [real.nan] * 3, [0.0, -0.0, real.inf]]),
    "M": real.array(["2020-01-01", "NaT", "2021-03-04"], "M8[D]"),
    "m": real.array([1, 5, -3], "m8[s]"),
}


def answered(module, line):
    """(answer, error) of a line under a module."""
    names = {name: module.array(array.copy()) for name, array in ARRAYS.items()}
    names |= {"np": module, "memory": lambda n: real.arange(float(n)), "copy": copy, "pickle": pickle}
    *statements, expression = line.split(";")
    try:
        for statement in statements:
            exec(statement.strip(), names)
        return _real(eval(expression.strip(), names)), None
    except Exception as error:
        return None, error


def _real(value):
    if isinstance(value, np.ndarray):
        return real.asarray(value.compute())
    return type(value)(map(_real, value)) if type(value) in (tuple, list) else value


def compare(ours, expected):
    """Equal dtypes, shapes and values; floats but for what an order of addition changes."""
    if isinstance(expected, (tuple, list)):
        assert isinstance(ours, (tuple, list))
        assert len(ours) == len(expected)
        for one, other in zip(ours, expected, strict=True):
            compare(one, other)
        return
    if not isinstance(expected, (real.ndarray, real.generic, bool, int, float, complex)):
        assert ours == expected
        return
    made, wanted = real.asarray(ours), real.asarray(expected)
    assert (made.dtype, made.shape) == (wanted.dtype, wanted.shape)
    if made.dtype.kind in "fc":
        tolerance = 16 * real.finfo(made.dtype).eps
        real.testing.assert_allclose(made, wanted, rtol=tolerance, atol=tolerance)
    else:
        real.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("line", LINES)
def test_the_answer_is_that_of_numpy(line):
    with warnings.catch_warnings(), config.set(target="blocks", morsel_rows=7, threads=3):
        warnings.simplefilter("ignore")
        expected, refused = answered(real, line)
        ours, error = answered(np, line)
    if refused is None:
        if error is not None:
            raise error
        compare(ours, expected)
    else:
        assert isinstance(error, type(refused)) or isinstance(refused, type(error)), f"{error!r} for {refused!r}"


def test_a_line_stands_once():
    assert len(set(LINES)) == len(LINES) > 1_000
