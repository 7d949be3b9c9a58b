"""The host's side of exact sums, with NumPy: windows are chosen, widened and merged here (cells: `accumulate.py`).

Cells are int64 arrays of shape (groups, limbs + 2).
"""

import math

import numpy as np

from tenfold.primitives.accumulate import (
    BITS,
    FRACTION,
    HIDDEN,
    INFINITY_BITS,
    LIMB,
    MAGNITUDE,
    MINUS_INFINITY,
    NAN,
    PLUS_INFINITY,
    mean_cells,
    round_cells,
)  # fmt: skip

ROWS_AT_ONCE = 1 << 18
WIDEST = (0, 49)
# The window of cells that have met no value but zeros: it holds nothing, so the first values decide (`fitting`).
NOTHING = (0, 2)


def total(values):
    """The sum of a few float64 without error, rounded once; None where a value is not finite or very large."""
    parts = _parts(values, np.sum)
    return None if parts is None else math.fsum(parts) + 0.0


def totals(values, groups, count):
    """The same of each of `count` groups, of whose numbers each value has one."""
    parts = _parts(values, lambda cut: np.bincount(groups, cut, count))
    if parts is None:
        return None
    return np.fromiter(map(math.fsum, zip(*parts, strict=True)), np.float64, count) + 0.0 if parts else np.zeros(count)


def _parts(values, add):
    """Sums without error whose sum is that of the values.

    Values are cut at common units into parts whose plain sums have no error (Rump, Ogita and Oishi: Accurate
    floating-point summation, 2008, of which this is the extraction).
    """
    rest, parts = values, []
    while rest.size:
        largest = max(rest.max(), -rest.min())
        if not largest < 2.0**900:
            return None
        if not largest:
            break
        # beside this power of two a value keeps those bits that all values have room for in one sum
        power = 2.0 ** (math.frexp(largest)[1] + rest.size.bit_length() + 1)
        cut = (power + rest) - power
        parts.append(add(cut))
        rest = rest - cut
    return parts


def new_cells(groups, limbs):
    """Cells of nothing."""
    return np.zeros((groups, limbs + 2), np.int64)


def window_of(sample):
    """A window for values like these: what they need, and 8 binades more on either side."""
    sizes = np.abs(np.asarray(sample, np.float64)).view(np.int64).ravel()
    sizes = sizes[(sizes > 0) & (sizes < INFINITY_BITS)]
    if sizes.size == 0:
        return window_of([1.0])
    smallest, largest = (max(int(size >> 52), 1) - 1 for size in (sizes.min(), sizes.max()))
    # The first rung takes values below 2**51 of its units: the largest has its first bit at `largest + 52`.
    unit = min(largest + 8, 2045) + 2
    limbs = 2 + max(-(-(unit - max(smallest - 8, 0)) // BITS), 1)
    return unit - BITS * (limbs - 2), limbs


def covering(low, limbs, values):
    """The window that holds both a window and values like these."""
    other, more = window_of(values)
    below = max(-((other - low) // BITS), 0)
    above = max(-(-(other + BITS * more - low - BITS * limbs) // BITS), 0)
    return low - BITS * below, limbs + below + above


def fitting(low, limbs, values):
    """`covering`, or just the window of the values where there was none yet."""
    return window_of(values) if (low, limbs) == NOTHING else covering(low, limbs, values)


def union(windows):
    """A window that holds all of some windows, which need not be a whole number of limbs apart."""
    windows = [window for window in windows if window != NOTHING] or [NOTHING]
    low = min(window[0] for window in windows)
    high = max(start + BITS * limbs for start, limbs in windows)
    aligned = all((start - low) % BITS == 0 for start, _ in windows)
    return low, -(-(high - low) // BITS) + (0 if aligned else 1)


def widen(cells, low, new_low, new_limbs):
    """The same cells over a window that `covering`, `fitting` or `union` made of theirs."""
    groups, words = cells.shape
    if (low, words - 2) == (new_low, new_limbs):
        return cells
    wide = new_cells(groups, new_limbs)
    wide[:, :2] = cells[:, :2]
    if (low, words - 2) == NOTHING:
        return wide
    cells = normalise(cells.copy())
    start, shift = divmod(low - new_low, BITS)
    for k in range(2, words):
        if shift:
            wide[:, start + k] += (cells[:, k] & (LIMB >> shift)) << shift
            wide[:, start + k + 1] += cells[:, k] >> (BITS - shift)
        else:
            wide[:, start + k] += cells[:, k]
    return normalise(wide)


def merge(into, cells):
    """Add cells of the same window to others, in place; both end up in normal form."""
    normalise(into)
    normalise(cells)
    specials = into[:, 1] | cells[:, 1]
    into += cells
    into[:, 1] = specials
    return normalise(into)


def normalise(cells):
    """Settle all cells in place: every limb but the last into [0, 2**44). Limbs may be anything that 64 bits hold."""
    # All limbs at once first, so that no carry meets a limb that is nearly full (a device leaves such).
    carries = cells[:, 2:-1] >> BITS
    cells[:, 2:-1] &= LIMB
    cells[:, 3:] += carries
    for k in range(2, cells.shape[1] - 1):
        cells[:, k + 1] += cells[:, k] >> BITS
        cells[:, k] &= LIMB
    return cells


def deposit_many(cells, low, limbs, codes, values):
    """`deposit(values[i])` into cell `codes[i]`, for all rows or, where one does not fit, for none (False)."""
    bits = np.ascontiguousarray(values, np.float64).view(np.int64)
    codes, sizes = np.asarray(codes, np.int64), bits & MAGNITUDE
    odd = sizes >= INFINITY_BITS
    significands = np.where(odd, 0, bits & FRACTION | np.where(sizes >= HIDDEN, HIDDEN, 0))
    positions = np.where(significands, np.maximum(sizes >> 52, 1) - 1 - low, 0)
    below = np.minimum(np.maximum(-positions, 0), 53)
    positions = np.maximum(positions, 0)
    if np.any(significands & ((1 << below) - 1)) or np.any(positions >= BITS * (limbs - 2)):
        return False
    significands = np.where(bits < 0, -1, 1) * (significands >> below)
    normalise(cells)
    flat, at = cells.reshape(-1), codes * (limbs + 2)
    for start in range(0, len(bits), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        _deposit_pieces(flat, at[some], significands[some], positions[some])
        normalise(cells)
    cells[:, 0] += np.bincount(codes, minlength=len(cells))
    special = np.where(sizes > INFINITY_BITS, NAN, np.where(bits < 0, MINUS_INFINITY, PLUS_INFINITY))
    np.bitwise_or.at(flat, at[odd] + 1, special[odd])
    return True


def _deposit_pieces(flat, at, significands, positions):
    # Three pieces of 44 bits, where `deposit` has two: they leave room for 2**19 rows between carries.
    limb, shift = np.divmod(positions, BITS)
    limb += at + 2
    above = significands >> (BITS - shift)
    np.add.at(flat, limb, significands << shift & LIMB)
    np.add.at(flat, limb + 1, above & LIMB)
    np.add.at(flat, limb + 2, above >> BITS)


def sums(cells, low):
    """The sums as float64, by the plain-Python run of `round_cells`."""
    return _read(cells, low, round_cells)


def means(cells, low):
    """The means as float64, by the plain-Python run of `mean_cells`."""
    return _read(cells, low, mean_cells)


def _read(cells, low, read):
    groups, words = cells.shape
    out = np.empty(groups)
    read(cells.reshape(-1), groups, low, words - 2, out)
    return out
