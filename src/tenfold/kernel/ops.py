"""The operations of kernels: one row each, with the NumPy form and the templates for Python and CUDA C++ text.

All operands of an operation have one storage type `T` (the builder casts), but for the boolean first operand of those
that choose. `result` is that of the value: `T` itself or a fixed storage. Integer division and remainder are Python's
(rounded to minus infinity), the divisor never 0; a shift is by less than the operand has bits. Nothing here contracts
to a fused multiply-add: every target gives the same bits.

Words of draws are the one operation with a memory: neighbours share a block of four words, so targets fill many rows
at once. Their operands are i8: the two words of the key, which are parameters, and an index that is not negative.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.primitives import elementary, philox


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table: `result` storage (`T` for the operands'), what NumPy does, how it prints.

    `chooses`: the first operand is a condition.
    """

    result: str
    numpy: Callable[..., Any]
    python: str
    cuda: str
    chooses: bool = False


def _infix(symbol: str, numpy: Callable[..., Any], result: str = "T") -> Operation:
    return Operation(result, numpy, f"{{0}} {symbol} {{1}}", f"{{0}} {symbol} {{1}}")


def _rounding(name: str) -> Operation:
    return Operation("T", getattr(np, name), f"{{cast}}({name}({{0}}))", f"{name}({{0}})")


def _rare(name: str) -> Operation:
    """A scalar function of the second operand where the first holds, else the third operand."""

    def numpy(*operands: Any) -> Any:
        condition, x, otherwise = np.broadcast_arrays(*operands)
        return elementary.ARRAYS.rarely(condition, name, x, otherwise)

    return Operation("T", numpy, f"{name}({{1}}) if {{0}} else {{2}}", f"{{0}} ? {name}({{1}}) : {{2}}", chooses=True)


def _word(keep: int, put: int) -> Operation:
    """Word `index & keep | put`; printed with the memory of the target."""
    return Operation("T", lambda *operands: philox.words(operands[:2], operands[2] & keep | put), "", "")


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
    "invert": Operation("T", np.invert, "~{0}", "~{0}"),
    "shl": _infix("<<", np.left_shift),
    "shr": _infix(">>", np.right_shift),
    "select": Operation("T", np.where, "{1} if {0} else {2}", "{0} ? {1} : {2}", chooses=True),
    "cast": Operation("T", lambda x: x, "{cast}({0})", "({cast}){0}"),
    "bits": Operation("i8", elementary.ARRAYS.bits, "f8_bits({0})", "f8_bits({0})"),
    "from_bits": Operation("f8", elementary.ARRAYS.from_bits, "bits_f8({0})", "bits_f8({0})"),
    "mulhi": Operation("i8", philox.ARRAYS.mulhi, "i8(mulhi(u8({0}), u8({1})))", "(i8)__umul64hi({0}, {1})"),
    **{name: _rounding(name) for name in ("floor", "ceil", "trunc", "rint")},
    **{name: _rare(name) for name in elementary.SCALARS},
    "word": _word(-1, 0),
    "even_word": _word(-2, 0),
    "odd_word": _word(-1, 1),
}
RARE = frozenset(elementary.SCALARS)
PAIRS = frozenset(["even_word", "odd_word"])
WORDS = PAIRS | {"word"}
