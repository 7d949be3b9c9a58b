"""The types of elementwise operations: which loop NumPy would run. Asked of NumPy itself.

An operand is a dtype, or one of Python's `int`, `float`, `complex`: a scalar of that type is weak, it takes the dtype
of what it meets (NEP 50).
"""

import functools
from typing import Any

import numpy as np

Operand = Any  # a dtype or a Python type
DRAWS = {"draw_random": "f8", "draw_normal": "f8", "draw_exponential": "f8", "draw_integers": "i8"}


@functools.lru_cache(4096)
def loop(op: str, *operands: Operand) -> tuple[tuple["np.dtype[Any]", ...], "np.dtype[Any]"]:
    """The dtypes that operands are converted to, and that of the result; TypeError where NumPy has no such loop."""
    if op == "where":
        common = result_type(*operands[1:])
        return (np.dtype("?"), common, common), common
    if op in DRAWS:
        return tuple(np.dtype(o) for o in operands), np.dtype(DRAWS[op])
    real, number = result_of(op)
    types = real.resolve_dtypes((*operands, *[None] * real.nout))
    return types[: real.nin], types[real.nin + number]


def result_of(op: str) -> tuple[Any, int]:
    """The ufunc of a name, and which of its results is meant: `frexp.1` is the second one of `frexp`."""
    name, _, number = op.partition(".")
    return getattr(np, name), int(number or 0)


@functools.lru_cache(4096)
def loop_for(wanted: "np.dtype[Any]", op: str, *operands: Operand) -> tuple[tuple["np.dtype[Any]", ...], Any]:
    """As `loop`, for the one whose result has a dtype."""
    signature = (*[None] * len(operands), wanted)
    *inputs, result = getattr(np, op).resolve_dtypes((*operands, None), signature=signature)
    return tuple(inputs), result


def result_type(*operands: Operand) -> "np.dtype[Any]":
    """NumPy's promotion, Python's scalars being weak."""
    weak: dict[Any, Any] = {int: 0, float: 0.0, complex: 0j, bool: np.bool_()}
    return np.result_type(*(weak.get(o, o) for o in operands))


def is_ufunc(name: str) -> bool:
    """Whether NumPy has an elementwise function of this name."""
    found = getattr(np, name, None)
    return isinstance(found, np.ufunc) and found.signature is None
