"""Hypothesis strategies: small real frames of every type, and programs over them as lines of pandas code."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
UNITS = ("s", "ms", "us", "ns")
WORDS = ("", "a", "b", "ab", "Zürich", "1")
FIELDS = (
    "year", "month", "day", "hour", "minute", "second", "microsecond", "dayofweek", "dayofyear", "quarter", "weekday",
)  # fmt: skip
FUNCTIONS = ("sum", "mean", "count", "min", "max", "any", "all")

# Eighths up to 8192 add up exactly in any order, so that pandas' sums of them are as exact as ours.
_eighths = st.integers(-(1 << 16), 1 << 16).map(lambda n: n / 8)
_odd_floats = st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1.0])
_few = st.sampled_from([0.0, -0.0, 1.5, np.nan])


def column(kind, rows):
    """An array of a type, by its name; `key` stands for any type with few distinct values."""
    return _arrays(kind).flatmap(lambda values: st.lists(values[0], min_size=rows, max_size=rows).map(values[1]))


def _arrays(kind):
    """(strategy of one value, list of values -> array)."""
    if kind in INTEGERS:
        limits = np.iinfo(kind)
        values = st.one_of(st.integers(0, 3), st.integers(limits.min, limits.max))
        return st.just((values, lambda v: np.array(v, kind)))
    if kind in ("float64", "float32"):
        values = st.one_of(_eighths, _odd_floats, _few)
        return st.just((values, lambda v: np.array(v, kind)))
    if kind == "bool":
        return st.just((st.booleans(), lambda v: np.array(v, "?")))
    if kind == "str":
        return st.just((st.sampled_from([*WORDS, None]), lambda v: pd.array(v, dtype="str")))
    return st.booleans().map(lambda missing: _dates(kind, missing=missing))


def _dates(kind, *, missing):
    unit = np.datetime_data(np.dtype(kind))[0]
    days = {"s": 200_000, "ms": 200_000, "us": 100_000, "ns": 50_000}[unit]
    seconds = st.one_of(st.integers(-days * 86_400, days * 86_400), st.sampled_from([0, -1, 86_399, 1_577_836_800]))
    scale = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[unit]
    stamps = st.tuples(seconds, st.integers(0, scale - 1)).map(lambda pair: pair[0] * scale + pair[1])
    values = st.one_of(stamps, st.just(np.iinfo("i8").min)) if missing else stamps
    return values, lambda v: np.array(v, "i8").view(kind)


KINDS = ("float64", "float32", "bool", "str", *INTEGERS, *(f"datetime64[{unit}]" for unit in UNITS))


@st.composite
def indexes(draw, rows):
    """A row index: ranges, labels of every sort, two levels."""
    match draw(st.sampled_from(["range", "range", "steps", "int64", "str", "datetime64[us]", "float64", "two"])):
        case "range":
            return pd.RangeIndex(rows)
        case "steps":
            start, step = draw(st.integers(-5, 5)), draw(st.sampled_from([-3, -1, 2, 7]))
            return pd.RangeIndex(start, start + step * rows, step, name=draw(st.sampled_from([None, "at"])))
        case "two":
            levels = [draw(column(kind, rows)) for kind in ("int64", "str")]
            return pd.MultiIndex.from_arrays(levels, names=["one", None])
        case kind:
            return pd.Index(draw(column(kind, rows)), name=draw(st.sampled_from([None, "label"])))


@st.composite
def frames(draw, kinds=KINDS, max_rows=40):
    """A real frame: at least one float, integer, boolean and date column, and some of any type."""
    rows = draw(st.one_of(st.sampled_from([0, 1, 2]), st.integers(3, max_rows)))
    chosen = [
        draw(st.sampled_from(["float64", "float32"])), draw(st.sampled_from(INTEGERS)), "bool",
        draw(st.sampled_from([f"datetime64[{unit}]" for unit in UNITS])),
        *draw(st.lists(st.sampled_from(kinds), max_size=2)),
    ]  # fmt: skip
    names = [f"{kind[:1]}{place}" for place, kind in enumerate(chosen)]
    data = {name: draw(column(kind, rows)) for name, kind in zip(names, chosen, strict=True)}
    return pd.DataFrame(data, index=draw(indexes(rows)))


# -- programs -------------------------------------------------------------------------------------------------------


def sort_of(dtype):
    """One letter for what can be done with a column: `f` number, `b` boolean, `d` date, `s` text."""
    return {"b": "b", "M": "d", "O": "s", "T": "s"}.get(
        np.dtype(dtype).kind if isinstance(dtype, np.dtype) else "O", "f"
    )


class Names:
    """The columns that a program has at hand so far, by sort."""

    def __init__(self, frame):
        self.sorts = {name: sort_of(dtype) for name, dtype in frame.dtypes.items()}
        self.fresh = 0

    def of(self, sorts):
        return [name for name, sort in self.sorts.items() if sort in sorts]

    def new(self):
        self.fresh += 1
        return f"n{self.fresh}"


def numbers(names, depth=2):
    """An expression of numbers."""
    leaf = st.sampled_from(names.of("f")).map(lambda name: f"df[{name!r}]")
    if depth == 0:
        return leaf
    inner = numbers(names, depth - 1)
    literal = st.sampled_from(["2", "0.5", "-3", "0", "1.0"])
    return st.one_of(
        leaf,
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from("+-*/"), literal).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(literal, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(["//", "%"]), st.sampled_from(["3", "7", "0.5"])).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        inner.map(lambda e: f"(-{e})"),
        inner.map(lambda e: f"{e}.abs()"),
        _fields(names),
    )  # fmt: skip


def _fields(names):
    dates = names.of("d")
    if not dates:
        return numbers(names, 0)
    return st.tuples(st.sampled_from(dates), st.sampled_from(FIELDS)).map(lambda t: f"df[{t[0]!r}].dt.{t[1]}")


def conditions(names, depth=1):
    """An expression of booleans."""
    compare = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    literal = st.sampled_from(["0", "1.5", "-1", "3"])
    choices = [
        st.tuples(numbers(names, 1), compare, literal).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(numbers(names, 1), compare, numbers(names, 1)).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.sampled_from(list(names.sorts)).flatmap(
            lambda name: st.sampled_from([f"df[{name!r}].isna()", f"df[{name!r}].notna()"])
        ),
    ]
    if names.of("b"):
        choices.append(st.sampled_from(names.of("b")).map(lambda name: f"df[{name!r}]"))
    if names.of("s"):
        text = st.sampled_from(names.of("s"))
        choices.append(
            st.tuples(text, compare, st.sampled_from(WORDS)).map(lambda t: f"(df[{t[0]!r}] {t[1]} {t[2]!r})")
        )
    if names.of("d"):
        stamp = st.sampled_from(["'2020-01-01'", "'1969-12-31 23:59:59'"])
        choices.append(
            st.tuples(st.sampled_from(names.of("d")), compare, stamp).map(lambda t: f"(df[{t[0]!r}] {t[1]} {t[2]})")
        )
        pair = st.tuples(st.sampled_from(names.of("d")), compare, st.sampled_from(names.of("d")))
        choices.append(pair.map(lambda t: f"(df[{t[0]!r}] {t[1]} df[{t[2]!r}])"))
    if depth == 0:
        return st.one_of(choices)
    inner = conditions(names, depth - 1)
    return st.one_of(
        *choices,
        st.tuples(inner, st.sampled_from("&|^"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda e: f"(~{e})"),
    )


@st.composite
def programs(draw, frame):
    """Lines of pandas code on `df` that leave their answer in `out`."""
    names = Names(frame)
    lines = [draw(steps(names)) for _ in range(draw(st.integers(0, 4)))]
    return [*lines, draw(answers(names))]


@st.composite
def steps(draw, names):
    """One line that changes `df`."""
    match draw(
        st.sampled_from(["number", "number", "condition", "filter", "filter", "change", "head", "select", "persist"])
    ):
        case "number":
            # a field that is a column before rows are left out is refused where dates are missing
            name, expression = names.new(), draw(numbers(names).filter(lambda e: ".dt." not in e))
            names.sorts[name] = "f"
            return f"df[{name!r}] = {expression}"
        case "condition":
            name, expression = names.new(), draw(conditions(names))
            names.sorts[name] = "b"
            return f"df = df.assign({name}={expression})"
        case "change":
            expressions = numbers(names).filter(lambda e: ".dt." not in e)
            name, expression = draw(st.sampled_from(names.of("f"))), draw(expressions)
            return f"df[{name!r}] = {expression}"
        case "filter":
            return f"df = df[{draw(conditions(names))}]"
        case "head":
            return f"df = df.head({draw(st.integers(0, 20))})"
        case "select":
            chosen = draw(st.permutations(list(names.sorts)))
            return f"df = df[{chosen!r}]"
    return "df = persist(df)"


@st.composite
def answers(draw, names):
    """The last line: what is asked."""
    function = draw(st.sampled_from(FUNCTIONS))
    match draw(
        st.sampled_from(["frame", "series", "value", "values", "text", "len", "group", "group", "group", "groups"])
    ):
        case "frame":
            return "out = df"
        case "series":
            return f"out = {draw(st.one_of(numbers(names), conditions(names)))}"
        case "value":
            return f"out = {draw(st.one_of(numbers(names), conditions(names)))}.{function}()"
        case "values":
            return f"out = df.{function}(numeric_only=True)"
        case "text":
            return draw(st.sampled_from(["out = repr(df)", "out = df.dtypes", "out = df.shape", "out = df.columns"]))
        case "len":
            return f"out = len(df[{draw(conditions(names))}])"
        case "group":
            return f"out = df.groupby({draw(keys(names))}){draw(st.sampled_from(_asked(names, function)))}"
    return (
        f"out = df.groupby({draw(keys(names))}).{draw(st.sampled_from(['size()', f'{function}(numeric_only=True)']))}"
    )


def keys(names):
    """What to group by: columns, expressions, one or several."""
    name = st.sampled_from(list(names.sorts)).map(repr)
    expression = st.one_of(_fields(names), conditions(names, 0))
    several = st.lists(st.one_of(name, expression), min_size=1, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
    return st.one_of(name, several, expression)


def _asked(names, function):
    number, other = names.of("f")[0], names.of("fb")[-1]
    several = list(dict.fromkeys(["mean", "count", function]))
    by_column = {number: ["sum", "size"], other: "max"} if number != other else {number: ["sum", "size", "max"]}
    return [
        f"[{number!r}].{function}()",
        f"[{other!r}].agg({several!r})",
        f"[{other!r}].size()",
        f"[[{number!r}]].{function}()",
        f"[{number!r}].agg(low='min', high='max')",
        f".agg({{{number!r}: {function!r}}})",
        f".agg({by_column!r})",
        f".agg(total=({number!r}, 'sum'), rows=({other!r}, 'size'))",
    ]
