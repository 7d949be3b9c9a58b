"""Lenses: what a view shows of its base (`get`), and the base after that was replaced (`put`), as expressions.

`takes_writes` says whether there is a `put` at all; `strides` how far apart what it shows would lie in memory, so that
a reshape copies where NumPy's does; `of` shows the same of real memory, as NumPy's own view (None where there is none).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar


@dataclass(frozen=True, slots=True)
class ViewLens:
    """Part of a base, by an affine map."""

    extent: ar.Shape
    axes: tuple[ar.Axis, ...]

    @property
    def takes_writes(self) -> bool:
        """Whether no element is shown at many places."""
        shown = {axis for axis, _, _ in self.axes}
        return all(n <= 1 or axis in shown for axis, n in enumerate(self.extent))

    def get(self, base: ar.Array) -> ar.Array:
        """What the lens shows."""
        return ar.view(base, self.extent, self.axes)

    def put(self, base: ar.Array, value: ar.Array) -> ar.Array:
        """The base after what the lens shows was replaced."""
        if value.shape == base.shape and self.axes == ar.identity(base.ndim):
            return value
        if not self.takes_writes:
            raise ValueError("assignment destination is read-only")
        return ar.Assign(base, value, self.axes)

    def strides(self, base: ar.Shape, shape: ar.Shape) -> ar.Shape:
        """The strides of what the lens shows of a base with strides and shape."""
        made = [0] * len(self.extent)
        for (axis, _, step), stride in zip(self.axes, base, strict=True):
            if axis >= 0:
                made[axis] = step * stride
        return tuple(made)

    def of(self, memory: Any) -> Any:
        """The view of real memory."""
        begin = tuple(slice(offset, None) for _, offset, _ in self.axes)
        start = memory[begin] if memory.ndim and memory.size else memory
        made = np.lib.stride_tricks.as_strided(start, self.extent, self.strides(memory.strides, memory.shape))
        if not (memory.flags.writeable and self.takes_writes):
            made.flags.writeable = False
        return made


@dataclass(frozen=True, slots=True)
class ReshapeLens:
    """All of a base under another shape."""

    shape: ar.Shape
    takes_writes = True

    def get(self, base: ar.Array) -> ar.Array:
        """What the lens shows."""
        return ar.Reshape(base, self.shape)

    def put(self, base: ar.Array, value: ar.Array) -> ar.Array:
        """The base after what the lens shows was replaced."""
        return ar.Reshape(value, base.shape)

    def strides(self, base: ar.Shape, shape: ar.Shape) -> ar.Shape:
        """The strides of what the lens shows of a base with strides and shape; ValueError where it takes a copy."""
        return reshaped(base, shape, self.shape)

    def of(self, memory: Any) -> Any:
        """The view of real memory."""
        return memory.reshape(self.shape, copy=False)


@dataclass(frozen=True, slots=True)
class PartLens:
    """The real or the imaginary parts of a complex base."""

    part: str
    takes_writes = True

    def get(self, base: ar.Array) -> ar.Array:
        """What the lens shows."""
        return ar.Elementwise(self.part, (base,), np.empty(0, base.dtype).real.dtype)

    def put(self, base: ar.Array, value: ar.Array) -> ar.Array:
        """The base after what the lens shows was replaced."""
        other = PartLens("imag" if self.part == "real" else "real").get(base)
        return ar.Elementwise("complex", (value, other) if self.part == "real" else (other, value), base.dtype)

    def strides(self, base: ar.Shape, shape: ar.Shape) -> ar.Shape:
        """The strides of what the lens shows of a base with strides and shape."""
        return base

    def of(self, memory: Any) -> Any:
        """The view of real memory."""
        return getattr(memory, self.part)


@dataclass(frozen=True, slots=True)
class BitsLens:
    """The bytes of a base read as another dtype of their size."""

    shown: "np.dtype[Any]"
    stored: "np.dtype[Any]"
    takes_writes = True

    def get(self, base: ar.Array) -> ar.Array:
        """What the lens shows."""
        return ar.Elementwise("bits", (base,), self.shown)

    def put(self, base: ar.Array, value: ar.Array) -> ar.Array:
        """The base after what the lens shows was replaced."""
        return ar.Elementwise("bits", (value,), self.stored)

    def strides(self, base: ar.Shape, shape: ar.Shape) -> ar.Shape:
        """The strides of what the lens shows of a base with strides and shape."""
        return base

    def of(self, memory: Any) -> Any:
        """The view of real memory."""
        return memory.view(self.shown)


@dataclass(frozen=True, slots=True)
class ReadLens:
    """What a function makes of the base: it follows writes to the base, and takes none."""

    function: Callable[[ar.Array], ar.Array]
    real: Callable[[Any], Any] | None = None  # the same of real memory, where NumPy has a view for it
    takes_writes = False

    def get(self, base: ar.Array) -> ar.Array:
        """What the lens shows."""
        return self.function(base)

    def put(self, base: ar.Array, value: ar.Array) -> ar.Array:
        """None is taken."""
        raise ValueError("assignment destination is read-only")

    def strides(self, base: ar.Shape, shape: ar.Shape) -> ar.Shape:
        """Not those of memory."""
        raise ValueError("not a view of memory")

    def of(self, memory: Any) -> Any:
        """The view of real memory, if there is one."""
        return None if self.real is None else self.real(memory)


def reshaped(strides: ar.Shape, shape: ar.Shape, wanted: ar.Shape) -> ar.Shape:
    """The strides of a view of another shape; ValueError where NumPy has to copy. No memory is looked at."""
    there = np.lib.stride_tricks.as_strided(np.empty(1, "i1"), shape, strides)
    return there.reshape(wanted, copy=False).strides
