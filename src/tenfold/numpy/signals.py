"""Signals: windows, sliding sums of products, angles and their jumps."""

import math
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of, result_of
from tenfold.numpy.through import now

bartlett, blackman, hamming, hanning, kaiser = map(now, ("bartlett", "blackman", "hamming", "hanning", "kaiser"))


def _sliding(name: str, usual: str) -> Any:
    real = getattr(np, name)

    def function(a: Any, v: Any, mode: Any = usual) -> Any:
        first, second = (sh.atleast_1d(x) for x in (a, v))
        kinds = {first.dtype.kind, second.dtype.kind}
        if first.ndim > 1 or second.ndim > 1 or not kinds <= set("biufc") or not (first.size and second.size):
            raise NotNative("arrays without elements, of several axes, or of no numbers")
        long, short = sorted((first.size, second.size), reverse=True)
        length = {"full": long + short - 1, "same": long, "valid": long - short + 1}.get(mode)
        if length is None:
            raise NotNative("a mode that NumPy judges")
        dtype = real(np.zeros(1, first.dtype), np.zeros(1, second.dtype)).dtype
        return reductions.whole(name, [first._node, second._node], (mode,), (length,), dtype)

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}` of two vectors."
    return function


convolve, correlate = _sliding("convolve", "full"), _sliding("correlate", "valid")


def _by_pieces(name: str) -> Any:
    """An elementwise function of NumPy's, which makes it piece by piece."""
    real = getattr(np, name)

    def function(x: Any) -> Any:
        node = node_of(x)
        if node.dtype.kind not in "biufc":
            raise NotNative(f"elements of type {node.dtype}")
        return result_of(ew.over(name, [node], real(np.ones(1, node.dtype)).dtype))

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}`, element by element."
    return function


sinc, i0 = _by_pieces("sinc"), _by_pieces("i0")


def angle(z: Any, deg: bool = False) -> Any:
    """The angles of complex numbers, in radians or degrees."""
    array = as_array(z)
    parts = (array.imag, array.real) if array.dtype.kind == "c" else (0, array)
    made = ew.ufunc("arctan2")(*parts)
    return made * (180 / math.pi) if deg else made


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """Values of a period without its jumps: from each to the next by the shortest way."""
    array = as_array(p)
    if np.ndim(period) or isinstance(period, ndarray) or not array.ndim or array.dtype.kind not in "biuf":
        raise NotNative("elements that are no real numbers, or a period that is an array")
    axis = sh.normalize_axis_index(axis, array.ndim)
    steps = sh.diff(array, axis=axis)
    dtype = np.result_type(steps.dtype, period)
    limit = period / 2 if discont is None else discont
    if dtype.kind in "iu":
        high, odd = divmod(period, 2)
    else:
        high, odd = period / 2, 0
    low = -high
    short = ew.ufunc("remainder")(steps - low, period) + low
    if not odd:  # half a period goes both ways: the way of the step is taken
        short = ew.where((short == low) & (steps > 0), high, short)
    added = ew.where(ew.ufunc("absolute")(steps) < limit, 0, short - steps)
    moved = sh.stretch(array, axis, 1, None) + reductions.cumsum(added, axis)
    first = ndarray(ew.cast(sh.stretch(array, axis, None, 1)._node, dtype))
    return sh.concatenate([first, ndarray(ew.cast(moved._node, dtype))], axis)
