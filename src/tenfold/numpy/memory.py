"""Arrays that are memory: small ones, those of dtypes that no kernel takes, those that are written into step by step.

Such an array is a NumPy array, its views are NumPy's views, and what is written into one shows in all, as there. What
is computed later must not see what is written in between: an expression gets a copy of a small array; of a large one
it looks at the memory itself, which is copied for it (`lent`) if it is written into before.
"""

import weakref
from typing import Any

import numpy as np

from tenfold import config
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray

KERNELS = "biufcmMSU"  # kinds of dtypes that expressions hold: objects and records are memory, always


class Memory:
    """The NumPy array that an array is; `lent` are the sources that look at it, the same list for all views."""

    __slots__ = ("array", "lent")

    def __init__(self, array: Any, lent: list[Any] | None = None, *, read_only: bool = False) -> None:
        self.array, self.lent = array, [] if lent is None else lent
        if read_only:
            array.flags.writeable = False

    def view(self, array: Any) -> "Memory":
        """A view of this memory."""
        return Memory(array, self.lent)

    def node(self) -> ar.Array:
        """An expression of the values as they are now."""
        array = self.array
        if not array.ndim:
            return ar.full(array, array.dtype)
        if array.nbytes <= COPIED_BYTES or is_small(array):
            return ar.Stored(MemoryArray(array.copy()))
        source = MemoryArray(array)
        self.lent.append(weakref.ref(source))
        return ar.Stored(source)

    def before_writing(self) -> None:
        """Give those that look at this memory a copy of what is there now."""
        for found in self.lent:
            source = found()
            if source is not None:
                object.__setattr__(source, "array", source.array.copy())
        self.lent.clear()

    def write(self, key: Any, value: Any) -> None:
        """What `array[key] = value` does."""
        if self.lent:
            self.before_writing()
        self.array[key] = value


COPIED_BYTES = 64 << 10  # arrays up to this size are copied, others are lent


def is_small(array: Any) -> bool:
    """Whether what is made of this NumPy array is made at once."""
    return 0 < config.get("small_bytes") >= array.nbytes


def is_odd(dtype: "np.dtype[Any]") -> bool:
    """Whether no expression holds this dtype: objects, records, raw bytes."""
    return dtype.kind not in KERNELS


def is_shared(array: Any) -> bool:
    """Whether nobody can write into a NumPy array: a large one need not be copied to stay what it is."""
    while isinstance(array, np.ndarray):
        if array.flags.writeable:
            return False
        array = array.base
    try:
        return array is None or memoryview(array).readonly
    except TypeError:
        return False
