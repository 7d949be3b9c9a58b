"""Elementary functions: within two units in the last place, C99's special values, exact where exactness is promised."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.primitives import elementary as el
from tenfold.target.cpu import compile_object, load

ONE_ARGUMENT = [name for name in el.FUNCTIONS if name != "power"]
CURIOUS = [
    math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-310, 2.0**-1022, 1.7e308, -1.7e308, 709.8,
    -745.2, -746.0, 0.5, 2.0, 3.0, -3.0, 2.5, -2.5, 10.0, 1e-15, 1e15, 2.0**52 + 1, -(2.0**52) - 1, 2.0**53, 1647099.5,
]  # fmt: skip


def apart(a, b):
    """Units in the last place between two float64 arrays; nan equals nan."""
    a, b = (np.asarray(v, np.float64) for v in (a, b))
    first, second = (np.where(k < 0, -(k & el.MAGNITUDE), k) for k in (a.view(np.int64), b.view(np.int64)))
    about = np.abs(first.astype(float) - second.astype(float))
    return np.where(np.isnan(a) & np.isnan(b), 0, np.where(about < 1e6, np.abs(first - second), about))


def reference(name, *arguments):
    """The C library's or NumPy's, whose own error is below one unit."""
    with np.errstate(all="ignore"):
        return getattr(np, name)(*arguments)


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_special_values(name):
    got, wanted = el.evaluate(name, CURIOUS), reference(name, CURIOUS)
    assert apart(got, wanted).max() <= 2
    assert np.array_equal(np.signbit(got[~np.isnan(got)]), np.signbit(wanted[~np.isnan(wanted)]))
    assert np.array_equal(np.isfinite(got), np.isfinite(wanted))


def test_special_values_of_power():
    x, y = np.array(list(itertools.product(CURIOUS, CURIOUS))).T
    got, wanted = el.evaluate("power", x, y), reference("power", x, y)
    assert apart(got, wanted).max() <= 1
    assert np.array_equal(np.signbit(got[~np.isnan(got)]), np.signbit(wanted[~np.isnan(wanted)]))


@pytest.mark.parametrize("name", ONE_ARGUMENT)
@settings(max_examples=300, deadline=None)
@given(st.floats() | st.floats(-2, 2) | st.floats(-700, 700))
def test_close_to_the_library(name, x):
    assert apart(el.evaluate(name, x), reference(name, x)) <= 3


@settings(max_examples=300, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_power_is_close(x, y):
    assert apart(el.evaluate("power", x, y), reference("power", x, y)) <= 1


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_dense_samples(name):
    rng = np.random.default_rng(5)
    x = [rng.uniform(-2, 2, 50_000), rng.uniform(-700, 700, 50_000), 10 ** rng.uniform(-300, 300, 9_000)]
    x = np.concatenate(x)
    assert apart(el.evaluate(name, x), reference(name, x)).max() <= 3


def test_exact_answers():
    whole = np.arange(-1074, 1024)
    assert np.array_equal(el.evaluate("exp2", whole), np.ldexp(1.0, whole))
    assert np.array_equal(el.evaluate("log2", np.ldexp(1.0, whole)), whole)
    assert np.array_equal(el.evaluate("log10", [10.0**k for k in range(23)]), np.arange(23))
    small = np.arange(-30.0, 31)
    assert np.array_equal(el.evaluate("power", small, 2.0), small * small)
    assert np.array_equal(el.evaluate("power", small, 3.0), small**3)


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_angles_close_to_multiples_of_half_pi(name):
    x = np.concatenate([np.arange(1, 5_000), 2.0 ** np.arange(60), [1048575.0]]) * (math.pi / 2)
    x = np.concatenate([x, np.nextafter(x, 0), [1e22, 1e300]])
    wanted = [getattr(math, name)(v) for v in x]
    assert apart(el.evaluate(name, x), wanted).max() <= 2


def test_the_float_closest_to_a_multiple_of_half_pi():
    """Kahan's; the C library's cosine is eight units off there, 2**-61 needs 115 bits of the quotient."""
    assert el.cos_of_large(6381956970095103 * 2.0**797) == -4.68716592425462761112e-19


def test_the_two_reductions_agree():
    """The reduction of large angles, on angles that the other one can do."""
    for x in np.random.default_rng(2).uniform(2, el.LARGE_ANGLE, 300):
        assert apart(el.sin_of_large(x), el.evaluate("sin", x)) <= 1
        assert apart(el.cos_of_large(-x), el.evaluate("cos", x)) <= 1


@pytest.mark.parametrize("name", el.SCALARS)
def test_scalars_compile_to_the_same_bits(name):
    text = f"from tenfold.primitives.elementary import {name}\ndef run(x):\n    return {name}(x)"
    run = load(*compile_object(text, "run", "f8->f8"), "f8->f8")
    for x in [*np.random.default_rng(3).uniform(-1, 1, 100) * 10.0 ** np.arange(7, 307, 3), math.nan, math.inf]:
        assert apart(run(x), el.SCALARS[name](x)) == 0


def test_shapes_are_kept():
    assert el.evaluate("exp", 0.0).shape == ()
    assert el.evaluate("power", np.ones((3, 1)), np.ones(4)).shape == (3, 4)
