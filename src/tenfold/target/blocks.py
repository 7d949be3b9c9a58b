"""The target that needs no compiler: a kernel evaluated with NumPy on blocks that stay in cache.

It starts at once, so every run begins on it; and it is the readable meaning of the kernel language.
"""

from typing import Any

import numpy as np

from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS
from tenfold.primitives import accumulate
from tenfold.target import block as bl

ROWS = 16_384  # of 8-byte values in a dozen temporaries: they fit a level-2 cache


def run(kernel: kn.Kernel, block: list[np.ndarray], lo: int, hi: int) -> int:
    """Run rows `lo` to `hi` on the arrays of an argument block; always finishes and returns `hi`."""
    with np.errstate(all="ignore"):
        for start in range(lo, hi, ROWS):
            _run_block(kernel, block, start, min(start + ROWS, hi))
    return hi


def _run_block(kernel: kn.Kernel, block: list[np.ndarray], lo: int, hi: int) -> None:
    inputs = len(kernel.inputs)
    values: list[Any] = [block[n][lo:hi] for n in range(inputs)]
    values += [block[inputs + n][0] for n in range(len(kernel.params))]
    for statement in kernel.body:
        values.append(np.arange(lo, hi) if isinstance(statement, kn.Row) else _evaluate(statement, values))
    guard = values[kernel.guard] if kernel.guard >= 0 else None
    place = inputs + len(kernel.params)
    for sink in kernel.sinks:
        if isinstance(sink, kn.Compact):
            _compact(sink, values, guard, block[place : place + 1 + len(sink.args)], hi - lo)
            place += 1 + len(sink.args)
        else:
            size = 3 if bl.is_exact_sum(sink) else 1
            block[place : place + size] = _fold(sink, values, guard, block[place : place + size], hi - lo)
            place += size


def _evaluate(statement: kn.Node, values: list[Any]) -> Any:
    match statement:
        case kn.Const(text=text, storage=storage):
            return np.dtype(storage).type(float(text) if storage[0] == "f" else int(text))
        case kn.Let(op=op, storage=storage, args=args):
            result = OPERATIONS[op].numpy(*(values[a] for a in args))
            return result.astype(storage, copy=False)
    raise TypeError(statement)


def _rows(value: Any, length: int) -> np.ndarray:
    return np.broadcast_to(value, (length,))


def _compact(
    sink: kn.Compact, values: list[Any], guard: np.ndarray | None, out: list[np.ndarray], length: int
) -> None:
    start = int(out[0][0])
    rows = slice(None) if guard is None else np.flatnonzero(_rows(guard, length))
    count = length if guard is None else len(rows)  # type: ignore[arg-type]
    for target, arg in zip(out[1:], sink.args, strict=True):
        target[start : start + count] = _rows(values[arg], length)[rows]
    out[0][0] = start + count


def _fold(
    sink: kn.Node, values: list[Any], guard: np.ndarray | None, state: list[np.ndarray], length: int
) -> list[np.ndarray]:
    """The state after these rows (the same arrays, unless a window had to be widened)."""
    assert isinstance(sink, kn.Fold)
    mask = guard
    if sink.valid >= 0:
        mask = values[sink.valid] if mask is None else mask & values[sink.valid]
    rows = slice(None) if mask is None else np.flatnonzero(_rows(mask, length))
    groups = np.zeros(length, "i8") if sink.group < 0 else _rows(values[sink.group], length)
    groups = groups[rows]
    value = _rows(values[sink.value], length)[rows] if sink.value >= 0 else None
    if sink.function == "count":
        state[0] += np.bincount(groups, minlength=len(state[0]))
    elif bl.is_exact_sum(sink):
        return _deposit(state, groups, value)
    else:
        {"sum": np.add, "min": np.minimum, "max": np.maximum}[sink.function].at(state[0], groups, value)
    return state


def _deposit(state: list[np.ndarray], groups: np.ndarray, values: Any) -> list[np.ndarray]:
    cells, window, spill = state
    low, limbs = map(int, window)
    if not accumulate.deposit_many(cells, low, limbs, groups, values):
        wider, more = accumulate.fitting(low, limbs, values)
        cells, window = accumulate.widen(cells, low, wider, more), np.array([wider, more])
        accumulate.deposit_many(cells, wider, more, groups, values)
    return [cells, window, spill]
