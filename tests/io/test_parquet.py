"""Parquet files as pandas writes them: the index, labels and types that it notes beside the columns."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenfold.pandas as tf
from tenfold import config, fallback
from tenfold.errors import NotYetError
from tenfold.fallback import FallbackWarning
from tenfold.io import parquet
from tests.assert_same import assert_same


@pytest.fixture(autouse=True)
def _blocks():
    with config.set(target="blocks", morsel_rows=3):
        yield


FRAME = pd.DataFrame({"a": [3, 1, 2], "w": ["x", None, "z"], "x": [0.5, np.nan, 2.0]})
INDEXES = {
    "from, by": pd.RangeIndex(3, 6),
    "named": pd.RangeIndex(3, name="q"),
    "down": pd.RangeIndex(9, 3, -2, name="q"),
    "integers": pd.Index([5, 5, -7], name="label"),
    "without a name": pd.Index([5, 6, 7]),
    "text": pd.Index(["u", "v", "w"], name="x"),  # also the name of a column
    "missing text": pd.Index(["u", None, "w"], name="i"),
    "floats": pd.Index([1.5, np.nan, 2.0], name="i"),
    "booleans": pd.Index([True, False, True], name="i"),
    "dates": pd.Index(np.array(["2020-01-01", "NaT", "2020-01-03"], "M8[us]"), name="when"),
    "two levels": pd.MultiIndex.from_arrays([[1, 1, 2], list("aba")], names=["n", None]),
}
USES = {
    "whole": lambda d: d,
    "filtered": lambda d: d[d.a > 1],
    "a column": lambda d: d.w,
    "grouped": lambda d: d.groupby("a").x.sum(),
    "head": lambda d: d.head(2),
    "index": lambda d: d.index,
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", INDEXES)
def test_the_index_that_was_written(name, use, tmp_path):
    FRAME.set_axis(INDEXES[name]).to_parquet(tmp_path / "a.parquet", row_group_size=2)
    assert_same(USES[use](tf.read_parquet(tmp_path / "a.parquet")), USES[use](pd.read_parquet(tmp_path / "a.parquet")))


@pytest.mark.parametrize("columns", [["x"], ["x", "a"], ["a", "a"], [], "w", ("x", "w"), pd.Index(["w"])])
@pytest.mark.parametrize("name", ["from, by", "integers", "two levels"])
def test_the_index_stays_with_chosen_columns(name, columns, tmp_path):
    FRAME.set_axis(INDEXES[name]).to_parquet(tmp_path / "a.parquet")
    ours = tf.read_parquet(tmp_path / "a.parquet", columns=columns)
    assert_same(ours, pd.read_parquet(tmp_path / "a.parquet", columns=columns))


@pytest.mark.parametrize("index", ["from, by", "named", "integers"])
def test_many_files_have_one_index(index, tmp_path):
    paths = [tmp_path / f"{n}.parquet" for n in range(2)]
    for path in paths:
        FRAME.set_axis(INDEXES[index]).to_parquet(path)
    assert_same(tf.read_parquet(paths), pd.read_parquet([str(path) for path in paths]))


LABELS = {
    "integers": [7, 8, 9],
    "named": pd.Index(["a", "b", "c"], name="of the columns"),
    "two levels": pd.MultiIndex.from_tuples([("a", "b"), ("a", "c"), ("d", "b")]),
    "dates": pd.Index(np.arange(3).view("M8[D]").astype("M8[us]")),
}


@pytest.mark.parametrize("name", LABELS)
def test_the_column_labels_that_were_written(name, tmp_path):
    FRAME.set_axis(LABELS[name], axis=1).to_parquet(tmp_path / "a.parquet")
    ours, real = tf.read_parquet(tmp_path / "a.parquet"), pd.read_parquet(tmp_path / "a.parquet")
    assert_same(ours, real)
    assert_same(ours.dtypes, real.dtypes)


TYPES = {
    "Int64": pd.array([1, None], "Int64"),
    "boolean": pd.array([True, None], "boolean"),
    "string": pd.array(["a", None], "string"),
    "category": pd.Categorical(["a", "b"]),
    "time zone": pd.to_datetime(["2020-01-01", None]).tz_localize("UTC"),
    "duration": pd.to_timedelta([1, 2], unit="s"),
    "period": pd.period_range("2020", periods=2, freq="D"),
    "date": pd.Series([dt.date(2020, 1, 1), None]),
    "decimal": pd.Series([decimal.Decimal("1.5"), None]),
    "bytes": pd.Series([b"a", b"b"]),
    "lists": pd.Series([[1], [2, 3]]),
    "nothing": pd.Series([None, None]),
    "time": pd.Series([dt.time(1), dt.time(2)]),
    "float16": np.array([1.5, 2.5], "f2"),
}


@pytest.mark.parametrize("name", TYPES)
def test_other_types_are_read_by_pandas_unless_left_out(name, tmp_path):
    real = pd.DataFrame({"a": [1, 2], "odd": TYPES[name]})
    real.to_parquet(tmp_path / "a.parquet")
    with config.set(strict=True), pytest.raises(NotYetError, match=r"column 'odd' of type .*, in pandas "):
        tf.read_parquet(tmp_path / "a.parquet")
    fallback.forget()
    with pytest.warns(FallbackWarning, match=r"column 'odd' of type .*, in pandas "):
        assert_same(tf.read_parquet(tmp_path / "a.parquet"), pd.read_parquet(tmp_path / "a.parquet"))
    assert_same(tf.read_parquet(tmp_path / "a.parquet", columns=["a"]), real[["a"]])


def test_a_file_that_pandas_did_not_write(tmp_path):
    columns = {"a": pa.array([1, None], pa.int16()), "t": pa.array([1, 2], pa.timestamp("ms"))}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert_same(tf.read_parquet(tmp_path / "a.parquet"), pd.read_parquet(tmp_path / "a.parquet"))


def test_a_layout_is_asked_once(tmp_path, monkeypatch):
    calls = []
    real = parquet._without_rows
    monkeypatch.setattr(
        parquet, "_without_rows", lambda schema, columns: calls.append(columns) or real(schema, columns)
    )
    for n, columns in enumerate([None, ["x", "w"], ["w", "x"], "w", ["w"]]):
        FRAME.assign(once=n).to_parquet(tmp_path / f"{n}.parquet")
        for _ in range(2):
            tf.read_parquet(tmp_path / f"{n}.parquet", columns=columns)
    assert calls == [None, ["x", "w"], ["w", "x"], "w", ["w"]]


@pytest.mark.parametrize("new", [FRAME.astype({"a": "f8"}), FRAME.rename(columns={"a": "b"}), FRAME.set_index("a")])
def test_a_layout_is_that_of_the_file(new, tmp_path):
    for real in (FRAME, new, FRAME):
        real.to_parquet(tmp_path / "a.parquet")
        assert_same(tf.read_parquet(tmp_path / "a.parquet"), real)


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
def test_a_layout_is_that_of_the_options(tmp_path):
    FRAME.to_parquet(tmp_path / "a.parquet")
    assert_same(tf.read_parquet(tmp_path / "a.parquet"), FRAME)
    with (
        config.set(strict=True),
        pd.option_context("future.infer_string", False),
        pytest.raises(NotYetError, match="in pandas object"),
    ):
        tf.read_parquet(tmp_path / "a.parquet")
    assert_same(tf.read_parquet(tmp_path / "a.parquet"), FRAME)


def test_labels_named_in_place_are_those_of_one_frame(tmp_path):
    FRAME.to_parquet(tmp_path / "a.parquet")
    tf.read_parquet(tmp_path / "a.parquet").columns.name = "mine"
    assert_same(tf.read_parquet(tmp_path / "a.parquet"), FRAME)
