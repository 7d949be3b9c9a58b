"""Histograms: how many elements, or what weights, fall between edges. Where the data decides the edges, they are
looked for now; counting waits until the counts are needed.
"""

from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of, owned
from tenfold.numpy.order import searchsorted
from tenfold.numpy.through import real_values


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges of `histogram`, computed now: of the extremes, or, for rules by name, of all elements."""
    return owned(_edges(a, bins, range, weights))


def _edges(a: Any, bins: Any, range: Any, weights: Any) -> Any:
    bins, range = real_values(bins), real_values(range)
    if isinstance(bins, str):
        return np.histogram_bin_edges(as_array(a).compute(), bins, range, real_values(weights))
    node = node_of(a)
    if node.dtype.kind not in "biuf":
        raise NotNative(f"elements of type {node.dtype}")
    if range is None and np.ndim(bins) == 0 and node.size:
        range = tuple(float(f(ndarray(node))) for f in (reductions.min, reductions.max))
    return np.histogram_bin_edges(np.empty(0, node.dtype), bins, range)


def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """(counts, edges) of the elements in bins; with weights, the sums of those, in the order of the elements."""
    node = sh.ravel(a)._node
    edges = _edges(a, bins, range, weights)
    if np.ndim(bins) == 0:  # as many bins between the outer edges: NumPy finds them without a search
        range = real_values(range) if range is not None else (float(edges[0]), float(edges[-1]))
        if any(np.result_type(x, node.dtype) != np.result_type(float(x), node.dtype) for x in range):
            raise NotNative("bounds of a type wider than that of the elements, which decides what lies between them")
        chosen: Any = (len(edges) - 1, tuple(float(x) for x in range))
    else:
        chosen = (tuple(edges.tolist()), None)
    if weights is None:
        counts = ndarray(ar.Tally("histogram", (node,), chosen, (len(edges) - 1,)))
    else:
        given = node_of(weights)
        if given.shape != np.shape(a):
            raise ValueError("weights should have the same shape as a.")
        flat = ar.Reshape(given, (given.size,))
        counts = reductions.whole("weighted", [node, flat], ("histogram", chosen), (len(edges) - 1,), given.dtype)
    if density:
        return counts / owned(np.diff(edges)) / reductions.sum(counts), owned(edges)
    return counts, owned(edges)


def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """(counts, edges) of points in cells, as `histogram`, in as many axes as points have coordinates."""
    columns = _columns(sample)
    count = len(columns)
    try:
        wanted = [real_values(b) for b in bins]
    except TypeError:
        wanted = [real_values(bins)] * count
    ranges: Any = [None] * count if range is None else [real_values(r) for r in range]
    if len(wanted) != count or len(ranges) != count or any(c.dtype.kind not in "biuf" for c in columns):
        raise NotNative("bins or ranges of other axes, or elements that are no real numbers")
    for k, column in enumerate(columns):
        if ranges[k] is None and np.ndim(wanted[k]) == 0 and column.size:
            ranges[k] = (reductions.min(column).compute(), reductions.max(column).compute())
    made: Any = np.histogramdd(np.empty((0, count)), wanted, ranges)
    edges = made[1]
    counts = _cells(columns, edges, weights)
    if density:
        total = reductions.sum(counts)
        for axis, edge in enumerate(edges):
            counts = counts / owned(np.diff(edge).reshape((-1,) + (1,) * (count - 1 - axis)))
        counts = counts / total
    return counts, [owned(edge) for edge in edges]


def _columns(sample: Any) -> list[ndarray]:
    """The points' coordinates, axis by axis: the columns of a matrix, or one array for each."""
    if isinstance(sample, (list, tuple)):
        return [sh.ravel(x) for x in sample]
    array = as_array(sample)
    array = sh.expand_dims(array, 1) if array.ndim == 1 else array
    if array.ndim != 2:
        raise NotNative("points that are no rows of a matrix")
    return [array[:, k] for k in range(array.shape[1])]


def _cells(columns: list[ndarray], edges: Any, weights: Any) -> Any:
    """How many points, or what weights, are in each cell: counted by the cells' numbers, with what is outside."""
    shape = tuple(len(edge) + 1 for edge in edges)
    number: Any = 0
    for column, edge, length in zip(columns, edges, shape, strict=True):
        place = searchsorted(edge, column, "right")
        place = place - (column == edge[-1])  # the last cell has its right edge
        number = number * length + place
    size = int(np.prod(shape))
    if weights is None:
        counts: Any = ndarray(ar.Tally("bincount", (number._node,), (size,), (size,)))
    else:
        given = ew.cast(node_of(weights), float)
        counts = reductions.whole("weighted", [number._node, given], ("bincount", (size,)), (size,), float)
    inside = sh.reshape(counts, shape)[(slice(1, -1),) * len(shape)]
    return ndarray(ew.cast(inside._node, float))


def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """(counts, edges of x, edges of y) of points in a plane."""
    if len(x) != len(y):
        raise ValueError("x and y must have the same length.")
    several = isinstance(bins, (list, tuple, np.ndarray, ndarray)) and len(bins) not in (1, 2)
    bins = [real_values(bins)] * 2 if several else bins
    counts, (first, second) = histogramdd([x, y], bins, range, density, weights)
    return counts, first, second
