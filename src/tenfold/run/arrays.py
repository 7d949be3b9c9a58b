"""Run array expressions on the CPU: whatever has to be finished before others can go on, then the answer itself.

Elementwise work is cut into pieces which threads claim; a kernel takes each from its leaves to the output or into the
accumulators of a reduction, and nothing in between is ever whole. What a piece cannot do alone (library functions along
axes, contractions, indexing by arrays) reads its arguments the same way. Finished arrays live until their last use, in
memory or, beyond the budget, in files.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tenfold import config
from tenfold.expr import arrays as ar
from tenfold.io.arrays import Region, slices
from tenfold.kernel import nodes as kn
from tenfold.run import blas, blocks, contraction, executors, extremes, few, layout, library, linear, pieces, tall
from tenfold.run.answer import read_cells
from tenfold.run.memory import allocate, check_budget
from tenfold.run.progress import Progress
from tenfold.run.schedule import Schedule
from tenfold.stage import arrays as sa
from tenfold.target import block as bl
from tenfold.target import device
from tenfold.target.tiers import Arguments, Tiers

GROUPED_STATES = 1 << 20  # results of a reduction that every thread may hold accumulators for
COUNTED = 1 << 16  # counts that a kernel makes: beyond, it would look for most of them in memory


def compute(plan: ar.Array, out: Any = None, *, home: bool = True) -> Any:
    """The array that a plan stands for; written into `out`, where that is given. It is at `home` here in any case."""
    return answer(Schedule(plan), {}, out)


def answer(schedule: Schedule, memory: dict[ar.Array, Any], out: Any = None) -> Any:
    """As `compute`, by a schedule; `memory` are the arrays in the slots of its plan."""
    run, plan = Run(), schedule.plan
    check_budget(schedule.nodes)
    run.follow(schedule, memory)
    if isinstance(plan, ar.Together):
        return run.results[plan]
    if out is None and plan not in memory and (plan in run.results or isinstance(plan, ar.Output)):
        return run.whole(plan)
    return run.store(plan, out)


class Run:
    """One computation: what is finished, the kernels, and the threads' work."""

    def __init__(self) -> None:
        self.results: dict[ar.Array, Any] = {}
        self.wanted: set[tuple[ar.Outputs, int]] = set()  # which results of functions that have several
        self.rows = config.get("morsel_rows")  # elements of a piece
        self._kernels: dict[Any, sa.ArrayLoop | None] = {}
        self._loops: dict[Any, tuple[sa.ArrayLoop, Tiers] | None] = {}

    # -- in order ---------------------------------------------------------------------------------------------------

    def finish_all(self, plan: ar.Array) -> None:
        """Compute what a plan waits for."""
        self.follow(Schedule(plan), {})

    def follow(self, schedule: Schedule, memory: dict[ar.Array, Any]) -> None:
        """Compute what a plan waits for, dropping each result behind its last use."""
        self.results |= memory
        self.wanted, self._kernels = schedule.wanted, schedule.kernels
        rows = config.get("morsel_rows")
        self.rows = max(rows // (1 + schedule.held // 16), min(rows, 1024))
        for array, done in zip(schedule.waiting, schedule.done, strict=True):
            self.results[array] = self.finish(array)
            for used in done:
                self.results.pop(used, None)

    def finish(self, array: ar.Array) -> Any:
        """Compute one array whose arguments are finished."""
        match array:
            case ar.Reduce(function=function) if function in sa.PLACES:
                return extremes.places(self, array)
            case ar.Reduce(function="prod"):
                return self._product(array)
            case ar.Reduce():
                return self._reduce(array)
            case ar.Contract():
                return contraction.contract(self, array)
            case ar.Apply():
                return self._apply(array)
            case ar.Outputs():
                return self._outputs(array)
            case ar.Tally():
                return self._tally(array)
            case ar.MapBlocks():
                return blocks.finish(self, array)
            case ar.Take(array=inside, indices=indices, axes=axes):
                return self._take(array, inside, indices, axes)
            case ar.Reshape(array=inside, extent=extent):
                return self.whole(inside).reshape(extent)
            case ar.Together(arrays=parts):
                return tuple(self.store(part) if isinstance(part, ar.Stored) else self.whole(part) for part in parts)
        return self.store(array)

    def whole(self, array: ar.Array) -> Any:
        """All of an array as one block: of memory, where it is there."""
        if array in self.results or isinstance(array, (ar.Stored, ar.Output)):
            return pieces.read(array, pieces.whole(array.shape), Worker(self))
        return self.store(array)

    # -- kernels ----------------------------------------------------------------------------------------------------

    def loop(self, array: ar.Array, make: Callable[[], sa.ArrayLoop | None], key: Any) -> Any:
        """The kernel of an operation and what of it is compiled, made once; None where there is none."""
        if key not in self._loops:
            loop = self.kernel(make, key)
            enough = array.size >= config.get("compile_rows")
            self._loops[key] = None if loop is None else (loop, Tiers(loop.kernel, "cpu" if enough else "blocks"))
        return self._loops[key]

    def kernel(self, make: Callable[[], sa.ArrayLoop | None], key: Any) -> sa.ArrayLoop | None:
        """The kernel of an operation, made once for all runs of a schedule."""
        if key not in self._kernels:
            self._kernels[key] = make()
        return self._kernels[key]

    def elements(self, array: ar.Array, loop: sa.ArrayLoop | None = None) -> int:
        """How many make a piece: more where memory is read as it lies, and no copies have to fit a cache.

        The interpreter works as long on a piece as a plain kernel on some 100,000 elements.
        """
        leaves = loop.leaves if loop else (array,)
        if not all(isinstance(x, ar.Stored) or x in self.results for x in leaves):
            return self.rows
        return max(self.rows, min(array.size // (8 * config.get("threads")), 8 * self.rows))

    def each(self, label: str, regions: Sequence[Any], do: Callable[["Worker", Any], None]) -> list["Worker"]:
        """Do something for every region, on all threads; the workers that did."""
        progress = Progress(len(regions), label)
        try:
            return executors.run(_Regions(regions), partial(Worker, self, do), -1, progress)  # type: ignore[arg-type,return-value]
        finally:
            progress.close()

    # -- storing ----------------------------------------------------------------------------------------------------

    def store(self, array: ar.Array, out: Any = None) -> Any:
        """Write an expression piece by piece."""
        if out is None:
            order = self._order(array) if isinstance(array, ar.Elementwise) else None
            if order:
                return self.store(layout.turned(array, order, self.results)).transpose(layout.back(order))
            out = allocate(array.shape, array.dtype)
        loop = self.loop(array, partial(sa.store, array, self.results), array)  # before threads ask for it
        regions = pieces.cut(array.shape, self.elements(array, loop and loop[0]))
        self.each("store", regions, lambda worker, region: worker.into(array, region, out[(*slices(region), ...)]))
        return out

    def _order(self, array: ar.Array) -> tuple[int, ...] | None:
        """In which order of axes to take an expression, if not in C's."""
        return layout.memory_order(array, self.results) if array.size >= self.rows and array.ndim > 1 else None

    # -- reductions -------------------------------------------------------------------------------------------------

    def _reduce(self, reduce: ar.Reduce) -> Any:
        """Fold pieces into accumulators: of all results at once where they are few, else tile by tile."""
        inside, out = reduce.array, allocate(reduce.shape, reduce.dtype)
        loop = self.kernel(partial(sa.fold, reduce, False, self.results), (reduce, False))
        if loop is None:
            return self._by_numpy(reduce, out)
        order = self._order(inside)
        if order:
            found = self._reduce(layout.turned_reduction(reduce, order, self.results))
            return found.transpose(layout.back(order, reduce.over))
        if 0 in inside.shape:
            out[...] = {"all": True}.get(reduce.function, 0)
            return out
        if extremes.takes(reduce, self.results):
            return extremes.extremes(self, reduce)
        if few.takes(reduce, loop, self.results):
            return few.sums(self, reduce)
        regions = pieces.cut(inside.shape, self.elements(inside, loop))
        tiles = pieces.Tiles(regions, reduce.over)
        if len(tiles) >= 4 * config.get("threads") or reduce.size > GROUPED_STATES:
            self.each("reduce", tiles, partial(_whole_tile, reduce, out))
            return out
        everything = pieces.whole(reduce.shape)
        workers = self.each("reduce", regions, lambda worker, region: worker.fold(reduce, everything, region))
        out[...] = folded(reduce, [w.folded for w in workers if w.folded]).reshape(reduce.shape)
        return out

    def _by_numpy(self, reduce: ar.Reduce, out: Any) -> Any:
        """Reductions of what no kernel holds, by NumPy over whole tiles in their order."""
        function: Any = {"sum": np.sum, "min": np.min, "max": np.max, "any": np.any, "all": np.all}.get(reduce.function)
        options = {} if reduce.function in ("any", "all", "count") else {"dtype": reduce.dtype}
        function = function or np.count_nonzero
        if reduce.function in ("min", "max"):
            options = {}
        self._in_order(reduce, out, lambda block: function(block, axis=reduce.over, **options))
        return out

    def _product(self, reduce: ar.Reduce) -> Any:
        out = allocate(reduce.shape, reduce.dtype)
        self._in_order(reduce, out, lambda block: np.prod(block, axis=reduce.over, dtype=reduce.dtype))
        return out

    def _in_order(self, reduce: ar.Reduce, out: Any, function: Callable[[Any], Any]) -> None:
        """Each tile's pieces, of a size that no setting changes, one after the other: one order, one answer."""
        combine = {"sum": np.add, "count": np.add, "prod": np.multiply, "min": np.minimum, "max": np.maximum,
                   "any": np.logical_or, "all": np.logical_and}[reduce.function]  # fmt: skip
        tiles = pieces.Tiles(pieces.cut(reduce.array.shape, 1 << 17), reduce.over)

        def do(worker: Worker, item: tuple[Region, Iterator[Region]]) -> None:
            tile, regions = item
            total = None
            for region in regions:
                part = function(np.ascontiguousarray(pieces.read(reduce.array, region, worker)))
                total = part if total is None else combine(total, part)
            out[slices(tile)] = total

        if not len(tiles):
            out[...] = {"prod": 1, "all": True}.get(reduce.function, 0)
        self.each(reduce.function, tiles, do)

    # -- library functions ------------------------------------------------------------------------------------------

    def _apply(self, apply: ar.Apply) -> Any:
        function = partial(library.FUNCTIONS[apply.function], *apply.options)
        return self._along(apply, lambda *blocks: (function(*blocks),), ((apply.shape, apply.dtype),))[0]

    def _outputs(self, outputs: ar.Outputs) -> tuple[Any, ...]:
        if outputs.function in tall.FACTORS:
            return tall.factor(self, outputs)
        function = partial(linear.OUTPUTS[outputs.function], *outputs.options)
        return self._along(outputs, function, tuple(zip(outputs.extents, outputs.types, strict=True)))

    def _along(self, node: ar.Apply | ar.Outputs, function: Callable[..., Any], results: Any) -> tuple[Any, ...]:
        """The function on pieces that are whole along the core axes."""
        free = node.args[0].ndim - node.core
        if free == 0:
            return tuple(map(np.asarray, function(*map(self.whole, node.args))))
        outs = [allocate(shape, dtype) for shape, dtype in results]
        self.prepare(*node.args)

        def do(worker: Worker, region: Region) -> None:
            blocks = [pieces.read(arg, (*region, *pieces.whole(arg.shape[free:])), worker) for arg in node.args]
            for out, made in zip(outs, function(*blocks), strict=True):
                out[slices(region)] = made

        inner = max(math.prod(arg.shape[free:]) for arg in node.args)
        regions = pieces.cut(node.args[0].shape[:free], max(self.rows // max(inner, 1), 1))
        with blas.single_threaded():
            self.each(node.function, regions, do)
        return tuple(outs)

    def prepare(self, *arrays: ar.Array) -> None:
        """Make the kernels of arguments before threads ask for them."""
        for array in arrays:
            if isinstance(array, ar.Elementwise) and array not in self.results:
                self.loop(array, partial(sa.store, array, self.results), array)

    def _tally(self, tally: ar.Tally) -> Any:
        loop = self.loop(tally.args[0], partial(sa.tally, tally, self.results), tally)
        if loop is not None and tally.size <= COUNTED:
            regions = pieces.cut(tally.args[0].shape, self.elements(tally.args[0], loop[0]))
            workers = self.each(tally.function, regions, lambda worker, region: worker.count(tally, region))
            counts = sum((w.folded.states[0][0] for w in workers if w.folded), np.zeros(tally.size + 1, "i8"))
            if counts[-1]:
                raise ValueError(f"{tally.function}: the array was written to after its largest number was looked for")
            return counts[:-1]
        return self._tally_by_numpy(tally)

    def _tally_by_numpy(self, tally: ar.Tally) -> Any:
        function = partial(library.TALLIES[tally.function], *tally.options)
        counts: dict[Worker, Any] = {}

        def do(worker: Worker, region: Region) -> None:
            found = function(*(pieces.read(arg, region if arg.ndim else (), worker) for arg in tally.args))
            counts[worker] = counts.get(worker, 0) + found

        self.prepare(*tally.args)
        self.each(tally.function, pieces.cut(tally.args[0].shape, self.rows), do)
        return sum(counts.values(), np.zeros(tally.shape, "i8"))

    def _take(self, take: ar.Take, inside: ar.Array, indices: tuple[ar.Array, ...], axes: tuple[int, ...]) -> Any:
        array, out = self.whole(inside), allocate(take.shape, take.dtype)
        numbers = [self.whole(index) for index in indices]
        array = np.moveaxis(array, axes, range(len(axes)))
        shape = indices[0].shape

        def do(worker: Worker, region: Region) -> None:
            out[slices(region)] = array[tuple(number[slices(region)] for number in numbers)]

        inner = max(math.prod(take.shape[len(shape) :]), 1)
        self.each("take", pieces.cut(shape, max(self.rows // inner, 1)), do)
        return out


class _Regions:
    """Regions as the pieces of an executor."""

    stable = True

    def __init__(self, regions: Sequence[Any]) -> None:
        self._regions, self.pieces = regions, len(regions)

    def read(self, piece: int) -> Iterator[Any]:
        """The one region."""
        yield self._regions[piece]


@dataclass(slots=True)
class Fold:
    """Accumulators of one tile, by sink."""

    sinks: tuple[kn.Node, ...]
    states: list[list[Any]]

    def anew(self, groups: int) -> "Fold":
        """Empty accumulators; what these have learnt about the values is kept."""
        states = zip(self.sinks, self.states, strict=True)
        return Fold(self.sinks, [bl.anew(sink, state, groups) for sink, state in states])  # type: ignore[arg-type]


class Worker:
    """One thread's share: its argument blocks, and the accumulators of the tile under way."""

    parts: tuple[()] = ()

    def __init__(self, run: Run, do: Callable[["Worker", Any], None] | None = None) -> None:
        self.run, self._do = run, do
        self.results = run.results
        self.folded: Fold | None = None
        self._arguments: dict[Any, Arguments] = {}
        self._made: dict[tuple[ar.Array, Region], Any] = {}  # of this item: what several operations read is made once

    def take(self, piece: int, item: Any) -> None:
        """Do what is to be done with one item."""
        assert self._do is not None
        self._do(self, item)
        self._made.clear()

    def bring(self, block: Any) -> Any:
        """A block in the host's memory."""
        return device.home(block)

    # -- storing ----------------------------------------------------------------------------------------------------

    def block(self, array: ar.Array, region: Region) -> Any:
        """The values of an operation on a region."""
        if (array, region) not in self._made:
            for step in sa.by_numpy(array, self.results):
                args = [pieces.read(arg, region if arg.ndim else (), self) for arg in step.args]
                with np.errstate(all="ignore"):
                    self._made[step, region] = library.elementwise(step.op, step.dtype, args)
        if (array, region) not in self._made:
            self._made[array, region] = out = np.empty(pieces.shape_of(region), array.dtype)
            self.into(array, region, out)
        return self._made[array, region]

    def into(self, array: ar.Array, region: Region, out: Any) -> None:
        """Write the values of an expression on a region."""
        found = None
        if isinstance(array, ar.Elementwise) and array not in self.results:
            found = self.run.loop(array, partial(sa.store, array, self.results), array)
        if found is None:
            out[...] = pieces.read(array, region, self)
        elif not out.flags.c_contiguous:
            out[...] = self.block(array, region)
        else:
            loop, tiers = found
            arguments = self._bound(array, loop, tiers, self._columns(loop, region))
            arguments.replace([[np.zeros(1, "i8"), out.reshape(-1)]])
            arguments.run(0, out.size)

    def _columns(self, loop: sa.ArrayLoop, region: Region) -> list[Any]:
        """The inputs of a kernel over a region: contiguous, one element a row."""
        return [
            np.ascontiguousarray(pieces.read(leaf, region, self), sa.storage_of(leaf.dtype)).reshape(-1)
            for leaf in loop.leaves
            if leaf is not sa.GROUP
        ]

    def _bound(self, key: Any, loop: sa.ArrayLoop, tiers: Tiers, inputs: list[Any]) -> Arguments:
        if key not in self._arguments:
            params = [np.asarray(pieces.read(p, (), self), sa.storage_of(p.dtype)).reshape(1) for p in loop.params]
            self._arguments[key] = Arguments(tiers, params, [])
        self._arguments[key].bind(inputs)
        return self._arguments[key]

    # -- reductions -------------------------------------------------------------------------------------------------

    def fold(self, reduce: ar.Reduce, tile: Region, region: Region) -> None:
        """Fold a piece into the accumulators of the tile under way."""
        groups = pieces.elements(tile)
        key = (reduce, groups > 1)
        found = self.run.loop(reduce.array, partial(sa.fold, reduce, groups > 1, self.results), key)
        self._accumulate(key, found, region, groups, [_groups(reduce, tile, region)] if groups > 1 else [])

    def count(self, tally: ar.Tally, region: Region) -> None:
        """Count what numbers are in a piece."""
        found = self.run.loop(tally.args[0], partial(sa.tally, tally, self.results), tally)
        self._accumulate(tally, found, region, tally.size + 1, [])

    def _accumulate(self, key: Any, found: Any, region: Region, groups: int, maps: list[Any]) -> None:
        loop, tiers = found
        if self.folded is None:
            sinks = loop.kernel.sinks
            self.folded = Fold(sinks, [bl.start(sink, groups) for sink in sinks])
        arguments = self._bound(key, loop, tiers, self._columns(loop, region) + maps)
        arguments.replace(self.folded.states)
        arguments.run(0, pieces.elements(region))
        self.folded.states = arguments.states


def _whole_tile(reduce: ar.Reduce, out: Any, worker: Worker, item: tuple[Region, Iterator[Region]]) -> None:
    """All pieces of one tile, and its results."""
    tile, regions = item
    worker.folded = worker.folded and worker.folded.anew(pieces.elements(tile))
    for region in regions:
        worker.fold(reduce, tile, region)
    assert worker.folded is not None
    out[slices(tile)] = folded(reduce, [worker.folded]).reshape(pieces.shape_of(tile))


def _groups(reduce: ar.Reduce, tile: Region, region: Region) -> Any:
    """Which result of the tile each element of a piece goes into: a map, as kernels take it."""
    strides = iter(ar.c_strides(pieces.shape_of(tile)))
    starts = iter(start for start, _, _ in tile)
    places, base = [0] * len(region), 0
    for axis in range(len(region)):
        if axis not in reduce.over:
            places[axis] = next(strides)
            base -= places[axis] * next(starts)
    base += sum(stride * start for stride, (start, _, _) in zip(places, region, strict=True))
    steps, sizes = ar.collapsed(tuple(places), pieces.shape_of(region))
    return np.array([len(sizes), base, *steps, *sizes], "i8")


def folded(reduce: ar.Reduce, folds: list[Fold]) -> Any:
    """The results of one tile from all accumulators of it."""
    states, sinks = folds[0].states, folds[0].sinks
    everything = np.arange(len(states[0][0]))
    for other in folds[1:]:
        for sink, into, state in zip(sinks, states, other.states, strict=True):
            bl.merge(sink, into, state, everything)  # type: ignore[arg-type]
    if bl.is_exact_sum(sinks[0]):
        return read_cells(rounder(reduce), *states[0][:2]).astype(reduce.dtype)
    return answer_of(reduce, [state[0] for state in states])


def rounder(reduce: ar.Reduce) -> str:
    """Which primitive rounds the exact sums."""
    return "round_cells_f4" if reduce.dtype == np.float32 else "round_cells"


def answer_of(reduce: ar.Reduce, values: list[Any]) -> Any:
    """The results from the accumulated values, wherever these are."""
    match reduce.function:
        case "any":
            return values[0] > 0
        case "all":
            return values[0] == 0
        case "min" | "max" if len(values) > 1:
            return np.where(values[1] > 0, reduce.dtype.type(np.nan), values[0])
    return values[0].astype(reduce.dtype)
