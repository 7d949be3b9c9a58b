"""The argument block of a kernel: which arrays it reads and writes, in the order that all targets agree on.

    inputs, params (one-element arrays), then per sink
      Compact: counter (i8, 1 element), one output array per value
      Fold:    count, min, max and integer sum: the state array (one element a group)
               floating sum: cells (groups x (2 + limbs)), window (low, limbs), spill (see below)

A floating value outside of the window of its cells is spilled: two words (group, bits) into `spill`, whose word 0
counts them. A kernel stops behind the row that fills it; the host widens the window (`primitives/accumulate.py`),
deposits what was spilled and calls again.
"""

import numpy as np

from tenfold.kernel import nodes as kn
from tenfold.primitives import accumulate

SPILL_ROWS = 64
DEFAULT_WINDOW = accumulate.window_of([2.0**-40, 2.0**40])  # everyday numbers; others widen it
EXTREMES = {"min": "max", "max": "min"}


def start(fold: kn.Fold, groups: int) -> list[np.ndarray]:
    """The empty state arrays of a fold over so many groups."""
    if fold.function == "sum" and fold.storage == "f8":
        low, limbs = DEFAULT_WINDOW
        return [accumulate.new_cells(groups, limbs), np.array([low, limbs]), np.zeros(1 + 2 * SPILL_ROWS, "i8")]
    return [np.full(groups, identity(fold), "i8" if fold.function == "count" else fold.storage)]


def identity(fold: kn.Fold) -> object:
    """What a fold of nothing holds."""
    if fold.function not in EXTREMES:
        return 0
    if fold.storage[0] == "f":
        return np.inf if fold.function == "min" else -np.inf
    if fold.storage == "?":
        return fold.function == "min"
    return getattr(np.iinfo(fold.storage), EXTREMES[fold.function])


def is_exact_sum(fold: kn.Node) -> bool:
    """Whether the fold's state is cells of the exact accumulator."""
    return isinstance(fold, kn.Fold) and fold.function == "sum" and fold.storage == "f8"


def grow(fold: kn.Fold, state: list[np.ndarray], groups: int) -> list[np.ndarray]:
    """The state with room for more groups."""
    fresh = start(fold, groups)
    if is_exact_sum(fold):
        fresh[0] = accumulate.new_cells(groups, int(state[1][1]))
        fresh[1:] = state[1:]
    fresh[0][: len(state[0])] = state[0]
    return fresh


def settle_spill(state: list[np.ndarray]) -> bool:
    """Widen the window to take what was spilled; whether anything was."""
    cells, window, spill = state
    count = int(spill[0])
    if not count:
        return False
    groups, values = spill[1 : 1 + 2 * count : 2], spill[2 : 2 + 2 * count : 2].view("f8")
    low, limbs = accumulate.covering(int(window[0]), int(window[1]), values)
    state[0] = accumulate.widen(cells, int(window[0]), low, limbs)
    state[1] = np.array([low, limbs])
    accumulate.deposit_many(state[0], low, limbs, groups, values)
    spill[0] = 0
    return True


def merge(fold: kn.Fold, into: list[np.ndarray], state: list[np.ndarray], groups: np.ndarray) -> None:
    """Fold another thread's state into this one: its group k is group `groups[k]` here."""
    if is_exact_sum(fold):
        window = _union(into[1], state[1])
        rows = accumulate.widen(into[0], int(into[1][0]), *window)
        rows[groups] = accumulate.merge(rows[groups], accumulate.widen(state[0], int(state[1][0]), *window))
        into[:2] = rows, np.array(window)
        return
    combine = {"min": np.minimum, "max": np.maximum}.get(fold.function, np.add)
    into[0][groups] = combine(into[0][groups], state[0])


def _union(one: np.ndarray, other: np.ndarray) -> tuple[int, int]:
    """The window that holds two windows, which were widened from the same first one."""
    low = int(min(one[0], other[0]))
    high = max(int(w[0]) + accumulate.BITS * int(w[1]) for w in (one, other))
    return low, (high - low) // accumulate.BITS
