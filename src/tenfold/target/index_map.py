"""Index maps: where the elements of a view lie in an array, as a function of the row's number.

base + sum of stride * digit, over the digits of the row's number in a shape in C order: the values of a kernel's input
`@d` (see `kernel/nodes.py`). The CPU gets them as a column, a GPU computes them from the arguments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

NUMERATOR_BITS = 62


@dataclass(frozen=True, slots=True)
class IndexMap:
    """A base, and a stride in elements and a size for each of 1 to 4 axes.

    >>> IndexMap(100, (20, 2), (3, 5)).values(3, 8).tolist()
    [106, 108, 120, 122, 124]
    """

    base: int
    strides: tuple[int, ...]
    shape: tuple[int, ...]

    def __len__(self) -> int:
        return int(np.prod(self.shape, dtype=object))

    def values(self, lo: int, hi: int) -> np.ndarray:
        """The values of rows `lo` to `hi`; no division for each, and no more memory than three times theirs."""
        return index_map_values(self.base, self.strides, self.shape, lo, hi)

    def arguments(self) -> tuple[Any, ...]:
        """What stands for the input among the arguments of a CUDA kernel."""
        return index_map_arguments(self.base, self.strides, self.shape)


def index_map_values(base: int, strides: Sequence[int], shape: Sequence[int], lo: int, hi: int) -> np.ndarray:
    """The values of rows `lo` to `hi`."""
    size, stride = shape[-1], strides[-1]
    if len(shape) == 1 or hi <= lo:
        return np.arange(base + stride * lo, base + stride * hi, stride) if stride else np.full(max(hi - lo, 0), base)
    first, last = lo // size, (hi - 1) // size + 1
    if last - first == 1:
        start = int(index_map_values(base, strides[:-1], shape[:-1], first, last)[0])
        return index_map_values(start, [stride], [size], lo - first * size, hi - first * size)
    if size > hi - lo:  # then there are two runs: neither is made whole
        cut = (first + 1) * size
        return np.concatenate([index_map_values(base, strides, shape, *run) for run in ((lo, cut), (cut, hi))])
    outer = index_map_values(base, strides[:-1], shape[:-1], first, last)
    return np.add.outer(outer, stride * np.arange(size)).reshape(-1)[lo - first * size : hi - first * size]


def index_map_arguments(base: int, strides: Sequence[int], shape: Sequence[int]) -> tuple[Any, ...]:
    """Base; stride, size, and magic and shift of an exact division by it, from the last axis to the second; stride."""
    arguments: list[Any] = [np.int64(base)]
    for stride, size in zip(strides[:0:-1], shape[:0:-1], strict=True):
        magic, shift = magic_of(max(size, 1))
        arguments += [np.int64(stride), np.int64(size), np.uint64(magic), np.int32(shift)]
    return (*arguments, np.int64(strides[0]))


def magic_of(divisor: int) -> tuple[int, int]:
    """(magic, shift): 0 <= n < 2**62 divided by `divisor` is 4 * n * magic, its upper 64 of 128 bits, >> shift.

    With 2**shift at least the divisor, magic exceeds 2**(62 + shift) / divisor by less than 2**shift / divisor, so the
    quotient by less than n / (2**62 * divisor), which is less than what is missing to the next whole number (Granlund
    and Montgomery 1994).
    """
    shift = (divisor - 1).bit_length()
    return -(-(1 << NUMERATOR_BITS + shift) // divisor), shift
