"""Objects of equal labels meet without work; what they are made of does not matter."""

import gc
import weakref

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf

LABELS = [pd.RangeIndex(6), pd.Index(list("abcabc")), pd.date_range("2020", periods=6, freq="D")]
PROGRAMS = {
    "sum": lambda d, s: d.x + s,
    "sum again": lambda d, s: (d.x + s) * d.y - s,
    "comparison": lambda d, s: d.y < s,
    "mask": lambda d, s: d[s > 2],
    "mask of a column": lambda d, s: d.x[s > 2],
    "assigned": lambda d, s: d.assign(z=s, w=d.x + s),
    "frames": lambda d, s: d + d.assign(x=s)[["x", "y"]],
    "frames in order": lambda d, s: d.assign(y=s) <= d,
    "frame and number": lambda d, s: 2 - d * 3,
    "missing cells": lambda d, s: d.assign(z=s).isna(),
    "groups": lambda d, s: d.groupby(s % 2).sum(),
    "groups of a column": lambda d, s: d.groupby([s % 2, d.y]).x.max(),
    "an older column": lambda d, s: (lambda old: d.assign(z=s).z + old)(d.x),
    "chosen": lambda d, s: d[d.y > 1].x + d[d.y > 1].y,
    "words": lambda d, s: d.x.add(s).rsub(1),
}


@pytest.mark.parametrize("labels", LABELS, ids=["range", "repeated", "dates"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_equal_labels(name, labels):
    frame = pd.DataFrame({"x": [0.5, np.nan, 2, 3, 4, 5], "y": range(6)}, labels)
    series = pd.Series([3, 1, 4, 1, 5, 9], labels.copy())
    expected = PROGRAMS[name](frame, series)
    answer = PROGRAMS[name](tf.from_pandas(frame), tf.from_pandas(series)).compute()
    compare = pd.testing.assert_frame_equal if isinstance(expected, pd.DataFrame) else pd.testing.assert_series_equal
    compare(answer, expected)


def test_sources_are_joined_once():
    frame, series = tf.from_pandas(pd.DataFrame({"x": [1, 2]})), tf.from_pandas(pd.Series([3, 4]))
    first = (frame.x + series)._rows
    assert (frame.x * series)._rows is first
    assert ((frame.x + series) * frame.x)._rows is first


@pytest.mark.usefixtures("_lenient")
def test_what_is_written_later_does_not_reach_what_was_combined():
    ours, real = (m(pd.Series([1.0, 2.0])) for m in (tf.from_pandas, pd.Series))
    other, its = (m(pd.Series([5.0, 6.0])) for m in (tf.from_pandas, pd.Series))
    sums = ours + other, real + its
    for values in (ours, real, other, its):
        values.iloc[0] = 100.0
    pd.testing.assert_series_equal(sums[0].compute(), sums[1])
    pd.testing.assert_series_equal((ours + other).compute(), real + its)


@pytest.mark.usefixtures("_lenient")
def test_other_labels_are_brought_together_by_pandas():
    one, other = pd.Series([1, 2], ["a", "b"]), pd.Series([3, 4], ["b", "c"])
    pd.testing.assert_series_equal((tf.from_pandas(one) + tf.from_pandas(other)).compute(), one + other)


@pytest.mark.parametrize(
    "step", [lambda d, s: d.x + s, lambda d, s: d.__setitem__("z", s), lambda d, s: d[s > 1], lambda d, s: d == d + 1]
)
def test_what_is_no_longer_used_is_let_go(step):
    frame = tf.from_pandas(pd.DataFrame({"x": [1, 2, 3]}))
    kept = []
    for n in range(5):
        series = tf.from_pandas(pd.Series([n, 1, 2]))
        step(frame, series)
        kept.append(weakref.ref(series._rows.source))
        del series
        gc.collect()
    assert sum(source() is not None for source in kept) <= 2  # of the last two, which take turns
