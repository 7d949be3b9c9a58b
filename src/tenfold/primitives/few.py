"""Exact sums of few floats each: of columns of a table, by adding rows and, with them, what each addition rounds off.

A column's sum is high + low, exactly, unless an error of `low` is left over, or something is not finite; those columns
are told, and are for cells (`accumulate.py`) to add. The twin of `Few` in target/rounding.cu, which keeps a third word.

    sum_columns(table, rows, step, columns, narrow, out, lost, scratch): out[j] = the sum of table[k * step + j] over
        the rows k, rounded once; for `narrow` so that rounding it to float32 is as good as rounding once. lost[j] is
        not 0 where it is not known. `scratch`: 2 * CHUNK words. All arrays are `f8*`.
"""

from tenfold.primitives.intrinsics import bits_f8, f8_bits

SIGNATURE = "f8*,i8,i8,i8,i8,f8*,f8*,f8*->void"
CHUNK = 1024  # columns whose words stay in the first-level cache


def sum_columns(table, rows, step, columns, narrow, out, lost, scratch):
    """The sum of each column."""
    for first in range(0, columns, CHUNK):
        count = min(CHUNK, columns - first)
        for j in range(count):
            scratch[j] = 0.0
            scratch[CHUNK + j] = 0.0
            lost[first + j] = 0.0
        for k in range(rows):
            _add_row(table, k * step + first, count, first, lost, scratch)
        for j in range(count):
            out[first + j] = scratch[j] + scratch[CHUNK + j]
            lost[first + j] += abs(out[first + j] - out[first + j])  # not 0 unless finite
        if narrow:
            _round_to_odd(count, first, out, scratch)


def _add_row(table, at, count, first, lost, scratch):
    """Add a row to the words of its columns. Nothing branches, so that it vectorises."""
    for j in range(count):
        high, value = scratch[j], table[at + j]
        total = high + value
        part = total - high
        error = (high - (total - part)) + (value - part)
        low = scratch[CHUNK + j]
        more = low + error
        part = more - low
        scratch[j], scratch[CHUNK + j] = total, more
        lost[first + j] += abs((low - (more - part)) + (error - part))


def _round_to_odd(count, first, out, scratch):
    """Of inexact sums, the neighbour whose last bit is set (Boldo and Melquiond 2008)."""
    for j in range(count):
        high, low, total = scratch[j], scratch[CHUNK + j], out[first + j]
        part = total - high
        error = (high - (total - part)) + (low - part)
        bits = f8_bits(total)
        if error != 0.0 and bits & 1 == 0:
            out[first + j] = bits_f8(bits + 1 if (error > 0.0) == (total > 0.0) else bits - 1)
