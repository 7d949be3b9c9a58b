"""The operations of kernels: one row each, with the NumPy form and the templates for Python and CUDA C++ text.

All operands of an operation have one storage type `T` (the builder casts), except where the row says otherwise.
`result` is that of the value: `T` itself or a fixed storage. Integer division and remainder are Python's (rounded
to minus infinity), the divisor never 0. Nothing here contracts to a fused multiply-add: every target gives the
same bits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table: `result` storage (`T` for the operands'), what NumPy does, how it prints."""

    result: str
    numpy: Callable[..., Any]
    python: str
    cuda: str


def _infix(symbol: str, numpy: Callable[..., Any], result: str = "T") -> Operation:
    return Operation(result, numpy, f"{{0}} {symbol} {{1}}", f"{{0}} {symbol} {{1}}")


def _select(condition: Any, yes: Any, no: Any) -> Any:
    return np.where(condition, yes, no)


OPERATIONS: dict[str, Operation] = {
    "add": _infix("+", np.add),
    "sub": _infix("-", np.subtract),
    "mul": _infix("*", np.multiply),
    "div": _infix("/", np.divide),
    "floordiv": Operation("T", np.floor_divide, "{0} // {1}", "floor_div({0}, {1})"),
    "mod": Operation("T", np.remainder, "{0} % {1}", "floor_mod({0}, {1})"),
    "neg": Operation("T", np.negative, "-{0}", "-{0}"),
    "abs": Operation("T", np.abs, "abs({0})", "absolute({0})"),
    "sqrt": Operation("T", np.sqrt, "sqrt({0})", "sqrt({0})"),
    "eq": _infix("==", np.equal, "?"),
    "ne": _infix("!=", np.not_equal, "?"),
    "lt": _infix("<", np.less, "?"),
    "le": _infix("<=", np.less_equal, "?"),
    "gt": _infix(">", np.greater, "?"),
    "ge": _infix(">=", np.greater_equal, "?"),
    "and": _infix("&", np.bitwise_and),
    "or": _infix("|", np.bitwise_or),
    "xor": _infix("^", np.bitwise_xor),
    "not": Operation("T", np.logical_not, "not {0}", "!{0}"),
    "select": Operation("T", _select, "{1} if {0} else {2}", "{0} ? {1} : {2}"),
    "cast": Operation("T", lambda x: x, "{cast}({0})", "({cast}){0}"),
}
