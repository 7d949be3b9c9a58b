"""Folds of rows into plain accumulators: sums of integers, which are counts too, the least and the largest.

For kernels (these compile). `state` has one element for each group; its storage and that of `values` are any that
kernels have. A nan is beyond the infinity of its sign: who wants to know of them counts them.

    add_run(state, values, lo, hi), least_run, largest_run, and add_unsigned_run for sums of unsigned integers,
        least_floats_run, largest_floats_run for floats: `values[lo:hi]` into the first group
    add_mapped(state, groups, row, values, lo, hi), ...: `values[lo:hi]`, which are the rows from `row` on, into the
        groups that an index map gives (see `groups.py`)
    add(total, x), lesser(best, x), greater(best, x), and add_unsigned, lesser_float, greater_float: of two values

Floats are compared as integers of the same order: -0.0 is less than 0.0, whichever comes first; and LLVM reduces
integers in vectors, floats only if it may forget about nan.
"""

from tenfold.primitives.groups import group_at, last_axis
from tenfold.primitives.integers import add
from tenfold.primitives.intrinsics import bits_f8, f8_bits, i8, u8

MAGNITUDE = (1 << 63) - 1


def add_run(state, values, lo, hi):
    """Add the values to the first group."""
    state[0] = _sum(state[0], values, lo, hi)


def add_unsigned_run(state, values, lo, hi):
    """Add the values to the first group."""
    state[0] = _sum_unsigned(state[0], values, lo, hi)


def least_run(state, values, lo, hi):
    """The least of the first group and the values."""
    state[0] = _least(state[0], values, lo, hi)


def largest_run(state, values, lo, hi):
    """The largest of the first group and the values."""
    state[0] = _largest(state[0], values, lo, hi)


def least_floats_run(state, values, lo, hi):
    """The least of the first group and the values."""
    state[0] = _least_float(state[0], values, lo, hi)


def largest_floats_run(state, values, lo, hi):
    """The largest of the first group and the values."""
    state[0] = _largest_float(state[0], values, lo, hi)


def add_mapped(state, groups, row, values, lo, hi):
    """Add the values to their groups."""
    _fold_mapped(_sum, add, state, groups, row, values, lo, hi)


def add_unsigned_mapped(state, groups, row, values, lo, hi):
    """Add the values to their groups."""
    _fold_mapped(_sum_unsigned, add_unsigned, state, groups, row, values, lo, hi)


def least_mapped(state, groups, row, values, lo, hi):
    """The least of each group and its values."""
    _fold_mapped(_least, lesser, state, groups, row, values, lo, hi)


def largest_mapped(state, groups, row, values, lo, hi):
    """The largest of each group and its values."""
    _fold_mapped(_largest, greater, state, groups, row, values, lo, hi)


def least_floats_mapped(state, groups, row, values, lo, hi):
    """The least of each group and its values."""
    _fold_mapped(_least_float, lesser_float, state, groups, row, values, lo, hi)


def largest_floats_mapped(state, groups, row, values, lo, hi):
    """The largest of each group and its values."""
    _fold_mapped(_largest_float, greater_float, state, groups, row, values, lo, hi)


def _fold_mapped(fold, join, state, groups, row, values, lo, hi):
    """By runs, where the last axis is reduced; else element by element, in vectors where groups are neighbours."""
    stride, size = last_axis(groups)
    while lo < hi:
        count = min(size - row % size, hi - lo)
        group = group_at(groups, row)
        if stride == 0:
            state[group] = fold(state[group], values, lo, lo + count)
        elif stride == 1:
            for j in range(count):
                state[group + j] = join(state[group + j], values[lo + j])
        else:
            for j in range(count):
                state[group + stride * j] = join(state[group + stride * j], values[lo + j])
        row += count
        lo += count


# -- two values ----------------------------------------------------------------------------------------------------


def add_unsigned(total, x):
    """The sum."""
    return u8(total) + u8(x)


def lesser(best, x):
    """The least."""
    return min(best, x)


def greater(best, x):
    """The largest."""
    return max(best, x)


def lesser_float(best, x):
    """The least."""
    return _of_order(min(_order(best), _order(x)))


def greater_float(best, x):
    """The largest."""
    return _of_order(max(_order(best), _order(x)))


# -- a run ---------------------------------------------------------------------------------------------------------


def _sum(total, values, lo, hi):
    return i8(_sum_unsigned(total, values, lo, hi))


def _sum_unsigned(total, values, lo, hi):
    total = u8(total)
    for i in range(lo, hi):
        total += u8(values[i])
    return total


def _least(best, values, lo, hi):
    for i in range(lo, hi):
        best = min(best, values[i])
    return best


def _largest(best, values, lo, hi):
    for i in range(lo, hi):
        best = max(best, values[i])
    return best


def _least_float(best, values, lo, hi):
    order = _order(best)
    for i in range(lo, hi):
        order = min(order, _order(values[i]))
    return _of_order(order)


def _largest_float(best, values, lo, hi):
    order = _order(best)
    for i in range(lo, hi):
        order = max(order, _order(values[i]))
    return _of_order(order)


def _order(x):
    """An integer for each float, in the order of the floats: -0.0 below 0.0, a nan beyond the infinity of its sign."""
    bits = f8_bits(float(x))
    return bits ^ (bits >> 63 & MAGNITUDE)


def _of_order(order):
    return bits_f8(order ^ (order >> 63 & MAGNITUDE))
