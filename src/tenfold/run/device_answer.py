"""The exchange of devices: groups that one device numbered become a table there; all else meets on the host."""

from collections.abc import Hashable
from typing import Any

import numpy as np

from tenfold.dtypes import DType
from tenfold.io import resident
from tenfold.io.memory import MemorySource
from tenfold.run import answer
from tenfold.run.device import DeviceWorker, Grouped
from tenfold.stage import nodes as st
from tenfold.target import block as bl
from tenfold.target import cuda
from tenfold.target import device as dv
from tenfold.target.device import Device
from tenfold.target.launch import Cells

HOW = {"round_cells": 0, "round_cells_f4": 1, "mean_cells": 2}  # as groups.cu names them


def combined(
    program: st.Program, workers: list[DeviceWorker], schema: tuple[tuple[Hashable, DType], ...]
) -> MemorySource:
    """One row a group."""
    holding = [worker for worker in workers if worker.grouped is not None]
    plain = all(key.text is None and key.dtype.null != "late" for key in program.keys)
    if len(holding) == 1 and plain and not any(worker.merged for worker in workers):
        return _on_device(program, holding[0], [name for name, _ in schema], [dtype for _, dtype in schema])
    return answer.combined(program, workers, schema)  # type: ignore[arg-type]


def _on_device(program: st.Program, worker: DeviceWorker, names: list[Hashable], types: list[DType]) -> MemorySource:
    grouped, here = worker.grouped, worker.device
    assert grouped is not None and program.fold is not None
    sinks = program.fold.kernel.sinks
    with here.current():
        keys = grouped.keys(here, program.keys)
        answers = [_answer(f, grouped, here, [sinks[n] for n in f.folds]) for f in program.finals]
    return answer.answered(keys + answers, names, types, len(keys))


def _answer(final: st.Final, grouped: Grouped, here: Device, sinks: list[Any]) -> Any:
    states, used = [grouped.states[n] for n in final.folds], grouped.used
    if bl.is_exact_sum(sinks[0]):
        sums = read_cells(here, states[0], answer.rounder(final))
        return (sums if used is None else sums[used]).astype(final.dtype.storage)
    return answer.answer_of(final, [[state if used is None else state[used]] for state in states], sinks)


def read_cells(here: Device, cells: Cells, entry: str) -> Any:
    """Round exact sums where they are; those of groups with spilled values on the host."""
    groups, strays = len(cells.words), cells.strays
    states = cells.of(strays) if len(strays) else None
    out = here.xp.empty(groups, "f8")
    grid = max(1, min(here.processors * 16, -(-groups // cuda.THREADS)))
    arguments = (cells.words, np.int64(groups), np.int64(cells.low), np.int32(HOW[entry]), out)
    here.launch(cuda.routines("groups.cu", cells.limbs), grid, arguments, entry="read_cells")
    if states is not None:
        out[here.put(strays)] = here.put(answer.read_cells(entry, states[0], states[1]))
    return out


def gathered(program: st.Program, workers: list[DeviceWorker], names: tuple[Hashable, ...]) -> MemorySource:
    """The rows of all workers in the order of the source; what one device has in a row as one chunk."""
    source = answer.gathered(program, workers, names)  # type: ignore[arg-type]
    if len(source.chunks) < 2:
        return source
    return _joined(source)


def _joined(source: MemorySource) -> MemorySource:
    """Chunks that follow each other on one device become one, column by column."""
    runs: list[list[int]] = []
    for n, chunk in enumerate(source.chunks):
        if runs and _owner(chunk) == _owner(source.chunks[runs[-1][0]]):
            runs[-1].append(n)
        else:
            runs.append([n])
    columns = [dict.fromkeys(source.chunks[run[0]]) for run in runs]
    for run, joined in zip(runs, columns, strict=True):
        for name in joined:
            parts = [source.chunks[n].pop(name) for n in run]
            joined[name] = resident.joined(dv.device(resident.owner(parts[0])), parts)
    lengths = tuple(sum(source.lengths[n] for n in run) for run in runs)
    return MemorySource(source.schema, tuple(columns), lengths, source.label, source.hidden)


def _owner(chunk: dict[Hashable, Any]) -> int:
    return resident.owner(next(iter(chunk.values()))) if chunk else -1
