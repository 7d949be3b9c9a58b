"""Whether two results are the same: types, dtypes, shapes, index and order; floats within 1e-9 of each other."""

import numpy
import pandas
from pandas import testing

RTOL = 1e-9
EXACT = {"rtol": RTOL, "atol": 0, "check_freq": True, "check_index_type": "exact", "check_names": True}


def real(value):
    """A result with everything lazy in it computed."""
    if isinstance(value, dict):
        return {key: real(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(real, value))
    return value.compute() if hasattr(type(value), "compute") else value


def compare(got, want):
    """Raise AssertionError, and say where, unless two results are the same."""
    if type(got) is not type(want):
        raise AssertionError(f"{named(type(got))} {got!r}, not {named(type(want))} {want!r}")
    if isinstance(want, pandas.DataFrame):
        testing.assert_frame_equal(got, want, check_column_type="exact", **EXACT)
    elif isinstance(want, pandas.Series):
        testing.assert_series_equal(got, want, **EXACT)
    elif isinstance(want, pandas.Index):
        testing.assert_index_equal(got, want, exact=True, rtol=RTOL, atol=0)
        same(getattr(got, "freq", None), getattr(want, "freq", None), "freq ")
    elif isinstance(want, pandas.api.extensions.ExtensionArray):
        testing.assert_series_equal(pandas.Series(got), pandas.Series(want), **EXACT)
    elif isinstance(want, numpy.ndarray):
        same(got.dtype, want.dtype, "dtype ")
        same(got.shape, want.shape, "shape ")
        if want.dtype == object:
            compare(got.tolist(), want.tolist())
        elif want.dtype.kind in "fc":
            numpy.testing.assert_allclose(got, want, rtol=RTOL, atol=0)
        else:
            numpy.testing.assert_array_equal(got, want)
    elif isinstance(want, dict):
        compare(list(got), list(want))
        compare(list(got.values()), list(want.values()))
    elif isinstance(want, (list, tuple)):
        same(len(got), len(want), "length ")
        for one, other in zip(got, want, strict=True):
            compare(one, other)
    elif isinstance(want, str):
        for number, (one, other) in enumerate(zip(got.splitlines(), want.splitlines(), strict=False), 1):
            same(one, other, f"line {number}: ")
        same(got, want, "text ")
    elif isinstance(want, (float, complex, numpy.inexact)):
        numpy.testing.assert_allclose(got, want, rtol=RTOL, atol=0)
    else:
        same(got, want)
        same(getattr(got, "unit", None), getattr(want, "unit", None), "unit ")  # of stamps and their differences


def same(got, want, what=""):
    missing = pandas.api.types.is_scalar(want) and pandas.isna(want)
    if got is not want and (missing or got != want):
        raise AssertionError(f"{what}{got!r}, not {want!r}")


def named(kind):
    return f"{kind.__module__}.{kind.__qualname__}"
