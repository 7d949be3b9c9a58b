"""Floating-point errors and warnings: at the operation where it is made at once, by the error state of that moment."""

import warnings

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config

LARGE = 20_000


@pytest.fixture
def _small():
    with config.set(small_bytes=64 << 10):
        yield


OPERATIONS = {
    "divide": lambda np, x: 1 / x,
    "invalid": lambda np, x: x / x,
    "log": lambda np, x: np.log(x),
    "sqrt": lambda np, x: np.sqrt(x - 1),
    "over": lambda np, x: np.exp(x + 1000),
    "whole": lambda np, x: (x + 3).astype("i8") // x.astype("i8"),
    "power": lambda np, x: (x + 1e200) ** 2,
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("n", [3, LARGE])
def test_an_error_state_that_raises_raises_at_the_operation(name, n, small_bytes):
    for module in (real, np):
        x = module.zeros(n)
        with real.errstate(all="raise"), pytest.raises(FloatingPointError):
            OPERATIONS[name](module, x)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("name", OPERATIONS)
def test_small_arrays_warn_in_numpys_words_at_the_users_line(name):
    said = []
    for module in (real, np):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            OPERATIONS[name](module, module.zeros(3))
        said.append([(str(w.message), w.category, w.filename, w.lineno) for w in caught])
    assert said[0] == said[1]
    assert said[0]


@pytest.mark.usefixtures("_small")
def test_a_state_that_ignores_is_quiet_and_one_that_calls_calls():
    told = []
    with real.errstate(all="ignore"):
        1 / np.zeros(3)
    with real.errstate(all="call", call=lambda kind, flag: told.append(kind)):
        1 / np.zeros(3)
        np.log(np.zeros(3))
    assert told == ["divide by zero", "divide by zero"]


@pytest.mark.usefixtures("_small")
@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_means_of_nothing_warn():
    with pytest.warns(RuntimeWarning, match="Mean of empty slice"):
        np.mean(np.zeros(0))
    with pytest.warns(RuntimeWarning, match="All-NaN"):
        np.nanmax(np.full(3, real.nan))
