"""Arrays by blocks: `x.blocks`, users' functions called block by block, and what of dask.array that is.

Nothing else in tenfold has blocks that users see. Their shape is chosen here, from shape and dtype alone, so that a
function of blocks answers the same everywhere; `rechunk` chooses another one for the array that it returns.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.expr.user_function import user_function
from tenfold.io.dask import DaskBlocks, as_dask
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray
from tenfold.numpy.indexing import get

BLOCK_BYTES = 8 << 20
Sizes = tuple[tuple[int, ...], ...]  # the sizes of the blocks along each axis


def rechunk(x: Any, chunks: Any = "auto") -> ndarray:
    """The same array, cut otherwise by `map_blocks`, `blocks` and the like; nothing is computed or moved.

    Parameters
    ----------
    x
        An array.
    chunks
        The size of blocks: a number, or one for each axis, or their sizes along each axis; -1 is all of an axis.
        A dictionary gives those of some axes.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.arange(10).rechunk(4).chunks
    ((4, 4, 2),)
    """
    array = as_array(x)
    made = ndarray(array._node)
    made._chunks = _sizes(chunks, array.shape, array.dtype.itemsize)
    return made


def chunks_of(array: ndarray) -> Sizes:
    """The sizes of an array's blocks along each axis."""
    return getattr(array, "_chunks", None) or _sizes("auto", array.shape, array.dtype.itemsize)


def block_shape(shape: ar.Shape, itemsize: int) -> ar.Shape:
    """Blocks of some megabytes that are whole along the last axes."""
    left, sizes = max(BLOCK_BYTES // max(itemsize, 1), 1), []
    for n in reversed(shape):
        sizes.append(max(min(n, left), 1))
        left = max(left // sizes[-1], 1)
    return tuple(sizes[::-1])


def _sizes(chunks: Any, shape: ar.Shape, itemsize: int) -> Sizes:
    if isinstance(chunks, dict):
        chunks = [chunks.get(a, chunks.get(a - len(shape), -1)) for a in range(len(shape))]
    wanted = list(chunks) if isinstance(chunks, (tuple, list)) else [chunks] * len(shape)
    if len(wanted) != len(shape):
        raise ValueError(f"chunks {chunks!r} for an array of {len(shape)} axes")
    usual = block_shape(shape, itemsize)
    return tuple(_along(w, n, usual[a]) for a, (w, n) in enumerate(zip(wanted, shape, strict=True)))


def _along(chunks: Any, n: int, usual: int) -> tuple[int, ...]:
    """The sizes of the blocks of an axis of length n."""
    if isinstance(chunks, (tuple, list)):
        if sum(chunks) != n or min(chunks, default=0) < 0:
            raise ValueError(f"chunks {chunks!r} do not add up to an axis of length {n}")
        return tuple(map(int, chunks))
    size = n if chunks in (-1, None) else usual if chunks == "auto" else operator.index(chunks)
    if size < 1:
        size = 1
    return (*[size] * (n // size), *([n % size] if n % size else [])) or (0,)


# -- functions of blocks -------------------------------------------------------------------------------------------


def map_blocks(
    function: Callable[..., Any], *arrays: Any, dtype: Any = None, chunks: Any = None, **options: Any
) -> Any:
    """Call a function on every block of arrays, on all threads, when the result is needed.

    Parameters
    ----------
    function
        Takes one NumPy array for each of `arrays`, and `options`; a parameter `block_id` gets the block's place.
    arrays
        Arrays that broadcast to each other. They are cut as the first that `rechunk` made, else as is usual.
    dtype
        What the function returns; by default it is tried out on ones.
    chunks
        The sizes of the blocks that it returns, if not those of its arguments, by axis.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> x = np.arange(6).rechunk(3)
    >>> np.map_blocks(lambda block: block - block.mean(), x)
    array([-1.,  0.,  1., -1.,  0.,  1.])
    """
    ours = [as_array(a) for a in arrays]
    shape = np.broadcast_shapes(*(a.shape for a in ours))
    given = next((a._chunks for a in ours if a.shape == shape and hasattr(a, "_chunks")), None)
    sizes: Sizes = given or _sizes("auto", shape, max((a.dtype.itemsize for a in ours), default=8))
    starts = [np.cumsum([0, *axis]).tolist() for axis in sizes]
    stretches = [tuple(zip(s, axis, strict=False)) for s, axis in zip(starts, sizes, strict=True)]
    parts = [
        tuple(((0, 1),) if n == 1 else axis for n, axis in zip(a.shape, stretches[len(shape) - a.ndim :], strict=True))
        for a in ours
    ]
    out = sizes if chunks is None else _returned(chunks, sizes)
    return _mapped(function, options, ours, [[(0, n, 0) for n in axis] for axis in out], parts, dtype)


def looked_up(function: Callable[..., Any], x: Any, *tables: Any, dtype: Any, **options: Any) -> ndarray:
    """A function of every block of an array, and of some vectors, which each block needs whole."""
    flat, vectors = sh.ravel(x), [as_array(table) for table in tables]
    sizes = _sizes("auto", flat.shape, 8)[0]
    starts = np.cumsum([0, *sizes]).tolist()
    parts = [(tuple(zip(starts, sizes, strict=False)),), *((((0, table.size),),) for table in vectors)]
    made = _mapped(function, options, [flat, *vectors], [[(0, n, 0) for n in sizes]], parts, dtype)
    return sh.reshape(ndarray(made._node), np.shape(x))


def _returned(chunks: Any, sizes: Sizes) -> Sizes:
    wanted = chunks if isinstance(chunks, (tuple, list)) else [chunks] * len(sizes)
    out = [
        tuple(w) if isinstance(w, (tuple, list)) else (w,) * len(axis) for w, axis in zip(wanted, sizes, strict=True)
    ]
    if [len(axis) for axis in out] != [len(axis) for axis in sizes]:
        raise ValueError(f"chunks {chunks!r}: there are {tuple(map(len, sizes))} blocks")
    return tuple(out)


def _mapped(function: Any, options: Any, ours: Any, cuts: Any, parts: Any, dtype: Any) -> ndarray:
    called = user_function(function, options)
    if dtype is None:
        dtype = _dtype_of(called, ours, len(cuts))
    node = ar.MapBlocks(
        called, tuple(a._node for a in ours), tuple(map(tuple, cuts)), tuple(parts), (0,) * len(cuts), np.dtype(dtype)
    )
    made = ndarray(node)
    made._chunks = tuple(tuple(count for _, count, _ in axis) for axis in cuts)
    return made


def _dtype_of(function: Any, ours: list[ndarray], ndim: int) -> Any:
    """The dtype of what a function returns, by trying it on ones."""
    ones = [np.ones((1,) * a.ndim, a.dtype) if a.ndim else a.dtype.type(1) for a in ours]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(function(*ones, block_id=(0,) * ndim)).dtype
    except Exception as error:
        raise TypeError(f"{function.label} cannot be tried out on ones ({error}): say dtype=") from error


def map_overlap(
    function: Callable[..., Any], x: Any, depth: Any, boundary: Any = "none", *, dtype: Any = None, **options: Any
) -> ndarray:
    """Call a function on every block together with its neighbours' edges, which are cut off what it returns.

    Parameters
    ----------
    function
        Takes a NumPy array and returns one of the same shape.
    x
        An array.
    depth
        How many elements of the neighbours, before and behind: a number, one for each axis (or two, before and
        behind), or a dictionary by axis.
    boundary
        What lies beyond the edges of the array: `reflect`, `periodic`, `nearest`, a constant, or `none`: blocks end
        there. For all axes, or by axis, as `depth`.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> x = np.array([1, 5, 2, 8]).rechunk(2)
    >>> np.map_overlap(lambda b: np.maximum(b, np.roll(b, 1)), x, depth=1, boundary=0)
    array([1, 5, 5, 8])
    """
    array = as_array(x)
    sizes = chunks_of(array)
    cuts: list[Any] = []
    parts: list[Any] = []
    for axis, (around, beyond) in enumerate(
        zip(_by_axis(depth, array.ndim, 0), _by_axis(boundary, array.ndim, "none"), strict=True)
    ):
        before, behind = around if isinstance(around, (tuple, list)) else (around, around)
        array = _padded(array, axis, before, behind, beyond)
        open_ended = beyond is None or beyond == "none"
        shift, length = 0 if open_ended else before, array.shape[axis]
        cut, part, start = [], [], shift
        for count in sizes[axis]:
            low, high = max(start - before, 0), min(start + count + behind, length)
            cut.append((start - low, count, high - start - count))
            part.append((low, high - low))
            start += count
        cuts.append(cut)
        parts.append(tuple(part))
    return _mapped(function, options, [array], cuts, [tuple(parts)], dtype)


def _by_axis(value: Any, ndim: int, otherwise: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value.get(a, value.get(a - ndim, otherwise)) for a in range(ndim)]
    if isinstance(value, (tuple, list)):
        if len(value) != ndim:
            raise ValueError(f"{value!r} for an array of {ndim} axes")
        return list(value)
    return [value] * ndim


def _padded(x: ndarray, axis: int, before: int, behind: int, boundary: Any) -> ndarray:
    """An array with elements beyond the edges of an axis."""
    n = x.shape[axis]

    def part(start: int | None, stop: int | None, step: int = 1) -> ndarray:
        return get(x, (slice(None),) * axis + (slice(start, stop, step),))

    if boundary is None or boundary == "none" or not before + behind:
        return x
    if boundary in ("reflect", "periodic") and max(before, behind) > n:
        raise ValueError(f"depth {max(before, behind)} is more than the {n} elements of axis {axis}")
    match boundary:
        case "reflect":
            left, right = part(0, before)[_flip(axis)], part(n - behind, n)[_flip(axis)]
        case "periodic":
            left, right = part(n - before, n), part(0, behind)
        case "nearest":
            left, right = sh.repeat(part(0, 1), before, axis), sh.repeat(part(n - 1, n), behind, axis)
        case str():
            raise ValueError(f"boundary {boundary!r}: it is reflect, periodic, nearest, none or a number")
        case _:
            left, right = (ndarray(ar.full(boundary, x.dtype, _long(x.shape, axis, k))) for k in (before, behind))
    return sh.concatenate([left, x, right], axis)


def _flip(axis: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(None, None, -1),)


def _long(shape: ar.Shape, axis: int, length: int) -> ar.Shape:
    return (*shape[:axis], length, *shape[axis + 1 :])


# -- looking at blocks ---------------------------------------------------------------------------------------------


class BlockView:
    """The blocks of an array, indexed as if each were one element; axes stay.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> x = np.arange(10).rechunk(4)
    >>> x.blocks.shape
    (3,)
    >>> x.blocks[1:]
    array([4, 5, 6, 7, 8, 9])
    """

    def __init__(self, array: ndarray) -> None:
        self._array, self._sizes = array, chunks_of(array)

    @property
    def shape(self) -> ar.Shape:
        """How many blocks there are along each axis."""
        return tuple(map(len, self._sizes))

    numblocks = shape

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self._sizes)

    @property
    def size(self) -> int:
        """How many blocks."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[ndarray]:
        return (self[k] for k in range(len(self)))

    def ravel(self) -> list[ndarray]:
        """All blocks in a list."""
        return [self[place] for place in np.ndindex(self.shape)]

    def __getitem__(self, key: Any) -> ndarray:
        items = key if isinstance(key, tuple) else (key,)
        if Ellipsis in items:
            place = items.index(Ellipsis)
            rest = (slice(None),) * (self.ndim - len(items) + 1)
            items = items[:place] + rest + items[place + 1 :]
        if len(items) > self.ndim:
            raise IndexError(f"{len(items)} indices for blocks of {self.ndim} axes")
        made = self._array
        for axis, item in enumerate(items):
            made = _blocks_along(made, axis, self._sizes[axis], item)
        kept = [
            tuple(np.array(sizes)[_as_list(item)].tolist()) for sizes, item in zip(self._sizes, items, strict=False)
        ]
        made._chunks = (*kept, *self._sizes[len(items) :])
        return made


def _as_list(item: Any) -> Any:
    return item if isinstance(item, slice) else np.atleast_1d(item)


def _blocks_along(array: ndarray, axis: int, sizes: tuple[int, ...], item: Any) -> ndarray:
    """Some blocks of an axis behind each other; a view, where they are neighbours."""
    edges = np.cumsum([0, *sizes]).tolist()
    chosen = np.arange(len(sizes))[_as_list(item)].tolist()
    before = (slice(None),) * axis
    if chosen == list(range(chosen[0], chosen[-1] + 1)) if chosen else True:
        low, high = (edges[chosen[0]], edges[chosen[-1] + 1]) if chosen else (0, 0)
        return get(array, (*before, slice(low, high)))
    return sh.concatenate([get(array, (*before, slice(edges[b], edges[b + 1]))) for b in chosen], axis)


# -- dask.array ----------------------------------------------------------------------------------------------------


def from_dask(x: Any) -> ndarray:
    """A dask array as one of ours; each of its chunks that is needed is computed once, by Dask."""
    if any(np.isnan(n) for axis in x.chunks for n in axis):
        raise ValueError("a dask array whose chunk sizes are not known: call its compute_chunk_sizes first")
    cuts = [[(0, int(n), 0) for n in axis] for axis in x.chunks]
    return _mapped(DaskBlocks(x), {}, [], cuts, [], x.dtype)


def to_dask(x: Any, chunks: Any = None) -> Any:
    """An array as a dask array, whose chunks tenfold computes when Dask asks for them."""
    array = as_array(x)
    sizes = chunks_of(array) if chunks is None else _sizes(chunks, array.shape, array.dtype.itemsize)
    return as_dask(array, sizes)


ndarray.blocks = property(BlockView, doc="The blocks of the array.")  # type: ignore[attr-defined]


def _chunks(array: ndarray) -> Sizes:
    """The sizes of its blocks along each axis, which only an array has that was rechunked (or came in chunks)."""
    if not hasattr(array, "_chunks"):
        raise AttributeError("'ndarray' object has no attribute 'chunks': rechunk gives it some")
    return array._chunks


ndarray.chunks = property(_chunks, doc=_chunks.__doc__)  # type: ignore[attr-defined]
ndarray.numblocks = property(lambda self: BlockView(self).shape, doc="How many along each axis.")  # type: ignore[attr-defined]
ndarray.rechunk = rechunk  # type: ignore[attr-defined]
ndarray.map_blocks = lambda self, function, *others, **options: map_blocks(function, self, *others, **options)  # type: ignore[attr-defined]
ndarray.map_overlap = lambda self, function, *args, **options: map_overlap(function, self, *args, **options)  # type: ignore[attr-defined]
