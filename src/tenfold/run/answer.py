"""The exchanges: what the workers hold becomes one table."""

import operator
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from tenfold.dtypes import DType, numeric, numpy_dtype
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.expr.types import late_type
from tenfold.io.memory import MemorySource
from tenfold.kernel import nodes as kn
from tenfold.primitives import accumulate
from tenfold.run.groups import GroupNumbers, from_bits
from tenfold.run.worker import Part, Worker
from tenfold.stage import nodes as st
from tenfold.target import block as bl
from tenfold.target import cache


def gathered(program: st.Program, workers: list[Worker], names: tuple[Hashable, ...]) -> MemorySource:
    """The rows of all workers in the order of the source, as a source of one chunk per batch."""
    bases = _piece_bases(workers)
    parts = sorted((p for w in workers for p in w.parts), key=lambda p: p.piece)  # stable: batches stay in order
    parts = _limited(parts, program.limit)
    for number, output in enumerate(program.outputs):
        if output.how == "position":
            for part in parts:
                (part.arrays[number],) = _each([part], number, partial(operator.add, bases[part.piece]))
    types = [_settle_late(output.dtype, parts, number) for number, output in enumerate(program.outputs)]
    schema = tuple(zip(names, types, strict=True))
    chunks = tuple(dict(zip(names, part.arrays, strict=True)) for part in parts)
    hidden = sum(part.hidden for part in parts)
    return MemorySource(schema, chunks, tuple(part.length for part in parts), "result", hidden)


def _piece_bases(workers: list[Worker]) -> dict[int, int]:
    rows = {piece: count for worker in workers for piece, count in worker.rows.items()}
    bases, total = {}, 0
    for piece in sorted(rows):
        bases[piece] = total
        total += rows[piece]
    return bases


def _limited(parts: list[Part], limit: int) -> list[Part]:
    if limit < 0:
        return parts
    kept: list[Part] = []
    for part in parts:
        take = min(limit, part.length)
        kept.append(replace(part, length=take, arrays=[array[:take] for array in part.arrays], hidden=0))
        limit -= take
    return kept


def ends(source: MemorySource, keep: int) -> MemorySource:
    """The first and last rows of a table (which may have been shortened before); all of it, where they meet."""
    total = source.rows()
    if total <= 2 * keep:
        return source
    chunks, lengths, start = [], [], 0
    for chunk, length in zip(source.chunks, source.lengths, strict=True):
        for lo, hi in ((0, keep - start), (total - keep - start, length)):
            lo, hi = max(lo, 0), min(hi, length)
            if lo < hi:
                chunks.append({name: array[lo:hi] for name, array in chunk.items()})
                lengths.append(hi - lo)
        start += length
    hidden = source.hidden + total - sum(lengths)
    return MemorySource(source.schema, tuple(chunks), tuple(lengths), source.label, hidden)


def named(plan: ex.Table) -> MemorySource | None:
    """The answer of a plan that only names columns in memory; None for any other, which has to be run."""
    match plan:
        case ex.Project(table=ex.Scan(source=MemorySource() as source), columns=columns, index=index):
            pairs = list(zip(plan.schema, (*columns, *index), strict=True))
            if all(isinstance(column, ex.Column) for _, column in pairs):
                chunks = tuple({name: chunk[c.name] for (name, _), c in pairs} for chunk in source.chunks)  # type: ignore[attr-defined]
                return MemorySource(plan.schema, chunks, source.lengths, "result", source.hidden)
    return None


def _settle_late(dtype: DType, parts: list[Part], number: int) -> DType:
    """A datetime field is int32 if no row lacked a date, as it is in pandas."""
    if dtype.null != "late":
        return dtype
    settled = late_type(dtype, any(_each(parts, number, lambda array: bool(np.isnan(array).any()))))
    columns = _each(parts, number, lambda array: array.astype(settled.storage, copy=False))
    for part, column in zip(parts, columns, strict=True):
        part.arrays[number] = column
    return settled


def _each(parts: list[Part], number: int, function: Callable[[Any], Any]) -> list[Any]:
    """What a function makes of one column of each part, where that lies."""
    made = []
    for part in parts:
        with part.place():
            made.append(function(part.arrays[number]))
    return made


def combined(program: st.Program, workers: list[Worker], schema: tuple[tuple[Hashable, DType], ...]) -> MemorySource:
    """One row a group from the accumulators of all workers."""
    kernel = (program.fold or program.loop).kernel  # type: ignore[union-attr]
    merge = _merged_hashed if program.fold else _merged_dense
    keys, states = merge(program, workers, kernel)
    types = [dtype for _, dtype in schema]
    keys, states = _settle_late_keys(program, keys, states, types)
    answers = [answer_of(f, [states[n] for n in f.folds], [kernel.sinks[n] for n in f.folds]) for f in program.finals]
    rows = _sorted_rows(keys)
    arrays = keys + answers if rows is None else [array.take(rows) for array in keys + answers]
    return answered(arrays, [name for name, _ in schema], types, len(keys))


def answered(arrays: list[Any], names: list[Hashable], types: list[DType], keys: int) -> MemorySource:
    """Key and answer columns as a table, of the types that came out."""
    for number, array in enumerate(arrays[keys:], start=keys):
        if types[number].kind in "iu":  # the minimum of no integers is a float, sums may fit a narrow type
            types[number] = numeric(array.dtype)
    columns = dict(zip(names, arrays, strict=True))
    return MemorySource(tuple(zip(names, types, strict=True)), (columns,), (len(arrays[0]),), "result")


def _settle_late_keys(
    program: st.Program, keys: list[Any], states: list[list[np.ndarray]], types: list[DType]
) -> tuple[list[Any], list[list[np.ndarray]]]:
    """Keys that are datetime fields: int32 if no row lacked a date, else float64; the group of NaN is dropped."""
    late = [n for n, key in enumerate(program.keys) if key.dtype.null == "late"]
    if not late:
        return keys, states
    missing = np.zeros(len(keys[0]), "?")
    for n in late:
        if keys[n].dtype.kind == "f":
            missing |= np.isnan(keys[n])
    missed = missing.any() or (program.missed >= 0 and states[program.missed][0].any())
    for n in late:
        types[n] = late_type(types[n], bool(missed))
        keys[n] = keys[n].astype(types[n].storage)
    if missing.any():
        keys = [key.compress(~missing) if isinstance(key, np.ndarray) else key.filter(~missing) for key in keys]
        states = [[state[0][~missing], *state[1:]] for state in states]
    return keys, states


def _merged_dense(
    program: st.Program, workers: list[Worker], kernel: kn.Kernel
) -> tuple[list[Any], list[list[np.ndarray]]]:
    """The groups that have rows; without keys, the one group."""
    states = workers[0].states
    everything = np.arange(len(states[0][0]))
    for worker in workers[1:]:
        for sink, into, state in zip(kernel.sinks, states, worker.states, strict=True):
            bl.merge(sink, into, state, everything)  # type: ignore[arg-type]
    if not program.keys:
        return [], states
    seen = np.flatnonzero(states[0][0])
    states = [[s[0] if n == program.missed else s[0][seen], *s[1:]] for n, s in enumerate(states)]
    keys: list[Any] = []
    rest = seen
    for key in reversed(program.keys):
        storage = "i4" if key.dtype.null == "late" else key.dtype.storage
        keys.append((rest % key.size + key.low).astype(storage))
        rest = rest // key.size
    return keys[::-1], states


def _merged_hashed(
    program: st.Program, workers: list[Worker], kernel: kn.Kernel
) -> tuple[list[Any], list[list[np.ndarray]]]:
    """Number the groups of all workers together and fold every worker's accumulators into one set."""
    total = GroupNumbers(program.keys)
    places = []
    for worker in workers:
        assert worker.numbers is not None
        columns = worker.numbers.uniques()
        recoded = [_recode(k, c, worker.numbers, total) for k, c in zip(program.keys, columns, strict=True)]
        places.append(total.of(recoded))
    states = [bl.start(sink, total.count) for sink in kernel.sinks]  # type: ignore[arg-type]
    for worker, groups in zip(workers, places, strict=True):
        for sink, into, state in zip(kernel.sinks, states, worker.states, strict=True):
            used = [state[0][: len(groups)], *state[1:]]
            bl.merge(sink, into, used, groups)  # type: ignore[arg-type]
    keys = []
    for key, bits in zip(program.keys, total.uniques(), strict=True):
        if key.text is None:
            keys.append(from_bits(bits, "f8" if key.dtype.null == "late" else key.dtype.storage))
        else:
            keys.append(pa.array(total.words[key.text], pa.large_string()).take(pa.array(bits)))
    return keys, states


def _recode(key: st.Key, column: np.ndarray, mine: GroupNumbers, total: GroupNumbers) -> np.ndarray:
    """One worker's text codes in the dictionary of all."""
    if key.text is None:
        return column
    words = total.words[key.text]
    table = np.array([words.setdefault(word, len(words)) for word in mine.words[key.text]], "i8")
    return table[column] if len(column) else column


def _sorted_rows(keys: list[Any]) -> np.ndarray | None:
    if not keys:
        return None
    columns = [k.dictionary_encode() if isinstance(k, pa.Array) else k for k in keys]
    ranks = [text_ranks(c) if isinstance(c, pa.DictionaryArray) else c for c in columns]
    return np.lexsort(ranks[::-1])


def text_ranks(encoded: pa.DictionaryArray) -> np.ndarray:
    """The place of each text's word among all words."""
    order = np.argsort(np.array(encoded.dictionary.to_pylist(), dtype=object))
    ranks = np.empty(len(order), "i8")
    ranks[order] = np.arange(len(order))
    return ranks[encoded.indices.to_numpy()]


def answer_of(final: st.Final, states: list[list[np.ndarray]], sinks: list[kn.Node]) -> np.ndarray:
    """The answers of one reduction, a value a group, as pandas gives them."""
    first = states[0][0]
    match final.function:
        case "sum" | "mean" if bl.is_exact_sum(sinks[0]):
            return read_cells(rounder(final), first, states[0][1]).astype(final.dtype.storage)
        case "sum" if final.dtype.kind in "iu":
            narrow = first.astype(final.dtype.storage)
            return narrow if np.array_equal(narrow, first) else first
        case "any":
            return first > 0
        case "all":
            return first == 0
        case "min" | "max":
            return _extremes(final.dtype, first, states[1][0])
    return first.astype(numpy_dtype(final.dtype) if final.dtype.kind != "M" else "i8")


def _extremes(dtype: DType, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    empty = counts == 0
    if not empty.any():
        return values
    if dtype.kind == "f":
        return np.where(empty, values.dtype.type(np.nan), values)
    if dtype.kind == "M":
        return np.where(empty, np.int64(np.iinfo("i8").min), values)
    if dtype.kind in "iu":
        return np.where(empty, np.nan, values.astype("f8"))  # as pandas: the minimum of no integers is NaN
    raise NotYetError("min or max of no booleans")


ROUNDERS = {("sum", "f8"): "round_cells", ("sum", "f4"): "round_cells_f4", ("mean", "f8"): "mean_cells"}


def rounder(final: st.Final) -> str:
    """The entry of `accumulate` that reads the exact sums of a reduction."""
    return ROUNDERS[final.function, "f4" if (final.function, final.dtype.storage) == ("sum", "f4") else "f8"]


def read_cells(entry: str, cells: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Round exact sums: by the compiled primitive where there are many, else by the same text as Python."""
    groups = len(cells)
    out = np.empty(groups)
    low, limbs = map(int, window)
    cells = np.ascontiguousarray(cells)
    # Thousands of groups are worth a compiler where the primitive does not ship.
    find = cache.primitive if groups > 4096 else cache.shipped_primitive
    compiled = find("accumulate", entry, accumulate.ROUND_SIGNATURE)
    if compiled:
        compiled(cells.ctypes.data, groups, low, limbs, out.ctypes.data)
    else:
        with np.errstate(over="ignore"):
            getattr(accumulate, entry)(cells.reshape(-1), groups, low, limbs, out)
    return out
