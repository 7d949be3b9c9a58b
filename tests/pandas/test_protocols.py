"""NumPy's functions of frames and series, real ones and tenfold's: labels stay."""

import warnings

import numpy as np
import pandas as pd
import pytest

import tenfold.numpy as tnp
import tenfold.pandas as tpd
from tenfold import config, fallback
from tests.assert_same import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")


@pytest.fixture(autouse=True)
def _lenient():
    with config.set(strict=False):
        yield


FRAME = pd.DataFrame({"x": [1.0, 4.0, np.nan, 9.0], "y": [3, 1, 2, 5]})
SERIES = FRAME.x.rename("s")


def same(ours, expected):
    if isinstance(expected, (pd.Series, pd.DataFrame)):
        assert isinstance(ours, (tpd.Series, tpd.DataFrame, pd.Series, pd.DataFrame))
        assert_same(ours.compute() if hasattr(ours, "compute") else ours, expected)
    else:
        real = ours.compute() if hasattr(ours, "compute") else ours
        np.testing.assert_array_equal(real, expected)


FUNCTIONS = {
    name: lambda module, x, name=name: getattr(module, name)(x)
    for name in ["sqrt", "log", "absolute", "negative", "isnan", "sin", "floor", "cumsum", "sum", "mean", "max", "sign"]
} | {
    "add": lambda module, x: module.add(x, 1),
    "maximum": lambda module, x: module.maximum(x, 2),
    "less": lambda module, x: module.less(3.0, x),
    "clip": lambda module, x: module.clip(x, 1.5, 4),
    "subtract": lambda module, x: module.subtract(np.float64(2), x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("real", [SERIES, FRAME, FRAME.y], ids=["series", "frame", "whole"])
@pytest.mark.parametrize("module", [np, tnp], ids=["numpy", "tenfold"])
def test_a_function_keeps_labels(name, real, module):
    same(FUNCTIONS[name](module, tpd.from_pandas(real)), FUNCTIONS[name](np, real))


@pytest.mark.parametrize(
    "operation", [lambda a, s: a + s, lambda a, s: a * s, lambda a, s: a > s, lambda a, s: np.hypot(a, s)]
)
def test_arrays_and_numbers_beside_a_series(operation):
    ours = tpd.from_pandas(SERIES)
    same(operation(tnp.arange(4.0), ours), operation(np.arange(4.0), SERIES))
    same(operation(np.arange(4.0), ours), operation(np.arange(4.0), SERIES))
    same(operation(np.float64(2), ours), operation(np.float64(2), SERIES))
    same(operation(ours.mean(), ours), operation(SERIES.mean(), SERIES))


def test_operators_are_no_fallback():
    fallback.forget()
    ours = tpd.from_pandas(SERIES)
    with pytest.warns(fallback.FallbackWarning, match="cumsum"):
        np.cumsum(ours)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(np.add(ours, 1), SERIES + 1)
        same(np.float64(2) - ours, 2 - SERIES)
