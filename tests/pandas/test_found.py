"""What tests from outside broke in frames and files, row by row: pandas' answer, as forms and as small frames.

The name of a case begins with its row in the list of what was found; beside each fault stand others of its kind.
"""

import decimal
import enum
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenfold.pandas as tf
from tenfold import config
from tests.differential import assert_like_pandas

ROADS = {"forms": 0, "small": config.SETTINGS["small_cells"].default}
DATES = np.array(["2020-01-01", "NaT", "2021-01-01"], "M8[us]")
REAL = pd.DataFrame(
    {
        "a": [1, 0, 3], "x": [0.5, np.nan, -0.0], "f": np.array([1, 0, 2.5], "f4"), "i": np.array([1, -2, 3], "i4"),
        "b": [True, False, True], "w": ["u", None, "v"], "t": DATES,
    },
    index=pd.Index([5, 7, 9], name="i"),
).rename_axis(columns="c")  # fmt: skip
ROWS = pd.DataFrame({"x": np.arange(12)})


F4, T = np.array([0.1], "f4"), np.array(["2020-01-01"], "M8[ns]")


class Level(enum.IntEnum):
    LOW, HIGH = 1, 300


class Tenths(float):
    pass


def noted(p):
    real = pd.DataFrame({"a": [1]})
    real.attrs["k"] = [1]
    real.to_parquet("a.parquet")
    return p.read_parquet("a.parquet")


def frame(p, real=REAL):
    return tf.from_pandas(real) if p is tf else real.copy()


def read(text, use=lambda d: d, **options):
    """A program that reads a CSV file of this text."""

    def program(p):
        Path("a.csv").write_text(text)
        return use(p.read_csv("a.csv", **options))

    return program


def stored(index, use=lambda d: d, **options):
    """A program that reads a Parquet file with this index."""

    def program(p):
        ROWS.head(3).set_axis(index).to_parquet("a.parquet")
        return use(p.read_parquet("a.parquet", **options))

    return program


def column(values, use=lambda d: d):
    """A program that reads a Parquet file, which pandas did not write, with such a column."""

    def program(p):
        pq.write_table(pa.table({"a": [1, 2], "odd": values}), "a.parquet")
        return use(p.read_parquet("a.parquet"))

    return program


def filtered(d):
    return d[d.iloc[:, 0] > 1]


CASES = {
    "F1 from": stored(pd.RangeIndex(3, 6)),
    "F1 from, filtered": stored(pd.RangeIndex(3, 6), lambda d: d[d.x > 0]),
    "F1 named": stored(pd.RangeIndex(3, name="q"), lambda d: d.head(2)),
    "F1 step": stored(pd.RangeIndex(0, 6, 2, name="q"), lambda d: d[d.x > 0].index),
    "F1 down, sorted": stored(pd.RangeIndex(5, -1, -2), lambda d: d.sort_values("x", ascending=False)),
    "F1 named as a column": stored(pd.RangeIndex(3, 6, name="x"), lambda d: d[d.x > 0].x),
    "F1 no columns": stored(pd.RangeIndex(3, 6), columns=[]),
    "F1 a categorical": stored(pd.CategoricalIndex(list("aba"), name="c"), lambda d: d[d.x > 0]),
    "F1 a time zone": stored(pd.date_range("2020", periods=3, tz="UTC"), lambda d: d[d.x > 0]),
    "F2 frame of a frame": lambda p: p.DataFrame(frame(p)),
    "F2 frame of a series": lambda p: p.DataFrame(frame(p).x),
    "F2 series of a series": lambda p: p.Series(frame(p).w),
    "F2 real frame of a frame": lambda p: pd.DataFrame(frame(p)[frame(p).b]),
    "F2 real series of a series": lambda p: pd.Series(frame(p).a * 2),
    "F2 index of a series": lambda p: p.Index(frame(p).t),
    "F2 frame of records": lambda p: p.DataFrame.from_records(frame(p)),
    "F3 column": lambda p: p.DataFrame({"c": frame(p).a}),
    "F3 filtered": lambda p: p.DataFrame({"c": filtered(frame(p)).w, "d": 1}),
    "F3 list": lambda p: p.DataFrame([frame(p).a, frame(p).x]),
    "F4 or": lambda p: p.Series([True, False]) | 3,
    "F4 and, column": lambda p: frame(p).b & 2,
    "F4 xor, from the right": lambda p: 3 ^ frame(p).b,
    "F4 with integers": lambda p: frame(p).b | frame(p).a,
    "F4 sum": lambda p: (frame(p).b | 3).sum(),
    "F4 groups": lambda p: frame(p).groupby(frame(p).b & frame(p).i).x.sum(),
    "F4 frame": lambda p: frame(p)[["b"]] & 2,
    "F6 sum": lambda p: frame(p)[["w", "t"]].sum(numeric_only=True),
    "F6 mean": lambda p: frame(p)[["w"]].mean(numeric_only=True),
    "F6 of no columns": lambda p: frame(p)[[]].max(numeric_only=True),
    "F7 filtered twice": lambda p: (lambda d: d[d.x % 2 == 0])(filtered(frame(p, ROWS))).index,
    "F7 head of filtered": lambda p: (lambda d: d[d.x % 3 == 0])(frame(p, ROWS)).head(2).index,
    "F7 head of uneven": lambda p: (lambda d: d[(d.x < 2) | (d.x == 7)])(frame(p, ROWS)).head(2),
    "F7 tail of filtered": lambda p: (lambda d: d[d.x % 2 == 0])(frame(p, ROWS)).tail(3).x,
    "F8 text": lambda p: p.read_csv(io.StringIO("a,b\n1,x\n")),
    "F8 bytes": lambda p: p.read_csv(io.BytesIO(b"a,b\n1,x\n"), usecols=["b"]),
    "F8 nothing": lambda p: p.read_csv(None),
    "F8 JSON": lambda p: p.read_json(io.StringIO('{"a": {"0": 1}}')),
    "F9 one short row": read("a,b,c\nxx,2\n", parse_dates=["a"], usecols=["a"]),
    "F9 no dates": read("a,b,c\nxx,2\n2020-01-01,3,4\n", parse_dates=["a"], usecols=["a", "c"]),
    "F9 last column": read("a,b,c\n1,2\n", dtype={"c": "float32"}, usecols=["c"]),
    "F10 parse_date": read("a,b\n1,2\n", parse_date=["a"]),
    "F10 colums": stored(pd.RangeIndex(3), colums=["x"]),
    "F10 numericonly": lambda p: frame(p).sum(numericonly=True),
    "F11 no date, equal": lambda p: frame(p).t == "a",
    "F11 no date": lambda p: frame(p).t > "yesterdy",
    "F11 no date, filter": lambda p: frame(p)[frame(p).t != "2020-13-01"],
    "F11 None": lambda p: frame(p).a == None,  # noqa: E711
    "F11 text and a number": lambda p: frame(p).w == 1,
    "F11 date and a number": lambda p: frame(p).t < 1.5,
    "F11 set": lambda p: frame(p).t == {1},
    "F12 repeated": read("a,b,a\n1,2,3\n", dtype={"a": "float32"}),
    "F12 repeated, one": read("a,b,a\n1,2,3\n", dtype={"a": "int8", "a.1": "str"}),
    "F12 string": read("a,b\n1,x\n2,\n", dtype={"b": "string"}),
    "F12 Int64": read("a,b\n1,1\n2,\n", dtype={"b": "Int64"}),
    "F12 category": read("a,b\n1,x\n2,\n", dtype={"b": "category"}),
    "F13 mean of groups": lambda p: frame(p).groupby("a").f.mean(),
    "F13 floor": lambda p: frame(p).f // frame(p).a,
    "F13 floor by float32": lambda p: frame(p).f // frame(p).f,
    "F13 NumPy's number": lambda p: p.Series(np.array([1, 2], "i4")) | np.int64(3),
    "F13 root": lambda p: frame(p).b ** 0.5,
    "F13 remainder": lambda p: frame(p).i % np.int8(2),
    "F14 booleans": read("a,b\n1,True\n2,\n"),
    "F14 booleans, grouped": lambda p: read("a,b\n1,True\n2,\n")(p).groupby("b").a.sum(),
    "F14 booleans, all missing": read("a,b\n1,\n2,\n", dtype={"b": "boolean"}),
    "F14 long first row": read("a,b\n1,2,3\n4,5,6\n"),
    "F14 long first row, filtered": lambda p: filtered(read("a,b\n1,2,3\n4,5,6\n")(p)),
    "F14 ends in a separator": read("a,b\n1,2,\n4,5,\n"),
    "F14 header only": read("a,b\n"),
    "F14 header only, dates": read("a,b", parse_dates=["a"]),
    "F14 date32": column(pa.array([1, None], pa.date32()), filtered),
    "F14 dictionary": column(pa.array(["x", None]).dictionary_encode(), filtered),
    "F14 decimal": column(pa.array([1, None], pa.decimal128(5, 1)), lambda d: d.count()),
    "F14 nested": column(pa.array([{"q": [1]}, None])),
    "F14 time zone": column(pa.array([1, None], pa.timestamp("us", "Europe/Berlin")), filtered),
    "F14 duration": column(pa.array([1, None], pa.duration("s")), lambda d: d.odd.max()),
    "F14 time": column(pa.array([1, None], pa.time64("us")), filtered),
    "F14 booleans, some missing": column(pa.array([True, None]), lambda d: d.odd.count()),
    "F14 nothing but missing": column(pa.nulls(2)),
    "F1 attrs": lambda p: noted(p).attrs,
    "F9 no columns": read("a,b\n1,2\n", usecols=[]),
    "F9 no column chosen": read("a,b\n1,2\n", usecols=lambda name: False),
    "F14 bytes": column(pa.array([b"a", None]), filtered),
    "F15 nothing": lambda p: frame(p).groupby("a").agg(),
    "F15 empty": lambda p: frame(p).groupby("a").agg({}),
    "F15 no columns": lambda p: frame(p).groupby("a")[[]].agg(["sum"]),
    "F15 frame": lambda p: frame(p).agg([]),
    "F15 booleans": lambda p: frame(p).b / frame(p).b,
    "F15 booleans, floor": lambda p: frame(p).b // True,
    "F15 negative": lambda p: frame(p)[["b"]] - frame(p)[["b"]],
    "F15 too many": lambda p: frame(p).assign(z=[1, 2, 3, 4]),
    "F15 too few": lambda p: filtered(frame(p)).assign(z=np.arange(2)),
    "F15 mask": lambda p: frame(p)[[True, False]],
}  # fmt: skip
CASES |= {
    f"F13 {name}": lambda p, f=f: f(
        p.DataFrame({"u": np.array([255], "u1"), "i": np.array([7], "i4"), "f": F4, "t": T})
    )
    for name, f in {
        "int's subclass": lambda d: d.u + Level.LOW,
        "int's subclass first": lambda d: Level.HIGH - d.i,
        "int's subclass, times": lambda d: d.u * Level.HIGH,
        "float's subclass": lambda d: d.f * Tenths(0.1),
        "no axes": lambda d: d.u & np.array(256),
        "timedelta64": lambda d: d.t + np.timedelta64(1, "D"),
        "timedelta64, equal": lambda d: d.i == np.timedelta64(1, "D"),
        "far date": lambda d: d[d.t < "9999-01-01"],
        "early date": lambda d: d.t == pd.Timestamp("1500-01-01"),
        "decimal": lambda d: d.t == decimal.Decimal(1),
        "offset": lambda d: d.t != pd.offsets.Day(1),
    }.items()
}
CASES |= {
    f"F5 {name} {kind}": lambda p, f=f, kind=kind: f(frame(p)[kind])
    for kind in "axfibt"
    for name, f in {
        "equal": lambda s: s == True,  # noqa: E712
        "plus": lambda s: s + True,
        "times": lambda s: True * s,
        "sum": lambda s: (s != False).sum(),  # noqa: E712
    }.items()
}


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("name", CASES)
def test_found(name, road, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with config.set(target="blocks", small_cells=ROADS[road]):
        assert_like_pandas(CASES[name], tf, pd, may_refuse=False)


@pytest.mark.parametrize("road", ROADS)
def test_found_an_open_file(road, tmp_path):
    """F8: its lines were taken for paths."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n")

    def program(p):
        with path.open() as file:
            return p.read_csv(file).compute() if p is tf else p.read_csv(file)

    with config.set(strict=False, small_cells=ROADS[road]):
        assert_like_pandas(program, tf, pd, may_refuse=False)
