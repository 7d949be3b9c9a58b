"""`numpy.fft` over lazy arrays: transforms along axes that are whole, the other axes cut."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of
from tenfold.numpy.door import doors, unknown

LENGTHS_ALONE = (
    "`axes` should not be `None` if `s` is not `None` (Deprecated in NumPy 2.0): pass the axes that the lengths are of"
)


def _transformed(name: str, node: ar.Array, sizes: tuple[int, ...], axes: tuple[int, ...], norm: Any) -> ar.Array:
    """A transform over axes, moved to the end for it and back."""
    order = (*(k for k in range(node.ndim) if k not in axes), *axes)
    turned = ar.transpose(node, order)
    dtype = _call(name, np.zeros((2,) * len(sizes), node.dtype), (2,) * len(sizes), norm).dtype
    halved = name.startswith("rfft") or name == "ihfft"  # of the spectrum of a real signal one half is left
    lengths = (*sizes[:-1], sizes[-1] // 2 + 1) if halved else sizes
    extent = turned.shape[: node.ndim - len(axes)] + lengths
    made = ar.Apply(name, (turned,), len(axes), (sizes, norm), extent, dtype)
    return ar.transpose(made, tuple(int(k) for k in np.argsort(order)))


def _call(name: str, block: Any, sizes: tuple[int, ...], norm: Any) -> Any:
    """NumPy's function, which refuses what it does not take."""
    if name in ONE:
        return getattr(np.fft, name)(block, sizes[0], -1, norm)
    return getattr(np.fft, name)(block, sizes, tuple(range(-len(sizes), 0)), norm)


def _one(name: str) -> Callable[..., Any]:
    def function(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        node = node_of(a)
        axis = sh.normalize_axis_index(axis, node.ndim)
        if n is None:
            n = 2 * (node.shape[axis] - 1) if name in ("irfft", "hfft") else node.shape[axis]
        if n < 1:
            raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
        return ew.written(_transformed(name, node, (int(n),), (axis,), norm), out)

    function.__name__ = name
    function.__doc__ = f"NumPy's `fft.{name}` along an axis."
    return function


def _many(name: str, default: Any) -> Callable[..., Any]:
    def function(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        node = node_of(a)
        if axes is None:
            if s is not None:
                warnings.warn(LENGTHS_ALONE, DeprecationWarning, stacklevel=3)
            axes = range(node.ndim) if s is None else range(-len(s), 0)
        over = tuple(axis % node.ndim if -node.ndim <= axis < node.ndim else axis for axis in axes)
        if len(set(over)) < len(over):
            raise NotNative("one axis twice")
        over = np.lib.array_utils.normalize_axis_tuple(over, node.ndim)
        sizes = [node.shape[k] for k in over] if s is None else list(s)
        if len(sizes) != len(over):
            raise ValueError("Shape and axes have different lengths.")
        if any(n is None for n in sizes):
            raise NotNative("lengths that are None")
        sizes = [node.shape[k] if n == -1 else n for n, k in zip(sizes, over, strict=True)]
        if s is None and name.startswith("irfft"):
            sizes[-1] = 2 * (sizes[-1] - 1)
        sizes = [int(n) for n in sizes]
        if min(sizes, default=0) < 1:
            raise ValueError(f"Invalid number of FFT data points ({sizes}) specified.")
        return ew.written(_transformed(name, node, tuple(sizes), over, norm), out)

    function.__name__ = name
    function.__doc__ = f"NumPy's `fft.{name}` over axes."
    return function


ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
fft, ifft, rfft, irfft, hfft, ihfft = map(_one, ONE)
MANY = ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")
fft2, ifft2, rfft2, irfft2 = (_many(name, (-2, -1)) for name in ("fft2", "ifft2", "rfft2", "irfft2"))
fftn, ifftn, rfftn, irfftn = (_many(name, None) for name in ("fftn", "ifftn", "rfftn", "irfftn"))


def fftfreq(n: int, d: float = 1.0, device: Any = None) -> ndarray:
    """The frequencies of the elements of a transform."""
    return as_array(np.fft.fftfreq(n, d))


def rfftfreq(n: int, d: float = 1.0, device: Any = None) -> ndarray:
    """The frequencies of the elements of the transform of a real signal."""
    return as_array(np.fft.rfftfreq(n, d))


def fftshift(x: Any, axes: Any = None) -> ndarray:
    """Frequency zero in the middle."""
    return _shifted(x, axes, lambda n: n // 2)


def ifftshift(x: Any, axes: Any = None) -> ndarray:
    """Undo `fftshift`."""
    return _shifted(x, axes, lambda n: -(n // 2))


def _shifted(x: Any, axes: Any, by: Callable[[int], int]) -> ndarray:
    array = as_array(x)
    over = range(array.ndim) if axes is None else (axes,) if np.ndim(axes) == 0 else axes
    return sh.roll(array, [by(array.shape[k]) for k in over], list(over))


def __getattr__(name: str) -> Any:
    """Whatever else NumPy has there, on whole arrays."""
    real = getattr(np.fft, name)
    if isinstance(real, type) or not callable(real):
        return real
    globals()[name] = unknown(f"fft.{name}", real)
    return globals()[name]


globals().update(doors("fft", globals(), (*ONE, *MANY, "fftfreq", "rfftfreq", "fftshift", "ifftshift")))
