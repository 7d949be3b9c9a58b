"""Kernels run on a GPU: folds over device columns into the states that `blocks` and `cpu` leave, and compactions.

A sum's window is chosen from the first rows. What it does not hold, the kernel spills for the host to add (`Cells`);
where that is too much, the kernel runs again over a wider window. Nothing is ever rounded before the end.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.kernel import nodes as kn
from tenfold.primitives import accumulate, exact
from tenfold.target import block as bl
from tenfold.target import blocks, cuda
from tenfold.target.device import Device
from tenfold.target.index_map import IndexMap, magic_of

WARP = 32  # threads
COLUMNS = WARP  # copies of a group's accumulators in shared memory, one for each lane, where they fit
SHARED_BYTES = 96 << 10  # of accumulators in shared memory, which leaves room for two blocks a multiprocessor
MULTIPROCESSOR_BYTES = 208 << 10  # of shared memory for all blocks that run at a time
PIECE_ROWS = 1 << 20  # what a block's table in shared memory, or the threads of a segment, can add up (prelude.cu)
FEW = 64  # rows of a segment that a thread folds by itself, with no accumulators in memory
RESIDENT = 8  # blocks a multiprocessor runs at a time
LEAST_STEPS = 4  # of a loop of threads over their piece, worth adding up their sums
SAMPLE_ROWS = 1 << 12  # whose values choose the first windows
WIDEST = 49  # limbs that hold every float64
FIRST_RUNG = 8  # bits by which a device's first rung is shorter (prelude.cu): its window starts so much higher
NOWHERE = np.uint64(0)  # a null pointer
SPILL = 4096  # values that a spill keeps (prelude.cu)


@functools.lru_cache(256)
def launcher(kernel: kn.Kernel, device: Device) -> "Launcher":
    """The one launcher of a kernel on a device: it knows the windows of its last run."""
    return Launcher(kernel, device)


@dataclass(slots=True)
class Cells:
    """Exact sums in device memory over one window; `spill` holds what the window does not, on the host."""

    device: Device
    words: Any
    low: int
    limbs: int
    spill: np.ndarray

    def states(self) -> list[np.ndarray]:
        """The state arrays of the fold on the host (see `block.py`), nothing spilled."""
        cells = exact.normalise(self.device.home(self.words))
        state = [cells, np.array([self.low, self.limbs]), self.spill.copy()]
        bl.settle_spill(state)
        return [*state[:2], bl.new_spill()]

    @property
    def strays(self) -> np.ndarray:
        """The groups that have spilled values, each once, in order."""
        return np.unique(self.spill[1 : 1 + 2 * int(self.spill[0]) : 2])

    def of(self, groups: np.ndarray) -> list[np.ndarray]:
        """The states of some groups (all strays among them), in the order given, which is ascending."""
        with self.device.current():
            words = self.words[self.device.put(groups)]
        count, spill = int(self.spill[0]), self.spill.copy()
        spill[1 : 1 + 2 * count : 2] = np.searchsorted(groups, spill[1 : 1 + 2 * count : 2])
        return Cells(self.device, words, self.low, self.limbs, spill).states()


@dataclass(frozen=True, slots=True)
class Work:
    """Groups are numbered from `origin` on; a block has rows of `most` groups at most.

    `shares` tells each block its first group, first row and end (prelude.cu); a null pointer: all groups, any rows.
    """

    groups: int
    origin: int = 0
    most: int = 0
    shares: Any = NOWHERE


@dataclass(frozen=True, slots=True)
class Segments:
    """How rows without groups lie: [outer][length][inner], a result for each outer and inner index."""

    length: int
    inner: int = 1

    @property
    def are_short(self) -> bool:
        """Whether a thread takes a whole one; where they are few, they take no time anyway."""
        return self.length <= FEW

    def shared_out(self, rows: int, threads: int) -> tuple[int, int]:
        """Pieces of each segment, and threads to a piece, for so many threads: each has work, no sum overflows."""
        lanes = 1
        while self.inner == 1 and lanes < WARP and 2 * lanes * cuda.ROWS <= self.length:
            lanes *= 2
        most = max(self.length // (lanes * cuda.ROWS * LEAST_STEPS), 1)
        wanted = -(-threads // max(rows // self.length * lanes, 1))
        return max(min(wanted, most), -(-self.length // PIECE_ROWS)), lanes


class Launcher:
    """One kernel on one device."""

    def __init__(self, kernel: kn.Kernel, device: Device) -> None:
        self.kernel, self.device = kernel, device
        self._tables = cuda.tables(kernel)
        self._sums = [n for n, sink in enumerate(kernel.sinks) if bl.is_exact_sum(sink)]
        self._windows: tuple[list[int], int] | None = None
        self._source = functools.cache(functools.partial(cuda.source, kernel))
        self._answering_source = functools.cache(functools.partial(cuda.answering_source, kernel))

    # -- folds ------------------------------------------------------------------------------------------------------

    def states(
        self, inputs: list[Any], params: list[np.ndarray], rows: int, groups: int, work: Any = None
    ) -> list[list[np.ndarray]]:
        """The states on the host after all rows of device columns, as `block.start` lays them out."""
        folded = self.fold(inputs, params, rows, groups, work)
        return [state.states() if isinstance(state, Cells) else [self.device.home(state)] for state in folded]

    def fold(
        self,
        inputs: list[Any],
        params: list[np.ndarray],
        rows: int,
        groups: int,
        work: "Work | Segments | None" = None,
    ) -> list[Any]:
        """The same on the device: `Cells` for exact sums, else arrays of a value a group (or segment)."""
        work = work or (Segments(max(rows, 1)) if _ungrouped(self.kernel) is self.kernel else Work(groups))
        known = self._windows is not None
        lows, limbs = self._windows or self.windows(inputs, params, rows)
        while True:
            states, spills = self.launch(inputs, params, rows, work, lows, limbs)
            most = max((int(self.device.home(spill[:1])[0]) for spill in spills), default=0)
            if most <= SPILL:
                break
            lows, limbs = self.windows(inputs, params, rows) if known else _wider(lows, limbs)
            known = False
        self._windows = (lows, limbs)
        states = [state[:groups] for state in states]
        for number, low, spill in zip(self._sums, lows, spills, strict=True):
            kept = self.device.home(spill) if most else np.zeros(1, "i8")
            states[number] = Cells(self.device, states[number], low, limbs, kept)
        return states

    def answers(
        self, inputs: list[Any], params: list[np.ndarray], rows: int, segments: Segments, answer: cuda.Answer
    ) -> Any:
        """What each short segment is reduced to, in one array: nothing else is written."""
        results = rows // segments.length
        grid = max(1, min(self.device.processors * RESIDENT, -(-results // cuda.THREADS)))
        magic, shift = magic_of(segments.inner)
        with self.device.current():
            out = self.device.xp.empty(results, answer.storage)
            head = np.int64(segments.length), np.int64(segments.inner), np.uint64(magic), np.int32(shift), out
            arguments = (np.int64(rows), *head, *_flat(inputs), *(p[0] for p in params))
            self.device.launch(self._answering_source(answer), grid, arguments)
        return out

    def windows(self, inputs: list[Any], params: list[np.ndarray], rows: int) -> tuple[list[int], int]:
        """Where the windows of the sums start, and their width, by the first rows on the host."""
        first = min(rows, SAMPLE_ROWS)
        sample = [x.values(0, first) if isinstance(x, IndexMap) else self.device.home(x[:first]) for x in inputs]
        single = _ungrouped(self.kernel)
        states = [bl.start(sink, 1) for sink in single.sinks]  # type: ignore[arg-type]
        arguments = [*sample, *params, *(array for state in states for array in state)]
        blocks.run(single, arguments, 0, first)
        place, windows = len(inputs) + len(params), []
        for sink, state in zip(single.sinks, states, strict=True):
            if bl.is_exact_sum(sink):
                windows.append(tuple(map(int, arguments[place + 1])))
            place += len(state)
        windows = [w if w != exact.NOTHING else exact.window_of([1.0]) for w in windows]
        limbs = max((limbs for _, limbs in windows), default=3)
        return [low + FIRST_RUNG - accumulate.BITS * (limbs - own) for low, own in windows], limbs

    def launch(
        self,
        inputs: list[Any],
        params: list[np.ndarray],
        rows: int,
        work: "Work | Segments",
        lows: list[int],
        limbs: int,
    ) -> tuple[list[Any], list[Any]]:
        """One launch with these windows: states (cells for exact sums), and the spill of each sum."""
        with self.device.current():
            groups = max(rows // work.length, 1) if isinstance(work, Segments) else work.groups + work.most
            states, spills, args = self._accumulators(groups, lows, limbs)
            columns, shared, grid = 0, 0, self.device.processors * RESIDENT
            head: tuple[Any, ...]
            if isinstance(work, Segments):
                pieces, lanes = work.shared_out(rows, grid * cuda.THREADS)
                head = np.int64(work.length), np.int64(work.inner), np.int64(pieces), np.int32(lanes)
            else:
                most = work.most or work.groups
                columns, shared = self._columns(most, limbs)
                grid = self._grid(work, rows, shared)
                head = np.int32(most), np.int64(work.origin), work.shares
            arguments = (np.int64(rows), *head, *_flat(inputs), *(p[0] for p in params), *args)
            self.device.launch(self._source(limbs, columns), grid, arguments, shared=shared)
        return states, spills

    def _grid(self, work: Work, rows: int, shared: int) -> int:
        """Blocks: those of the parts, or as many as run at a time."""
        if work.most:
            return len(work.shares)
        resident = max(2, min(RESIDENT, MULTIPROCESSOR_BYTES // max(shared, 1)))
        return max(self.device.processors * resident, -(-rows // PIECE_ROWS))

    def shared_groups(self) -> int:
        """How many groups' accumulators fit in shared memory, if sums are narrow."""
        return SHARED_BYTES // max(4 * self._words(3), 1)

    def _accumulators(self, groups: int, lows: list[int], limbs: int) -> tuple[list[Any], list[Any], list[Any]]:
        xp, starts = self.device.xp, iter(lows)
        states: list[Any] = []
        spills: list[Any] = []
        args: list[Any] = []
        for sink in self.kernel.sinks:
            assert isinstance(sink, kn.Fold)
            if bl.is_exact_sum(sink):
                states.append(xp.zeros((groups, limbs + 2), "i8"))
                spills.append(xp.zeros(1 + 2 * SPILL, "i8"))
                args += [states[-1], np.int64(next(starts)), spills[-1]]
            else:
                storage = "i8" if sink.function == "count" else sink.storage
                states.append(xp.full(groups, bl.identity(sink), storage))
                args.append(states[-1])
        return states, spills, args

    def _columns(self, groups: int, limbs: int) -> tuple[int, int]:
        """How many copies of the accumulators fit in shared memory (0: not one), and their bytes."""
        bytes_ = 4 * groups * self._words(limbs)
        columns = COLUMNS
        while columns and columns * bytes_ > SHARED_BYTES:
            columns //= 2
        return columns, columns * bytes_

    def _words(self, limbs: int) -> int:
        """The words of one group in shared memory."""
        return sum(2 * limbs - 1 if is_sum else 1 for _, is_sum in self._tables)

    # -- compactions ------------------------------------------------------------------------------------------------

    def compact(self, inputs: list[Any], params: list[np.ndarray], rows: int) -> list[Any]:
        """The values of the rows that pass, in row order: one device array each."""
        if self.kernel.guard < 0:
            return self.store(inputs, params, rows)
        (sink,) = self.kernel.sinks
        assert isinstance(sink, kn.Compact)
        xp, grid = self.device.xp, max(1, min(self.device.processors * 8, -(-rows // cuda.THREADS)))
        code, scalars = self._source(3, 0), [p[0] for p in params]
        with self.device.current():
            counts = xp.zeros(grid, "i8")
            outs = [xp.empty(0, storage) for storage in sink.storages]
            first = (np.int64(rows), *_flat(inputs), *scalars, counts)
            self.device.launch(code, grid, (*first, np.int32(0), *outs))
            ends = xp.cumsum(counts)
            outs = [xp.empty(int(ends[-1]), storage) for storage in sink.storages]
            counts[:] = ends - counts
            self.device.launch(code, grid, (*first, np.int32(1), *outs))
        return outs

    def store(self, inputs: list[Any], params: list[np.ndarray], rows: int) -> list[Any]:
        """The values of all rows, of a kernel without a guard: one device array each."""
        (sink,) = self.kernel.sinks
        assert isinstance(sink, kn.Compact)
        with self.device.current():
            outs = [self.device.xp.empty(rows, storage) for storage in sink.storages]
            grid = max(1, min(self.device.processors * 8, -(-rows // (cuda.THREADS * cuda.ROWS))))
            arguments = (np.int64(rows), *_flat(inputs), *(p[0] for p in params), *outs)
            self.device.launch(self._source(3, 0), grid, arguments)
        return outs


def _flat(inputs: list[Any]) -> Iterator[Any]:
    """Inputs as arguments: index maps take several."""
    for x in inputs:
        yield from x.arguments() if isinstance(x, IndexMap) else (x,)


def _wider(lows: list[int], limbs: int) -> tuple[list[int], int]:
    """Twice as wide, on both sides; in the end as wide as all float64 are."""
    more = min(limbs, WIDEST - limbs)
    down = accumulate.BITS * (more // 2)
    if limbs + more == WIDEST:
        return [0] * len(lows), WIDEST
    return [max(low - down, low % accumulate.BITS) for low in lows], limbs + more


@functools.lru_cache(256)
def _ungrouped(kernel: kn.Kernel) -> kn.Kernel:
    """The kernel with one group: a window does not depend on how values are grouped."""
    sinks = tuple(
        kn.Fold(s.function, s.value, s.storage, s.valid, -1) if isinstance(s, kn.Fold) else s for s in kernel.sinks
    )
    return kn.Kernel(kernel.inputs, kernel.params, kernel.body, kernel.guard, sinks)
