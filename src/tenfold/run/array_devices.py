"""Run array expressions on GPUs: the twin of `arrays.py`, whose finished arrays lie in device memory.

Kernels take whole domains: ranges and draws are computed in registers, columns are brought to the device (views of them
as copies there). Reductions are split over all devices, stores are made on the first. Sorting, contractions,
factorisations and transforms are CuPy's. What is left (functions that are not ours, and so would have other bits) runs
on the CPU, which a notice says; so does what device memory cannot hold even in small pieces.
"""

import functools
import itertools
import math
import operator
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray, Region, slices
from tenfold.kernel import nodes as kn
from tenfold.run import arrays, contraction, device_sort, devices, library, linear, pieces, threads
from tenfold.run.device_answer import read_cells
from tenfold.stage import arrays as sa
from tenfold.target import cuda
from tenfold.target import device as dv
from tenfold.target.device import Device, Unable
from tenfold.target.index_map import IndexMap
from tenfold.target.launch import Cells, Segments, launcher

PIECE_BYTES = 2 << 30  # of the columns that one launch reads
PIECE_ROWS = 1 << 28  # elements of one launch of a store
SLAB = 1 << 28  # elements of an argument of a contraction that are there at once


def compute(plan: ar.Array, out: Any = None, *, home: bool = True) -> Any:
    """The array that a plan stands for: on the host, or where it was made."""
    run = DeviceRun()
    run.finish_all(plan)
    answer = run.results.get(plan)
    answer = run.finish(plan) if answer is None else answer
    if out is not None:
        out[...] = dv.home(answer)
        return out
    return dv.home(answer) if home else answer


class DeviceRun(arrays.Run):
    """One computation on devices."""

    def __init__(self) -> None:
        super().__init__()
        self._devices = dv.devices()
        self.shrunk = 0
        self._stores: dict[ar.Array, sa.ArrayLoop | None] = {}  # of the array that is being finished
        for device in self._devices:
            device.limit()

    def finish(self, array: ar.Array) -> Any:
        """One array, on the first device; on the host, where no device can make it."""
        first, self._stores = _Share(self, self._devices[0]), {}
        why = "memory of the GPU ran out"
        for self.shrunk in (0, 3, 6):  # bits by which pieces are smaller
            try:
                with first.device.current():
                    return self._there(array, first)
            except Unable as reason:
                why = str(reason)
                break
            except first.device.out_of_memory:
                pass
            for device in self._devices:
                device.free()
        devices.notice(f"{type(array).__name__.lower()} of an array: {why}")
        return super().finish(array)

    def _there(self, array: ar.Array, first: "_Share") -> Any:
        match array:
            case ar.Reduce(function=function) if function in sa.PLACES:
                extreme, place = sa.extreme_and_place(array)
                self.results[extreme] = self._folded(extreme, first)
                return self._folded(place, first)
            case ar.Reduce():
                return self._folded(array, first)
            case ar.Reshape(array=inside, extent=extent):
                return first.read(inside).reshape(extent)
            case ar.Take(array=inside, indices=indices, axes=axes):
                moved = first.device.xp.moveaxis(first.read(inside), axes, range(len(axes)))
                return moved[tuple(first.positions(i, moved.shape[k], axes[k]) for k, i in enumerate(indices))]
            case ar.Together(arrays=parts):
                return tuple(map(first.read, parts))
            case ar.Contract():
                return self._contracted(array, first)
            case ar.Apply(function="argsort", args=(inside,), options=(kind,)) if _is_ordered_here(inside, kind):
                return device_sort.argsort(first.device, first.read(inside))
            case ar.Apply(function=function, options=options, args=args) if function in library.ON_DEVICES:
                return library.FUNCTIONS[function](*options, *map(first.read, args))
            case ar.Outputs(function=function, options=options, args=args) if function in linear.OUTPUTS_ON_DEVICES:
                return linear.OUTPUTS_ON_DEVICES[function](*options, *map(first.read, args))
            case ar.Apply(function=function) | ar.Outputs(function=function) | ar.Tally(function=function):
                raise Unable(f"{function} has no form there")
            case ar.MapBlocks(function=function):
                raise Unable(f"{function.label} is a function of yours")
        return first.store(array)

    # -- reductions -------------------------------------------------------------------------------------------------

    def _folded(self, reduce: ar.Reduce, first: "_Share") -> Any:
        """Tile by tile of the results: one that takes a single launch is answered on its device, others on the host."""
        loop = _loop(reduce, self.results)
        if loop is None or 0 in reduce.array.shape:
            raise Unable(f"{reduce.function} of {reduce.array.dtype}")
        share = -(-reduce.array.size // len(self._devices))
        tiles = _tiles(reduce, loop, self.rows_of(loop, share))
        work = [(tile, region) for tile, regions in tiles.items() for region in regions]
        alone = {tile for tile, regions in tiles.items() if len(regions) == 1}
        made = self._shared_out(work, lambda share, mine: _fold(share, reduce, loop, alone, mine))
        found = {tile: [part for at, part in made if at == tile] for tile in tiles}
        answers = {tile: parts[0] if tile in alone else arrays.folded(reduce, parts) for tile, parts in found.items()}
        if len(answers) == 1:
            (answer,) = answers.values()
            return first.bring(answer).reshape(reduce.shape)
        out = first.device.xp.empty(reduce.shape, reduce.dtype)
        for tile, answer in answers.items():
            out[(*slices(tile), ...)] = first.bring(answer).reshape(pieces.shape_of(tile))
        return out

    # -- contractions -----------------------------------------------------------------------------------------------

    def _contracted(self, node: ar.Contract, first: "_Share") -> Any:
        """By slabs of the longest axis, which all devices take in turn: the arguments are never there whole."""
        cut = contraction.longest(node, SLAB >> self.shrunk)
        if cut is None:
            blocks = {x: first.read(x) for x in (node.left, node.right)}
            return library.tensordot(blocks[node.left], blocks[node.right], node.axes)
        sides = list(zip((node.left, node.right), cut.axes, strict=True))
        fixed = {side: first.read(side[0]) for side in sides if side[1] is None}
        summed = cut.place is None
        made = self._shared_out(cut.slabs(), lambda share, mine: _multiply(share, node, sides, fixed, summed, mine))
        if cut.place is None:
            return functools.reduce(operator.add, (first.bring(product) for _, product in made))
        out = first.device.xp.empty(node.shape, node.dtype)
        for (_, lo, count), product in made:
            out[slices(pieces.along(node.shape, cut.place, lo, count))] = first.bring(product)
        return out

    def _shared_out(self, work: list[Any], do: Callable[["_Share", Iterator[Any]], list[Any]]) -> list[Any]:
        """What all devices make, each of every so many items."""
        shares = [_Share(self, device) for device in self._devices[: len(work)]]
        stop = threading.Event()
        goes_on = functools.partial(itertools.takewhile, lambda _: not stop.is_set())
        calls = [functools.partial(do, share, goes_on(work[k :: len(shares)])) for k, share in enumerate(shares)]
        return [made for made_by_one in threads.side_by_side(calls, stop.set) for made in made_by_one]

    def stored(self, array: ar.Array) -> sa.ArrayLoop | None:
        """The kernel that writes an operation, from what is finished now."""
        if array not in self._stores:
            self._stores[array] = sa.store(array, self.results)
        return self._stores[array]

    def rows_of(self, loop: sa.ArrayLoop, size: int) -> int:
        """Elements of one launch: all that a device gets, where nothing has to be brought there."""
        width = sum(leaf.dtype.itemsize for leaf in loop.leaves if self._is_brought(leaf))
        return max(min(size, (PIECE_BYTES >> self.shrunk) // width if width else size), 1)

    def _is_brought(self, leaf: ar.Array) -> bool:
        if ar.index_map(leaf) is not None:
            return False
        found = self.results.get(leaf)
        if found is None and isinstance(leaf, ar.Stored) and isinstance(leaf.source, MemoryArray):
            found = leaf.source.array
        return not dv.is_resident(found)


def _fold(
    share: "_Share", reduce: ar.Reduce, loop: sa.ArrayLoop, alone: set[Region], work: Iterator[tuple[Region, Region]]
) -> list[tuple[Region, Any]]:
    """One device's part: answers of tiles that are whole in one launch, of others the accumulators on the host."""
    made = []
    with share.device.current():
        for tile, region in work:
            lie = _lie(reduce, loop, region)
            if lie and lie.are_short and tile in alone:
                answer = cuda.Answer(reduce.function, sa.storage_of(reduce.dtype) or "")
                made.append((tile, share.launched(loop, region, reduce, "answers", lie, answer)))
                continue
            how, groups = "fold" if tile in alone else "states", pieces.elements(tile)
            states = share.launched(loop, region, reduce, how, groups, lie)
            fold = arrays.Fold(loop.kernel.sinks, states)
            made.append((tile, _answered(share.device, reduce, fold) if tile in alone else fold))
    return made


def _answered(device: Device, reduce: ar.Reduce, fold: Any) -> Any:
    """The results of accumulators that lie on a device."""
    if isinstance(fold.states[0], Cells):
        return read_cells(device, fold.states[0], arrays.rounder(reduce)).astype(reduce.dtype)
    return arrays.answer_of(reduce, fold.states)


def _is_ordered_here(array: ar.Array, kind: Any) -> bool:
    """Whether `device_sort` orders an array: integers sooner than CuPy does, floats to NumPy's letter (0.0 as -0.0)."""
    wide, floats = array.dtype in (np.dtype("i8"), np.dtype("u8")), array.dtype in (np.dtype("f4"), np.dtype("f8"))
    return array.ndim == 1 and (wide or (floats and kind in ("stable", "mergesort")))


def _multiply(
    share: "_Share",
    node: ar.Contract,
    sides: list[tuple[ar.Array, int | None]],
    fixed: dict[Any, Any],
    summed: bool,
    slabs: Iterator[tuple[int, int, int]],
) -> list[tuple[tuple[int, int, int], Any]]:
    """One device's products, each with its slab; their sum, where the axis that is cut is summed over."""
    made: list[tuple[tuple[int, int, int], Any]] = []
    with share.device.current():
        here = {side: share.bring(block) for side, block in fixed.items()}
        for slab in slabs:
            cut = {(x, axis): share.slab(x, axis, *slab[1:]) for x, axis in set(sides) if axis is not None}
            left, right = (cut[side] if side in cut else here[side] for side in sides)
            product = library.tensordot(left, right, node.axes)
            if summed and made:
                made[0][1][...] += product
            else:
                made.append((slab, product))
    return made


class _Share:
    """What one device reads and runs."""

    def __init__(self, run: DeviceRun, device: Device) -> None:
        self.run, self.device = run, device
        self.results = run.results

    def bring(self, block: Any) -> Any:
        """A block on this device."""
        return self.device.put(block)

    def block(self, array: ar.Array, region: Region) -> Any:
        """The values of an operation on a region."""
        loop = self.run.stored(array)
        if loop is None and array.op in library.DRAWS:  # type: ignore[attr-defined]
            return self.bring(self._drawn(array, region))
        if loop is None:
            raise Unable(f"{array.op} of {array.dtype} has no kernel")  # type: ignore[attr-defined]
        (made,) = self.launched(loop, region, None, "store")
        return made.astype(array.dtype, copy=False).reshape(pieces.shape_of(region))

    def _drawn(self, array: ar.Array, region: Region) -> Any:
        """A draw that is made by blocks, on the host; what is made of it stays a kernel's."""
        devices.notice(f"{array.op} of an array")  # type: ignore[attr-defined]
        args = [dv.home(pieces.read(arg, region if arg.ndim else (), self)) for arg in array.args]  # type: ignore[attr-defined]
        return library.elementwise(array.op, array.dtype, args)  # type: ignore[attr-defined]

    def read(self, array: ar.Array) -> Any:
        """All of an array, on this device."""
        return self.bring(pieces.read(array, pieces.whole(array.shape), self))

    def slab(self, array: ar.Array, axis: int, lo: int, count: int) -> Any:
        """Some indices of an axis, on this device."""
        return self.bring(pieces.read(array, pieces.along(array.shape, axis, lo, count), self))

    def positions(self, index: ar.Array, length: int, axis: int) -> Any:
        """Positions on an axis, none of them beyond it: devices would not say so."""
        found = self.read(index)
        if found.size and (int(found.min()) < -length or int(found.max()) >= length):
            raise IndexError(f"an index is out of bounds for axis {axis} with size {length}")
        return found

    def store(self, array: ar.Array) -> Any:
        """All of an expression in an array of its own, made in pieces that leave room."""
        loop = self.run.stored(array)
        rows = self.run.rows_of(loop, array.size) if loop else PIECE_ROWS >> self.run.shrunk
        regions = pieces.cut(array.shape, rows)
        if len(regions) <= 1:
            return self.device.xp.ascontiguousarray(self.read(array)).reshape(array.shape)  # it makes one axis of none
        out = self.device.xp.empty(array.shape, array.dtype)
        for region in regions:
            out[slices(region)] = self.bring(pieces.read(array, region, self))
        return out

    def launched(self, loop: sa.ArrayLoop, region: Region, reduce: ar.Reduce | None, how: str, *options: Any) -> Any:
        """A kernel over a region: its states, or the arrays that it stores."""
        inputs = [self._input(leaf, region, reduce) for leaf in loop.leaves]
        kernel = _taking(loop.kernel, inputs)
        params = [dv.home(pieces.read(p, (), self)) for p in loop.params]
        scalars = [
            np.asarray(p, sa.storage_of(node.dtype)).reshape(1) for p, node in zip(params, loop.params, strict=True)
        ]
        return getattr(launcher(kernel, self.device), how)(inputs, scalars, pieces.elements(region), *options)

    def _input(self, leaf: ar.Array, region: Region, reduce: ar.Reduce | None) -> Any:
        """A column on this device, or the map that computes it."""
        if leaf is sa.GROUP:
            assert reduce is not None
            return _group_map(reduce, region)
        mapped = ar.index_map(leaf)
        if mapped is not None:
            return self._map(*mapped, region)
        block = self.bring(pieces.read(leaf, region, self))
        storage = sa.storage_of(leaf.dtype)
        return self.device.xp.ascontiguousarray(block.astype(storage, copy=False)).reshape(-1)

    def _map(self, base: int, strides: ar.Shape, region: Region) -> Any:
        base += sum(stride * start for stride, (start, _, _) in zip(strides, region, strict=True))
        steps = tuple(stride * step for stride, (_, _, step) in zip(strides, region, strict=True))
        flat, shape = ar.collapsed(steps, pieces.shape_of(region))
        if len(flat) > sa.MAP_AXES:
            return self.bring(pieces.index_values(base, steps, tuple((0, n, 1) for n in pieces.shape_of(region))))
        return IndexMap(base, flat, shape)


def _loop(reduce: ar.Reduce, finished: dict[ar.Array, Any]) -> sa.ArrayLoop | None:
    """The kernel of a reduction: over segments, where what is reduced lies together; else by groups.

    So are draws of which neighbours go into several results: the rows of a segment do not share their words.
    """
    segments = _segments(reduce, pieces.whole(reduce.array.shape))
    loop = sa.fold(reduce, False, finished) if segments else None
    if segments is None or loop is None or (segments.inner > 1 and cuda.draws(loop.kernel)):
        return sa.fold(reduce, True, finished)
    return loop


def _tiles(reduce: ar.Reduce, loop: sa.ArrayLoop, rows: int) -> dict[Region, list[Region]]:
    """The results in parts, each with the pieces that go into it: one, where segments are short."""
    lie = _lie(reduce, loop, pieces.whole(reduce.array.shape))
    if lie and lie.are_short:
        return {tile: [_rows_of(reduce, tile)] for tile in pieces.cut(reduce.shape, max(rows // lie.length, 1))}
    return {tile: list(regions) for tile, regions in pieces.Tiles(pieces.cut(reduce.array.shape, rows), reduce.over)}


def _rows_of(reduce: ar.Reduce, tile: Region) -> Region:
    """All that goes into a part of the results."""
    kept = iter(tile)
    return tuple((0, n, 1) if a in reduce.over else next(kept) for a, n in enumerate(reduce.array.shape))


def _lie(reduce: ar.Reduce, loop: sa.ArrayLoop, region: Region) -> Segments | None:
    """The segments of a region; None where its elements go to results by their numbers."""
    return None if sa.GROUP in loop.leaves else _segments(reduce, region)


def _segments(reduce: ar.Reduce, region: Region) -> Segments | None:
    """How the rows of a region lie; None where kept axes stand between those that are reduced."""
    sizes, shape = reduce.array.shape, pieces.shape_of(region)
    over = [a for a in reduce.over if sizes[a] > 1]
    if not over:
        return Segments(1)
    if any(sizes[a] > 1 for a in range(over[0], over[-1]) if a not in over):
        return None
    return Segments(math.prod(shape[a] for a in over), math.prod(shape[over[-1] + 1 :]))


def _group_map(reduce: ar.Reduce, region: Region) -> IndexMap:
    """Which result of its tile each element of a region goes into."""
    shape = pieces.shape_of(region)
    strides = iter(ar.c_strides(tuple(n for a, n in enumerate(shape) if a not in reduce.over)))
    flat, sizes = ar.collapsed(tuple(0 if a in reduce.over else next(strides) for a in range(len(shape))), shape)
    if len(flat) > sa.MAP_AXES:
        raise Unable(f"a reduction over axes {reduce.over} of {len(shape)}")
    return IndexMap(0, flat, sizes)


def _taking(kernel: kn.Kernel, inputs: list[Any]) -> kn.Kernel:
    """The kernel for index maps of as many axes as these have: a piece may need fewer than the whole."""
    declared = zip(kernel.inputs, inputs, strict=True)
    storages = (f"@{len(x.shape)}" if isinstance(x, IndexMap) else kn.storage_of(storage) for storage, x in declared)
    return kn.Kernel(tuple(storages), *kernel.values[1:])
