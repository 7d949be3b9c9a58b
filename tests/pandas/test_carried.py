"""What no kernel takes, and labels of every kind, travel as they are: by the number of their row."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tenfold.pandas as tf

ROWS = 6
STAMPS = pd.date_range("2020-01-01", periods=ROWS, freq="D")
NUMBERS = [1, None, 3, 4, None, 6]
VALUES = {
    "category": pd.Categorical([*list("abacb"), None], categories=list("dcba")),
    "ordered category": pd.Categorical([3, 1, 2, 3, 1, 2], ordered=True),
    **{str(d): pd.array(NUMBERS, d) for d in ("Int8", "Int64", "UInt32", "Float32", "Float64")},
    "boolean": pd.array([True, None, False, True, None, False], "boolean"),
    "string": pd.array(["a", None, "b", "", "c", "d"], "string"),
    "python text": pd.array(["a", None, "b", "", "c", "d"], pd.StringDtype("python", na_value=np.nan)),
    "timedelta": pd.to_timedelta(NUMBERS, unit="s").array,
    "zone": STAMPS.tz_localize("Europe/Berlin").array,
    "period": pd.period_range("2020-01", periods=ROWS, freq="M").array,
    "interval": pd.interval_range(0, ROWS).array,
    "sparse": pd.arrays.SparseArray([0, 0, 1, 0, 2, 0]),
    "decimal": pd.array([decimal.Decimal(n) if n else None for n in NUMBERS], pd.ArrowDtype(pa.decimal128(5, 2))),
    "list": pd.array([[n] if n else None for n in NUMBERS], pd.ArrowDtype(pa.list_(pa.int64()))),
    "struct": pd.array([{"x": n} for n in NUMBERS], pd.ArrowDtype(pa.struct([("x", pa.int64())]))),
    "binary": pd.array([b"a", b"", None, b"b", b"c", b"d"], pd.ArrowDtype(pa.binary())),
    "int64[pyarrow]": pd.array(NUMBERS, "int64[pyarrow]"),
    "objects": np.array(["a", 1, None, (1, 2), datetime.date(2020, 1, 1), 2.5], object),
    "text objects": pd.Series(list("abcdef"), dtype=object).array,
    "complex": np.arange(ROWS) * 1j,
    "float16": np.arange(ROWS, dtype="f2"),
}
INDEXES = {
    "range": pd.RangeIndex(3, 3 + 2 * ROWS, 2, name="n"),
    "integers": pd.Index([1, 1, 5, 3, 2, 9]),
    "text": pd.Index(list("abcdef"), name="t"),
    "dates": STAMPS,
    "zone": STAMPS.tz_localize("UTC"),
    "timedelta": pd.timedelta_range("1s", periods=ROWS, freq="2s"),
    "category": pd.CategoricalIndex(list("abcabc"), categories=list("cbad")),
    "interval": pd.interval_range(0, ROWS),
    "period": pd.period_range("2020-01", periods=ROWS, freq="M"),
    "masked": pd.Index(pd.array(NUMBERS, "Int64")),
    "objects": pd.Index(["a", 1, None, 2.5, (1,), "b"], dtype=object),
    "levels": pd.MultiIndex.from_arrays([[1, None, 1, 2, 2, 3], list("ababab")], names=["b", 0])[::-1],
}
ROADS = {
    "all": lambda d: d,
    "none": lambda d: d[d.n > 9],
    "equal distances": lambda d: d[d.n % 2 == 0],
    "side by side": lambda d: d[d.n > 2],
    "one after the other": lambda d: (lambda e: e[e.n > 1])(d[d.n != 1]),
    "the first": lambda d: d.head(2),
    "the first of those": lambda d: d[d.n > 0].head(3),
    "one": lambda d: d[["v"]],
    "a copy": lambda d: d.copy(),
    "missing": lambda d: d.v.isna(),
    "present": lambda d: d[d.n != 1].v.notna(),
    "counts": lambda d: d[d.n != 2].count(),
    "kept": lambda d: d[d.n != 2].persist() if isinstance(d, tf.DataFrame) else d[d.n != 2],
    "named": lambda d: d.rename(columns={"v": "w"}),
    "a column": lambda d: d[d.n > 1].v,
    "a number beside it": lambda d: d.assign(m=d.n + 1),
}


def agree(ours, real):
    ours = ours.compute()
    compare = pd.testing.assert_frame_equal if isinstance(real, pd.DataFrame) else pd.testing.assert_series_equal
    compare(ours, real, check_exact=True, check_freq=True)
    assert type(ours.index) is type(real.index)
    assert [type(level) for level in getattr(ours.index, "levels", [])] == [
        type(level) for level in getattr(real.index, "levels", [])
    ]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("values", VALUES)
def test_values_travel(values, road):
    if values == "sparse" and road in ("missing", "present"):
        pytest.skip("pandas' answers are sparse too")
    real = pd.DataFrame({"n": range(ROWS), "v": pd.Series(VALUES[values], dtype=VALUES[values].dtype)})
    agree(ROADS[road](tf.from_pandas(real)), ROADS[road](real))


@pytest.mark.parametrize("road", [road for road in ROADS if road != "counts"])
@pytest.mark.parametrize("index", INDEXES)
def test_labels_travel(index, road):
    real = pd.DataFrame({"n": range(ROWS), "v": list("uvwxyz")}, INDEXES[index])
    agree(ROADS[road](tf.from_pandas(real)), ROADS[road](real))


def test_the_order_of_bytes_stays():
    real = pd.DataFrame({"v": np.arange(3, dtype=">i8")})  # pandas itself can take no rows of it
    agree(tf.from_pandas(real).copy(), real)


@pytest.mark.usefixtures("_lenient")
def test_results_lie_in_memory_as_in_pandas():
    """Written through pandas' own code: with blocks of one column each it takes some lists for others."""
    real = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0], "c": [7.0, 8.0, 9.0]})
    ours = tf.from_pandas(real).copy()
    for frame in (real, ours):
        frame.iloc[np.array([2, 1]), range(0, 3, 2)] = 0.5
    agree(ours, real)


def test_a_level_is_found_by_its_place_though_another_has_that_number_as_name():
    real = pd.DataFrame({"x": [1, 2]}, pd.MultiIndex.from_arrays([[1, 2], [3, 4]], names=[1, 0]))
    agree(tf.from_pandas(real).copy(), real)
