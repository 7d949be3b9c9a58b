"""Arguments: signatures are pandas'; what no native form takes is pandas' to honour, or to refuse."""

import inspect
import io
import pathlib

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.pandas.groupby import DataFrameGroupBy, SeriesGroupBy
from tests.assert_same import assert_same
from tests.differential import assert_like_pandas, outcome


@pytest.fixture(autouse=True)
def _blocks():
    with config.set(target="blocks", morsel_rows=2):
        yield


REAL = pd.DataFrame({"k": [1, 2, 1], "x": [0.5, None, 1.5], "w": ["u", None, "v"], "b": [True, False, True]})
PAIRS = {
    tf.DataFrame: pd.DataFrame, tf.Series: pd.Series, DataFrameGroupBy: pd.api.typing.DataFrameGroupBy,
    SeriesGroupBy: pd.api.typing.SeriesGroupBy,
}  # fmt: skip
FUNCTIONS = {f"{real.__name__}.{name}": (getattr(own, name), getattr(real, name))
             for own, real in PAIRS.items() for name in vars(own)
             if not name.startswith("_") and inspect.isfunction(getattr(real, name, None))}  # fmt: skip
FUNCTIONS |= {name: (getattr(tf, name), getattr(pd, name)) for name in ("DataFrame", "Series")}
FUNCTIONS |= {name: (getattr(tf, name), getattr(pd, name)) for name in ("read_csv", "read_parquet")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signatures_are_those_of_pandas(name):
    own, theirs = (str(inspect.signature(function)) for function in FUNCTIONS[name])
    assert own == theirs


METHODS = {
    "frame": lambda p, d: d,
    "series": lambda p, d: d.x,
    "groups": lambda p, d: d.groupby("k"),
    "groups of a column": lambda p, d: d.groupby("k").x,
}


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("name", METHODS)
def test_misspelt_arguments_are_type_errors(name):
    ours, real = METHODS[name](tf, tf.from_pandas(REAL)), METHODS[name](pd, REAL)
    checked = 0
    for method in [m for m in dir(real) if not m.startswith("_") and callable(getattr(real, m, None))]:
        required = {"head": (1,), "astype": ("float64",), "groupby": ("k",), "rename": ("y",)}.get(method, ())
        _, refused = outcome(lambda: getattr(real, method)(*required, no_such_argument=True))  # noqa: B023
        _, error = outcome(lambda: getattr(ours, method)(*required, no_such_argument=True))  # noqa: B023
        assert type(error) is type(refused), method
        checked += isinstance(refused, TypeError)
    assert checked >= 8


CALLS = {
    "min_count": lambda d: d.x.sum(min_count=5),
    "min_count of groups": lambda d: d.groupby("k").x.sum(min_count=5),
    "skipna by position": lambda d: d.x.sum(0, False),
    "axis by position": lambda d: d[["k", "x"]].sum(1),
    "axis": lambda d: d[["k", "x"]].sum(axis=1),
    "count of rows": lambda d: d.count(1),
    "count axis": lambda d: d.count(axis="columns"),
    "no such axis": lambda d: d.x.sum(axis=3),
    "skipna of groups": lambda d: d.groupby("k").x.mean(skipna=False),
    "skipna of any": lambda d: d.groupby("k").b.any(False),
    "numeric_only": lambda d: d.groupby("k").w.max(numeric_only=True),
    "NumPy's sum": lambda d: np.sum(d.x),
    "NumPy's max": lambda d: np.max(d.x),
    "rename rows": lambda d: d.rename({0: 7}),
    "rename index": lambda d: d.rename(index={0: 7}),
    "rename columns by axis": lambda d: d.rename({"x": "y"}, axis=1),
    "rename columns by axis name": lambda d: d.rename(str.upper, axis="columns"),
    "rename nothing": lambda d: d.rename(),
    "rename twice": lambda d: d.rename({"x": "y"}, columns={"x": "z"}),
    "rename errors": lambda d: d.rename(columns={"q": "z"}, errors="raise"),
    "rename labels of a series": lambda d: d.x.rename({0: 7}),
    "rename labels by function": lambda d: d.x.rename(lambda n: n + 1),
    "rename to a list": lambda d: d.x.rename(["a"]),
    "rename to nothing": lambda d: d.x.rename(),
    "rename index of a series": lambda d: d.x.rename(index="y"),
    "astype errors": lambda d: d.k.astype("float64", errors="ignore"),
    "groupby nothing": lambda d: d.groupby(),
    "groupby no keys": lambda d: d.groupby([]),
    "groupby level": lambda d: d.groupby(level=0).x.sum(),
    "groupby options": lambda d: d.groupby("k", group_keys=False, observed=False).x.sum(),
    "groupby axis": lambda d: d.groupby("k", axis=1),
    "groupby as_index": lambda d: d.groupby("k", as_index=False).x.sum(),
    "to_numpy": lambda d: list(d.k.to_numpy("float64")),
    "head by name": lambda d: d.head(n=2),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_calls(name):
    assert_like_pandas(CALLS[name], tf.from_pandas(REAL), REAL)


# -- readers --------------------------------------------------------------------------------------------------------

TEXT = "k,x,w\n1,0.5,u\n2,,\n1,1.5,v\n"


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "a.csv"
    made.write_text(TEXT)
    return made


PLACES = {
    "open file": lambda path: path.open(),
    "open binary file": lambda path: path.open("rb"),
    "StringIO": lambda path: io.StringIO(TEXT),
    "BytesIO": lambda path: io.BytesIO(TEXT.encode()),
    "text": str,
    "path": pathlib.Path,
    "nothing": lambda path: None,
    "number": lambda path: 3.5,
    "a frame": lambda path: tf.from_pandas(REAL),
    "a dictionary": lambda path: {"a": 1},
    "the text of a file": lambda path: TEXT,
    "a folder": lambda path: path.parent,
    "no file": lambda path: path.parent / "b.csv",
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("name", PLACES)
def test_read_csv_from(name, path):
    answered = assert_like_pandas(lambda p: p.read_csv(PLACES[name](path)), tf, pd, may_refuse=False)
    assert answered or name in list(PLACES)[6:]


@pytest.mark.usefixtures("_lenient")
def test_an_open_file_is_read_from_where_it_stands(path):
    with path.open() as ours, path.open() as real:
        ours.readline(), real.readline()
        assert_same(tf.read_csv(ours, usecols=[0], dtype="float64"), pd.read_csv(real, usecols=[0], dtype="float64"))


def test_lists_of_paths_in_any_container(path):
    two = pd.concat([pd.read_csv(path)] * 2, ignore_index=True)
    for paths in ([path, path], (path, str(path)), (p for p in (path, path)), np.array([str(path)] * 2)):
        assert_same(tf.read_csv(paths), two)


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("name", ["BytesIO", "open file", "nothing", "number"])
def test_read_parquet_from(name, tmp_path):
    REAL.set_axis([5, 6, 7]).to_parquet(tmp_path / "a.parquet")
    places = {
        "BytesIO": lambda: io.BytesIO((tmp_path / "a.parquet").read_bytes()),
        "open file": lambda: (tmp_path / "a.parquet").open("rb"),
        "nothing": lambda: None, "number": lambda: 3.5,
    }  # fmt: skip
    assert_like_pandas(lambda p: p.read_parquet(places[name](), columns=["x", "w"]), tf, pd, may_refuse=False)


OPTIONS = {
    "parse_date": ["a"],
    "dtypes": {},
    "seperator": ";",
    "n_rows": 3,
    "header": None,
    "engine": "c",
    "columns": 1,
}


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("reader", ["read_csv", "read_parquet"])
def test_options_of_readers(option, reader, path):
    """A misspelt one is a TypeError; one that pandas has is honoured."""
    if reader == "read_parquet":
        pd.read_csv(path).to_parquet(path)
    with config.set(strict=False):
        assert_like_pandas(lambda p: getattr(p, reader)(path, **{option: OPTIONS[option]}), tf, pd, may_refuse=False)


def test_from_pandas_takes_pandas_objects():
    assert isinstance(tf.from_pandas(pd.Index([1])), tf.Index)
    with pytest.raises(TypeError, match="takes a pandas DataFrame, Series or Index, not dict"):
        tf.from_pandas({"a": [1]})
