"""One thread's share of a pipeline: batches in, rows or accumulators out."""

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.io.source import Batch, Columns
from tenfold.kernel import nodes as kn
from tenfold.run.arena import Arena
from tenfold.run.groups import GroupNumbers
from tenfold.run.text import run_step
from tenfold.stage import nodes as st
from tenfold.target import block as bl
from tenfold.target.tiers import Arguments, Tiers


@dataclass(frozen=True, slots=True)
class Part:
    """The gathered rows of one batch, and how many between the first and the last were left out.

    `place()` is a context in which one works with them: that of their device.
    """

    piece: int
    length: int
    arrays: list[Any]
    hidden: int = 0
    place: Callable[[], AbstractContextManager[Any]] = nullcontext


@dataclass(frozen=True, slots=True)
class Plan:
    """A program and the kernels that its workers share."""

    program: st.Program
    loop: Tiers | None
    fold: Tiers | None
    stable: bool
    ends: int


def make_plan(program: st.Program, target: str, stable: bool, ends: int = 0) -> Plan:
    """Ready to run on a target; `stable` if the reader's arrays stay as they are.

    With `ends`, only the first and last rows of a batch are kept, unless a type waits for what all of them say.
    """
    ends = 0 if any(output.dtype.null == "late" for output in program.outputs) else ends
    loop, fold = (Tiers(part.kernel, target) if part else None for part in (program.loop, program.fold))
    return Plan(program, loop, fold, stable, ends)


class Worker:
    """Takes batches through a plan; holds what they add up to."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.program = plan, plan.program
        self.parts: list[Part] = []
        self.rows: dict[int, int] = {}  # of each piece that was read
        self.numbers = GroupNumbers(self.program.keys) if self.program.fold else None
        self._loop = _arguments(self.program.loop, plan.loop, self._groups())
        self._fold = _arguments(self.program.fold, plan.fold, 0)
        self._bound: Columns | None = None
        self._count = np.zeros(1, "i8")
        self._outs: list[np.ndarray] = []  # rows that pass, of one batch
        self._arenas = [Arena() for _ in self.program.outputs]

    def _groups(self) -> int:
        total = 1
        for key in self.program.keys:
            total *= max(key.size, 1)
        return total

    @property
    def states(self) -> list[list[np.ndarray]]:
        """The accumulators of the folds, by sink."""
        arguments = self._fold or self._loop
        return arguments.states if arguments else []

    def take(self, piece: int, batch: Batch) -> None:
        """Run one batch."""
        self.rows[piece] = self.rows.get(piece, 0) + batch.stop - batch.start
        if self.program.text:
            batch = self._with_text(batch)
        columns = batch.columns
        if self._loop is None:
            self.parts.append(self._gathered(piece, batch, [], batch.stop - batch.start))
        elif self.program.outputs or self.program.fold:
            self._compact(piece, batch, columns)
        else:
            self._bind(columns)
            self._loop.run(batch.start, batch.stop)

    def _bind(self, columns: Columns) -> None:
        assert self._loop is not None and self.program.loop is not None
        if columns is not self._bound:
            self._loop.bind([columns[name] for name in self.program.loop.inputs])
            self._bound = columns

    def _with_text(self, batch: Batch) -> Batch:
        """The batch alone, with the columns that text steps make of it."""
        columns = {name: array[batch.start : batch.stop] for name, array in batch.columns.items()}
        made = {step.out: run_step(step, columns, self.numbers) for step in self.program.text}
        return Batch(columns | made, 0, batch.stop - batch.start, batch.offset + batch.start)

    def _compact(self, piece: int, batch: Batch, columns: Columns) -> None:
        assert self._loop is not None and self.program.loop is not None
        (sink,) = self.program.loop.kernel.sinks
        assert isinstance(sink, kn.Compact)
        rows = batch.stop - batch.start
        if not self._outs or len(self._outs[0]) <= rows:
            self._outs = [np.empty(rows + 1, storage) for storage in sink.storages]
            self._loop.replace([[self._count, *self._outs]])
        self._count[0] = 0
        self._bind(columns)
        self._loop.run(batch.start, batch.stop)
        passed = int(self._count[0])
        compacted = [out[:passed] for out in self._outs]
        if self.program.fold:
            self._fold_groups(compacted)
        else:
            self.parts.append(self._gathered(piece, batch, compacted, passed))

    def _fold_groups(self, compacted: list[np.ndarray]) -> None:
        assert self.numbers is not None and self._fold is not None and self.program.fold is not None
        keys = len(self.program.keys)
        groups = self.numbers.of(compacted[:keys])
        sinks = self.program.fold.kernel.sinks
        room = len(self._fold.states[0][0])
        if self.numbers.count > room:
            room = 2 * self.numbers.count
            states = zip(sinks, self._fold.states, strict=True)
            self._fold.replace([bl.grow(sink, state, room) for sink, state in states])
        inputs = [groups if name == "group" else compacted[name] for name in self.program.fold.inputs]  # type: ignore
        self._fold.bind(inputs)
        self._fold.run(0, len(groups))

    def _gathered(self, piece: int, batch: Batch, compacted: list[np.ndarray], length: int) -> Part:
        outputs = zip(self.program.outputs, self._arenas, strict=True)
        arrays = [self._output(output, arena, batch, compacted) for output, arena in outputs]
        keep = self.plan.ends
        if not keep or length <= 2 * keep:
            return Part(piece, length, arrays)
        rows = np.r_[:keep, length - keep : length]
        return Part(piece, 2 * keep, [array.take(rows) for array in arrays], length - 2 * keep)

    def _output(self, output: st.Output, arena: Arena, batch: Batch, compacted: list[np.ndarray]) -> Any:
        match output.how:
            case "kernel":
                return arena.keep(compacted[output.place])
            case "position":
                rows = compacted[-1] if compacted and self._filtered else np.arange(batch.start, batch.stop)
                return rows + batch.offset
            case "rows":
                return batch.columns[output.column].take(compacted[-1])
        array = _view(batch.columns, output.column, batch)
        return array if self.plan.stable else arena.keep(array)

    @property
    def _filtered(self) -> bool:
        return self.program.loop is not None and self.program.loop.kernel.guard >= 0


def _view(columns: Columns, name: Hashable, batch: Batch) -> Any:
    array = columns[name]
    return array[batch.start : batch.stop]


def _arguments(loop: st.Loop | None, tiers: Tiers | None, groups: int) -> Arguments | None:
    if loop is None or tiers is None:
        return None
    params = [param_array(storage, text) for storage, text in loop.params]
    states = [bl.start(s, groups) for s in loop.kernel.sinks if isinstance(s, kn.Fold)]
    return Arguments(tiers, params, states)


def param_array(storage: str, text: str) -> np.ndarray:
    """A literal as the one-element array that a kernel reads it from."""
    value = {"f": float, "?": lambda t: t == "True"}.get(storage[0], int)(text)
    with np.errstate(over="ignore"):  # a float32 of more than it holds is infinite, as in NumPy
        return np.array([value], dtype=storage)
