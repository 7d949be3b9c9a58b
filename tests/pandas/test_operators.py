"""Every operator between every two types, as columns and as single values on either side: what pandas answers.

Values, types and names, or the class of the error. What tenfold does not have yet may be refused, never be wrong.
"""

import datetime as dt
import operator
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import NotYetError
from tests.assert_same import assert_same

OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
UNARY = {"-": operator.neg, "+": operator.pos, "~": operator.invert, "abs": operator.abs}
INTEGERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")


def column(dtype):
    """Values of a type at its edges, with zeros and missing ones."""
    if dtype == "str":
        return pd.array(["a", None, "", "b", "a", "2020-01-01"], "str")
    if dtype == "bool":
        return np.array([True, False, True, True, False, False])
    if dtype[0] == "M":
        return np.array(["2020-01-01", "NaT", "1969-12-31", "2000-02-29", "2020-01-01", "2020-01-02"], dtype)
    if dtype[0] == "f":
        return np.array([0.1, np.nan, -0.0, np.inf, -2.5, 3], dtype)
    limits = np.iinfo(dtype)
    return np.array([0, 3, limits.min, limits.max, 1, limits.max - 1], dtype)


DTYPES = ("bool", *INTEGERS, "f4", "f8", "M8[s]", "M8[ns]", "str")
REAL = pd.DataFrame({dtype: column(dtype) for dtype in DTYPES})
PLAIN = {
    repr(value): value
    for value in (
        True, False, 0, 1, -1, 3, 300, -200, 1 << 40, 1 << 63, -(1 << 70), 0.0, -0.0, 0.5, 1e300, np.nan, np.inf, None,
        "a", "2020-01-01", "x", 1j, pd.NaT, pd.NA, pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-01 00:00:00.5"),
        np.datetime64("2020-01-01"), np.datetime64("NaT", "s"), dt.datetime(2020, 1, 1), dt.date(2020, 1, 1),
        pd.Timestamp("2020-01-01", tz="UTC"), pd.Timedelta(1, "s"), b"a",
    )
}  # fmt: skip
TYPED = {repr(v): v for d in (*INTEGERS, "f2", "f4", "f8") for v in (np.dtype(d).type(0), np.dtype(d).type(3))}
TYPED |= {repr(v): v for v in (np.bool_(True), np.int8(-1), np.int64(-1), np.uint64(1 << 63), np.float32(0.1))}
TYPED |= {repr(v): v for v in (np.float64(0.1), np.float64("nan"), np.str_("a"), np.complex64(1))}
MOST_REFUSED = 0.5  # `**` and what only Timestamps have
counts = Counter()


@pytest.fixture(scope="module", autouse=True)
def _most_are_answered():
    yield
    if counts["asked"] > 5_000:
        assert counts["refused"] / counts["asked"] < MOST_REFUSED, counts


@pytest.fixture(autouse=True)
def _blocks():
    with config.set(target="blocks", morsel_rows=4):
        yield


def tried(program, frame):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return program(frame), None
        except Exception as error:
            return None, error


def repeats_text(name):
    """Text times a number: so many copies as no memory holds."""
    return " * " in name and any(word in name for word in ("str", "'"))


def compare(programs, real=REAL):
    """Run programs on both; our answers are computed together. The names of those that were refused."""
    programs = {name: program for name, program in programs.items() if not repeats_text(name)}
    ours, right, wrong, refused = {}, {}, [], []
    lazy = tf.from_pandas(real)
    for name, program in programs.items():
        answer, error = tried(program, lazy)
        if isinstance(error, NotYetError):
            refused.append(name)
            continue
        expected, reason = tried(program, real)
        if reason is not None or error is not None:
            if error is None or not isinstance(reason, type(error)):  # pandas' class, or a wider one
                wrong.append(f"{name}: {error!r}, pandas {reason!r}")
        elif not isinstance(answer, tf.Series) or answer.name != expected.name:
            wrong.append(f"{name}: {answer!r} of another name or class")
        else:
            ours[name], right[name] = answer, expected
    if ours:
        computed = tf.DataFrame(ours).compute()
        for name, expected in right.items():
            try:
                assert_same(computed[name], expected.rename(name), rtol=1e-15)
            except AssertionError as difference:
                wrong.append(f"{name}: {' '.join(str(difference).split())[:300]}")
    counts["asked"] += len(programs)
    counts["refused"] += len(refused)
    assert not wrong, f"{len(wrong)} of {len(programs)} wrong:\n" + "\n".join(wrong)
    return refused


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("left", DTYPES)
def test_columns(left, symbol):
    apply = OPERATORS[symbol]
    compare({f"{left} {symbol} {right}": lambda d, r=right: apply(d[left], d[r]) for right in DTYPES})


def shares():
    """Each operator with each type but the integers, of which two take turns."""
    for number, symbol in enumerate(OPERATORS):
        integers = {INTEGERS[number % 8], INTEGERS[(number + 3) % 8]}
        yield from ((dtype, symbol) for dtype in DTYPES if dtype not in INTEGERS or dtype in integers)


@pytest.mark.parametrize(("dtype", "symbol"), list(shares()))
def test_values(dtype, symbol):
    apply = OPERATORS[symbol]
    programs = {f"{dtype} {symbol} {name}": lambda d, v=v: apply(d[dtype], v) for name, v in (PLAIN | TYPED).items()}
    mine = {name: v for name, v in PLAIN.items() if not isinstance(v, (np.generic, str, bytes))}  # those ask first
    programs |= {f"{name} {symbol} {dtype}": lambda d, v=v: apply(v, d[dtype]) for name, v in mine.items()}
    compare(programs)


@pytest.mark.parametrize("dtype", DTYPES)
def test_unary(dtype):
    compare({f"{symbol} {dtype}": lambda d, f=function: f(d[dtype]) for symbol, function in UNARY.items()})
