"""What random programs reach seldom or never: chosen frames and calls, each against real pandas."""

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import NotYetError
from tests.assert_same import assert_same

DATES = ["2020-01-01", "NaT", "2020-03-01T12:00:01", "1969-12-31", "2000-02-29", "NaT", "2024-12-31"]


@pytest.fixture(autouse=True)
def _blocks():
    with config.set(target="blocks", morsel_rows=3):
        yield


@pytest.fixture
def real():
    return pd.DataFrame(
        {
            "k": [1, 2, 1, 2, 1, 3, 3],
            "x": [1.5, np.nan, -0.0, 2.0, np.inf, 1.0, 0.25],
            "n": np.array([1, -2, 3, 4, 5, 6, 7], "i4"),
            "b": [True, False, True, True, False, False, True],
            "t": np.array(DATES, "M8[us]"),
            "w": ["a", None, "", "b", "a", "c", "b"],
        }
    )  # fmt: skip


CALLS = {
    "attribute": lambda d: d.x,
    "contains": lambda d: ("x" in d, "z" in d),
    "iteration": lambda d: list(d),
    "columns": lambda d: d.columns,
    "index": lambda d: d.index,
    "index of filtered": lambda d: d[d.b].index,
    "dtypes": lambda d: d.dtypes,
    "dtype": lambda d: d.x.dtype,
    "dtype of a date field": lambda d: d.t.dt.year.dtype,
    "dtype of a sum": lambda d: d.groupby("k").n.sum().dtype,
    "dtypes of groups": lambda d: d.groupby("k")[["n", "x"]].max().dtypes,
    "shape": lambda d: d.shape,
    "shape of filtered": lambda d: d[d.b].shape,
    "series shape": lambda d: (d.x.shape, d.x.size, len(d.x)),
    "repr": lambda d: repr(d),
    "repr of a series": lambda d: repr(d.x),
    "repr of filtered": lambda d: repr(d[d.x > 0]),
    "repr of groups": lambda d: repr(d.groupby(["k", "b"]).x.sum()),
    "html": lambda d: d._repr_html_(),
    "rename": lambda d: d.rename(columns={"x": "y"}),
    "rename by function": lambda d: d.rename(columns=str.upper),
    "rename series": lambda d: d.x.rename("y"),
    "copy": lambda d: d.copy(),
    "head of nothing": lambda d: d.head(0),
    "head of more": lambda d: d.head(100),
    "sum": lambda d: d.x.sum(),
    "sums": lambda d: d.sum(numeric_only=True),
    "means": lambda d: d[["x", "n"]].mean(),
    "counts": lambda d: d.count(),
    "min of dates": lambda d: d.t.min(),
    "max of dates": lambda d: d.t.max(),
    "count of text": lambda d: d.w.count(),
    "any, all": lambda d: (d.b.any(), d.b.all(), d.x.any(), d.x.all()),
    "min of integers": lambda d: d.n.min(),
    "group of no rows": lambda d: d[d.k > 99].groupby("k").agg({"x": ["sum", "mean", "min"], "n": "sum", "b": "any"}),
    "sum of no rows": lambda d: d[d.k > 99].x.sum(),
    "mean of no rows": lambda d: d[d.k > 99].x.mean(),
    "group by text": lambda d: d.groupby("w").x.sum(),
    "group by text and number": lambda d: d.groupby(["w", "k"]).size(),
    "group by a date": lambda d: d.groupby("t").x.count(),
    "group by a float": lambda d: d.groupby("x").n.sum(),
    "group by a field": lambda d: d.groupby(d.t.dt.month).n.sum(),
    "count of text by group": lambda d: d.groupby("k").w.count(),
    "named": lambda d: d.groupby("k").agg(a=("x", "mean"), rows=("w", "size"), words=("w", "count")),
    "agg of a list": lambda d: d.groupby("k")[["x", "n"]].agg(["min", "max"]),
    "agg of a name": lambda d: d.groupby("k")[["x", "n"]].agg("sum"),
    "agg size": lambda d: d.groupby("k").agg("size"),
    "groupby selects by attribute": lambda d: d.groupby("k").x.max(),
    "compare dates": lambda d: d[d.t > "2000-01-01"],
    "compare with a Timestamp": lambda d: d[d.t <= pd.Timestamp("2020-01-01")],
    "date equals": lambda d: (d.t == "2020-01-01", d.t != "2020-01-01"),
    "text equals": lambda d: (d.w == "a", d.w != "a", d.w < "b"),
    "right operands": lambda d: (1 / d.x, 2 - d.n, True & d.b, 3 % d.x, 7.5 // d.x),
    "floats by floats": lambda d: (d.x // d.x, d.x % d.x, d.x / d.x),
    "division by zero": lambda d: (d.n / 0, d.x / 0, -d.x / 0, d.x // 0.0, d.x % 0.0),
    "astype": lambda d: (d.n.astype("float64"), d.b.astype("int8"), d.n.astype("int8"), d.n.astype(bool)),
    "beyond the type": lambda d: (d.n < 2**40, d.n == -(2**40), d.n != 2**70, d.n < 2**40),
    "negative": lambda d: (-d.b, -d.x, -d.n),
    "isna": lambda d: (d.x.isna(), d.t.isna(), d.w.isna(), d.n.isna(), d.w.notna()),
    "logic with literals": lambda d: (d.b & True, d.b | False, d.b ^ True, d.n & 6, d.n | 1),
    "bool arithmetic": lambda d: (d.b + d.b, d.b * d.n, d.b + 1),
    "assign uses earlier": lambda d: d.assign(a=lambda q: q.x * 2, c=lambda q: q.a + 1),
    "names of results": lambda d: (d.x + d.n).name is None and (d.x + d.x).name,
    "numpy": lambda d: np.asarray(d.x).tolist()[0],
    "iterate a series": lambda d: list(d.n),
    "both names of one field": lambda d: (d.t.dt.day_of_week, d.t.dt.day_of_year),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_calls(name, real):
    ours, expected = CALLS[name](tf.from_pandas(real)), CALLS[name](real.copy())
    if not isinstance(expected, tuple):
        ours, expected = (ours,), (expected,)
    for one, other in zip(ours, expected, strict=True):
        assert_same(one, other, rtol=1e-12)


INDEXES = {
    "range": pd.RangeIndex(7),
    "range from, by": pd.RangeIndex(10, 24, 2, name="at"),
    "range down": pd.RangeIndex(7, 0, -1),
    "integers": pd.Index([5, 3, 3, 1, 9, 7, 0], name="label"),
    "text": pd.Index(list("abcdefg")),
    "dates": pd.Index(np.arange(7).view("M8[us]"), name="when"),
    "two levels": pd.MultiIndex.from_arrays([[1, 1, 2, 2, 3, 3, 4], list("abababa")], names=["n", None]),
}
USES = {
    "whole": lambda d: d,
    "filtered": lambda d: d[d.x > 0],
    "filtered twice": lambda d: d[d.x > 0][["x", "n"]],
    "none left": lambda d: d[d.n > 1_000],
    "head": lambda d: d.head(3),
    "filtered, head": lambda d: d[d.b].head(2),
    "series": lambda d: d[d.b].x * 2,
    "index itself": lambda d: d[d.b].index,
    "repr": lambda d: repr(d[d.b]),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", INDEXES)
def test_indexes(name, use, real):
    real.index = INDEXES[name]
    assert_same(USES[use](tf.from_pandas(real)), USES[use](real))
    persisted = tf.from_pandas(real)[["x", "n", "b"]].persist()
    assert_same(USES[use](persisted), USES[use](real[["x", "n", "b"]]))


FILTERED = {
    "twice, even": lambda d: _again(d[d.x % 2 == 0], 4),
    "twice, odd first": lambda d: _again(d[(d.x < 3) | (d.x > 7)]),
    "none left": lambda d: _again(d[d.x > 1], 99),
    "head of odd": lambda d: d[(d.x < 3) | (d.x > 7)].head(2),
    "head of even": lambda d: d[d.x % 3 == 0].head(2),
    "filter of a head": lambda d: _again(d.head(6), 3),
    "filter of a head of odd": lambda d: _again(d[(d.x < 3) | (d.x > 7)].head(4), 1),
}


def _again(d, least=7):
    return d[d.x > least]


@pytest.mark.parametrize("start", [0, 5])
@pytest.mark.parametrize("name", FILTERED)
def test_labels_at_equal_distances_are_a_range_until_they_were_not(name, start, tmp_path):
    real = pd.DataFrame({"x": np.arange(12)}, index=pd.RangeIndex(start, start + 24, 2, name="i"))
    real.to_parquet(tmp_path / "a.parquet")
    expected = FILTERED[name](real)
    for ours in (tf.from_pandas(real), tf.read_parquet(tmp_path / "a.parquet")):
        assert_same(FILTERED[name](ours), expected)
        assert_same(FILTERED[name](ours).index, expected.index)
        assert_same(FILTERED[name](ours).persist(), expected)


def test_persisted_rows_of_a_range_keep_their_labels(real):
    ours, expected = tf.from_pandas(real)[real.columns.tolist()], real
    ours = ours[ours.x > 0].persist()
    expected = expected[expected.x > 0]
    assert_same(ours, expected)
    assert_same(ours[ours.n > 1], expected[expected.n > 1])
    assert_same(ours.head(2), expected.head(2))


def test_persist_of_a_beginning(real):
    ours, expected = tf.from_pandas(real).head(4).persist(), real.head(4)
    assert_same(ours, expected)
    assert_same(ours[ours.b], expected[expected.b])


def test_a_date_field_made_before_a_filter(real):
    """In pandas float64, if one of the rows had no date when the field was made: what is left does not tell."""
    ours = tf.from_pandas(real)
    with pytest.raises(NotYetError, match="choosing rows after"):
        ours.assign(hour=ours.t.dt.hour)[ours.t.notna()]
    with pytest.raises(NotYetError, match="choosing rows after"):
        ours.t.dt.hour.head(2)
    complete = real[real.t.notna()]
    ours = tf.from_pandas(complete)
    assert_same(
        ours.assign(hour=ours.t.dt.hour)[ours.b].hour, complete.assign(hour=complete.t.dt.hour)[complete.b].hour
    )


# -- duplicate names ------------------------------------------------------------------------------------------------


def test_duplicate_column_names(real):
    real.columns = ["k", "x", "x", "b", "t", "t"]
    df = tf.from_pandas(real)
    assert_same(df, real)
    assert_same(df[df.k > 1], real[real.k > 1])
    assert_same(df.head(2), real.head(2))
    assert_same(df.dtypes, real.dtypes)
    assert_same(df.groupby("k").b.any(), real.groupby("k").b.any())
    assert_same(df["x"], real["x"])
    with pytest.raises(NotYetError, match="column label 'x', which several columns have"):
        df.assign(x=1)


def test_names_that_are_no_text(real):
    real.columns = [0, 1, ("a", "b"), None, 2.5, "index0"]
    assert_same(tf.from_pandas(real), real)
    assert_same(tf.from_pandas(real)[1], real[1])


def test_names_that_tenfold_uses_itself():
    real = pd.DataFrame(
        {"group": [1, 1, 2], "position of the base": [1.0, 2.0, 3.0], "value0": [1, 2, 3], "key0": list("aba")}
    )
    df = tf.from_pandas(real)
    for program in (
        lambda d: d.groupby("key0")["group"].sum(),
        lambda d: d.groupby(["key0", "group"]).agg({"value0": "sum", "position of the base": "max"}),
        lambda d: d[d["position of the base"] > 1].head(1),
        lambda d: d.head(2)["position of the base"],
    ):
        assert_same(program(df), program(real), index_class=False)


# -- state that must not leak ---------------------------------------------------------------------------------------


def test_assignment_changes_no_other_frame(real):
    df = tf.from_pandas(real)
    other = df[df.b]
    copy = df.copy()
    other["x"] = 0.0
    df["new"] = df.x * 2
    assert list(copy.columns) == list(real.columns)
    assert_same(copy, real)
    assert_same(other, real[real.b].assign(x=0.0))


def test_data_changed_in_place_after_from_pandas():
    """pandas copies on write; its arrays are used as they are, so a write to the frame does not reach us."""
    real = pd.DataFrame({"x": [1.0, 2.0]})
    df = tf.from_pandas(real)
    real.loc[0, "x"] = 100.0
    assert df.x.sum() == 3.0


def test_answers_can_be_changed_without_changing_the_data():
    df = tf.DataFrame({"x": [1.0, 2.0], "n": [1, 2]})
    answer = df.compute()
    answer.loc[0, "x"] = 100.0
    answer["n"] += 1
    assert df.x.sum() == 3.0
    assert df.compute().n.tolist() == [1, 2]


# -- errors -----------------------------------------------------------------------------------------------------------

ERRORS = {
    "unknown column": (KeyError, lambda d: d["z"]),
    "unknown columns": (KeyError, lambda d: d[["x", "z"]]),
    "unknown attribute": (AttributeError, lambda d: d.nothing),
    "unknown key": (KeyError, lambda d: d.groupby("z")),
    "text plus number": (TypeError, lambda d: d.w + 1),
    "not a float": (TypeError, lambda d: ~d.x),
    "mean of text": (TypeError, lambda d: d.w.mean()),
    "sum of dates": (TypeError, lambda d: d.t.sum()),
    "dates and numbers": (TypeError, lambda d: d.t > 1),
    "text and numbers": (TypeError, lambda d: d.w < 1),
    "fields of numbers": (AttributeError, lambda d: d.x.dt.hour),
    "truth of a frame": (ValueError, lambda d: bool(d)),
    "truth of a series": (ValueError, lambda d: bool(d.x > 1)),
    "no such aggregation": (AttributeError, lambda d: d.groupby("k").x.agg("nothing")),
    "uint8 plus 300": (OverflowError, lambda d: d.n.astype("uint8") + 300),
    "chained": (ValueError, lambda d: d[(d.x > 1) and (d.b)]),
    "columns of another length": (ValueError, lambda d: setattr(d, "columns", ["a"])),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_pandas_own(name, real):
    expected, call = ERRORS[name]
    with pytest.raises(expected):
        call(real)
    with pytest.raises(expected) as caught:
        call(tf.from_pandas(real))
    assert not isinstance(caught.value, NotYetError)


NOT_YET = {
    "alignment": lambda d: d.x + d[d.b].x,
    "merge": lambda d: d.merge(d),
    "sort": lambda d: d.sort_values("x"),
    "as_index": lambda d: d.groupby("k", as_index=False).sum(),
    "dropna": lambda d: d.groupby("k", dropna=False).sum(),
    "sort=False": lambda d: d.groupby("k", sort=False).sum(),
    "std": lambda d: d.groupby("k").x.agg("std"),
    "a function": lambda d: d.groupby("k").x.agg(np.sum),
    "skipna": lambda d: d.x.sum(skipna=False),
    "text of a literal": lambda d: d.assign(c="a"),
    "a list": lambda d: d.assign(c=[1] * 7),
}


@pytest.mark.parametrize("name", NOT_YET)
def test_what_is_not_there_yet_says_so(name, real):
    with pytest.raises(NotYetError, match=r"not in tenfold yet; "):
        NOT_YET[name](tf.from_pandas(real))


def test_attributes_are_those_of_pandas(real):
    df = tf.from_pandas(real)
    assert not hasattr(df, "no_such_thing")
    assert getattr(df, "applymap", None) is None
    assert {name for name in dir(real) if not name.startswith("_")} <= set(dir(df))


@pytest.mark.usefixtures("_lenient")
def test_labels_that_are_set_stay_named(real):
    """Those that were shown before had another name."""
    answers = []
    for frame in (tf.from_pandas(real)[["k", "x"]], real[["k", "x"]]):
        assert frame.index.name is None
        assert len(frame.to_dict()) == 2  # pandas' memory is there now
        frame.index = pd.Index(range(len(frame)), name="n")
        answers.append(frame[["x"]])
    assert_same(*answers)
