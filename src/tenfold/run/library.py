"""What NumPy computes on whole blocks: functions along axes, counts, contractions, and ufuncs without a kernel."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tenfold.expr import ufuncs
from tenfold.run import linear


def elementwise(op: str, dtype: "np.dtype[Any]", args: list[Any]) -> Any:
    """An elementwise operation by NumPy."""
    if op == "cast":
        real = args[0].dtype.kind == "c" and dtype.kind in "iuf"
        return (args[0].real if real else args[0]).astype(dtype)
    if op == "bits":
        return np.asarray(args[0]).view(dtype)
    if op == "complex":
        made = np.empty(np.broadcast_shapes(*map(np.shape, args)), dtype)
        made.real, made.imag = args
        return made
    if op == "where":
        return np.where(*args)
    if "." in op:
        function, number = ufuncs.result_of(op)
        return function(*args)[number]
    return getattr(np, op)(*args)


def tensordot(left: Any, right: Any, axes: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    """NumPy's, which BLAS does; of one matrix with itself as the symmetric product that it is."""
    if left.ndim == right.ndim == 2 and len(axes[0]) == 1:
        return (left if axes[0][0] else left.T) @ (right.T if axes[1][0] else right)
    return np.tensordot(left, right, axes)


# -- along the last axis (options first, then blocks) --------------------------------------------------------------


def _cumulative(name: str, dtype: str, block: Any) -> Any:
    return getattr(np, name)(block, axis=-1, dtype=np.dtype(dtype))


def _sorted(name: str, kind: Any, block: Any) -> Any:
    return getattr(np, name)(block, axis=-1, kind=kind)


def _partitioned(name: str, places: tuple[int, ...], block: Any) -> Any:
    return getattr(np, name)(block, places, axis=-1)


def _order_statistic(name: str, axes: int, places: tuple[float, ...], ndim: int, method: str, block: Any) -> Any:
    found = getattr(np, name)(block, places if ndim else places[0], axis=tuple(range(-axes, 0)), method=method)
    return np.moveaxis(found, 0, -1) if ndim else found


def _median(name: str, axes: int, block: Any) -> Any:
    return getattr(np, name)(block, axis=tuple(range(-axes, 0)))


def topk(k: int, block: Any) -> Any:
    """The k largest, largest first; for a negative k the smallest, smallest first."""
    count, length = min(abs(k), block.shape[-1]), block.shape[-1]
    if k > 0:
        best = block if count == length else np.partition(block, length - count, axis=-1)[..., length - count :]
        return np.sort(best, axis=-1)[..., ::-1]
    best = block if count == length else np.partition(block, count - 1, axis=-1)[..., :count]
    return np.sort(best, axis=-1)


def _searchsorted(side: Any, table: Any, values: Any) -> Any:
    return np.searchsorted(table[0], values[0], side)[np.newaxis]


def _weighted(name: str, options: tuple[Any, ...], block: Any, weights: Any) -> Any:
    """NumPy's sums of weights, in the order of the elements."""
    if name == "bincount":
        return np.bincount(block, weights, *options)
    bins, limits = options
    return np.histogram(block, bins, limits, weights=weights)[0]


def _fitted(degree: int, rcond: float | None, x: Any, y: Any, weights: Any = None) -> Any:
    return np.polyfit(x, y, degree, rcond, w=weights)


def _assign_at(template: tuple[Any, ...], array: Any, value: Any, *arrays: Any) -> Any:
    array, rest = np.array(array), iter(arrays)
    array[tuple(next(rest) if t == "array" else slice(*t) if isinstance(t, tuple) else t for t in template)] = value
    return array


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: partial(_cumulative, name) for name in ("cumsum", "cumprod", "nancumsum", "nancumprod")},
    **{name: partial(_sorted, name) for name in ("sort", "argsort")},
    **{name: partial(_partitioned, name) for name in ("partition", "argpartition")},
    **{name: partial(_order_statistic, name) for name in ("quantile", "percentile", "nanquantile", "nanpercentile")},
    **{name: partial(_median, name) for name in ("median", "nanmedian")},
    "topk": topk,
    "searchsorted": _searchsorted,
    "weighted": _weighted,
    "lexsort": lambda *keys: np.lexsort(keys),
    "convolve": lambda mode, a, v: np.convolve(a, v, mode),
    "correlate": lambda mode, a, v: np.correlate(a, v, mode),
    "polyfit": _fitted,
    "assign_at": _assign_at,
    **linear.FUNCTIONS,
}
"""name -> function of the options and the blocks of the arguments."""

ON_DEVICES = frozenset(["sort", "argsort", "topk", *linear.ON_DEVICES])
"""Those that CuPy has in NumPy's form."""


def _bincount(length: int, block: Any) -> Any:
    return np.bincount(block.reshape(-1), minlength=length)


def _histogram(bins: Any, limits: Any, block: Any) -> Any:
    return np.histogram(block, bins, limits)[0]


TALLIES: dict[str, Callable[..., Any]] = {"bincount": _bincount, "histogram": _histogram}
