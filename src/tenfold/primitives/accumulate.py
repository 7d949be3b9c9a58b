"""Floating sums that are exact: a cell holds the sum of its values without error, and is rounded once at the end.

So a sum depends only on the multiset of values: not on order, filters, plan, chunks, threads or device. The result is
that of `math.fsum`, except that nothing raises: a nan, or infinities of both signs, give nan, and a sum beyond the
range of float64 gives an infinity. The sum of no values, and of zeros of any sign, is +0.0 (as in NumPy and pandas).

A *cell* is a row of int64 words `[count, specials, limb_0 .. limb_{limbs-1}]`. Over a *window* `(low, limbs)`, limb k
counts multiples of 2**(low + 44*k - 1074). `specials` is the OR of 1 (nan), 2 (+inf), 4 (-inf). Limbs are signed and
wider than their 44 bits, so a deposit adds two integers and carries nothing; carries are settled now and then. The
normal form, which `normalise` makes and equal sums share bit for bit, has every limb but the last in [0, 2**44).

For kernels (these compile; pointers `i8*` for cells, `at` the index of the cell's first word):

    deposit(cells, at, low, limbs, x) -> 1, or 0 (the sum is as before: x is outside of the window, that is, too large
        or no multiple of its unit 2**(low - 1074))
    deposit_block(cells, at, low, limbs, values, lo, hi) -> hi, or the first row outside of the window (rows before
        it are in); values `f8*`
    deposit_block_masked(cells, at, low, limbs, values, mask, lo, hi): same, of the rows whose `u1*` mask is 1, not 0
    deposit_rows(cells, low, limbs, groups, values, mask, count, first, second, spill): `values[j]` into the cell of
        group `groups[j]`, of the rows j < count whose mask is not 0. What the window does not hold goes to `spill`,
        pairs (group, bits) behind their number; `first` and `second` are scratch, `i8*` of count entries
    deposit_mapped(cells, low, limbs, groups, row, values, lo, hi, sums, spill): `values[lo:hi]`, which are the rows
        from `row` on, into the cells that an index map gives: `[axes, base, strides, sizes]`. `sums` are those of
        columns (see there), which `add_columns(cells, low, limbs, groups, sums)` brings to cells
    spill_block(cells, low, limbs, values, lo, hi, spill): `values[lo:hi]` into the one cell, by `deposit_block`;
        spill_block_masked(cells, low, limbs, values, mask, count, spill), by `deposit_block_masked`
    settle(cells, at, limbs): the normal form of one cell
    round_cells(cells, groups, low, limbs, out): out[g] = the sum of cell g, `f8*`; likewise round_cells_f4 (rounded
        once to float32), mean_cells (the rounded sum over the count, which is what pandas divides; nan for none)

`exact.py` has what the host does with cells: the caller that gets a 0 widens the window there and goes on at that row.
Capacity of one cell: 2**42 values, in at most 2**31 calls of `deposit_block`.
"""

from tenfold.primitives.groups import group_at, last_axis
from tenfold.primitives.intrinsics import bits_f8, clz, ctz, f8_bits, i8, u8

BITS = 44
LIMB = (1 << BITS) - 1
FRACTION = (1 << 52) - 1
HIDDEN = 1 << 52
MAGNITUDE = (1 << 63) - 1
NAN, PLUS_INFINITY, MINUS_INFINITY = 1, 2, 4
NAN_BITS, INFINITY_BITS = 0x7FF8 << 48, 0x7FF0 << 48
# A deposit adds less than 2**52 to a limb, which holds less than 2**44 when settled: 1024 of them stay below 2**63.
SETTLE_MASK = 1023
# A block's integers stay below 2**51 each: 4096 of them sum within 64 bits.
BLOCK = 4096


# -- one value -----------------------------------------------------------------------------------------------------
#
# Adding the rung 1.5 * 2**k to x leaves in the low bits of the sum, read as an integer, how many units of 2**(k-52) x
# has; the remainder is exact in floating point. The two rungs of a window have the units of its two limbs below the
# last: between them they take any 53-bit value of the upper 42 binades, with no shift, no sign and no case for zero.


def deposit(cells, at, low, limbs, x):
    """Add the float64 `x` to the cell at word `at`; 1, or 0 and the same sum where the window does not hold `x`."""
    x = float(x)
    ladder = _ladder_of_window(low, limbs)
    rung1, rung2 = _rung(ladder), _rung(ladder - BITS)
    onto1 = x + rung1
    left = x - (onto1 - rung1)
    onto2 = left + rung2
    first = _steps(onto1, rung1)
    # Out of its rung's binade, the first sum's bits mean something else. An infinity or nan leaves a nan. One branch
    # for all that is rare keeps the caller's loop small.
    strayed = u8(first + (1 << 51)) >= u8(1 << 52) or left != onto2 - rung2
    if strayed or cells[at] & SETTLE_MASK == SETTLE_MASK:
        return _deposit_shifted(cells, at, low, limbs, x)
    cells[at] += 1
    cells[at + limbs] += first
    cells[at + limbs - 1] += _steps(onto2, rung2)
    return 1


def _ladder_of_window(low, limbs):
    """The biased exponent of the first rung; that of a nan, which takes no value, if a rung is no normal number."""
    exponent = low + BITS * (limbs - 2) + 1
    return exponent if BITS < exponent < 2047 else 2047


def _rung(exponent):
    """1.5 * 2**(exponent - 1023)."""
    return float(bits_f8(exponent << 52 | 1 << 51))


def _steps(onto, rung):
    """How many units lie between two numbers of one binade."""
    return int(f8_bits(onto)) - int(f8_bits(rung))


def _deposit_shifted(cells, at, low, limbs, x):
    """What `deposit` does, for any value, window and count: the significand is shifted to its place."""
    if cells[at] & SETTLE_MASK == SETTLE_MASK:
        settle(cells, at, limbs)
    bits = f8_bits(x)
    size = bits & MAGNITUDE
    exponent = size >> 52
    if exponent == 2047:
        cells[at + 1] |= NAN if size > INFINITY_BITS else MINUS_INFINITY if bits < 0 else PLUS_INFINITY
    else:
        position = max(exponent, 1) - 1 - low
        significand = size & FRACTION | (HIDDEN if exponent else 0)
        if significand == 0:
            position = 0
        elif position < 0:
            # Bits below the window must be zeros; the rest is a multiple of the window's unit.
            if position < -52 or significand & ((1 << -position) - 1):
                return 0
            significand, position = significand >> -position, 0
        elif position >= BITS * (limbs - 2):
            return 0
        significand = -significand if bits < 0 else significand
        limb, shift = at + 2 + position // BITS, position % BITS
        cells[limb] += significand << shift & LIMB
        cells[limb + 1] += significand >> (BITS - shift)
    cells[at] += 1
    return 1


def settle(cells, at, limbs):
    """Carry: every limb but the last into [0, 2**44)."""
    for k in range(at + 2, at + limbs + 1):
        carry = cells[k] >> BITS
        cells[k] &= LIMB
        cells[k + 1] += carry


# -- a run of values -----------------------------------------------------------------------------------------------
#
# The same two steps on rungs that suit the block, 51 bits apart, summed in registers: integers add in any order, so
# the loop has no chain of floating additions and vectorises. (Bits are summed as they are, modulo 2**64; the rung's own
# are taken off behind the loop.) Two rungs hold 50 binades of full-width values; a block with anything left over, or
# above the first rung, is tried on a better ladder and else deposited one by one.


def deposit_block(cells, at, low, limbs, values, lo, hi):
    """Add `values[lo:hi]` to one cell; `hi`, or the first row that the window does not hold."""
    ladder = _ladder_of_values(low, limbs)
    while lo < hi:
        end = min(lo + BLOCK, hi)
        done, ladder = _deposit_ladder(cells, at, low, limbs, values, lo, end, ladder)
        if not done:
            while lo < end and deposit(cells, at, low, limbs, values[lo]):
                lo += 1
            if lo < end:
                return lo
        lo = end
    return hi


def deposit_block_masked(cells, at, low, limbs, values, mask, lo, hi):
    """Add those of `values[lo:hi]` whose mask is 1, not 0; `hi`, or the first row that the window does not hold."""
    ladder = _ladder_of_values(low, limbs)
    while lo < hi:
        end = min(lo + BLOCK, hi)
        done, ladder = _deposit_ladder_masked(cells, at, low, limbs, values, mask, lo, end, ladder)
        if not done:
            while lo < end and (mask[lo] == 0 or deposit(cells, at, low, limbs, values[lo])):
                lo += 1
            if lo < end:
                return lo
        lo = end
    return hi


def _deposit_ladder(cells, at, low, limbs, values, lo, hi, ladder):
    """(deposited?, ladder for the next block); a ladder is the biased exponent of its first rung, 0 for none."""
    if ladder:
        first, second, rest = _climb(values, lo, hi, ladder)
        if rest == 0:
            return _deposit_rungs(cells, at, low, limbs, ladder, first, second, hi - lo), ladder
    ladder = _ladder_of(_largest(values, lo, hi))
    if ladder == 0:
        return False, 0
    first, second, rest = _climb(values, lo, hi, ladder)
    return rest == 0 and _deposit_rungs(cells, at, low, limbs, ladder, first, second, hi - lo), ladder


def _deposit_ladder_masked(cells, at, low, limbs, values, mask, lo, hi, ladder):
    if ladder:
        first, second, rest = _climb_masked(values, mask, lo, hi, ladder)
        if rest == 0:
            return _deposit_rungs(cells, at, low, limbs, ladder, first, second, _ones(mask, lo, hi)), ladder
    ladder = _ladder_of(_largest_masked(values, mask, lo, hi))
    if ladder == 0:
        return False, 0
    first, second, rest = _climb_masked(values, mask, lo, hi, ladder)
    return rest == 0 and _deposit_rungs(cells, at, low, limbs, ladder, first, second, _ones(mask, lo, hi)), ladder


def _ones(mask, lo, hi):
    count = 0
    for i in range(lo, hi):
        count += i8(mask[i])
    return count


def _ladder_of(largest):
    """The first rung (its biased exponent) for values up to `largest` (bits); 0 where a ladder cannot stand."""
    # 3 is what the argument above needs, 2 more let the next blocks' largest grow fourfold; 52 keeps the second rung
    # a normal number.
    exponent = max((largest >> 52) + 5, 52)
    return exponent if exponent < 2047 else 0


def _ladder_of_values(low, limbs):
    """The ladder for the largest values of a window: it takes all, where the others are not too small."""
    return _ladder_of((low + BITS * (limbs - 2)) << 52)


def _largest(values, lo, hi):
    largest = 0
    for i in range(lo, hi):
        largest = max(largest, f8_bits(values[i]) & MAGNITUDE)
    return largest


def _largest_masked(values, mask, lo, hi):
    largest = 0
    for i in range(lo, hi):
        largest = max(largest, f8_bits(values[i]) & MAGNITUDE & -i8(mask[i]))
    return largest


def _climb(values, lo, hi, ladder):
    """Sums of a block in units of the two rungs, and an integer that is 0 if they hold all of it."""
    rung1, rung2 = _rung(ladder), _rung(ladder - 51)
    first, second, strayed, left = 0, 0, 0, 0
    for i in range(lo, hi):
        x = float(values[i])
        onto1 = x + rung1
        x -= onto1 - rung1
        onto2 = x + rung2
        x -= onto2 - rung2
        first += f8_bits(onto1)
        second += f8_bits(onto2)
        # Beyond a rung the exponent changes and its bits mean something else; the second cannot overflow.
        strayed |= f8_bits(onto1) ^ f8_bits(rung1)
        left |= f8_bits(x)
    first -= (hi - lo) * f8_bits(rung1)
    second -= (hi - lo) * f8_bits(rung2)
    return first, second, strayed >> 52 | left << 1  # of a zero, the sign may be left


def _climb_masked(values, mask, lo, hi, ladder):
    rung1, rung2 = _rung(ladder), _rung(ladder - 51)
    first, second, strayed, left = 0, 0, 0, 0
    for i in range(lo, hi):
        # The bits AND the mask, where a choice would become a branch and not vectorise (a fourth of the speed).
        x = float(bits_f8(f8_bits(values[i]) & -i8(mask[i])))
        onto1 = x + rung1
        x -= onto1 - rung1
        onto2 = x + rung2
        x -= onto2 - rung2
        first += f8_bits(onto1)
        second += f8_bits(onto2)
        strayed |= f8_bits(onto1) ^ f8_bits(rung1)
        left |= f8_bits(x)
    first -= (hi - lo) * f8_bits(rung1)
    second -= (hi - lo) * f8_bits(rung2)
    return first, second, strayed >> 52 | left << 1  # of a zero, the sign may be left


def _deposit_rungs(cells, at, low, limbs, ladder, first, second, count):
    """Add a block's two integers; False and no change where the window does not hold them."""
    if not (_holds(low, limbs, first, ladder - 1) and _holds(low, limbs, second, ladder - 52)):
        return False
    _deposit_integer(cells, at, low, limbs, first, ladder - 1)
    _deposit_integer(cells, at, low, limbs, second, ladder - 52)
    cells[at] += count
    settle(cells, at, limbs)
    return True


def _holds(low, limbs, integer, position):
    """Is integer * 2**(position - 1074) what a block of values that fit may sum to?"""
    if integer == 0:
        return True
    zeros = ctz(u8(integer))
    width = 64 - clz(u8(integer if integer > 0 else -integer))
    return position + zeros >= low and position + width <= low + BITS * (limbs - 2) + 64


def _deposit_integer(cells, at, low, limbs, integer, position):
    if integer == 0:
        return
    # The lowest set bit decides the first limb: a unit below the window is fine if nothing is there.
    zeros = ctz(u8(integer))
    integer >>= zeros
    position += zeros - low
    shift, limb, last = position % BITS, at + 2 + position // BITS, at + limbs + 1
    if limb < last:
        cells[limb] += integer << shift & LIMB
        integer >>= BITS - shift
        shift, limb = 0, limb + 1
    if limb < last:
        cells[limb] += integer & LIMB
        integer >>= BITS
        limb += 1
    cells[limb] += integer << shift


ROWS_SIGNATURE = "i8*,i8,i8,i8*,f8*,u1*,i8,i8*,i8*,i8*->void"  # of deposit_rows
ROUND_SIGNATURE = "i8*,i8,i8,i8,f8*->void"  # of round_cells, round_cells_f4 and mean_cells


# -- rows of many cells --------------------------------------------------------------------------------------------
#
# The same two rungs as `deposit`, split in two loops: one without a branch or a chain, which vectorises, and one that
# only adds integers to cells. Half the time of one loop that does both.


def deposit_rows(cells, low, limbs, groups, values, mask, count, first, second, spill):
    """Add rows to the cells of their groups; what the window does not hold goes to `spill`."""
    if _all_steps(low, limbs, values, mask, count, first, second):
        for j in range(count):
            if mask[j] != 0:
                at = groups[j] * (limbs + 2)
                if cells[at] & SETTLE_MASK == SETTLE_MASK:
                    settle(cells, at, limbs)
                cells[at] += 1
                cells[at + limbs] += first[j]
                cells[at + limbs - 1] += second[j]
        return
    for j in range(count):
        if mask[j] != 0 and not deposit(cells, groups[j] * (limbs + 2), low, limbs, values[j]):
            _spill(spill, groups[j], values[j])


def _all_steps(low, limbs, values, mask, count, first, second):
    """Write what each row adds to the two limbs below the last; False where that is not all of some row."""
    ladder = _ladder_of_window(low, limbs)
    rung1, rung2 = _rung(ladder), _rung(ladder - BITS)
    strayed, left = 0, 0
    for j in range(count):
        x = float(values[j]) if mask[j] != 0 else 0.0
        onto1 = x + rung1
        x -= onto1 - rung1
        onto2 = x + rung2
        x -= onto2 - rung2
        first[j], second[j] = _steps(onto1, rung1), _steps(onto2, rung2)
        strayed |= f8_bits(onto1) ^ f8_bits(rung1)
        left |= f8_bits(x)
    return strayed >> 52 | left << 1 == 0


def _spill(spill, group, x):
    place = spill[0]
    spill[2 * place + 1] = group
    spill[2 * place + 2] = f8_bits(x)
    spill[0] = place + 1


def spill_block(cells, low, limbs, values, lo, hi, spill):
    """Add `values[lo:hi]` to the one cell; what the window does not hold goes to `spill`."""
    _spill_run(cells, 0, low, limbs, values, lo, hi, spill)


def _spill_run(cells, group, low, limbs, values, lo, hi, spill):
    lo = deposit_block(cells, group * (limbs + 2), low, limbs, values, lo, hi)
    _deposit_or_spill(cells, group, 0, low, limbs, values, lo, hi, spill)


def _deposit_or_spill(cells, group, stride, low, limbs, values, lo, hi, spill):
    """One value after the other into the cells of groups that lie `stride` apart."""
    for row in range(lo, hi):
        if not deposit(cells, group * (limbs + 2), low, limbs, values[row]):
            _spill(spill, group, values[row])
        group += stride


def spill_block_masked(cells, low, limbs, values, mask, count, spill):
    """Add rows to the one cell; what the window does not hold goes to `spill`."""
    row = deposit_block_masked(cells, 0, low, limbs, values, mask, 0, count)
    while row < count:
        if mask[row] != 0 and not deposit(cells, 0, low, limbs, values[row]):
            _spill(spill, 0, values[row])
        row += 1


# -- rows whose groups follow a map --------------------------------------------------------------------------------
#
# Along the last axis of the map, all rows are of one group, and added as a run; or each is of the next one. Then, if
# the same groups come again and again, what they add is summed column by column in integers of 64 bits, `sums`: how
# many runs there are and the first one's group; from COUNTS on, by how much each column's count differs from that of
# the column before; sums on the first rung; on the second. Sums are of bits as they are, modulo 2**64: the rung's own
# are taken off in the end.

COLUMNS = 4096
COUNTS, FIRST, SECOND, SUMS = 2, 3 + COLUMNS, 3 + 2 * COLUMNS, 3 + 3 * COLUMNS
FEW_ROWS = 8


def deposit_mapped(cells, low, limbs, groups, row, values, lo, hi, sums, spill):
    """Add `values[lo:hi]`, the rows from `row` on; what the window does not hold goes to `spill`."""
    (stride, size), columns = last_axis(groups), _are_columns(groups)
    while lo < hi:
        place = row % size
        end = min(lo + size - place, hi)
        group = group_at(groups, row)
        if stride == 0 and end - lo > FEW_ROWS:
            _spill_run(cells, group, low, limbs, values, lo, end, spill)
        elif not columns:
            _deposit_or_spill(cells, group, stride, low, limbs, values, lo, end, spill)
        else:
            if sums[1] != group - stride * place or sums[0] == SETTLE_MASK:
                add_columns(cells, low, limbs, groups, sums)
                sums[1] = group - stride * place
            sums[0] += 1
            if not _sum_columns(low, limbs, values, lo, end, sums, place):
                _take_back_columns(low, limbs, values, lo, end, sums, place)
                _deposit_or_spill(cells, group, stride, low, limbs, values, lo, end, spill)
        row += end - lo
        lo = end


def _are_columns(groups):
    """Whether the groups along the last axis are few and come again often."""
    (stride, size), axes = last_axis(groups), groups[0]
    again = axes > 1 and groups[axes] == 0 and groups[2 * axes] >= FEW_ROWS
    return again and stride != 0 and size <= COLUMNS


def _sum_columns(low, limbs, values, lo, hi, sums, place):
    """Add what each row adds to its column; whether that is all of every row."""
    ladder = _ladder_of_window(low, limbs)
    rung1, rung2 = _rung(ladder), _rung(ladder - BITS)
    strayed, left = 0, 0
    sums[COUNTS + place] += 1
    sums[COUNTS + place + hi - lo] -= 1
    for j in range(hi - lo):
        x = float(values[lo + j])
        onto1 = x + rung1
        x -= onto1 - rung1
        onto2 = x + rung2
        x -= onto2 - rung2
        sums[FIRST + place + j] += f8_bits(onto1)
        sums[SECOND + place + j] += f8_bits(onto2)
        strayed |= f8_bits(onto1) ^ f8_bits(rung1)
        left |= f8_bits(x)
    return strayed >> 52 | left << 1 == 0


def _take_back_columns(low, limbs, values, lo, hi, sums, place):
    """Undo `_sum_columns`."""
    ladder = _ladder_of_window(low, limbs)
    rung1, rung2 = _rung(ladder), _rung(ladder - BITS)
    sums[COUNTS + place] -= 1
    sums[COUNTS + place + hi - lo] += 1
    for j in range(hi - lo):
        x = float(values[lo + j])
        onto1 = x + rung1
        sums[FIRST + place + j] -= f8_bits(onto1)
        sums[SECOND + place + j] -= f8_bits(x - (onto1 - rung1) + rung2)


def add_columns(cells, low, limbs, groups, sums):
    """Bring the sums of columns to their cells."""
    if sums[0] == 0:
        return
    (stride, size), ladder, count = last_axis(groups), _ladder_of_window(low, limbs), 0
    for column in range(size):
        count += sums[COUNTS + column]
        if count:
            at = (sums[1] + stride * column) * (limbs + 2)
            settle(cells, at, limbs)
            cells[at] += count
            cells[at + limbs] += sums[FIRST + column] - count * f8_bits(_rung(ladder))
            cells[at + limbs - 1] += sums[SECOND + column] - count * f8_bits(_rung(ladder - BITS))
            settle(cells, at, limbs)
        sums[COUNTS + column] = sums[FIRST + column] = sums[SECOND + column] = 0
    sums[0] = sums[COUNTS + size] = 0


# -- out of the cells ----------------------------------------------------------------------------------------------


def round_cells(cells, groups, low, limbs, out):
    """out[g] = the sum in cell g, rounded once, ties to even."""
    for g in range(groups):
        out[g] = round_cell(cells, g * (limbs + 2), low, limbs)


def round_cells_f4(cells, groups, low, limbs, out):
    """out[g] = the sum in cell g, rounded once to float32."""
    for g in range(groups):
        out[g] = round_cell_f4(cells, g * (limbs + 2), low, limbs)


def mean_cells(cells, groups, low, limbs, out):
    """out[g] = the rounded sum in cell g divided by its count; nan for no values."""
    for g in range(groups):
        at = g * (limbs + 2)
        count = cells[at]
        out[g] = round_cell(cells, at, low, limbs) / float(count) if count else bits_f8(NAN_BITS)


def round_cell(cells, at, low, limbs):
    """The float64 nearest to the sum in one cell, ties to even; leaves the cell settled."""
    if cells[at + 1]:
        return _special(cells[at + 1])
    sign = _absolute(cells, at, limbs)
    head, rest, exponent = _head(cells, at, low, limbs)
    if sign:
        _negate(cells, at, limbs)
    if head == 0:
        return 0.0
    # Below the normal range a unit is 2**-1074 whatever the exponent: fewer bits are kept, and the cell has no others.
    kept = 53 - max(-1022 - exponent, 0)
    whole = _nearest(head, rest, kept)
    # The hidden bit, or a carry out of the fraction, moves the exponent up by itself.
    bits = INFINITY_BITS if exponent > 1023 else (max(exponent + 1022, 0) << 52) + whole
    return -bits_f8(bits) if sign else bits_f8(bits)


def round_cell_f4(cells, at, low, limbs):
    """The float32 nearest to the sum in one cell, ties to even, as a float64; leaves the cell settled."""
    if cells[at + 1]:
        return _special(cells[at + 1])
    sign = _absolute(cells, at, limbs)
    head, rest, exponent = _head(cells, at, low, limbs)
    if sign:
        _negate(cells, at, limbs)
    kept = 24 - max(-126 - exponent, 0)
    if head == 0 or kept < 0:
        return 0.0
    whole = _nearest(head, rest, kept)
    rounded = bits_f8(INFINITY_BITS)
    if exponent <= 127:
        rounded = float(whole) * bits_f8((exponent - kept + 1 + 1023) << 52)
    if rounded >= 2.0**128:
        rounded = bits_f8(INFINITY_BITS)
    return -rounded if sign else rounded


def _special(specials):
    if specials == PLUS_INFINITY:
        return bits_f8(INFINITY_BITS)
    if specials == MINUS_INFINITY:
        return -bits_f8(INFINITY_BITS)
    return bits_f8(NAN_BITS)


def _absolute(cells, at, limbs):
    """Settle a cell and make its sum non-negative; was it negative?"""
    settle(cells, at, limbs)
    if cells[at + limbs + 1] >= 0:
        return False
    _negate(cells, at, limbs)
    return True


def _negate(cells, at, limbs):
    for k in range(at + 2, at + limbs + 2):
        cells[k] = -cells[k]
    settle(cells, at, limbs)


def _head(cells, at, low, limbs):
    """The leading 62 bits of a settled non-negative cell, whether any bit is set below, the exponent of the first."""
    k = limbs - 1
    while k >= 0 and cells[at + 2 + k] == 0:
        k -= 1
    if k < 0:
        return 0, False, 0
    top = cells[at + 2 + k]
    width = 64 - clz(u8(top))
    head, rest, free = _append(0, 0, 62, top, width)
    for lower in range(at + 1 + k, at + 1, -1):
        head, rest, free = _append(head, rest, free, cells[lower], BITS)
    return head << free, rest != 0, low + BITS * k + width - 1 - 1074


def _append(head, rest, free, limb, width):
    """Put `width` bits behind a head that has `free` bits left; those that find no room are noted in `rest`."""
    taken = min(width, free)
    over = width - taken
    return head << taken | limb >> over, rest | limb & ((1 << over) - 1), free - taken


def _nearest(head, rest, kept):
    """The first `kept` of 62 bits, rounded to nearest, ties to even, `rest` telling of set bits beyond."""
    dropped = 62 - kept
    whole = head >> dropped
    below = head & ((1 << dropped) - 1)
    half = 1 << (dropped - 1)
    up = below > half or (below == half and (rest or whole & 1 == 1))
    return whole + (1 if up else 0)
