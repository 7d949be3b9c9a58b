"""Whether two answers are the same to the last thing that can be seen: class, type, labels, order, the sign of zero.

Floats may differ by 1e-12 of themselves, as sums in another order do.
"""

import numpy
import pandas
from pandas import testing

CLOSE = {"check_exact": False, "rtol": 1e-12, "atol": 0}


def computed(value):
    """A value, and what is inside of a container, as real ones."""
    if isinstance(value, dict):
        return {key: computed(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):  # of NumPy's named tuples, only the values matter
        return tuple(map(computed, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(computed, value))
    if isinstance(value, type):
        return value
    compute = getattr(value, "compute", None)
    return compute() if callable(compute) else value


def compare(got, want):
    """Raise AssertionError unless two answers are the same."""
    if isinstance(want, (list, tuple)):
        assert isinstance(got, type(want))
        assert len(got) == len(want)
        for one, other in zip(got, want, strict=True):
            compare(one, other)
    elif isinstance(want, dict):
        assert list(got) == list(want)
        compare(list(got.values()), list(want.values()))
    elif isinstance(want, (pandas.DataFrame, pandas.Series, pandas.Index)):
        _compare_pandas(got, want)
    elif isinstance(want, (numpy.ndarray, numpy.generic, bool, int, float, complex)):
        assert isinstance(got, (numpy.ndarray, numpy.generic, bool, int, float, complex))
        assert isinstance(got, numpy.ma.MaskedArray) == isinstance(want, numpy.ma.MaskedArray)
        _compare_numpy(numpy.asarray(got), numpy.asarray(want))
    else:
        assert type(got) is type(want)
        assert got is want or got == want or (pandas.isna(want) and pandas.isna(got))
        assert getattr(got, "unit", None) == getattr(want, "unit", None)


def _compare_pandas(got, want):
    if isinstance(want, pandas.DataFrame):
        testing.assert_frame_equal(got, want, check_index_type=True, check_column_type=True, **CLOSE)
        columns = [(got.iloc[:, n], want.iloc[:, n]) for n in range(want.shape[1])]
    elif isinstance(want, pandas.Series):
        testing.assert_series_equal(got, want, check_index_type=True, **CLOSE)
        columns = [(got, want)]
    else:
        testing.assert_index_equal(got, want, exact=True, **CLOSE)
        columns = []
    for one, other in columns:
        if other.dtype == object:
            assert list(map(type, one)) == list(map(type, other))
        elif isinstance(other.dtype, numpy.dtype) and other.dtype.kind == "f":
            _compare_zeros(one.to_numpy(), other.to_numpy())


def _compare_numpy(got, want):
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    if want.dtype == object:
        compare(got.ravel().tolist(), want.ravel().tolist())
    elif want.dtype.kind in "fc":
        numpy.testing.assert_allclose(got, want, rtol=CLOSE["rtol"], atol=0, equal_nan=True)
        if want.dtype.kind == "f":
            _compare_zeros(got, want)
    else:
        numpy.testing.assert_array_equal(got, want)


def _compare_zeros(got, want):
    """Zeros have a sign."""
    zero = want == 0
    numpy.testing.assert_array_equal(numpy.signbit(got[zero]), numpy.signbit(want[zero]))
