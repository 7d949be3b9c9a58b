"""How an array lies in memory, and whether it may be written into: NumPy's `flags`, of expressions too."""

from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.numpy.array import ndarray


class Flags:
    """Those of an expression, as NumPy's array of the same program would have them; once one is set, it is memory."""

    __slots__ = ("_array",)
    _array: ndarray

    def __init__(self, array: ndarray) -> None:
        object.__setattr__(self, "_array", array)

    def __getattr__(self, name: str) -> Any:
        return getattr(_now(self._array), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._array._hold().flags, name, value)

    def __getitem__(self, name: str) -> Any:
        return _now(self._array)[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._array._hold().flags[name] = value

    def __eq__(self, other: object) -> Any:
        return _now(self._array) == (_now(other._array) if isinstance(other, Flags) else other)

    __hash__ = None  # type: ignore[assignment] # as NumPy's

    def __repr__(self) -> str:
        return repr(_now(self._array))


def flags(self: ndarray) -> Any:
    """How it lies in memory: of an expression, as NumPy's array of the same program would."""
    return Flags(self) if self._memory is None else self._memory.array.flags


def _now(array: ndarray) -> Any:
    """NumPy's flags: of the memory, or of a stand-in that lies as it would."""
    if array._memory is not None:
        return array._memory.array.flags
    try:
        steps = tuple(n * array.itemsize for n in array._strides)
    except ValueError:
        steps = tuple(n * array.itemsize for n in ar.c_strides(array.shape))
    one = np.empty(1, array.dtype)
    return np.lib.stride_tricks.as_strided(one, array.shape, steps, writeable=_takes_writes(array)).flags


def _takes_writes(array: ndarray) -> bool:
    """Whether an expression may be written into: all lenses on the way to the array that it shows take that."""
    while array._base is not None:
        if not array._lens.takes_writes:
            return False
        array = array._base
    return True
