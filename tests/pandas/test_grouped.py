"""`groupby(...).agg(...)` in all its forms, and the types of all reductions, beside pandas."""

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import NotYetError
from tenfold.run import order
from tests.assert_same import assert_same
from tests.differential import assert_like_pandas


@pytest.fixture(autouse=True)
def _blocks():
    with config.set(target="blocks", morsel_rows=2):
        yield


REAL = pd.DataFrame(
    {"k": [2, 1, 1, 2], "x": [1.0, 2.0, np.nan, 3.0], "n": np.array([1, 2, 3, 4], "i2"), "w": list("abca")}
)
FORMS = {
    "nothing": lambda g: g.agg(),
    "empty list": lambda g: g.agg([]),
    "empty dict": lambda g: g.agg({}),
    "list of nothing": lambda g: g.agg({"x": []}),
    "unknown column": lambda g: g.agg({"z": "sum"}),
    "unknown column, named": lambda g: g.agg(a=("z", "sum")),
    "named without a column": lambda g: g.agg(a="sum"),
    "named with nothing": lambda g: g.agg(a=None),
    "named": lambda g: g.agg(a=("x", "sum"), b=("w", "count")),
    "dict": lambda g: g.agg({"x": "sum"}),
    "dict of lists": lambda g: g.agg({"x": ["sum", "max"]}),
    "dict of both": lambda g: g.agg({"x": ["sum"], "w": "count"}),
    "list": lambda g: g[["x", "n"]].agg(["count", "size"]),
    "twice the same": lambda g: g[["x"]].agg(["sum", "sum"]),
    "name": lambda g: g.agg("count"),
    "name with an option": lambda g: g[["x"]].agg("sum", numeric_only=True),
    "name with a typo": lambda g: g[["x"]].agg("sum", numericonly=True),
    "name and named": lambda g: g.agg("sum", a=("x", "sum")),
    "size": lambda g: g.agg("size"),
    "size of a column": lambda g: g.agg({"x": "size"}),
    "unknown name": lambda g: g.agg({"x": "summ"}),
    "unknown names": lambda g: g.agg(["summ"]),
    "number": lambda g: g.agg(3),
    "list of numbers": lambda g: g.agg([3]),
    "a function": lambda g: g.agg(np.max),
    "column, nothing": lambda g: g.x.agg(),
    "column, empty list": lambda g: g.x.agg([]),
    "column, dict": lambda g: g.x.agg({"a": "sum"}),
    "column, empty dict": lambda g: g.x.agg({}),
    "column, named": lambda g: g.x.agg(a="sum", b="max"),
    "column, list": lambda g: g.x.agg(["sum", "max"]),
    "column, tuple": lambda g: g.x.agg(("sum", "max")),
    "column, named list": lambda g: g.x.agg([("q", "sum")]),
    "column, twice the same": lambda g: g.x.agg(["sum", "sum"]),
    "column, name with an option": lambda g: g.x.agg("sum", numeric_only=True),
    "column, unknown": lambda g: g.x.agg("summ"),
    "column, unknown list": lambda g: g.x.agg(["sum", "summ"]),
    "column, number": lambda g: g.x.agg(3),
    "column, size": lambda g: g.x.agg("size"),
    "columns by a tuple": lambda g: g["x", "n"].sum(),
    "columns by an index": lambda g: g[pd.Index(["x", "n"])].sum(),
    "columns by an array": lambda g: g[np.array(["x", "n"])].sum(),
    "no columns": lambda g: g[[]].sum(),
    "no columns, list": lambda g: g[[]].agg(["sum"]),
    "column twice": lambda g: g[["x", "x"]].sum(),
    "key as a column": lambda g: g[["k", "x"]].sum(),
    "no numbers": lambda g: g[["w"]].sum(numeric_only=True),
    "numbers": lambda g: g.sum(numeric_only=True),
    "counts": lambda g: g.count(),
    "sizes": lambda g: g.size(),
    "max of chosen": lambda g: g[["x", "n"]].max(),
}  # fmt: skip


@pytest.mark.parametrize("labels", [None, "cc"])
@pytest.mark.parametrize("form", FORMS)
def test_forms(form, labels):
    real = REAL.rename_axis(columns=labels)
    for keys in ("k", ["k", "w"]):
        assert_like_pandas(lambda d, keys=keys: FORMS[form](d.groupby(keys)), tf.from_pandas(real), real)


@pytest.mark.parametrize("form", ["nothing", "empty list", "empty dict", "list", "name", "size"])
def test_forms_where_all_columns_are_keys(form):
    real = REAL[["k"]]
    programs = {"list": lambda g: g.agg(["sum"]), "name": lambda g: g.sum()}
    program = programs.get(form, FORMS[form])
    assert_like_pandas(lambda d: program(d.groupby("k")), tf.from_pandas(real), real)


# -- types ----------------------------------------------------------------------------------------------------------

DTYPES = ["bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "M8[s]", "M8[us]", "str"]
REDUCTIONS = ["sum", "mean", "min", "max", "count", "any", "all"]
ROWS = {"some": slice(None), "one": slice(0, 1), "none": slice(0, 0)}


def table(dtype):
    """Keys that are out of order, and values of a type: small, missing, and as large as they get."""
    if dtype == "str":
        values = pd.array(["b", None, "a", "", "b"], "str")
    elif dtype.startswith("M8"):
        values = np.array([3, "NaT", 1, 2, 0], dtype)
    elif dtype[0] == "f":
        values = np.array([0.1, np.nan, -2.5, 1e10, 7.0], dtype)
    else:
        limits = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        values = np.array([1, limits[0], limits[1], 0, limits[1]], dtype)
    return pd.DataFrame({"k": [2, 1, 2, 1, 3], "v": values})


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_types_of_reductions(dtype, rows):
    real = table(dtype)[ROWS[rows]]
    ours = tf.from_pandas(real)
    answered = [assert_like_pandas(lambda d, f=f: getattr(d.v, f)(), ours, real, rtol=1e-6) for f in REDUCTIONS]
    assert answered[4], "a count is always there"


@pytest.mark.parametrize("rows", ["some", "one"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_types_of_reductions_of_groups(dtype, rows):
    real = table(dtype)[ROWS[rows]]
    ours = tf.from_pandas(real)
    answered = [
        assert_like_pandas(lambda d, f=f: getattr(d.groupby("k").v, f)(), ours, real, rtol=1e-6) for f in REDUCTIONS
    ]
    assert answered[4], "a count is always there"
    assert_same(ours.groupby("k").v.size(), real.groupby("k").v.size())
    assert_like_pandas(lambda d: d.groupby("v").k.sum(), ours, real)
    assert_like_pandas(lambda d: d.groupby("v").size(), ours, real)


@pytest.mark.parametrize("dtype", DTYPES)
def test_types_of_a_row(dtype):
    """One reduction of several columns finds a common type."""
    for other in DTYPES:
        real = table(dtype).assign(o=table(other).v)[["v", "o"]]
        for function in REDUCTIONS:
            assert_like_pandas(lambda d, f=function: getattr(d, f)(), tf.from_pandas(real), real, rtol=1e-6)
            if function not in ("count", "any", "all"):
                numbers = lambda d, f=function: getattr(d, f)(numeric_only=True)  # noqa: E731
                assert_like_pandas(numbers, tf.from_pandas(real), real, rtol=1e-6)


# -- means of float32: the type hangs on the order of the rows --------------------------------------------------------

KEYS = {
    "in order": [1, 1, 2, 3, 3],
    "all different": [1, 2, 3, 4, 5],
    "one group": [1, 1, 1, 1, 1],
    "out of order": [1, 2, 1, 3, 3],
    "out of order at the end": [1, 2, 3, 4, 3],
    "down": [3, 2, 2, 1, 1],
    "text": list("aabbc"),
    "text out of order": list("abacc"),
    "missing before": [None, "a", "a", "b", "b"],
    "missing between": ["a", None, "a", "b", "b"],
    "missing number before": [np.nan, 1.0, 1.0, 2.0, 3.0],
    "missing number behind": [1.0, 1.0, 2.0, 3.0, np.nan],
    "dates": np.array([1, 1, 2, 3, 3], "M8[us]"),
    "missing date before": np.array(["NaT", 1, 2, 3, 3], "M8[us]"),
}
FLOATS = {"there": [0.1, 0.2, 0.3, 0.4, 0.7], "missing": [0.1, 0.2, np.nan, 0.4, 0.7]}


@pytest.mark.parametrize("values", FLOATS)
@pytest.mark.parametrize("keys", KEYS)
def test_the_type_of_float32_means(keys, values):
    real = pd.DataFrame({"k": KEYS[keys], "j": [1, 2, 1, 1, 2], "f": np.array(FLOATS[values], "f4")})
    ours = tf.from_pandas(real)
    for program in (
        lambda d: d.groupby("k").f.mean(),
        lambda d: d.groupby(["k", "j"]).f.mean(),
        lambda d: d.groupby(["j", "k"]).f.mean(),
        lambda d: d.groupby("k").f.mean() * 2,
        lambda d: d[d.j == 1].groupby("k").f.agg(["mean", "sum", "min"]),
        lambda d: d.groupby("k").agg(m=("f", "mean")).dtypes,
        lambda d: d.f.mean(),
        lambda d: d[["f"]].mean(),
    ):
        assert_same(program(ours), program(real), rtol=1e-6)


def test_the_type_of_float32_means_of_which_some_have_missing_values():
    """There it hangs on how pandas lays out its columns in memory."""
    real = pd.DataFrame({"k": [1, 1, 2], "f": np.float32([1, 2, 3]), "g": np.float32([1, np.nan, 3])})
    with pytest.raises(NotYetError, match="astype"):
        tf.from_pandas(real).groupby("k").mean().compute()
    assert_same(tf.from_pandas(real[::-1]).groupby("k").mean(), real[::-1].groupby("k").mean())


def test_only_the_beginning_is_looked_at_where_it_tells(monkeypatch):
    real = pd.DataFrame({"k": np.arange(20_000) % 7, "f": np.ones(20_000, "f4")})
    asked = []
    monkeypatch.setattr(order, "in_order", lambda keys, check=order.in_order: asked.append(keys.rows()) or check(keys))
    assert_same(tf.from_pandas(real).groupby("k").f.mean(), real.groupby("k").f.mean())
    assert asked == [4096]
