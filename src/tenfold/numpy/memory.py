"""Arrays that are memory: small ones, those of dtypes that no kernel takes, those that are written into step by step.

Such an array is a NumPy array, its views are NumPy's views, and what is written into one shows in all, as there. What
is computed later must not see what is written in between: an expression gets a copy of a small array; of a large one
it looks at the memory itself, which is copied for it if it is written into before.
"""

import weakref
from typing import Any

import numpy as np

from tenfold import config
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray

KERNELS = "biufcmM"  # kinds of dtypes that expressions hold: text, objects and records are memory, always


class Readers:
    """Who looks at memory: sources of expressions; and others, who may write into it unseen, once it was handed out."""

    __slots__ = ("handed_out", "sources")

    def __init__(self) -> None:
        self.sources: list[Any] = []
        self.handed_out = False


class Memory:
    """The NumPy array that an array is; `readers` are the same for all views of it.

    `first` is what views look through that were made when the array was an expression: they may be written into, and
    have their dtype, whatever has become of that of the array since.
    """

    __slots__ = ("array", "first", "readers")

    def __init__(self, array: Any, readers: Readers | None = None, *, read_only: bool = False) -> None:
        self.array = self.first = array
        self.readers = Readers() if readers is None else readers
        if read_only:
            array.flags.writeable = False

    def view(self, array: Any) -> "Memory":
        """A view of this memory."""
        return Memory(array, self.readers)

    def computed(self) -> "Memory":
        """The same, of an array that was an expression until now."""
        self.first = self.array.view()
        return self

    def hand_out(self) -> Any:
        """The memory itself, for others to read and write."""
        self.before_writing()
        self.readers.handed_out = True
        return self.array

    def node(self) -> ar.Array:
        """An expression of the values as they are now."""
        array = self.array
        if not array.ndim:
            return ar.full(array, array.dtype)
        if array.nbytes <= COPIED_BYTES or is_small(array) or self.readers.handed_out:
            return ar.Stored(MemoryArray(array.copy()))
        source = MemoryArray(array)
        self.readers.sources.append(weakref.ref(source))
        return ar.Stored(source)

    def before_writing(self) -> None:
        """Give those that look at this memory a copy of what is there now."""
        for found in self.readers.sources:
            source = found()
            if source is not None:
                object.__setattr__(source, "array", source.array.copy())
        self.readers.sources.clear()

    def write(self, key: Any, value: Any) -> None:
        """What `array[key] = value` does."""
        if self.readers.sources:
            self.before_writing()
        self.array[key] = value


COPIED_BYTES = 64 << 10  # arrays up to this size are copied, others are lent


def is_small(array: Any) -> bool:
    """Whether what is made of this NumPy array is made at once."""
    return 0 < config.get("small_bytes") >= array.nbytes


def is_odd(dtype: "np.dtype[Any]") -> bool:
    """Whether no expression holds this dtype: text, objects, records, raw bytes."""
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
