"""Reductions: sums and extremes by folds, what is made of them, and statistics that need whole axes."""

import builtins
import functools
import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import ndarray, node_of, owned, result_of
from tenfold.numpy.lenses import PartLens
from tenfold.numpy.memory import is_small
from tenfold.numpy.selection import reducing
from tenfold.numpy.through import real_values

MISSING = np._NoValue


def _folded_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """As `axes_of`, for folds: NumPy lets a number be folded along axis 0 or -1."""
    return () if ndim == 0 and axis in (0, -1) else axes_of(axis, ndim)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that an argument `axis` names, in order."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(sorted(np.lib.array_utils.normalize_axis_tuple(axes, ndim)))


def kept(node: ar.Array, shape: ar.Shape, over: tuple[int, ...], keepdims: bool) -> ar.Array:
    """The result of a reduction of that shape, the reduced axes standing with length 1 if they are kept."""
    if not keepdims:
        return node
    rest = [a for a in range(len(shape)) if a not in over]
    return ar.view(node, tuple(1 if a in over else n for a, n in enumerate(shape)), tuple((a, 0, 1) for a in rest))


def _total(a: Any, axis: Any, options: tuple[Any, ...]) -> float | None:
    """The exact sum of all elements of small memory; None where it takes more than that, or goes beyond all floats."""
    memory = a._memory if isinstance(a, ndarray) else None
    if memory is None or memory.array.dtype != np.float64 or not is_small(memory.array):
        return None
    if axis is not None or not builtins.all(map(operator.is_, options, (None, None, False, MISSING, True))):
        return None
    try:
        return math.fsum(memory.array.ravel().tolist())
    except (OverflowError, ValueError):
        return None


def _numbers(a: Any) -> ar.Array:
    """An operand that is numbers; NotNative for dates, text and the like, which NumPy adds up itself, or refuses."""
    node = node_of(a)
    if node.dtype.kind not in "biufc":
        raise NotNative(f"elements of type {node.dtype}")
    return node


def _check_result(dtype: "np.dtype[Any]") -> None:
    if dtype.kind not in "biufc":
        raise NotNative(f"a result of type {dtype}")


def _fold(function: str, node: ar.Array, over: tuple[int, ...], dtype: Any) -> ar.Array:
    if not over:
        return ew.cast(node, dtype)
    return ar.Reduce(function, node, over, np.dtype(dtype))


def _restricted(node: ar.Array, where: Any, neutral: Any) -> ar.Array:
    """The array with what a mask leaves out replaced by what changes nothing."""
    if where is True or where is MISSING:
        return node
    return ew.over("where", [node_of(where, bool), node, ar.full(neutral, node.dtype)], node.dtype)


def _initial(value: Any, dtype: "np.dtype[Any]") -> ar.Array:
    """The value that a reduction starts from, in its dtype."""
    return ew.cast(node_of(value), dtype) if isinstance(value, ndarray) else ar.full(np.asarray(value, dtype), dtype)


@functools.cache
def _added(function: str, dtype: "np.dtype[Any]") -> "np.dtype[Any]":
    """What NumPy adds or multiplies elements of a dtype up as."""
    made: np.dtype[Any] = getattr(np, function)(np.empty(0, dtype)).dtype
    return made


def _add(function: str) -> Callable[..., Any]:
    start, join = (0, "add") if function == "sum" else (1, "multiply")

    def reduction(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = MISSING,
        where: Any = True,
    ) -> Any:  # fmt: skip
        total = _total(a, axis, (dtype, out, keepdims, initial, where)) if start == 0 else None
        if total is not None:
            return owned(np.float64(total))
        node = _numbers(a)
        result = np.dtype(dtype) if dtype is not None else _added(function, node.dtype)
        _check_result(result)
        node = ew.cast(node, result)
        over = _folded_axes(axis, node.ndim)
        if initial is None:
            if where is not True or 0 in (node.shape[k] for k in over):
                raise NotNative("no start, and maybe nothing to add up")
            initial = result.type(-0.0 if start == 0 else 1)
        made = _fold(function, _restricted(node, where, start), over, result)
        if initial is not MISSING:
            first = _initial(initial, made.dtype)
            made = ew.over(join, [made, first], made.dtype)
            if start == 0 and result.kind in "fc" and isinstance(first, ar.Full):
                made = _negative_zero(node, where, over, first, made)
        return ew.reduced(kept(made, node.shape, over, bool(keepdims)), out)

    reduction.__name__ = function
    reduction.__doc__ = f"The {function} over axes. Sums of floats are exact, rounded once." if start == 0 else (
        "The product over axes, multiplied in an order that only the shape decides.")  # fmt: skip
    return reduction


def _negative_zero(node: ar.Array, where: Any, over: tuple[int, ...], first: ar.Full, total: ar.Array) -> ar.Array:
    """A sum that starts from -0.0 stays that where nothing but -0.0 is added, of which exact sums know no sign."""
    if first.value != 0 or not np.signbit(first.value.real):
        return total
    parts = ndarray(node if where is True else _restricted(node, where, first.value))
    real = ndarray._through(parts, PartLens("real")) if node.dtype.kind == "c" else parts
    none = ew.over("logical_and", [ew.elementwise("equal", parts, 0), ew.elementwise("signbit", real)], bool)
    return ew.over("where", [_fold("all", none, over, bool), first, total], total.dtype)


def _extreme(function: str) -> Callable[..., Any]:
    join = {"min": "minimum", "max": "maximum"}[function]

    def reduction(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = MISSING, where: Any = True
    ) -> Any:
        node = node_of(a)
        over = _folded_axes(axis, node.ndim)
        if node.dtype.kind not in "biufcmM" or (initial is None and where is not True):
            raise NotNative("no numbers to compare, or no start under a mask")
        initial = MISSING if initial is None else initial
        if initial is MISSING:
            if where is not True:
                raise ValueError(f"reduction operation '{join}' has no identity: with a where mask, specify 'initial'")
            if 0 in [node.shape[n] for n in over]:
                raise ValueError(f"zero-size array to reduction operation {join} which has no identity")
        elif where is not True:
            node = _restricted(node, where, initial)
        fold = {"min": "all", "max": "any"}[function] if node.dtype.kind == "b" else function
        made = _fold(fold, node, over, node.dtype)
        if initial is not MISSING:
            start = _initial(initial, made.dtype)
            empty = 0 in [node.shape[n] for n in over]
            made = ar.broadcast(start, made.shape) if empty else ew.over(join, [made, start], made.dtype)
        return ew.reduced(kept(made, node.shape, over, bool(keepdims)), out)

    reduction.__name__ = function
    reduction.__doc__ = f"The {function}imum over axes; NaN where there is one."
    return reduction


def _truth(function: str) -> Callable[..., Any]:
    def reduction(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
        node = node_of(a)
        if node.dtype.kind not in "biufcmM":
            raise NotNative("no numbers")
        node = ew.cast(node, bool)
        over = _folded_axes(axis, node.ndim)
        made = _fold(function, _restricted(node, where, function == "all"), over, bool)
        return ew.reduced(kept(made, node.shape, over, bool(keepdims)), out)

    reduction.__name__ = function
    reduction.__doc__ = f"Whether {'all elements are' if function == 'all' else 'any element is'} true, over axes."
    return reduction


sum, prod = reducing(_add("sum")), _add("prod")
min, max = reducing(_extreme("min")), reducing(_extreme("max"))
amin, amax = min, max
any, all = reducing(_truth("any")), reducing(_truth("all"))


@reducing
def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """How many elements are not zero, over axes."""
    node = node_of(a)
    over = _folded_axes(axis, node.ndim)
    inside = node if node.dtype.kind in "biuf" else ew.cast(node, bool)
    made = _fold("count", inside, over, np.int64) if over else ew.cast(ew.cast(node, bool), np.int64)
    return result_of(kept(made, node.shape, over, keepdims))


def _count(node: ar.Array, over: tuple[int, ...], where: Any) -> Any:
    """How many elements go into each result: a number, or an array where a mask decides."""
    if where is True or where is MISSING:
        return math.prod(node.shape[a] for a in over)
    mask = ar.broadcast(node_of(where, bool), node.shape)
    return ndarray(_fold("count", mask, over, np.int64))


@reducing
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """The mean over axes: the exact sum, rounded, over the count.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> float(np.mean(np.arange(4)))
    1.5
    """
    exact = _total(a, axis, (dtype, out, keepdims, MISSING, where))
    if exact is not None and a.size:
        return owned(np.float64(exact) / a.size)
    node = _numbers(a)
    result = (
        np.dtype(dtype) if dtype is not None else np.result_type(node.dtype, "f2" if node.dtype.kind in "fc" else "f8")
    )
    over = axes_of(axis, node.ndim)
    # half floats are summed as float32, as in NumPy; integers as what holds them
    inside = ew.cast(node, "f4" if result == np.float16 else result)
    total = ndarray(_fold("sum", _restricted(inside, where, 0), over, inside.dtype))
    made = total / _count(node, over, where)
    return ew.reduced(kept(ew.cast(made._node, result), node.shape, over, bool(keepdims)), out)


@reducing
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
    where: Any = True, mean: Any = MISSING, correction: Any = MISSING,
) -> Any:  # fmt: skip
    """The variance over axes: the mean of squared differences from the mean."""
    node = _numbers(a)
    over = axes_of(axis, node.ndim)
    if correction is not MISSING and ddof != 0:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    ddof = ddof if correction is MISSING else correction
    center = _mean(ndarray(node), axis, dtype, keepdims=True, where=where) if mean is MISSING else mean
    difference = ndarray(node if dtype is None else ew.cast(node, dtype)) - center
    if difference.dtype.kind == "c":
        square = difference.real**2 + difference.imag**2
    else:
        square = ew.power(difference, 2)
    total = sum(square, axis=tuple(over), where=where)
    count = _count(node, over, where) - ddof
    made = total / (ew.clip(count, 0, None) if isinstance(count, ndarray) else np.maximum(count, 0))
    wanted = np.dtype(dtype) if dtype is not None else made.dtype if node.dtype.kind not in "fc" else square.dtype
    return ew.reduced(kept(ew.cast(made._node, wanted), node.shape, over, bool(keepdims)), out)


_mean = mean


@reducing
def std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
    where: Any = True, mean: Any = MISSING, correction: Any = MISSING,
) -> Any:  # fmt: skip
    """The standard deviation over axes: the root of `var`."""
    squared = var(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction)
    return ew.reduced(ew.elementwise("sqrt", squared), out)


def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """The maximum less the minimum, over axes."""
    if node_of(a).dtype.kind == "b":
        raise NotNative("truth values have no differences")
    spread = ew.elementwise("subtract", max(a, axis, keepdims=keepdims), min(a, axis, keepdims=keepdims))
    return ew.reduced(spread, out)


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """The weighted mean over axes."""
    node = _numbers(a)
    if weights is None and not returned:
        return mean(a, axis, keepdims=keepdims)
    if weights is None or returned or np.shape(weights) != node.shape:
        raise NotNative("weights of another shape, or their sum returned")
    given = _numbers(weights)
    result = np.result_type(node.dtype, given.dtype, *(["f8"] if node.dtype.kind in "biu" else []))
    weights = ndarray(ew.cast(given, result))
    total = sum(weights, axis, keepdims=keepdims)
    if bool(any(total == 0)):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    return sum(ndarray(ew.cast(node, result)) * weights, axis, keepdims=keepdims) / total


# -- where ---------------------------------------------------------------------------------------------------------


def _arg(function: str) -> Callable[..., Any]:
    def reduction(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        node = node_of(a)
        if node.dtype.kind not in "biuf" or (axis is not None and node.ndim == 0):
            raise NotNative("no numbers, or no axis")
        over = _folded_axes(axis, node.ndim)
        if 0 in (node.shape[a] for a in over):
            raise ValueError(f"attempt to get {function} of an empty sequence")
        made = _fold(function, node, over, np.int64) if over else ar.full(0, np.int64)
        return ew.reduced(kept(made, node.shape, over, bool(keepdims)), out)

    reduction.__name__ = function
    reduction.__doc__ = f"Where the {function[3:]}imum is along an axis, the first of several."
    return reduction


argmin, argmax = _arg("argmin"), _arg("argmax")


# -- without NaN ---------------------------------------------------------------------------------------------------


def _without_nan(name: str) -> Callable[..., Any]:
    """`nansum` and `nanprod`: NaN as what changes nothing."""
    base, neutral = globals()[name[3:]], {"nansum": 0, "nanprod": 1}[name]

    def reduction(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = MISSING,
        where: Any = True,
    ) -> Any:  # fmt: skip
        node = _numbers(a)
        if node.dtype.kind in "fc":
            node = ew.over(
                "where", [ew.elementwise("isnan", ndarray(node)), ar.full(neutral, node.dtype), node], node.dtype
            )
        return base(ndarray(node), axis, dtype, out, keepdims, initial, where)

    reduction.__name__ = name
    reduction.__doc__ = f"As `{name[3:]}`, NaN left out."
    return reduction


def _extreme_without_nan(name: str) -> Callable[..., Any]:
    """`nanmin` and `nanmax`: NaN as what no number is beyond; of nothing but NaN, NaN."""
    base, beyond = globals()[name[3:]], {"nanmin": np.inf, "nanmax": -np.inf}[name]

    def reduction(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = MISSING, where: Any = True
    ) -> Any:
        node = _numbers(a)
        if node.dtype.kind != "f":
            if node.dtype.kind == "c":
                raise NotNative("complex numbers")
            return base(ndarray(node), axis, out, keepdims, initial, where)
        missing = ndarray(ew.elementwise("isnan", ndarray(node)))
        present = ew.over("where", [missing._node, ar.full(beyond, node.dtype), node], node.dtype)
        made = base(ndarray(present), axis, None, keepdims, initial, where)
        if initial is MISSING and where is True:
            nothing = all(missing, axis, keepdims=keepdims)
            made = ndarray(ew.elementwise("where", nothing, node.dtype.type(np.nan), made))
        elif initial is not MISSING and initial != initial:
            raise NotNative("a start that is NaN")
        return ew.reduced(made._node, out)

    reduction.__name__ = name
    reduction.__doc__ = f"As `{name[3:]}`, NaN left out."
    return reduction


nansum, nanprod = map(_without_nan, ("nansum", "nanprod"))
nanmin, nanmax = map(_extreme_without_nan, ("nanmin", "nanmax"))


def nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """As `mean`, NaN left out."""
    return mean(a, axis, dtype, out, keepdims, where=_present(a, where))


def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
    where: Any = True, mean: Any = MISSING, correction: Any = MISSING,
) -> Any:  # fmt: skip
    """As `var`, NaN left out; NaN where nothing is left to divide by."""
    there = _present(a, where)
    squared = var(a, axis, dtype, None, ddof, keepdims, where=there, mean=mean, correction=correction)
    if there is True:
        return ew.reduced(squared._node, out)
    node = node_of(a)
    over, less = axes_of(axis, node.ndim), ddof if correction is MISSING else correction
    left = ndarray(kept(_count(node, over, there)._node, node.shape, over, bool(keepdims))) > less
    return ew.reduced(ew.elementwise("where", left, squared, squared.dtype.type(np.nan)), out)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
    where: Any = True, mean: Any = MISSING, correction: Any = MISSING,
) -> Any:  # fmt: skip
    """As `std`, NaN left out."""
    squared = nanvar(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction)
    return ew.reduced(ew.elementwise("sqrt", squared), out)


def _present(a: Any, where: Any) -> Any:
    """Where there is an element to count: not NaN, and under the mask."""
    node = node_of(a)
    if node.dtype.kind not in "fc":
        return where
    there = ndarray(ew.elementwise("invert", ndarray(ew.elementwise("isnan", ndarray(node)))))
    return there if where is True or where is MISSING else there & ndarray(node_of(where, bool))


# -- whole axes ----------------------------------------------------------------------------------------------------


def along(
    function: str, node: ar.Array, axis: int, options: tuple[Any, ...], dtype: Any, length: int,
    more: Iterable[ar.Array] = (),
) -> ar.Array:  # fmt: skip
    """A library function along one axis, which comes to `length` elements (-1: none, the axis goes).

    It is a function of `more` arrays of the same shape, if there are any.
    """
    order = (*(a for a in range(node.ndim) if a != axis), axis)
    turned = tuple(ar.transpose(n, order) for n in (node, *more))
    extent = turned[0].shape[:-1] + ((length,) if length >= 0 else ())
    made = ar.Apply(function, turned, 1, options, extent, np.dtype(dtype))
    if length < 0:
        return made
    return ar.transpose(made, tuple(int(k) for k in np.argsort(order)))


def whole(function: str, arrays: list[ar.Array], options: tuple[Any, ...], extent: ar.Shape, dtype: Any) -> ndarray:
    """A library function of all elements of arrays at once."""
    return ndarray(ar.Apply(function, tuple(arrays), arrays[0].ndim, options, extent, np.dtype(dtype)))


def _cumulative(name: str) -> Callable[..., Any]:
    real = getattr(np, name)

    def function(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        node = _numbers(a)
        if axis is None or not node.ndim:
            node, axis = ar.Reshape(node, (node.size,)), axis or 0
        axis = axes_of(axis, node.ndim)[0]
        result = np.dtype(dtype) if dtype is not None else real(np.empty(0, node.dtype)).dtype
        return ew.written(along(name, node, axis, (result.str,), result, node.shape[axis]), out)

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}` along an axis."
    return function


cumsum, cumprod, nancumsum, nancumprod = map(_cumulative, ("cumsum", "cumprod", "nancumsum", "nancumprod"))


def _order_statistic(name: str) -> Callable[..., Any]:
    real = getattr(np, name)

    def function(
        a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: bool = False, **options: Any,
    ) -> Any:  # fmt: skip
        q = real_values(q)
        node, places = node_of(a), np.asarray(q)
        if options or places.ndim > 1 or node.dtype.kind not in "biuf" or axis == ():
            raise NotNative("weights, places of several axes, or no numbers")
        asked_for = places if places.ndim else q
        result = real(np.zeros(1, node.dtype), asked_for, method=method).dtype  # what NumPy refuses, it refuses now
        over = axes_of(axis, node.ndim)
        asked = (tuple(places.ravel().tolist()), places.ndim, method)
        made = _whole_axes(node, over, name, asked, places.shape, result)
        if places.ndim:  # NumPy has these first
            made = ar.transpose(made, (made.ndim - 1, *range(made.ndim - 1)))
            made_shape = (places.size, *node.shape)
            return ew.reduced(kept(made, made_shape, tuple(a + 1 for a in over), keepdims), out)
        return ew.reduced(kept(made, node.shape, over, keepdims), out)

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}`, exact, over axes."
    return function


def _whole_axes(
    node: ar.Array, over: tuple[int, ...], function: str, options: Any, more: ar.Shape, dtype: "np.dtype[Any]"
) -> ar.Array:
    """A library function of all elements of some axes at once."""
    free = tuple(a for a in range(node.ndim) if a not in over)
    turned = ar.transpose(node, (*free, *over))
    extent = turned.shape[: len(free)] + more
    return ar.Apply(function, (turned,), len(over), (len(over), *options), extent, np.dtype(dtype))


quantile, percentile = _order_statistic("quantile"), _order_statistic("percentile")
nanquantile, nanpercentile = _order_statistic("nanquantile"), _order_statistic("nanpercentile")


def _median(name: str) -> Callable[..., Any]:
    real = getattr(np, name)

    def function(
        a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False
    ) -> Any:
        node = _numbers(a)
        over = axes_of(axis, node.ndim)
        if not over:
            raise NotNative("no axis")
        result = real(np.zeros(1, node.dtype)).dtype
        return ew.reduced(kept(_whole_axes(node, over, name, (), (), result), node.shape, over, keepdims), out)

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}`, exact, over axes."
    return function


median, nanmedian = _median("median"), _median("nanmedian")


# -- counting ------------------------------------------------------------------------------------------------------


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each whole number occurs; with weights, the sums of the weights, in the order of the elements."""
    node = node_of(x)
    if node.ndim != 1 or node.dtype.kind not in "biu" or int(minlength) < 0:
        raise NotNative("numbers that cannot be counted")
    # as a number without sign, a negative one is larger than all others: one look finds both ends
    top = int(max(ndarray(ew.cast(node, np.uint64)))) + 1 if node.size else 0
    if top > np.iinfo(np.int64).max:
        raise ValueError("'list' argument must have no negative elements")
    length = top if top > minlength else int(minlength)
    if weights is None:
        return ndarray(ar.Tally("bincount", (node,), (length,), (length,)))
    given = node_of(weights)
    if given.shape != node.shape or not np.can_cast(given.dtype, float):
        raise NotNative("weights that NumPy refuses")
    return whole("weighted", [node, ew.cast(given, float)], ("bincount", (length,)), (length,), float)


ew.REDUCTIONS.update(
    add=sum, multiply=prod, minimum=min, maximum=max, logical_and=all, logical_or=any, fmin=nanmin, fmax=nanmax
)
ew.REDUCTIONS |= {"add.accumulate": cumsum, "multiply.accumulate": cumprod}
