"""The operations of kernels: one row each, with the NumPy form and the templates for Python and CUDA C++ text.

All operands of an operation have one storage type `T` (the builder casts), but for the boolean first operand of those
that choose; `takes` says which storages those may be. `result` is that of the value: `T` itself or a fixed storage.
Nothing here contracts to a fused multiply-add: every target gives the same bits.

Each is defined for all values of the storages that it takes, as NumPy defines it. Integers wrap modulo 2**bits, the
least one's negative and absolute value too. Division and remainder are rounded to minus infinity; by 0, both are 0. A
shift by as many bits as there are, by more, or by fewer than 0 shifts all bits out. No float becomes an integer by a
cast, and nothing a boolean: of values out of range each machine makes its own, and comparing with 0 says more.

Words of draws are the one operation with a memory: neighbours share a block of four words, so targets fill many rows
at once. Their operands are i8: the two words of the key, which are parameters, and an index that is not negative.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.primitives import elementary, philox

INTEGERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
FLOATS = ("f4", "f8")
NUMBERS = (*INTEGERS, *FLOATS)
LOGICAL = ("?", *INTEGERS)
STORAGES = ("?", *NUMBERS)


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table: `result` storage (`T` for the operands'), what NumPy does, how it prints.

    `chooses`: the first operand is a condition. `careful`: how both print it where the plain templates are right only
    for some second operands (see `is_plain`).
    """

    result: str
    takes: tuple[str, ...]
    numpy: Callable[..., Any]
    python: str
    cuda: str
    chooses: bool = False
    careful: str = ""


def _infix(symbol: str, takes: tuple[str, ...], numpy: Callable[..., Any], result: str = "T") -> Operation:
    return Operation(result, takes, numpy, f"{{0}} {symbol} {{1}}", f"{{0}} {symbol} {{1}}")


def _division(symbol: str, name: str, numpy: Callable[..., Any]) -> Operation:
    call = f"{name}({{0}}, {{1}})"
    return Operation("T", NUMBERS, numpy, f"{{0}} {symbol} {{1}}", call, careful=call)


def _shift(symbol: str, name: str, numpy: Callable[..., Any]) -> Operation:
    plain = f"{{0}} {symbol} {{1}}"
    return Operation("T", INTEGERS, numpy, plain, plain, careful=f"{name}({{0}}, {{1}})")


def _rounding(name: str) -> Operation:
    return Operation("T", FLOATS, getattr(np, name), f"{{cast}}({name}({{0}}))", f"{name}({{0}})")


def _rare(name: str) -> Operation:
    """A scalar function of the second operand where the first holds, else the third operand."""

    def numpy(*operands: Any) -> Any:
        condition, x, otherwise = np.broadcast_arrays(*operands)
        return elementary.ARRAYS.rarely(condition, name, x, otherwise)

    python, cuda = f"{name}({{1}}) if {{0}} else {{2}}", f"{{0}} ? {name}({{1}}) : {{2}}"
    return Operation("T", ("f8",), numpy, python, cuda, chooses=True)


def _word(keep: int, put: int) -> Operation:
    """Word `index & keep | put`; printed with the memory of the target."""
    return Operation("T", ("i8",), lambda *operands: philox.words(operands[:2], operands[2] & keep | put), "", "")


OPERATIONS: dict[str, Operation] = {
    "add": _infix("+", NUMBERS, np.add),
    "sub": _infix("-", NUMBERS, np.subtract),
    "mul": _infix("*", NUMBERS, np.multiply),
    "div": _infix("/", FLOATS, np.divide),
    "floordiv": _division("//", "floor_div", np.floor_divide),
    "mod": _division("%", "floor_mod", np.remainder),
    "neg": Operation("T", NUMBERS, np.negative, "-{0}", "-{0}"),
    "abs": Operation("T", NUMBERS, np.abs, "abs({0})", "absolute({0})"),
    "sqrt": Operation("T", FLOATS, np.sqrt, "sqrt({0})", "sqrt({0})"),
    "eq": _infix("==", STORAGES, np.equal, "?"),
    "ne": _infix("!=", STORAGES, np.not_equal, "?"),
    "lt": _infix("<", STORAGES, np.less, "?"),
    "le": _infix("<=", STORAGES, np.less_equal, "?"),
    "gt": _infix(">", STORAGES, np.greater, "?"),
    "ge": _infix(">=", STORAGES, np.greater_equal, "?"),
    "and": _infix("&", LOGICAL, np.bitwise_and),
    "or": _infix("|", LOGICAL, np.bitwise_or),
    "xor": _infix("^", LOGICAL, np.bitwise_xor),
    "not": Operation("T", ("?",), np.logical_not, "not {0}", "!{0}"),
    "invert": Operation("T", INTEGERS, np.invert, "~{0}", "~{0}"),
    "shl": _shift("<<", "shift_left", np.left_shift),
    "shr": _shift(">>", "shift_right", np.right_shift),
    "select": Operation("T", STORAGES, np.where, "{1} if {0} else {2}", "{0} ? {1} : {2}", chooses=True),
    "cast": Operation("T", STORAGES, lambda x: x, "{cast}({0})", "({cast}){0}"),
    "bits": Operation("i8", ("f8",), elementary.ARRAYS.bits, "f8_bits({0})", "f8_bits({0})"),
    "from_bits": Operation("f8", ("i8",), elementary.ARRAYS.from_bits, "bits_f8({0})", "bits_f8({0})"),
    "mulhi": Operation("i8", ("i8",), philox.ARRAYS.mulhi, "i8(mulhi(u8({0}), u8({1})))", "(i8)__umul64hi({0}, {1})"),
    **{name: _rounding(name) for name in ("floor", "ceil", "trunc", "rint")},
    **{name: _rare(name) for name in elementary.SCALARS},
    "word": _word(-1, 0),
    "even_word": _word(-2, 0),
    "odd_word": _word(-1, 1),
}
RARE = frozenset(elementary.SCALARS)
PAIRS = frozenset(["even_word", "odd_word"])
WORDS = PAIRS | {"word"}
WRAPPING = frozenset(["add", "sub", "mul", "neg", "shl"])  # may leave the range of integers


def is_plain(op: str, storage: str, second: int | None) -> bool:
    """Whether the plain templates are right: always, or by the second operand, a constant.

    Compiled Python divides narrow and unsigned integers as it should; shifts are left open for all.

    >>> is_plain("shl", "i4", 31), is_plain("shl", "i4", 32), is_plain("mod", "i8", -3), is_plain("mod", "i8", None)
    (True, False, True, False)
    """
    if op in ("shl", "shr"):
        return second is not None and 0 <= second < 8 * int(storage[1])
    return op not in ("floordiv", "mod") or storage != "i8" or second not in (None, 0, -1)


def can_cast(given: str, wanted: str) -> bool:
    """Whether a cast is defined for all values."""
    return wanted in FLOATS or (wanted in INTEGERS and given not in FLOATS)
