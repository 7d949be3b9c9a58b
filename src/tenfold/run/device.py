"""One device's share of a pipeline: batches in, rows or accumulators out. The twin of `worker.py`.

Gathered rows and the accumulators of hashed groups stay on the device; those of dense groups, which are few, come home
batch by batch. Out of memory, a batch is halved; what even then does not fit is `Unable`, and the CPU's to run.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tenfold.io import resident
from tenfold.io.resident import Text
from tenfold.io.source import Batch, Columns
from tenfold.kernel import nodes as kn
from tenfold.run import device_groups, device_sort
from tenfold.run.device_groups import Numbered
from tenfold.run.groups import GroupNumbers, bits_of
from tenfold.run.text import run_step
from tenfold.run.worker import Part, param_array
from tenfold.stage import nodes as st
from tenfold.target import block as bl
from tenfold.target.device import Device, Unable
from tenfold.target.launch import Cells, launcher

LEAST_ROWS = 1 << 16  # of a batch that is still halved when memory runs out


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups of one batch on the device: numbers in use, and the state of every number."""

    numbered: Numbered
    used: Any  # numbers, in order; None: all
    states: list[Any]
    texts: dict[Hashable, pa.Array]  # the words of text keys

    def keys(self, device: Device, keys: tuple[st.Key, ...]) -> list[Any]:
        """The key columns on the device, text as codes."""
        numbers = device.xp.arange(self.numbered.size) if self.used is None else self.used
        storages = ["i8" if k.text is not None else "f8" if k.dtype.null == "late" else k.dtype.storage for k in keys]
        integers = self.numbered.keys(numbers)
        return [device_groups.restored(i, storage) for i, storage in zip(integers, storages, strict=True)]


class DeviceWorker:
    """Takes batches through a program on one device; holds what they add up to, as a `Worker` does."""

    def __init__(self, program: st.Program, device: Device) -> None:
        self.program, self.device = program, device
        self.parts: list[Part] = []
        self.rows: dict[int, int] = {}  # of each piece that was read
        self.grouped: Grouped | None = None  # of the only batch so far
        self._numbers = GroupNumbers(program.keys) if program.fold else None
        self._states: list[list[np.ndarray]] | None = None

    # -- batches ----------------------------------------------------------------------------------------------------

    def take(self, piece: int, batch: Batch) -> None:
        """Run one batch."""
        rows = batch.stop - batch.start
        self.rows[piece] = self.rows.get(piece, 0) + rows
        with self.device.current():
            self._take(piece, batch)

    def _take(self, piece: int, batch: Batch) -> None:
        try:
            return self._run(piece, batch)
        except self.device.out_of_memory:
            rows = batch.stop - batch.start
        self.device.free()  # not before: what the error came through holds arrays
        if rows <= LEAST_ROWS:
            raise Unable(f"memory of GPU {self.device.number} ran out, even for {rows} rows at a time")
        middle = batch.start + rows // 2
        self._take(piece, Batch(batch.columns, batch.start, middle, batch.offset))
        self._take(piece, Batch(batch.columns, middle, batch.stop, batch.offset))

    def _run(self, piece: int, batch: Batch) -> None:
        names = self.program.columns
        columns = {n: resident.put(self.device, batch.columns[n][batch.start : batch.stop]) for n in names}
        columns |= {step.out: self._text(step, columns) for step in self.program.text}
        rows = batch.stop - batch.start
        if self.program.loop is None or self.program.outputs:
            self.parts.append(self._gathered(piece, batch, columns, rows))
        elif self.program.fold:
            self._fold_groups(columns, rows)
        else:
            self._merge(self._launched(self.program.loop, columns, rows, "states", self._groups()))

    def _text(self, step: st.TextStep, columns: Columns) -> Any:
        """What a step on text makes: of the words on the host, then of the codes."""
        if len(step.args) > 1:
            raise Unable("comparing two text columns")
        text = columns[step.args[0]]
        assert isinstance(text, Text)
        if step.op == "codes":
            return text.codes.astype("i8")
        if step.op == "notna":
            return text.codes >= 0
        answers = run_step(step, {step.args[0]: text.words}, None)
        return self.device.put(np.append(answers, step.op == "ne"))[text.codes]  # -1, missing, takes the last

    def _launched(self, loop: st.Loop, columns: Columns, rows: int, how: str, *options: Any) -> Any:
        inputs = [columns[name] for name in loop.inputs]
        params = [param_array(storage, text) for storage, text in loop.params]
        return getattr(launcher(loop.kernel, self.device), how)(inputs, params, rows, *options)

    # -- rows -------------------------------------------------------------------------------------------------------

    def _gathered(self, piece: int, batch: Batch, columns: Columns, rows: int) -> Part:
        program, compacted = self.program, []
        if program.loop is not None:
            compacted = self._compacted(program.loop, columns, rows)
        filtered = program.loop is not None and program.loop.kernel.guard >= 0
        length = len(compacted[-1]) if filtered else rows
        outputs = [self._output(o, batch, columns, compacted, filtered=filtered) for o in program.outputs]
        return Part(piece, length, outputs, place=self.device.current)

    def _output(
        self, output: st.Output, batch: Batch, columns: Columns, compacted: list[Any], *, filtered: bool
    ) -> Any:
        match output.how:
            case "kernel":
                return compacted[output.place]
            case "position":
                rows = compacted[-1] if filtered else self.device.xp.arange(batch.stop - batch.start)
                return rows + (batch.start + batch.offset)
            case "rows":
                return columns[output.column].take(compacted[-1])
        return columns[output.column]

    def _compacted(self, loop: st.Loop, columns: Columns, rows: int) -> list[Any]:
        """The values of rows that pass; where all do, columns need no copy."""
        (sink,) = loop.kernel.sinks
        assert isinstance(sink, kn.Compact)
        if loop.kernel.guard < 0 and max(sink.args) < len(loop.inputs):
            return [columns[loop.inputs[number]] for number in sink.args]
        compacted: list[Any] = self._launched(loop, columns, rows, "compact")
        return compacted

    # -- groups -----------------------------------------------------------------------------------------------------

    def _groups(self) -> int:
        total = 1
        for key in self.program.keys:
            total *= max(key.size, 1)
        return total

    def _fold_groups(self, columns: Columns, rows: int) -> None:
        """Number the groups of one batch and fold its rows."""
        program, device = self.program, self.device
        assert program.loop is not None and program.fold is not None
        values = self._compacted(program.loop, columns, rows)
        if not len(values[0]):
            return
        numbered = device_groups.number(device, [device_sort.ordered(device, v) for v in values[: len(program.keys)]])
        names: list[Any] = [name for name in program.fold.inputs if name != "group"]
        most = launcher(program.fold.kernel, device).shared_groups()
        groups, taken, work = device_groups.arranged(device, numbered, {n: values[n] for n in names}, most)
        taken |= {"group": groups}
        states = self._launched(program.fold, taken, len(groups), "fold", numbered.size, work)
        used = device.xp.flatnonzero(states[0]) if numbered.codes is None else None
        texts = {key.text: columns[key.text].words for key in program.keys if key.text is not None}
        self._keep(Grouped(numbered, used, states, texts))

    def _keep(self, grouped: Grouped) -> None:
        """The groups of the first batch stay on the device; those of more meet on the host."""
        if self.grouped is None and self._states is None:
            self.grouped = grouped
            return
        self._bring_home()
        self._merge_groups(grouped)

    def _bring_home(self) -> None:
        grouped, self.grouped = self.grouped, None
        if grouped is not None:
            with self.device.current():
                self._merge_groups(grouped)

    def _merge_groups(self, grouped: Grouped) -> None:
        assert self._numbers is not None and self.program.fold is not None
        keys = [self.device.home(key) for key in grouped.keys(self.device, self.program.keys)]
        numbers = self._numbers.of(
            [self._numbered_words(k, c, grouped) for k, c in zip(self.program.keys, keys, strict=True)]
        )
        if self._states is None:
            self._states = [bl.start(sink, 0) for sink in self.program.fold.kernel.sinks]  # type: ignore[arg-type]
        for n, (sink, state) in enumerate(zip(self.program.fold.kernel.sinks, grouped.states, strict=True)):
            grown = bl.grow(sink, self._states[n], self._numbers.count)
            bl.merge(sink, grown, self._home(state, grouped.used), numbers)  # type: ignore[arg-type]
            self._states[n] = grown

    def _home(self, state: Any, used: Any) -> list[np.ndarray]:
        whole = state.states() if isinstance(state, Cells) else [self.device.home(state)]
        return whole if used is None else [whole[0][self.device.home(used)], *whole[1:]]

    def _numbered_words(self, key: st.Key, column: np.ndarray, grouped: Grouped) -> np.ndarray:
        """A key as `GroupNumbers` takes it: text as codes of its own dictionary."""
        if key.text is None:
            return bits_of(column)
        assert self._numbers is not None
        words = self._numbers.words[key.text]
        table = np.array([words.setdefault(w, len(words)) for w in grouped.texts[key.text].to_pylist()], "i8")
        return table[column]

    def _merge(self, states: list[list[np.ndarray]]) -> None:
        assert self.program.loop is not None
        if self._states is None:
            self._states = states
            return
        for sink, into, state in zip(self.program.loop.kernel.sinks, self._states, states, strict=True):
            bl.merge(sink, into, state, np.arange(len(state[0])))  # type: ignore[arg-type]

    @property
    def merged(self) -> bool:
        """Whether groups of several batches have met on the host."""
        return self._states is not None

    @property
    def numbers(self) -> GroupNumbers | None:
        """The numbers of hashed groups on the host."""
        self._bring_home()
        return self._numbers

    @property
    def states(self) -> list[list[np.ndarray]]:
        """The accumulators of the folds on the host, by sink."""
        self._bring_home()
        if self._states is None:
            loop, groups = (self.program.fold, 0) if self.program.fold else (self.program.loop, self._groups())
            assert loop is not None
            self._states = [bl.start(sink, groups) for sink in loop.kernel.sinks]  # type: ignore[arg-type]
        return self._states
