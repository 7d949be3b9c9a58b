"""Frames and series made of other frames and series: labels, names and types stay, or the call is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import NotYetError
from tenfold.fallback import FallbackWarning
from tests.assert_same import assert_same
from tests.differential import assert_like_pandas


@pytest.fixture(autouse=True)
def _blocks():
    with config.set(target="blocks", morsel_rows=2):
        yield


REAL = pd.DataFrame({"a": [1, 2, 3], "x": [0.5, None, 1.5], "w": ["u", None, "v"], "b": [True, False, True]})
INDEXES = {
    "range": pd.RangeIndex(3),
    "from": pd.RangeIndex(2, 8, 2, name="i"),
    "text": pd.Index(list("pqr"), name="i"),
    "two levels": pd.MultiIndex.from_arrays([[1, 1, 2], list("aba")], names=["n", None]),
}
# programs of (library, frame); True: they must answer
MADE = {
    "frame of a frame": (lambda p, d: p.DataFrame(d), True),
    "of a filtered frame": (lambda p, d: p.DataFrame(d[d.b]), True),
    "of a frame, columns": (lambda p, d: p.DataFrame(d, columns=["x", "a"]), True),
    "of a frame, new column": (lambda p, d: p.DataFrame(d, columns=["x", "new"]), False),
    "of a frame, index": (lambda p, d: p.DataFrame(d, index=d.index), False),
    "of a frame, other index": (lambda p, d: p.DataFrame(d, index=[0, 7]), False),
    "of a frame, dtype": (lambda p, d: p.DataFrame(d[["a"]], dtype="float64"), False),
    "of a frame, copy": (lambda p, d: p.DataFrame(d, copy=True), True),
    "frame of a series": (lambda p, d: p.DataFrame(d.x), True),
    "of a nameless series": (lambda p, d: p.DataFrame(d.x.rename(None)), True),
    "of a series, its column": (lambda p, d: p.DataFrame(d.x, columns=["x"]), True),
    "of a series, another column": (lambda p, d: p.DataFrame(d.x, columns=["y"]), False),
    "of a text series": (lambda p, d: p.DataFrame(d.w), True),
    "frame of a dict": (lambda p, d: p.DataFrame({"c": d.a}), True),
    "of a dict of several": (lambda p, d: p.DataFrame({"c": d.a, 5: d.w, "e": d.x * 2}), True),
    "of a dict with numbers as names": (lambda p, d: p.DataFrame({0: d.a, 1: d.b}), True),
    "of a dict with a number": (lambda p, d: p.DataFrame({"c": d.a, "one": 1}), True),
    "of a dict with a text": (lambda p, d: p.DataFrame({"c": d.a, "one": "u"}), False),
    "of a dict with a list": (lambda p, d: p.DataFrame({"c": d.a, "l": [1, 2, 3]}), False),
    "of a dict, columns": (lambda p, d: p.DataFrame({"c": d.a, "e": d.x}, columns=["e"]), True),
    "of a dict, index": (lambda p, d: p.DataFrame({"c": d.a}, index=[7, 8, 9]), False),
    "of a dict of other rows": (lambda p, d: p.DataFrame({"c": d.a, "e": d[d.b].a}), False),
    "of a dict of filtered rows": (lambda p, d: p.DataFrame({"c": d[d.b].a, "e": d[d.b].x}), True),
    "of a list of series": (lambda p, d: p.DataFrame([d.a, d.x]), False),
    "series of a series": (lambda p, d: p.Series(d.x), True),
    "of a filtered series": (lambda p, d: p.Series(d[d.b].w), True),
    "of a series, name": (lambda p, d: p.Series(d.x, name="m"), True),
    "of a series, dtype": (lambda p, d: p.Series(d.a, dtype="float32"), True),
    "of a series, index": (lambda p, d: p.Series(d.a, index=[2, 1, 0]), False),
    "of a frame": (lambda p, d: p.Series(d), True),
    "of a list, index of a series": (lambda p, d: p.Series([1, 2, 3], index=d.a), False),
    "of an array, index, dtype": (lambda p, d: p.Series(np.arange(3), [5, 6, 7], "int8", "n"), True),
    "of a dict of real series": (lambda p, d: p.DataFrame({"a": pd.Series([1, 2]), "b": pd.Series([3], [1])}), True),
    "real frame of a frame": (lambda p, d: pd.DataFrame(d), False),
    "real series of a series": (lambda p, d: pd.Series(d.x), False),
    "real frame of a dict": (lambda p, d: pd.DataFrame({"c": d.a}), False),
    "real frame of a series": (lambda p, d: pd.DataFrame(d.a), False),
    "real array": (lambda p, d: pd.array(d.a.to_numpy()), True),
}


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("name", MADE)
def test_made_of(name, index):
    real = REAL.set_axis(INDEXES[index])
    answered = assert_like_pandas(
        lambda side: MADE[name][0](*side), (tf, tf.from_pandas(real)), (pd, real), may_refuse=False
    )
    assert answered or name == "of a frame"


ASSIGNED = {
    "too many": [1, 2, 3, 4], "too few": np.arange(2), "one": [7], "none": [], "right": [1, 2, 3], "tuple": (1, 2),
    "range": range(3), "index": pd.Index([1, 2]), "text": "u", "number": 2, "float": 0.5, "boolean": True,
    "NumPy number": np.int64(3), "narrow number": np.int8(3), "float32": np.float32(0.5), "large": 1 << 63,
    "real series": pd.Series([1, 2]), "dictionary": {0: 1}, "nothing": None, "missing": pd.NA, "NaN": np.nan,
    "date": pd.Timestamp("2020-01-01"), "two axes": np.ones((3, 2)), "no axis": np.array(3), "complex": 1j, "set": {1},
}  # fmt: skip


@pytest.mark.parametrize("name", ASSIGNED)
def test_assigned(name):
    value = ASSIGNED[name]
    ours = tf.from_pandas(REAL)

    def put(d):
        d = d.copy()
        d["a"] = value
        return d

    for program in (lambda d: d.assign(new=value), put, lambda d: type(d)({"a": d.a, "new": value})):
        assert_like_pandas(program, ours, REAL)


def test_a_column_label_is_kept(tmp_path):
    real = REAL.rename_axis(columns="cc")
    for program in (
        lambda d: d.rename(columns={"a": "z"}),
        lambda d: d.assign(new=1),
        lambda d: d[["x"]],
        lambda d: d[[]],
        lambda d: d.sum(numeric_only=True),
    ):
        assert_same(program(tf.from_pandas(real)), program(real))


def test_a_frame_of_our_own_series_asks_for_no_device():
    """A series of ours has the protocol of arrays on devices, and was taken for one."""
    df = tf.from_pandas(REAL)
    assert_same(tf.DataFrame({"c": df.a}), pd.DataFrame({"c": REAL.a}))


@pytest.mark.parametrize(
    "dtype", ["Int64", "boolean", "string", "category", "Float32", "object", "complex128", "m8[s]"]
)
def test_types_without_a_native_form_are_carried(dtype):
    real = pd.Series([1, 0, 1]).astype(dtype)
    with config.set(strict=False), warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        for make in (
            lambda p, s: p.Series(s),
            lambda p, s: p.DataFrame({"c": s}),
            lambda p, s: p.Series([1, 2, 3], index=s),
            lambda p, s: p.Index(s),
        ):
            assert_same(make(tf, real), make(pd, real))
        assert_same(tf.from_pandas(real), real)
        assert_same(tf.Series([1, 0, 1]).astype(dtype), real)


@pytest.mark.parametrize("dtype", ["int77", "nothing"])
def test_types_that_are_none(dtype):
    with pytest.raises(TypeError) as caught:
        tf.Series([1, 0, 1]).astype(dtype)
    assert not isinstance(caught.value, NotYetError)
