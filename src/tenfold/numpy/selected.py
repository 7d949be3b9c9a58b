"""Reductions of `x[mask]` without finding its elements, to the bits that the elements would give."""

from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy.array import ndarray
from tenfold.numpy.selection import REDUCTIONS


def _where(name: str) -> Any:
    function = getattr(reductions, name)
    return lambda values, mask, **options: function(ndarray(values), where=ndarray(mask), **options)


def _extreme(name: str) -> Any:
    """The minimum or maximum, with what is left out replaced by what no element is beyond."""
    function = getattr(reductions, name)

    def reduction(values: ar.Array, mask: ar.Array) -> Any:
        if values.dtype.kind not in "biuf" or not bool(reductions.any(ndarray(mask))):
            return function(ndarray(values)[ndarray(mask)].copy())
        kept = ew.over("where", [mask, values, ar.full(_beyond(name, values.dtype), values.dtype)], values.dtype)
        return function(ndarray(kept))

    return reduction


def _beyond(name: str, dtype: "np.dtype[Any]") -> Any:
    if dtype.kind == "b":
        return name == "min"
    if dtype.kind == "f":
        return np.inf if name == "min" else -np.inf
    limits = np.iinfo(dtype)
    return limits.max if name == "min" else limits.min


def _mean(values: ar.Array, mask: ar.Array, dtype: Any = None) -> Any:
    """The sum over the count, which is divided by as a Python number would be."""
    if values.dtype.kind in "mM":
        return reductions.mean(ndarray(values)[ndarray(mask)].copy(), dtype=dtype)
    result = reductions.mean(ndarray(ar.full(0, values.dtype, (1,))), dtype=dtype).dtype
    inside = ew.cast(values, "f4" if result == np.float16 else result)
    total = reductions.sum(ndarray(inside), where=ndarray(mask))
    count = ew.cast(reductions.count_nonzero(ndarray(mask))._node, total.dtype)
    return ndarray(ew.cast((total / ndarray(count))._node, result))


def _var(values: ar.Array, mask: ar.Array, dtype: Any = None, ddof: float = 0) -> Any:
    center = _mean(values, mask, dtype)
    return reductions.var(ndarray(values), dtype=dtype, ddof=ddof, where=ndarray(mask), mean=center)


def _std(values: ar.Array, mask: ar.Array, dtype: Any = None, ddof: float = 0) -> Any:
    return ndarray(ew.elementwise("sqrt", _var(values, mask, dtype, ddof)))


def _count_nonzero(values: ar.Array, mask: ar.Array) -> Any:
    return reductions.count_nonzero(ndarray(ew.over("logical_and", [mask, ew.cast(values, bool)], bool)))


REDUCTIONS.update(
    {name: _where(name) for name in ("sum", "any", "all")} | {name: _extreme(name) for name in ("min", "max")},
    mean=_mean, var=_var, std=_std, count_nonzero=_count_nonzero,
)  # fmt: skip
