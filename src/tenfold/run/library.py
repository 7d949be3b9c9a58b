"""What NumPy computes on whole blocks: along axes, counts, contractions, ufuncs and draws without a kernel.

Products and searches that take long are made in steps of a fraction of a second, between which a run can be stopped.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tenfold.expr import ufuncs
from tenfold.run import draws, linear, threads

BY_BLAS = "fdFD"  # the types whose products BLAS makes
PRODUCTS = {True: 1 << 34, False: 1 << 24}  # multiplications of one call: by BLAS, and by loops of NumPy's
BLAS_ROWS = 384  # a multiple of the blocks of all its kernels
SEARCHES = 1 << 19  # values that are looked for by one call


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
    if op in DRAWS:
        return draws.draw(op, *args)
    return getattr(np, op)(*args)


def tensordot(left: Any, right: Any, axes: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    """NumPy's, which BLAS does; of one matrix with itself as the symmetric product that it is."""
    if left.ndim == right.ndim == 2 and len(axes[0]) == 1:
        return matmul(left if axes[0][0] else left.T, right.T if axes[1][0] else right)
    summed = math.prod(left.shape[a] for a in axes[0])
    if not isinstance(left, np.ndarray) or not summed or left.size * right.size // summed <= _at_once(left.dtype):
        return np.tensordot(left, right, axes)
    free = [[a for a in range(x.ndim) if a not in over] for x, over in zip((left, right), axes, strict=True)]
    rows = left.transpose(*free[0], *axes[0]).reshape(-1, summed)
    columns = right.transpose(*axes[1], *free[1]).reshape(summed, -1)
    shape = (*(left.shape[a] for a in free[0]), *(right.shape[a] for a in free[1]))
    return _in_steps(np.dot, rows, columns).reshape(shape)


def matmul(left: Any, right: Any) -> Any:
    """NumPy's, of matrices or of equal stacks of them."""
    if not isinstance(left, np.ndarray) or (left.dtype.char in BY_BLAS and _are_mirrored(left, right)):
        return np.matmul(left, right)
    return _in_steps(np.matmul, left, right)


def _are_mirrored(left: Any, right: Any) -> bool:
    """Are two matrices one, seen from both sides? BLAS has a product for that, with half the work."""
    return np.may_share_memory(left, right) and left.shape == right.shape[::-1] and left.strides == right.strides[::-1]


def _matrix_power(options: tuple[tuple[str, Any], ...], block: Any) -> Any:
    """By squaring, where no order of the products changes a bit; else as NumPy orders them."""
    n = dict(options)["n"]
    if block.dtype.kind not in "iub" or n < 1:
        return linear.FUNCTIONS["matrix_power"](options, block)
    power = None
    while n:
        if n % 2:
            power = block.copy() if power is None else matmul(power, block)
        n //= 2
        block = matmul(block, block) if n else block
    return power


def _at_once(dtype: "np.dtype[Any]") -> int:
    return PRODUCTS[dtype.char in BY_BLAS] // (4 if dtype.kind == "c" else 1)


def _in_steps(product: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """The product of matrices, part by part of their longer free axis; by BLAS, of the rows.

    Rows in such numbers leave every element as BLAS makes it of the whole (measured); columns do not.
    """
    rows, columns = left.shape[-2], right.shape[-1]
    steps = -(-left.size * columns // _at_once(left.dtype))
    if steps <= 1:
        return product(left, right)
    by_blas = left.dtype.char in BY_BLAS
    by_rows = by_blas or rows > columns
    length, least = (rows if by_rows else columns), (BLAS_ROWS if by_blas else 1)
    size = max(length // steps // least, 1) * least
    starts = range(0, max(length - size, 0) + 1, size)
    out = np.empty((*left.shape[:-1], columns), left.dtype)
    for lo, hi in zip(starts, [*starts[1:], length], strict=True):
        threads.check()
        if by_rows:
            out[..., lo:hi, :] = product(left[..., lo:hi, :], right)
        else:
            out[..., lo:hi] = product(left, right[..., lo:hi])
    return out


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
    found = np.empty(values[:1].shape, np.intp)
    for lo in range(0, values.shape[1], SEARCHES):
        threads.check()
        found[0, lo : lo + SEARCHES] = np.searchsorted(table[0], values[0, lo : lo + SEARCHES], side)
    return found


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
    "multinomial": draws.multinomial,
    "multivariate_hypergeometric": draws.multivariate_hypergeometric,
    **linear.FUNCTIONS,
    "matmul": matmul,
    "matrix_power": _matrix_power,
}
"""name -> function of the options and the blocks of the arguments."""

DRAWS = draws.DRAWS  # elementwise operations, each a function of the key, the numbers of the elements and parameters

ON_DEVICES = frozenset(["sort", "argsort", "topk", *linear.ON_DEVICES])
"""Those that CuPy has in NumPy's form."""


def _bincount(length: int, block: Any) -> Any:
    return np.bincount(block.reshape(-1), minlength=length)


def _histogram(bins: Any, limits: Any, block: Any) -> Any:
    return np.histogram(block, bins, limits)[0]


TALLIES: dict[str, Callable[..., Any]] = {"bincount": _bincount, "histogram": _histogram}
