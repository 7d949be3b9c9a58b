"""What operators do with what they are given: all coercion, so that the scalars below mean one thing each.

A number is weak: it takes the type of the column it meets. In comparisons and between bits a NumPy number has a type,
which the column is converted to where that is the wider one. Of what cannot be compared nothing is equal, and an order
is a TypeError.
"""

import datetime
from typing import Any

import numpy as np
import pandas as pd

from tenfold.dtypes import BOOL, FLOAT64, INT64, STR, DType, from_numpy, numpy_dtype
from tenfold.dtypes import datetime as datetime_type
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.expr.types import COMPARISON, LOGIC, MIRRORED, SYMBOLS

# special method -> (operation, operands swapped?)
METHODS = {
    f"__{(swap and 'r') or ''}{method}__": (op, swap)
    for method, op in {
        "add": "add", "sub": "sub", "mul": "mul", "truediv": "truediv", "floordiv": "floordiv", "mod": "mod",
        "and": "and", "or": "or", "xor": "xor",
    }.items()
    for swap in (False, True)
} | {f"__{op}__": (op, False) for op in ("eq", "ne", "lt", "le", "gt", "ge")}  # fmt: skip
WORDS = {"div": "truediv", "divide": "truediv", "multiply": "mul", "subtract": "sub", "rdiv": "rtruediv"}


def install(cls: type) -> None:
    """Give a class that has `_binary` its operators, and the methods of their names."""
    words = WORDS | {name.strip("_"): name.strip("_") for name, (op, _) in METHODS.items() if op not in LOGIC}
    for name, (op, swap) in METHODS.items():
        setattr(cls, name, _operator(op, swap))
    for name, method in words.items():
        setattr(cls, name, _operator(*METHODS[f"__{method}__"]))


def _operator(op: str, swap: bool) -> Any:
    def method(self: Any, other: Any) -> Any:
        return self._binary(op, other, swap)

    return method


class Incomparable(Exception):
    """A value that is equal to none of a column's, and has no order with them."""


class Missing(Exception):
    """A missing value: no comparison with it holds, but that it is not equal."""


def combined(op: str, column: ex.Scalar, other: Any, swap: bool) -> ex.Scalar:
    """A column and another column, or a value, under an operator; with `swap` the other one comes first."""
    for scalar in (column, other):
        if isinstance(scalar, ex.Carried):
            raise NotYetError(f"{SYMBOLS[op]} of {scalar.dtype.name}")
    given, other = other, _typed(other)
    try:
        operand = other if isinstance(other, ex.Scalar) else _operand(op, column.dtype, other)
    except Incomparable:
        return _never_equal(op, column, other)
    except Missing:
        return _everywhere(column, op == "ne")
    if isinstance(operand, ex.Literal) and isinstance(other, np.number):
        typed = op in COMPARISON or op in LOGIC or not isinstance(given, (np.generic, np.ndarray))
        column = _widened(op, column, operand, other.dtype) if typed else column
    args = (operand, column) if swap else (column, operand)
    if op in MIRRORED and isinstance(args[0], ex.Literal):
        op, args = MIRRORED[op], args[::-1]
    if op in LOGIC:
        return _logic(op, *args)
    if op in ("eq", "ne") and not _comparable(*args):
        return _never_equal(op, column, other)
    made = ex.Call(op, args)
    zero = isinstance(args[1], ex.Literal) and not args[1].value
    if op == "floordiv" and zero and made.dtype.kind == "f":  # pandas fills in what zero divides, as float64
        return ex.Cast(made, FLOAT64)
    return made


def _typed(value: Any) -> Any:
    """A value as NumPy takes it: numbers of classes made of Python's own have a type; so do arrays without axes.

    Of NumPy's numbers pandas itself makes Python's before it computes, of those it does not.
    """
    if isinstance(value, np.timedelta64):
        raise NotYetError("a numpy.timedelta64 as an operand")
    if isinstance(value, np.ndarray) and not value.ndim:
        return value[()]
    odd = isinstance(value, (int, float)) and type(value) not in (int, float, bool)
    return np.asarray(value)[()] if odd and not isinstance(value, np.generic) else value


def literal(value: Any) -> ex.Literal:
    """A number, a boolean or a text as a literal; a NumPy number only of the types that literals have."""
    if isinstance(value, (bool, np.bool_)):
        return ex.Literal(str(bool(value)), BOOL)
    if isinstance(value, np.number) and value.dtype.name not in ("int64", "float64"):
        raise NotYetError(f"a NumPy {value.dtype.name} as a column", "use a Python number")
    if isinstance(value, (int, np.int64)):
        return ex.Literal(repr(int(value)), INT64)
    if isinstance(value, float):
        return ex.Literal(repr(float(value)), FLOAT64)
    if isinstance(value, str):
        return ex.Literal(str(value), STR)
    raise NotYetError(f"a {type(value).__name__} as an operand")


def _operand(op: str, meets: DType, value: Any) -> ex.Literal:
    """A single value as a literal beside a column of a type."""
    if isinstance(value, (int, np.integer)) and not _fits(value) and meets.kind in ("O" if op == "truediv" else "bO"):
        if isinstance(value, np.integer):
            raise NotYetError(f"{SYMBOLS[op]} of {meets.name} and such a large integer")
        raise OverflowError("Python int too large to convert to C long")
    if op in COMPARISON:
        _refuse_comparison(meets, value)
        if meets.kind == "M":
            return _timestamp(value, meets)
    if isinstance(value, (bool, np.bool_)):
        weak = op not in LOGIC and meets.kind in "iuf"
        return literal(int(value) if weak else value)
    if isinstance(value, (np.integer, np.floating)):
        from_type(value.dtype, "as an operand")
        value = value.item()
    return literal(value)


def _fits(value: Any) -> bool:
    return -(1 << 63) <= int(value) < 1 << 63


COMPARED = {"M": (str, datetime.datetime, np.datetime64), "O": (str,)}  # others: with numbers


def _refuse_comparison(meets: DType, value: Any) -> None:
    """Raise Missing or Incomparable, of a value that has no literal to be compared with."""
    if (value is pd.NaT and meets.kind in "biuf") or ((value is None or value is pd.NA) and meets.kind == "M"):
        raise Incomparable
    if value is None or value is pd.NA or value is pd.NaT:
        raise Missing
    if (isinstance(value, np.datetime64) and np.isnat(value)) or (meets.kind == "O" and value != value):
        raise Missing
    if meets.kind == "O" and isinstance(value, (bytes, np.datetime64)):
        raise NotYetError(f"comparing text with a {type(value).__name__}")
    single = isinstance(value, (str, bytes, int, float, complex, np.generic, datetime.date, datetime.timedelta))
    if single and not isinstance(value, COMPARED.get(meets.kind, (int, float, complex, np.number, np.bool_))):
        raise Incomparable


def from_type(dtype: Any, role: str) -> DType:
    """The tenfold type of a NumPy or pandas dtype; one that has no native form is not there yet."""
    try:
        return from_numpy(dtype)
    except TypeError:
        raise NotYetError(f"{dtype} {role}") from None


def _widened(op: str, column: ex.Scalar, value: ex.Literal, dtype: Any) -> ex.Scalar:
    """A column in the type that it and a typed value have in common; integers are compared as they are."""
    both_integers = column.dtype.kind in "iu" and value.dtype.kind == "i"
    if not (both_integers if op in LOGIC else column.dtype.kind in "biuf") or (op in COMPARISON and both_integers):
        return column
    common = from_type(np.result_type(numpy_dtype(column.dtype), dtype), "as the type of a result")
    return column if common == column.dtype or column.dtype.null == "late" else ex.Cast(column, common)


def _logic(op: str, left: ex.Scalar, right: ex.Scalar) -> ex.Scalar:
    """`&`, `|`, `^`: bitwise between integers; beside an integer a boolean is one, and the answer boolean again."""
    kinds = {left.dtype.kind, right.dtype.kind}
    if not (kinds <= set("biu") and len(kinds) > 1 and "b" in kinds):
        return ex.Call(op, (left, right))
    if any(isinstance(s, ex.Literal) and not _fits(s.value) for s in (left, right)):
        raise NotYetError("the bits of booleans and such large integers")
    wide = next((s.dtype for s in (left, right) if s.dtype.kind != "b" and not isinstance(s, ex.Literal)), INT64)
    left, right = (_as_integer(s, wide) if s.dtype.kind == "b" else s for s in (left, right))
    return ex.Cast(ex.Call(op, (left, right)), BOOL)


def _as_integer(scalar: ex.Scalar, dtype: DType) -> ex.Scalar:
    return literal(int(scalar.value)) if isinstance(scalar, ex.Literal) else ex.Cast(scalar, dtype)


def _comparable(left: ex.Scalar, right: ex.Scalar) -> bool:
    kinds = {left.dtype.kind, right.dtype.kind}
    return kinds <= set("biuf") or len(kinds) == 1


def _never_equal(op: str, column: ex.Scalar, other: Any) -> ex.Scalar:
    """The answer where nothing is equal: False everywhere, of `!=` True."""
    if op not in ("eq", "ne"):
        name = other.dtype.name if isinstance(other, ex.Scalar) else type(other).__name__
        raise TypeError(f"Invalid comparison between dtype={column.dtype.name} and {name} under {SYMBOLS[op]}")
    return _everywhere(column, op == "ne")


def _everywhere(column: ex.Scalar, truth: bool) -> ex.Scalar:
    """One answer for all rows."""
    either = ex.Call("isna", (column,)), ex.Call("notna", (column,))
    return ex.Call("or" if truth else "and", either)


def _timestamp(value: Any, meets: DType) -> ex.Literal:
    try:
        stamp = pd.Timestamp(value)
    except pd.errors.OutOfBoundsDatetime:
        raise NotYetError(f"comparing {meets.name} with {value}, which it cannot hold") from None
    except (ValueError, TypeError):
        raise Incomparable from None
    if stamp.tz is not None:
        raise Incomparable
    if stamp is pd.NaT:
        raise Missing
    try:
        exact = stamp.as_unit(meets.unit, round_ok=True)
    except pd.errors.OutOfBoundsDatetime:
        raise NotYetError(f"comparing {meets.name} with {stamp}, which it cannot hold") from None
    if exact != stamp:
        raise NotYetError(f"comparing {meets.name} with the finer {stamp}")
    return ex.Literal(str(int(exact.to_datetime64().view("i8"))), datetime_type(meets.unit, missing=False))
