"""The type rules of language 1: what pandas would answer, found out on empty NumPy arrays.

An operation is `(dtype, literal or None)` per argument in, a dtype out. What pandas refuses raises pandas' TypeError;
what depends on the data or is missing here raises NotYetError.
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.dtypes import BOOL, FLOAT64, INT32, INT64, DType, from_numpy, numeric, numpy_dtype
from tenfold.errors import NotYetError

ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide, "floordiv": np.floor_divide,
    "mod": np.remainder,
}  # fmt: skip
COMPARISON: dict[str, Callable[..., Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip
MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}  # with operands exchanged
LOGIC: dict[str, Callable[..., Any]] = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}
UNARY: dict[str, Callable[..., Any]] = {"neg": np.negative, "abs": np.abs, "sqrt": np.sqrt}
FIELDS = (
    "year", "month", "day", "hour", "minute", "second", "microsecond", "dayofweek", "dayofyear", "quarter",
)  # fmt: skip
SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "eq": "==", "ne": "!=",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|", "xor": "^",
}  # fmt: skip
REDUCTIONS = ("sum", "mean", "count", "size", "min", "max", "any", "all")

LATE = DType("int32", "i4", "late")  # a datetime field: int32 if no row had NaT, float64 with NaN otherwise

Argument = tuple[DType, Any]


@functools.lru_cache(4096)
def call_type(op: str, *args: Argument) -> DType:
    """The type of `op` applied to arguments of these types (and literal values)."""
    kinds = {dtype.kind for dtype, _ in args}
    if "V" in kinds:
        raise NotYetError(f"{SYMBOLS.get(op, op)} of {' and '.join(dtype.name for dtype, _ in args)}")
    if op in ("isna", "notna"):
        return BOOL
    if op in COMPARISON:
        return _comparison_type(op, args, kinds)
    if op in FIELDS:
        return _field_type(op, args[0][0])
    if any(dtype.null == "late" for dtype, _ in args):
        raise NotYetError(f"{op!r} of a datetime field of a column with missing dates")
    if op in UNARY and kinds <= set("biuf"):
        return _numpy_type(UNARY[op], args, op)
    if op == "not" and kinds <= set("biu"):
        return _numpy_type(np.invert, args, op)
    if op in LOGIC and kinds <= set("biu"):
        return _numpy_type(LOGIC[op], args, op)
    if op in ARITHMETIC and kinds <= set("biuf"):
        return _arithmetic_type(op, args)
    raise _refused(op, args)


def _arithmetic_type(op: str, args: tuple[Argument, ...]) -> DType:
    if op in ("truediv", "floordiv") and all(dtype.kind == "b" for dtype, _ in args):
        raise NotImplementedError(f"operator {op!r} not implemented for bool dtypes")
    if op in ("floordiv", "mod"):
        if any(dtype.kind == "b" for dtype, _ in args):
            raise NotYetError(f"{SYMBOLS[op]} of booleans")
        divisor, literal = args[1]
        if divisor.kind in "iu" and not literal and args[0][0].kind in "iu":
            raise NotYetError(f"integer {SYMBOLS[op]} by a column or by zero (its type depends on the data)")
    result = _numpy_type(ARITHMETIC[op], args, op)
    if op == "floordiv" and result.storage == "f4" and args[1][1] is None:
        raise NotYetError("// of float32 by a column (float64 if a zero is in it)", "call .astype('float64') first")
    return result


def _numpy_type(function: Callable[..., Any], args: tuple[Argument, ...], op: str) -> DType:
    """Ask NumPy, with Python scalars for literals (weak) and empty arrays for columns."""
    if all(literal is not None for _, literal in args):
        values = [np.asarray(literal)[None][:0] for _, literal in args]
    else:
        values = [np.empty(0, d.storage) if literal is None else literal for d, literal in args]
    try:
        result = function(*values).dtype
    except (TypeError, np.exceptions.DTypePromotionError):
        raise _refused(op, args) from None
    try:
        return from_numpy(result)
    except TypeError:
        raise NotYetError(f"{SYMBOLS.get(op, op)} with an answer of type {result}") from None


def _comparison_type(op: str, args: tuple[Argument, ...], kinds: set[str]) -> DType:
    if kinds <= set("biuf") or kinds == {"M"} or kinds == {"O"}:
        return BOOL
    raise TypeError(f"Invalid comparison between dtype={args[0][0].name} and {args[1][0].name}")


def _field_type(op: str, dtype: DType) -> DType:
    if dtype.kind != "M":
        raise AttributeError("Can only use .dt accessor with datetimelike values")
    return LATE if dtype.null == "nat" else INT32


def _refused(op: str, args: tuple[Argument, ...]) -> Exception:
    kinds = sorted(dtype.kind for dtype, _ in args)
    # pandas joins and repeats texts, and takes NaN for a missing one
    texts = kinds in (["O", "O"], ["O", "f"]) if op == "add" else op == "mul" and kinds in (["O", "i"], ["O", "u"])
    if texts or (op == "sub" and kinds == ["M", "M"]) or op in LOGIC or (op == "abs" and kinds == ["O"]):
        return NotYetError(f"{SYMBOLS.get(op, op)} of {' and '.join(dtype.name for dtype, _ in args)}")
    names = " and ".join(repr(dtype.name) for dtype, _ in args)
    return TypeError(f"unsupported operand type(s) for {SYMBOLS.get(op, op)}: {names}")


def common_type(*args: DType) -> DType:
    """The type that operands are converted to before a comparison or arithmetic: NumPy's promotion."""
    if args[0].kind == "M":
        return max(args, key=lambda d: ("s", "ms", "us", "ns").index(d.unit))
    return from_numpy(np.result_type(*(numpy_dtype(d) for d in args)))


def late_type(dtype: DType, missing: bool) -> DType:
    """What a type that waits for the data becomes once it is known whether a value was missing."""
    if dtype.null != "late":
        return dtype
    return FLOAT64 if missing else INT32


@functools.lru_cache(256)
def reduction_type(function: str, dtype: DType | None) -> DType:
    """The type of a group's answer."""
    if dtype is not None and dtype.kind == "V":
        raise NotYetError(f"{function} of {dtype.name}")
    if function in ("count", "size"):
        return INT64
    assert dtype is not None
    if dtype.null == "late":
        raise NotYetError(f"{function} of a datetime field of a column with missing dates")
    if dtype.kind == "O" or (dtype.kind == "M" and function not in ("min", "max")):
        if function == "mean" and dtype.kind == "O":
            raise TypeError("Cannot perform reduction 'mean' with string dtype")
        if function == "sum" and dtype.kind == "M":
            raise TypeError("datetime64 type does not support operation 'sum'")
        raise NotYetError(f"{function} of {dtype.name}")
    if function == "mean":
        return FLOAT64  # of float32 perhaps float32, which the run decides: `collect.settled`
    if function == "sum":
        return {"b": INT64, "i": INT64, "u": numeric("uint64")}.get(dtype.kind, dtype)
    return BOOL if function in ("any", "all") else dtype
