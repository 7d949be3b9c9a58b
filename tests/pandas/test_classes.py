"""Classes that are pandas' own twice: what its code asks of classes, and what users ask, has the same answer."""

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf

DAYS = pd.date_range("2020-01-01", periods=3, freq="D")
LABELS = {
    "append": lambda p: p.date_range("2020-01-01", periods=3).append(p.date_range("2020-01-04", periods=3)),
    "append timedelta": lambda p: p.timedelta_range("1s", periods=3).append(p.timedelta_range("4s", periods=3)),
    "union of a list": lambda p: p.date_range("2020-01-01", periods=3).union([p.Timestamp("2021-01-01")]),
    "union of categories": lambda p: p.DatetimeIndex(DAYS).union(p.CategoricalIndex(DAYS)),
    "concat": lambda p: p.concat([p.Series([1, 2], DAYS[:2]), p.Series([3], DAYS[2:])]).index,
    "zone": lambda p: p.DatetimeIndex(DAYS.tz_localize("UTC")).astype("datetime64[us, Asia/Tokyo]"),
    "tuples": lambda p: p.DataFrame({"x": [1]}).rename(columns={"x": ("a", "b")}).columns,
    "masked": lambda p: p.DataFrame([[1, 2]], columns=p.Index([1, 2], dtype="Float64")).rename(columns=str).columns,
    "same masked": lambda p: p.DataFrame([[1]], columns=p.Index([1], dtype="Float64")).rename(columns={5: 6}).columns,
}  # fmt: skip


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("make", LABELS.values(), ids=LABELS)
def test_labels_are_those_of_pandas(make):
    ours, real = make(tf), make(pd)
    assert type(ours)._real is type(real)
    pd.testing.assert_index_equal(ours.to_pandas(), real, exact=True)
    assert getattr(ours, "freq", None) == getattr(real, "freq", None)


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize(
    "call",
    [
        lambda p: p.DataFrame({"x": [1]}).rename({"x": "y"}, columns={"x": "z"}),
        lambda p: p.DataFrame({"x": [1]}).rename(columns={"x": "y"}, axis=1),
        lambda p: p.DataFrame({"x": [1]}).rename(columns=p.Series(["a", "b"], index=["x", "x"])),
        lambda p: p.DataFrame({"x": [1]}).rename(columns={"y": "z"}, errors="raise"),
        lambda p: p.read_csv([]),
        lambda p: setattr(p.Series(DAYS).dt, "year_of", 1),
        lambda p: p.Series(np.array([np.iinfo("i8").max - 1], "M8[s]")).dt.year,
    ],
)
def test_errors_are_those_of_pandas(call):
    with pytest.raises(Exception) as real:  # noqa: PT011
        call(pd)
    with pytest.raises(type(real.value)) as ours:
        call(tf)
    assert str(ours.value).startswith(str(real.value).partition("\n")[0])


def test_accessors_on_the_class():
    assert tf.Series.str.upper.__name__ == "upper"
    assert set(dir(pd.Series.dt)) <= set(dir(tf.Series.dt))


def test_levels_are_labels_of_ours():
    assert all(isinstance(level, tf.Index) for level in tf.MultiIndex.from_product([[1, 2], ["a"]]).levels)


@pytest.mark.parametrize("values", [[1, "a", None], pd.Categorical(["a", "b"]), [1.0, 2.0]])
def test_only_a_series_on_a_device_lends_device_memory(values):
    assert not hasattr(tf.Series(values), "__cuda_array_interface__")
