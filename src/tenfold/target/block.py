"""The argument block of a kernel: which arrays it reads and writes, in the order that all targets agree on.

    inputs (columns; a map that says only what groups rows are of, as [axes, base, strides, sizes]),
    params (one-element arrays), then per sink
      Compact: counter (i8, 1 element), one output array per value
      Fold:    count, min, max and integer sum: the state array (one element a group)
               floating sum: cells (groups x (2 + limbs)), window (low, limbs), spill (see below)
    then scratch of `stage_rows` elements each (see `scratch`)

Floating values outside of the window of their cells are spilled: two words (group, bits) into `spill`, whose word 0
counts them. A kernel stops behind the stage of rows that spilled; the host widens the window
(`primitives/exact.py`), deposits what was spilled and calls again.
"""

import functools
from typing import Any, TypeGuard

import numpy as np

from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import PAIRS, WORDS
from tenfold.primitives import exact
from tenfold.primitives.accumulate import ROWS_SIGNATURE, SUMS
from tenfold.target import cache

STAGE_ROWS = 1024  # rows of one stage: its scratch stays in the first-level cache
LONGEST_STAGE = 8 * STAGE_ROWS  # of one that needs a byte of scratch for each row, or none
EXTREMES = {"min": "max", "max": "min"}
FOLDS = {"sum": np.add, "count": np.add, "min": np.minimum, "max": np.maximum}


def start(fold: kn.Fold, groups: int) -> list[np.ndarray]:
    """The empty state arrays of a fold over so many groups."""
    if fold.function == "sum" and fold.storage == "f8":
        low, limbs = exact.NOTHING
        return [exact.new_cells(groups, limbs), np.array([low, limbs]), new_spill()]
    return [np.full(groups, identity(fold), "i8" if fold.function == "count" else fold.storage)]


def new_spill() -> np.ndarray:
    """Room for what a stage spills."""
    return np.zeros(1 + 2 * LONGEST_STAGE, "i8")


def anew(fold: kn.Fold, state: list[np.ndarray], groups: int) -> list[np.ndarray]:
    """Empty state arrays over so many groups, whose window is the one that the values in `state` wanted."""
    if not is_exact_sum(fold):
        return start(fold, groups)
    return [exact.new_cells(groups, int(state[1][1])), state[1], state[2]]


def identity(fold: kn.Fold) -> object:
    """What a fold of nothing holds."""
    if fold.function not in EXTREMES:
        return 0
    if fold.storage[0] == "f":
        return np.inf if fold.function == "min" else -np.inf
    if fold.storage == "?":
        return fold.function == "min"
    return getattr(np.iinfo(fold.storage), EXTREMES[fold.function])


def is_fold(kernel: kn.Kernel) -> bool:
    """Whether the kernel's sinks are folds; else they are compactions."""
    return isinstance(kernel.sinks[0], kn.Fold)


def stage_rows(kernel: kn.Kernel) -> int:
    """Rows of one stage: more where they take little scratch, since runs of rows are not cut then."""
    if not is_fold(kernel):
        return STAGE_ROWS
    width = sum(np.dtype(storage).itemsize for name, storage in scratch(kernel).items() if not name.startswith("sums"))
    return max(LONGEST_STAGE // max(width, 1), STAGE_ROWS)


def is_staged(kernel: kn.Kernel) -> bool:
    """Whether CPU text computes one value after the other for a stage of rows; else one row after the other."""
    return is_fold(kernel) or kernel.guard < 0


@functools.lru_cache(256)
def scratch(kernel: kn.Kernel) -> dict[str, str]:
    """The arrays, name -> storage, in which CPU text keeps one stage of rows.

    `w<n>`: value n of every row, where the guard is made of it; `c<n>`: value n of the rows that pass the guard;
    `s<n>`: value n of those rows, for a fold or a draw; `spare`: the half of a pair of words that nobody asked for;
    `ones`: a mask for sums of what cannot be missing; `first`, `second`: see `accumulate.deposit_rows`; `sums<n>`: of
    columns, of sink n, see `accumulate.deposit_mapped`.
    """
    storages, sums = kernel.storages(), [s for s in kernel.sinks if isinstance(s, kn.Fold) and is_exact_sum(s)]
    kinds = {"w": before(kernel), "c": carried(kernel), "s": staged(kernel)}
    arrays = {f"{kind}{n}": storages[n] for kind, numbers in kinds.items() for n in numbers}
    if any(partner(kernel, n) is None for n in range(len(storages)) if word(kernel, n) in PAIRS):
        arrays["spare"] = "i8"
    by_row = [s for s in sums if s.group >= 0 and not is_mapped(kernel, s)]
    if any(s.valid < 0 for s in by_row):
        arrays["ones"] = "?"
    if by_row:
        arrays |= {"first": "i8", "second": "i8"}
    return arrays | {f"sums{n}": "i8" for n, s in enumerate(kernel.sinks) if is_exact_sum(s) and is_mapped(kernel, s)}


def new_scratch(kernel: kn.Kernel) -> list[np.ndarray]:
    """The arrays of `scratch`."""
    named, rows = scratch(kernel).items(), stage_rows(kernel)
    return [np.zeros(SUMS, "i8") if name.startswith("sums") else np.ones(rows, kind) for name, kind in named]


def maps(kernel: kn.Kernel) -> list[int]:
    """Inputs that are index maps and say only what groups rows are of; all rows, as nothing is filtered."""
    if kernel.guard >= 0:
        return []
    used = {a for s in kernel.body if isinstance(s, kn.Let) for a in s.args}
    used |= {n for s in kernel.sinks for n in (s.args if isinstance(s, kn.Compact) else (s.value, s.valid))}  # type: ignore[attr-defined]
    groups = {s.group for s in kernel.sinks if isinstance(s, kn.Fold)}
    return [n for n, declared in enumerate(kernel.inputs) if declared[0] == "@" and n in groups - used]


def is_mapped(kernel: kn.Kernel, fold: kn.Fold) -> bool:
    """Whether a fold takes all rows, into groups that a map gives."""
    return operand(fold) >= 0 and fold.group in maps(kernel)


def takes_runs(kernel: kn.Kernel, fold: kn.Fold) -> bool:
    """Whether a fold takes its operand of many rows at once, of whatever they are."""
    return operand(fold) >= 0 and (fold.group < 0 or is_mapped(kernel, fold))


def operand(fold: kn.Fold) -> int:
    """The value that a fold of all rows adds or compares: of counts, where they are valid; -1 if others are chosen."""
    if fold.function == "count":
        return fold.valid
    return fold.value if fold.valid < 0 else -1


def is_direct(kernel: kn.Kernel, number: int) -> bool:
    """Whether a value is a column whose memory folds read as it is."""
    if number >= len(kernel.inputs) or kernel.guard >= 0 or kernel.inputs[number][0] == "@":
        return False
    folds = [s for s in kernel.sinks if isinstance(s, kn.Fold) and number in (s.value, s.valid, s.group)]
    return all(number == operand(s) and takes_runs(kernel, s) for s in folds)


def before(kernel: kn.Kernel) -> list[int]:
    """Words, and indices of theirs that are computed, which all rows need before the guard."""
    if kernel.guard < 0:
        return []
    return _filled(kernel, [kernel.guard, *([] if is_fold(kernel) else results(kernel))], frozenset())


def carried(kernel: kn.Kernel) -> list[int]:
    """What the rows that pass the guard bring with them: inputs, their number, words known before."""
    if kernel.guard < 0 or not is_fold(kernel):
        return []
    known = frozenset(before(kernel))
    return [n for n in needed(kernel, results(kernel), known) if is_carried(kernel, n) or n in known]


def staged(kernel: kn.Kernel) -> list[int]:
    """The values that are kept for a stage, in order: what folds take, words, and indices of words."""
    if not is_staged(kernel):
        return []
    filled = _filled(kernel, results(kernel), frozenset(carried(kernel)))
    kept = [n for n in folded(kernel) if not is_direct(kernel, n) and not _only_maps(kernel, n)]
    return sorted({*filled, *kept})


def _only_maps(kernel: kn.Kernel, number: int) -> bool:
    folds = [s for s in kernel.sinks if isinstance(s, kn.Fold) and s.group == number]
    return number in maps(kernel) and all(is_mapped(kernel, s) for s in folds)


def _filled(kernel: kn.Kernel, roots: list[int], known: frozenset[int]) -> list[int]:
    words = [n for n in needed(kernel, roots, known) if word(kernel, n) and n not in known]
    indices = {statement(kernel, n).args[2] for n in words}
    return sorted({*words, *(n for n in indices if n >= len(kernel.inputs) and n not in known)})


def statement(kernel: kn.Kernel, number: int) -> Any:
    """The statement that defines a value; None for inputs and parameters."""
    first = len(kernel.inputs) + len(kernel.params)
    return kernel.body[number - first] if number >= first else None


def whole_constant(kernel: kn.Kernel, number: int) -> int | None:
    """The integer that a value always is; None where it is no constant, or not one of integers."""
    constant = statement(kernel, number)
    return int(constant.text) if isinstance(constant, kn.Const) and constant.storage[0] in "iu" else None


def word(kernel: kn.Kernel, number: int) -> str:
    """The operation of a value that is a word of draws; empty for others."""
    let = statement(kernel, number)
    return let.op if isinstance(let, kn.Let) and let.op in WORDS else ""


def partner(kernel: kn.Kernel, number: int) -> int | None:
    """The value that is the other word of a pair."""
    let = statement(kernel, number)
    (op,) = PAIRS - {let.op}
    other = kn.Let(op, let.storage, let.args)
    first = len(kernel.inputs) + len(kernel.params)
    return first + kernel.body.index(other) if other in kernel.body else None


def results(kernel: kn.Kernel) -> list[int]:
    """The values that sinks take."""
    compacts = [s for s in kernel.sinks if isinstance(s, kn.Compact)]
    return sorted({*folded(kernel), *(n for sink in compacts for n in sink.args)})


def folded(kernel: kn.Kernel) -> list[int]:
    """The values that folds take: what is folded, where it is valid, and its group."""
    folds = [s for s in kernel.sinks if isinstance(s, kn.Fold)]
    return sorted({n for s in folds for n in (s.value, s.valid, s.group) if n >= 0})


def is_carried(kernel: kn.Kernel, number: int) -> bool:
    """Whether a value comes from outside of the statements: an input or the row's number."""
    return number < len(kernel.inputs) or isinstance(statement(kernel, number), kn.Row)


def needed(kernel: kn.Kernel, roots: list[int], known: frozenset[int] = frozenset()) -> list[int]:
    """The inputs and statements that some values are made of, in order; not beyond those already known."""
    first = len(kernel.inputs) + len(kernel.params)
    todo, found = list(roots), set()
    while todo:
        number = todo.pop()
        if number not in found:
            found.add(number)
            let = None if number in known else statement(kernel, number)
            todo.extend(let.args if isinstance(let, kn.Let) else ())
    return [n for n in sorted(found) if n < len(kernel.inputs) or n >= first]


def is_exact_sum(fold: kn.Node) -> TypeGuard[kn.Fold]:
    """Whether the fold's state is cells of the exact accumulator."""
    return isinstance(fold, kn.Fold) and fold.function == "sum" and fold.storage == "f8"


def grow(fold: kn.Node, state: list[np.ndarray], groups: int) -> list[np.ndarray]:
    """The state with room for more groups."""
    assert isinstance(fold, kn.Fold)
    fresh = start(fold, groups)
    if is_exact_sum(fold):
        fresh[0] = exact.new_cells(groups, int(state[1][1]))
        fresh[1:] = state[1:]
    fresh[0][: len(state[0])] = state[0]
    return fresh


def has_no_window(state: list[np.ndarray]) -> bool:
    """Whether an exact sum has not seen a value yet, zeros aside."""
    return (int(state[1][0]), int(state[1][1])) == exact.NOTHING


def settle_spill(state: list[np.ndarray]) -> bool:
    """Widen the window to take what was spilled; whether anything was."""
    _, window, spill = state
    count = int(spill[0])
    if not count:
        return False
    groups, values = spill[1 : 1 + 2 * count : 2], spill[2 : 2 + 2 * count : 2].view("f8")
    _widen(state, exact.fitting(int(window[0]), int(window[1]), values))
    spill[0] = 0
    deposit(state, groups, values)
    return True


def deposit(state: list[np.ndarray], groups: np.ndarray, values: Any) -> None:
    """Add values to exact sums, whose window widens to take them: by the compiled primitive if there is one."""
    low, limbs = map(int, state[1])
    if (low, limbs) == exact.NOTHING and values.any():
        low, limbs = _widen(state, exact.window_of(values))
    compiled = cache.shipped_primitive("accumulate", "deposit_rows", ROWS_SIGNATURE)
    if compiled and (low, limbs) != exact.NOTHING:
        _deposit_compiled(compiled, state, groups, values)
    elif not exact.deposit_many(state[0], low, limbs, groups, values):
        low, limbs = _widen(state, exact.fitting(low, limbs, values))
        exact.deposit_many(state[0], low, limbs, groups, values)


def _widen(state: list[np.ndarray], window: tuple[int, int]) -> tuple[int, int]:
    state[0], state[1] = exact.widen(state[0], int(state[1][0]), *window), np.array(window)
    return window


def _deposit_compiled(compiled: Any, state: list[np.ndarray], groups: np.ndarray, values: np.ndarray) -> None:
    scratch, mask = np.empty((2, STAGE_ROWS), "i8"), np.ones(STAGE_ROWS, "u1")
    values, groups = np.ascontiguousarray(values, "f8"), np.ascontiguousarray(groups, "i8")
    for start in range(0, len(values), STAGE_ROWS):
        count = min(STAGE_ROWS, len(values) - start)
        cells, (low, limbs), spill = state[0], map(int, state[1]), state[2]
        arrays = (groups[start:], values[start:], mask)
        compiled(address(cells), low, limbs, *map(address, arrays), count, *map(address, (*scratch, spill)))
        settle_spill(state)


def address(array: np.ndarray) -> int:
    """Where the data of an array start."""
    start: int = array.__array_interface__["data"][0]
    return start


def merge(fold: kn.Fold, into: list[np.ndarray], state: list[np.ndarray], groups: np.ndarray) -> None:
    """Fold another thread's state into this one: its group k is group `groups[k]` here."""
    if is_exact_sum(fold):
        window = exact.union([tuple(map(int, into[1])), tuple(map(int, state[1]))])
        rows = exact.widen(into[0], int(into[1][0]), *window)
        rows[groups] = exact.merge(rows[groups], exact.widen(state[0], int(state[1][0]), *window))
        into[:2] = rows, np.array(window)
        return
    combine = FOLDS[fold.function]
    if is_ordered(fold):
        into[0][groups] = ordered(combine(ordered(into[0][groups]), ordered(state[0]))).view(fold.storage)
    else:
        into[0][groups] = combine(into[0][groups], state[0])


def is_ordered(fold: kn.Fold) -> bool:
    """Whether a fold compares floats: as integers of their order, in which -0.0 is less than 0.0."""
    return fold.function in EXTREMES and fold.storage[0] == "f"


def ordered(floats: np.ndarray) -> np.ndarray:
    """An integer for each float, in the order of the floats; of such integers, the bits of the floats."""
    bits = floats.view(f"i{floats.itemsize}")
    order: np.ndarray = bits ^ (bits >> 8 * floats.itemsize - 1 & np.iinfo(bits.dtype).max)
    return order
