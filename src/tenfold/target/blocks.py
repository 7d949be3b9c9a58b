"""The target that needs no compiler: a kernel evaluated with NumPy on blocks that stay in cache.

It starts at once, so every run begins on it; and it is the readable meaning of the kernel language.
"""

from typing import Any

import numpy as np

from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS, PAIRS, RARE, WORDS
from tenfold.primitives import elementary, philox
from tenfold.target import block as bl
from tenfold.target import cache
from tenfold.target.block import address
from tenfold.target.index_map import index_map_values

ROWS = 16_384  # of 8-byte values in a dozen temporaries: they fit a level-2 cache


def run(kernel: kn.Kernel, block: list[np.ndarray], lo: int, hi: int) -> int:
    """Run rows `lo` to `hi` on the arrays of an argument block; always finishes and returns `hi`."""
    with np.errstate(all="ignore"):
        for start in range(lo, hi, ROWS):
            _run_block(kernel, block, start, min(start + ROWS, hi))
    return hi


def _run_block(kernel: kn.Kernel, block: list[np.ndarray], lo: int, hi: int) -> None:
    """The guard for all rows, everything else for those that pass, then the sinks."""
    inputs = len(kernel.inputs)
    params = {inputs + n: block[inputs + n][0] for n in range(len(kernel.params))}
    columns: dict[int, Any] = {n: block[n][lo:hi] for n in range(inputs)}
    columns |= {n: _groups(block[n], lo, hi) for n in bl.maps(kernel)}
    rows: Any = np.arange(lo, hi)
    if kernel.guard >= 0:
        mask = _evaluate(kernel, [kernel.guard], columns, params, rows)[kernel.guard]
        passed = np.flatnonzero(np.broadcast_to(mask, hi - lo))
        if len(passed) < hi - lo:
            rows = rows[passed]
            columns = _Taken(columns, passed)
    values = _evaluate(kernel, [n for sink in kernel.sinks for n in _used(sink)], columns, params, rows)
    place = inputs + len(kernel.params)
    for sink in kernel.sinks:
        if isinstance(sink, kn.Compact):
            _compact(sink, values, block[place : place + 1 + len(sink.args)], len(rows))
            place += 1 + len(sink.args)
        else:
            size = 3 if bl.is_exact_sum(sink) else 1
            block[place : place + size] = _fold(sink, values, block[place : place + size], len(rows))
            place += size


def _groups(groups: np.ndarray, lo: int, hi: int) -> np.ndarray:
    axes, base, *rest = groups.tolist()
    return index_map_values(base, rest[:axes], rest[axes:], lo, hi)


class _Taken(dict[int, Any]):
    """Columns at some rows, each taken when it is asked for."""

    def __init__(self, columns: dict[int, Any], rows: np.ndarray) -> None:
        super().__init__()
        self._columns, self._rows = columns, rows

    def __missing__(self, number: int) -> np.ndarray:
        taken: np.ndarray = self._columns[number].take(self._rows)
        self[number] = taken
        return taken


def _used(sink: kn.Node) -> list[int]:
    match sink:
        case kn.Compact(args=args):
            return list(args)
        case kn.Fold(value=value, valid=valid, group=group):
            return [n for n in (value, valid, group) if n >= 0]
    raise TypeError(sink)


def _evaluate(
    kernel: kn.Kernel, roots: list[int], columns: dict[int, Any], params: dict[int, Any], rows: np.ndarray
) -> dict[int, Any]:
    """The values of some numbers and all that they are made of."""
    first = len(kernel.inputs) + len(kernel.params)
    values = dict(params)
    for number in bl.needed(kernel, roots):
        if number < len(kernel.inputs):
            values[number] = columns[number]
            continue
        statement = kernel.body[number - first]
        match statement:
            case kn.Row():
                values[number] = rows
            case kn.Const(text=text, storage=storage):
                values[number] = np.dtype(storage).type(text == "True" if storage == "?" else _number(text, storage))
            case kn.Let(op=op, args=args) if op in RARE:
                values[number] = _rarely(op, *(values[a] for a in args))
            case kn.Let(op=op) if op in WORDS:
                values |= _words(kernel, number, values, len(rows))
            case kn.Let(op=op, storage=storage, args=args):
                result = OPERATIONS[op].numpy(*(values[a] for a in args))
                values[number] = result.astype(storage, copy=False)
    return values


def _number(text: str, storage: str) -> float | int:
    return float(text) if storage[0] == "f" else int(text)


def _rarely(op: str, condition: Any, x: Any, otherwise: Any) -> Any:
    """The scalar function where the condition holds: by the compiled primitive where there is one."""
    if not np.any(condition):
        return otherwise
    compiled = cache.shipped_primitive("elementary", f"fill_{op}", elementary.LARGE_SIGNATURE)
    if not compiled or not np.ndim(x):
        return OPERATIONS[op].numpy(condition, x, otherwise)
    chosen, result = x[condition], np.array(otherwise)
    found = np.empty(len(chosen))
    compiled(address(chosen), len(chosen), address(found))
    result[condition] = found
    return result


def _words(kernel: kn.Kernel, number: int, values: dict[int, Any], length: int) -> dict[int, np.ndarray]:
    """The words of draws: by the compiled primitive where there is one, of a pair both at once; else with NumPy."""
    op, args = bl.word(kernel, number), bl.statement(kernel, number).args
    entry, signature = WORDS_ENTRIES[op in PAIRS]
    compiled = cache.shipped_primitive("philox", entry, signature)
    if not compiled:
        return {number: OPERATIONS[op].numpy(*(values[a] for a in args))}
    if number in values:  # it came with its partner
        return {}
    key, indices = [int(values[a]) for a in args[:2]], np.ascontiguousarray(_rows(values[args[2]], length), "i8")
    found = {n: np.empty(length, "i8") for n in ([number] if op not in PAIRS else _pair(kernel, number))}
    compiled(*key, address(indices), 0, length, *map(address, found.values()))
    return found


def _pair(kernel: kn.Kernel, number: int) -> list[int]:
    """The even and the odd word of a pair; -1 for one that nobody asked for."""
    other = bl.partner(kernel, number)
    both = [number, -1 if other is None else other]
    return both if bl.word(kernel, number) == "even_word" else both[::-1]


WORDS_ENTRIES = (("words_at", philox.WORDS_SIGNATURE), ("pairs_at", philox.PAIRS_SIGNATURE))


def _rows(value: Any, length: int) -> np.ndarray:
    """A value as one element a row; literals are broadcast."""
    return value if np.ndim(value) else np.full(length, value)


def _compact(sink: kn.Compact, values: dict[int, Any], out: list[np.ndarray], length: int) -> None:
    start = int(out[0][0])
    for target, arg in zip(out[1:], sink.args, strict=True):
        target[start : start + length] = values[arg]
    out[0][0] = start + length


def _fold(sink: kn.Node, values: dict[int, Any], state: list[np.ndarray], length: int) -> list[np.ndarray]:
    """The state after these rows (the same arrays, unless a window had to be widened)."""
    assert isinstance(sink, kn.Fold)
    groups = np.zeros(length, "i8") if sink.group < 0 else _rows(values[sink.group], length)
    value: Any = _rows(values[sink.value], length) if sink.value >= 0 else None
    valid = _rows(values[sink.valid], length) if sink.valid >= 0 else None
    if valid is not None and not valid.all():
        groups, value = groups[valid], value if value is None else value[valid]
    if sink.function == "count":
        state[0] += np.bincount(groups, minlength=len(state[0]))
    elif bl.is_exact_sum(sink):
        bl.deposit(state, groups, value)
    else:
        _fold_plain(sink, state[0], groups, value)
    return state


def _fold_plain(sink: kn.Fold, state: np.ndarray, groups: np.ndarray, value: Any) -> None:
    fold = bl.FOLDS[sink.function]
    if sink.group < 0:
        found = fold.reduce(value, dtype=state.dtype, initial=state[0])
        if not bl.is_ordered(sink) or found < 0 or found > 0:  # else it is a zero of some sign, or NaN
            state[0] = found
            return
    if bl.is_ordered(sink):
        best = bl.ordered(state)
        fold.at(best, groups, bl.ordered(value))
        state[:] = bl.ordered(best).view(sink.storage)
    else:
        fold.at(state, groups, value)
