"""`x[mask]` before its elements are found: elementwise functions of it and many reductions need no finding.

What is elementwise is done to all elements, under the same mask; a reduction leaves out what the mask does. Everything
else finds the elements, for which array and mask are computed.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tenfold.collect_arrays import collect_array, collect_selection
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray


@dataclass(slots=True)
class Selection:
    """The elements of `values` where `mask`, of the same shape, holds; calling it finds them."""

    values: ar.Array
    mask: ar.Array
    _count: int | None = field(default=None)

    ndim = 1

    @property
    def dtype(self) -> "np.dtype[Any]":
        """The type of the elements."""
        return self.values.dtype

    @property
    def size(self) -> int:
        """How many there are; counted, not found."""
        if self._count is None:
            over = tuple(range(self.mask.ndim))
            self._count = int(collect_array(ar.Reduce("count", self.mask, over, np.dtype("i8"))))
        return self._count

    @property
    def shape(self) -> ar.Shape:
        """The number of elements."""
        return (self.size,)

    @property
    def nbytes(self) -> int:
        """What the elements take in memory."""
        return self.size * self.dtype.itemsize

    def __call__(self) -> ar.Array:
        """The elements as an array in memory."""
        return ar.Stored(MemoryArray(collect_selection(self.values, self.mask)))


def selection_of(value: Any) -> Selection | None:
    """The selection that an array is, if its elements are not found yet."""
    own = getattr(value, "_own", None)
    return own if type(own) is Selection else None


def together(operands: Any) -> ar.Array | None:
    """The mask that all operands are selected by, but for scalars; None where there is none or another one."""
    found = [selection_of(x) for x in operands]
    if not any(found):
        return None
    masks = {chosen.mask for chosen in found if chosen is not None}
    rest = [x for x, chosen in zip(operands, found, strict=True) if chosen is None]
    return masks.pop() if len(masks) == 1 and not any(np.ndim(x) for x in rest) else None


REDUCTIONS: dict[str, Callable[..., Any]] = {}  # filled by `selected`: functions of (values, mask) and options
OPTIONS = {"axis", "dtype", "ddof"}


def reducing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction that takes selections by its form in REDUCTIONS, where the call is a plain one."""

    @functools.wraps(function)
    def reduction(a: Any, *args: Any, **options: Any) -> Any:
        chosen = selection_of(a)
        if chosen is None:
            return function(a, *args, **options)
        given = dict(zip(("axis",), args, strict=False)) | options
        if len(args) > 1 or given.keys() - OPTIONS or given.pop("axis", None) not in (None, 0, -1):
            return function(a, *args, **options)
        return REDUCTIONS[function.__name__](chosen.values, chosen.mask, **given)

    return reduction
