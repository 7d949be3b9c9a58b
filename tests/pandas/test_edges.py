"""Expressions of Series at the edges of all dtypes: what pandas gives, on every target the same."""

import operator
import warnings

import numpy as np
import pandas as pd
import pytest

import tenfold
import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import DeviceNotice, NotYetError
from tenfold.kernel.ops import INTEGERS, STORAGES
from tenfold.target import cache, python
from tests import edges, fake_device
from tests.conftest import use_target
from tests.kernels import kernels

DATES = np.array([-(2**63), 0, -1, 1, 2**63 - 1, 1 - 2**63, 951_825_600 * 10**9, 5 * 10**18], "i8").view("M8[ns]")
KINDS = (*STORAGES, "M8")
OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
UNARY = {"neg": operator.neg, "abs": abs, "not": operator.invert, "isna": lambda s: s.isna()}
CASTS = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
UNARY |= {f"as {name}": lambda s, name=name: s.astype(name) for name in CASTS}
FIELDS = ("year", "month", "day", "hour", "minute", "second", "microsecond", "day_of_week", "day_of_year", "quarter")
REDUCTIONS = ("sum", "min", "max", "count", "mean", "any", "all")
# what is not of one type for all values in pandas, or is no arithmetic of ours at all
LEFT_OUT = {("truediv", "?"), ("floordiv", "f4"), ("mean", "f4"), *((op, "M8") for op in OPERATORS), ("abs", "M8")}


def values(kind):
    return DATES if kind == "M8" else edges.values(kind)


def frame(kind):
    """All pairs of edges, and the number of the row."""
    found = values(kind)
    columns = {"a": np.repeat(found, len(found)), "b": np.tile(found, len(found))}
    return pd.DataFrame(columns | {"row": np.arange(len(found) ** 2)})


def scalars(kind):
    """Scalars that meet a column: Python's, or dates."""
    if kind == "M8":
        return [pd.Timestamp(x) for x in DATES]
    if kind in INTEGERS:
        limits = np.iinfo(kind)
        return [x for x in (limits.min, limits.max, -1, 0, 3) if limits.min <= x <= limits.max]
    return [True, False] if kind == "?" else [0.0, -0.0, -1.5, float("nan"), float("inf"), 5e-324]


def expressions(kind):
    """Name -> a function of the frame."""
    made = {}
    for op in (*OPERATORS, *COMPARISONS):
        f = getattr(operator, op)
        made[op] = lambda df, f=f: f(df.a, df.b)
        made |= {f"{op} {x}": lambda df, f=f, x=x: f(df.a, x) for x in scalars(kind)}
        made |= {f"{x} {op}": lambda df, f=f, x=x: f(x, df.a) for x in scalars(kind)}
        made = {name: e for name, e in made.items() if not (op in name.split() and (op, kind) in LEFT_OUT)}
    made |= {op: lambda df, f=f: f(df.a) for op, f in UNARY.items() if (op, kind) not in LEFT_OUT}
    if kind == "M8":
        made |= {name: lambda df, name=name: getattr(df.a.dt, name) for name in FIELDS}
    return made


def asked(df, kind):
    """All expressions that there are, as columns behind a filter that all rows pass: one loop, which compiles fast."""
    df = df[df.row >= 0]
    made = {name: outcome(expression, df) for name, expression in expressions(kind).items()}
    return {name: column for name, column in made.items() if not isinstance(column, Exception)}, made


def outcome(expression, df):
    try:
        with np.errstate(all="ignore"):
            return expression(df)
    except Exception as error:
        return error


def computed(kind):
    """Name -> values, of one frame of all that is native."""
    df = tf.from_pandas(frame(kind))
    columns, _ = asked(df, kind)
    late = {name: column for name, column in columns.items() if name in FIELDS}  # known once the data are
    rest = {name: column for name, column in columns.items() if name not in late}
    found = df[df.row >= 0].assign(**rest).compute()
    return {name: found[name] for name in rest} | {name: column.compute() for name, column in late.items()}


@pytest.fixture(scope="module", autouse=True)
def _compiled(kernel_folder):
    """Compile all that is run here in one helper process."""
    lazy = []
    with config.set(cache_dir=kernel_folder, strict=True):
        for kind in KINDS:
            df = tf.from_pandas(frame(kind))
            columns, _ = asked(df, kind)
            lazy += [df[df.row >= 0].assign(**{n: c for n, c in columns.items() if n not in FIELDS})]
            lazy += [c for n, c in columns.items() if n in FIELDS]
        texts = [python.text(kernel) for each in lazy for kernel in kernels(each)]
        cache.request_all([cache.Request(text, python.ENTRY, python.SIGNATURE) for text in dict.fromkeys(texts)])


@pytest.fixture(scope="module")
def answers(kernel_folder):
    """What `blocks` answers."""
    with config.set(cache_dir=kernel_folder, target="blocks", strict=True):
        return {kind: computed(kind) for kind in KINDS}


def assert_same(ours, expected, what):
    assert ours.dtype == expected.dtype, what
    a, b = (edges.bits(x.to_numpy() if x.dtype.kind != "M" else x.to_numpy().view("i8")) for x in (ours, expected))
    np.testing.assert_array_equal(a, b, err_msg=what)


@pytest.mark.parametrize("kind", KINDS)
def test_expressions_are_those_of_pandas(kind, answers):
    real = frame(kind)
    _, made = asked(tf.from_pandas(real), kind)
    for name, expression in expressions(kind).items():
        expected = outcome(expression, real)
        if isinstance(expected, Exception) and not isinstance(made[name], NotYetError):
            assert isinstance(made[name], type(expected)), name
        elif not isinstance(made[name], NotYetError):
            assert not isinstance(made[name], Exception), (name, made[name])
            assert_same(answers[kind][name], expected, name)


@pytest.mark.parametrize("name", ["cpu", "python"])
@pytest.mark.parametrize("kind", KINDS)
def test_all_targets_answer_the_same(kind, name, answers, monkeypatch):
    with use_target(name, monkeypatch):
        found = computed(kind)
    for what, expected in answers[kind].items():
        assert_same(found[what], expected, what)


@pytest.mark.parametrize("count", fake_device.COUNTS)
@pytest.mark.parametrize("kind", KINDS)
def test_devices_answer_the_same(kind, count, answers, monkeypatch):
    if count:
        fake_device.install(monkeypatch, count)
    with tenfold.use("gpu"), warnings.catch_warnings():
        warnings.simplefilter("error", DeviceNotice)
        found = computed(kind)
    for what, expected in answers[kind].items():
        assert_same(found[what], expected, what)


@pytest.mark.parametrize("function", REDUCTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_reductions_are_those_of_pandas(kind, function, quick_target):
    """Of each edge, and of each pair by group; the sum of two is exact in pandas too."""
    if (function, kind) in LEFT_OUT or (kind == "M8" and function not in ("min", "max", "count")):
        return
    for value in values(kind):
        ours, real = tf.Series(np.array([value])), pd.Series(np.array([value]))
        assert_scalar(getattr(ours, function)(), getattr(real, function)())
    if function in ("any", "all"):
        return
    pairs = frame(kind)
    pairs = pd.DataFrame({"k": np.repeat(pairs.row, 2), "v": pairs[["a", "b"]].to_numpy().reshape(-1)})
    ours = getattr(tf.from_pandas(pairs).groupby("k").v, function)().compute()
    real = getattr(pairs.groupby("k").v, function)()
    if kind[0] == "f" and function in ("min", "max"):  # of two zeros pandas gives the first
        ours, real = ours + 0.0, real + 0.0
    assert_same(ours, real, function)


def assert_scalar(ours, real):
    assert pd.isna(real) or type(ours) is type(real)
    assert np.signbit(ours) == np.signbit(real) if isinstance(real, (float, np.floating)) and real == real else True
    assert ours == real or (pd.isna(ours) and pd.isna(real))
