"""Order and places: sorting, searching, and where elements are that are not zero."""

from typing import Any

import numpy as np

from tenfold import budget
from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import as_array, ndarray, node_of, owned
from tenfold.numpy.reductions import along
from tenfold.numpy.shape import normalize_axis_index, ravel

KINDS_OF_SORT = (None, "quicksort", "heapsort", "stable", "mergesort")


def _line(node: ar.Array, axis: Any) -> tuple[ar.Array, int]:
    """What is put in order along which axis; without one, all elements as one line."""
    if axis is None:
        return ar.Reshape(node, (node.size,)), 0
    return node, normalize_axis_index(axis, node.ndim)


def _sorted(name: str) -> Any:

    def function(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
        node = node_of(a)
        if order is not None or (stable is not None and kind is not None) or kind not in KINDS_OF_SORT:
            raise NotNative("an order of fields, or a kind that NumPy judges")
        node, axis = _line(node, axis)
        how = "stable" if stable or kind in ("stable", "mergesort") else None
        dtype = node.dtype if name == "sort" else np.int64
        return ndarray(along(name, node, axis, (how,), dtype, node.shape[axis]))

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}` along an axis."
    return function


sort, argsort = _sorted("sort"), _sorted("argsort")


def _partitioned(name: str) -> Any:
    real = getattr(np, name)

    def function(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
        node = node_of(a)
        if kind != "introselect" or order is not None:
            raise NotNative("a kind, or an order of fields, that NumPy judges")
        node, axis = _line(node, axis)
        places = tuple(np.atleast_1d(np.asarray(kth)).tolist())
        if not places:
            raise NotNative("no places")
        real(np.zeros(node.shape[axis]), places)
        dtype = node.dtype if name == "partition" else np.int64
        return ndarray(along(name, node, axis, (places,), dtype, node.shape[axis]))

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}` along an axis."
    return function


partition, argpartition = _partitioned("partition"), _partitioned("argpartition")


def lexsort(keys: Any, axis: int = -1) -> Any:
    """The order of elements by several keys, the last of which counts first."""
    nodes = [node_of(key) for key in keys]
    if not nodes or len({n.shape for n in nodes}) > 1 or not nodes[0].ndim:
        raise NotNative("keys that NumPy judges")
    axis = normalize_axis_index(axis, nodes[0].ndim)
    return ndarray(along("lexsort", nodes[0], axis, (), np.int64, nodes[0].shape[axis], nodes[1:]))


def topk(a: Any, k: int, axis: int = -1) -> ndarray:
    """The k largest elements along an axis, largest first; the k smallest, smallest first, for a negative k.

    By partition: the rest is not sorted. (Not in NumPy; as `dask.array.topk`.)

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.topk(np.array([3, 1, 2]), 2)
    array([3, 2])
    """
    node = node_of(a)
    axis = normalize_axis_index(axis, node.ndim)
    count = min(node.shape[axis], abs(k))
    return ndarray(along("topk", node, axis, (k,), node.dtype, count))


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Where values belong in a sorted array."""
    table, values = as_array(a), node_of(v)
    if table.ndim != 1 or side not in ("left", "right"):
        raise NotNative("no vector to search in, or no side of it")
    if sorter is not None:
        table = table[as_array(sorter)]
    common = np.result_type(table.dtype, values.dtype)
    flat = ar.Reshape(ew.cast(values, common), (1, values.size))
    rows = ar.broadcast(ew.cast(table._node, common), (1, table.size))
    made = ar.Apply("searchsorted", (rows, flat), 1, (side,), (1, values.size), np.dtype(np.int64))
    return ndarray(ar.Reshape(made, values.shape))


def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """Which bin each value falls in."""
    edges = np.asarray(bins.compute() if isinstance(bins, ndarray) else bins)
    if node_of(x).dtype.kind not in "biuf":
        raise NotNative("values that NumPy judges")
    numbers = edges.ndim == 1 and edges.dtype.kind in "biuf"
    if not numbers or not ((edges[1:] >= edges[:-1]).all() or (edges[1:] <= edges[:-1]).all()):
        raise NotNative("edges that neither rise nor fall, which NumPy refuses")
    side = "left" if right else "right"
    if len(edges) > 1 and edges[0] > edges[-1]:
        return len(edges) - searchsorted(edges[::-1], x, side)
    return searchsorted(edges, x, side)


def nonzero(a: Any) -> tuple[ndarray, ...]:
    """Where the elements are not zero; computed now, as their number is not known before."""
    return tuple(map(owned, np.nonzero(_whole("nonzero", a))))


def flatnonzero(a: Any) -> ndarray:
    """Where the elements of the flat array are not zero; computed now."""
    return nonzero(ravel(a))[0]


def argwhere(a: Any) -> ndarray:
    """The indices of elements that are not zero, a row each; computed now."""
    return owned(np.argwhere(_whole("argwhere", a)))


def _whole(name: str, a: Any) -> Any:
    """An array computed, if it fits the budget with what may be found in it."""
    array = as_array(a)
    budget.require(name, array.nbytes + 8 * array.ndim * array.size)
    return array.compute()
