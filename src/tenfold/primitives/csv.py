"""The CSV scanner: bytes of a text -> typed columns, in the restricted Python that `target/cpu.py` compiles.

`scan(block)` reads the rows that start in `text[lo:hi]` and returns its status; `block` holds what the constants
below name. It works on chunks that stay in the L2 cache, in two phases. First the structural index: where the
fields end, found 64 bytes at a time by comparing for separators, line ends and quotes. Then each wanted column is
read alone, so that its branches are easy to predict and columns that nobody wants cost only their share of the index.

The index is made fast where the text is regular: every row has the same number of fields, quotes open and close at
separators, and carriage returns stand before line feeds. Elsewhere `index_exactly` copies pandas' own tokenizer, a
byte at a time, for as many rows as needed. Both leave the same index: entry 0 of a row is the position before its
first byte, entry k + 1 the end of field k; a missing field ends before it starts.

A value that its column cannot hold never stops the scan: its kind is noted (`numbers.NULL` ...), with where the first
one is, and the caller decides. Numbers that need more than 128 bits to round are left to the caller, by a list.

As plain Python, `block` is a list with NumPy arrays for addresses; call it under `numpy.errstate(over="ignore")`.

Measured, one core of a Zen 5 server compiled for x86-64-v3, text in cache, MB of text a second: 80-byte taxi rows of 12
fields, a date and two prices 2,100, all twelve 870, with quoted text in each row 2,050 and 910, with CR LF 2,080; the
index alone 6,000. Fields of `%.6f` 13 ns, of 17 digits 27 ns, strings of 30 bytes 12 ns, rows that need the tokenizer
230 MB/s.
"""

import numpy as np

from tenfold.primitives.intrinsics import (
    ctz,
    equal64,
    f8_ptr,
    i4_ptr,
    i8,
    i8_ptr,
    load64,
    popcount,
    u1_ptr,
    u8,
)  # fmt: skip
from tenfold.primitives.numbers import (
    BIG_FIRST,
    BOOL,
    DATE,
    FLOAT,
    HUGE,
    INT,
    MINUS_ZERO,
    NAT,
    NEGATIVE,
    NO_INTEGER,
    NULL,
    TENS,
    TEXT,
    UINT,
    are_digits,
    date,
    decimal,
    fixed_point,
    is_null,
    joined,
    kind_of,
    long_digits,
    to_float,
    truth,
    without_point,
)  # fmt: skip

SIGNATURE = "i8*->i8"

# What `block` holds. Buffers: `text` has 64 readable bytes behind `size`; `index` INDEX_ENTRIES, and room for a row;
# `redo` REDO_LENGTH numbers for each of REDO_ENTRIES, and for a row; `result` RESULT_HEAD, and RESULT_COLUMN for each
# wanted column; values and validity of a column ROWS entries, its offsets one more, its bytes size - lo + 64;
# `scratch` SCRATCH_BYTES.
(
    TEXT_BUFFER, LO, HI, SIZE, FINAL, SEPARATOR, FIELDS, LONG_ROWS, WANTED, ACTIONS, OUTPUTS, ROWS, INDEX, REDO, RESULT,
    SCRATCH, BLOCK_LENGTH,
) = range(17)  # fmt: skip

# Three numbers in `ACTIONS` for each wanted column, and three addresses in `OUTPUTS`. FORMAT is that of dates; for
# floats, whether the column is known to hold more than integers: only then is `-0` the float of this name.
COLUMN, ACTION, FORMAT, ACTION_LENGTH = range(4)
VALUES, BYTES, VALIDITY, OUTPUT_LENGTH = range(4)

INT64, UINT64, FLOAT64, BOOLEAN, DATETIME, STRING, INFER, INFER_DATE = range(8)

# What `result` holds: of the call, then of each wanted column. REDO_ROW ... are the fields of an entry of `redo`.
RESULT_ROWS, RESULT_STOP, RESULT_POSITION, RESULT_FIELDS, RESULT_REDO, RESULT_HEAD = range(6)
KINDS, MISFIT_ROW, MISFIT_START, MISFIT_END, USED_BYTES, RESULT_COLUMN = range(6)
REDO_ROW, REDO_COLUMN, REDO_START, REDO_END, REDO_LENGTH = range(5)

# How a scan ends: all rows read; the last row is incomplete; RESULT_POSITION has a row with too many fields or a
# quote that never closes; the outputs are full.
OK, MORE, RAGGED, UNTERMINATED, FULL = range(5)

CHUNK_BYTES = 1 << 16
SMALLEST_CHUNK = 1 << 11
INDEX_ENTRIES = CHUNK_BYTES + 256
REDO_ENTRIES = 2 * INDEX_ENTRIES
SCRATCH_BYTES = 1 << 12

_QUOTE, _LF, _CR, _MINUS = np.uint8(34), np.uint8(10), np.uint8(13), np.uint8(45)
_ONE = np.uint64(1)
_TOP = np.uint64(63)


def scan(block):
    """Read the rows of a text that start between two positions; the status, and the rest through `block`."""
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    hi, fields, capacity = block[HI], block[FIELDS], block[ROWS]
    at, rows, status = block[LO], 0, OK
    chunk, patience = CHUNK_BYTES, 1
    _clear(result, block[WANTED])
    while at < hi and status == OK:
        if rows == capacity or result[RESULT_REDO] > REDO_ENTRIES - INDEX_ENTRIES:
            status = FULL
            break
        room = capacity - rows
        found, stop, strip = index_regular(text, at, min(at + chunk, hi), block[SEPARATOR], fields, room, index)
        if found > 0:
            _read_columns(block, fields, found, rows, strip)
            patience = max(patience >> 1, 1) if found > 4 * patience else patience
            chunk = min(2 * chunk, CHUNK_BYTES)
        else:
            room = min(room, patience, max((INDEX_ENTRIES - 1) // (fields + 1), 1))
            found, stop, status = index_exactly(block, at, room)
            _read_columns(block, fields + 1, found, rows, False)
            patience = min(2 * patience, 1024)
            chunk = max(chunk >> 2, SMALLEST_CHUNK)
        rows += found
        at = stop
    result[RESULT_ROWS] = rows
    result[RESULT_STOP] = at
    return status


def _clear(result, wanted):
    result[RESULT_REDO] = 0
    for k in range(wanted):
        place = RESULT_HEAD + k * RESULT_COLUMN
        result[place + KINDS], result[place + MISFIT_ROW], result[place + USED_BYTES] = 0, -1, 0


# -- the structural index ------------------------------------------------------------------------------------------


def index_regular(text, lo, hi, separator, fields, room, index):
    """Index complete rows of `text[lo:hi]` while they are regular: (rows, where the next starts, strip CR?)."""
    index[0] = lo - 1
    count, newlines, carriages = index_blocks(text, lo, hi, separator, index)
    rows = min(count // fields, room)
    regular, last = 0, fields
    while regular < rows and text[index[last]] == _LF:
        regular += 1
        last += fields
    if newlines != regular:  # some row has a line end inside: find the first
        regular = _regular_rows(text, fields, regular, index)
    if fields == 1:
        regular = _rows_before_blank(text, regular, index)
    return regular, i8(index[regular * fields]) + 1, carriages


def index_blocks(text, lo, hi, separator, index):
    """Write where separators and line ends are: (how many, how many line ends, carriage returns before them?).

    Stops at the block of 64 bytes where quotes or carriage returns are first used in an unusual way.
    """
    quoted = u8(0)  # all ones inside quotes
    after_end, after_closing, after_carriage = _ONE, u8(0), u8(0)
    count, newlines, carriages = 0, 0, False
    at = lo
    while at < hi:
        line_ends = equal64(text, at, _LF)
        ends = line_ends | equal64(text, at, separator)
        quotes = equal64(text, at, _QUOTE)
        returns = equal64(text, at, _CR)
        if quotes | quoted | after_closing != u8(0):
            inside = _prefix_xor(quotes) ^ quoted
            ends &= ~inside
            line_ends &= ~inside
            closing, opening = quotes & ~inside, quotes & inside
            follows_closing = (closing << _ONE) | after_closing
            follows_end = (ends << _ONE) | after_end
            wrong = follows_closing & ~(ends | quotes | returns)
            wrong |= opening & ~(follows_end | follows_closing)
            if wrong != u8(0):
                break
            returns &= ~inside
            after_closing = closing >> _TOP
            quoted = u8(0) - (inside >> _TOP)
        after_end = ends >> _TOP
        if returns | after_carriage != u8(0):
            if ((returns << _ONE) | after_carriage) & ~line_ends != u8(0):
                break
            after_carriage = returns >> _TOP
            carriages = True
        if hi - at < 64:
            ends &= (_ONE << u8(hi - at)) - _ONE
            line_ends &= ends
        newlines += popcount(line_ends)
        count = _write_positions(ends, at, count, index)
        at += 64
    return count, newlines, carriages


def _prefix_xor(x):
    """Bit k of the answer is the parity of the bits 0 to k."""
    x ^= x << u8(1)
    x ^= x << u8(2)
    x ^= x << u8(4)
    x ^= x << u8(8)
    x ^= x << u8(16)
    return x ^ (x << u8(32))


def _write_positions(ends, at, count, index):
    """Append the positions of the bits of `ends`, eight at a time: what is too much is overwritten next time."""
    stop = count + popcount(ends)
    while count < stop:
        for k in range(8):
            index[count + k + 1] = at + ctz(ends)
            ends &= ends - _ONE
        count += 8
    return stop


def _regular_rows(text, fields, rows, index):
    """How many of the first rows have their one line end at the end."""
    for row in range(rows):
        for field in range(1, fields):
            if text[index[row * fields + field]] == _LF:
                return row
    return rows


def _rows_before_blank(text, rows, index):
    """How many rows of a single field come before a blank line, which pandas skips."""
    for row in range(rows):
        start, end = index[row] + 1, index[row + 1]
        while start < end and (text[start] == 32 or text[start] == 9 or text[start] == _CR):
            start += 1
        if start == end:
            return row
    return rows


def index_exactly(block, lo, room):
    """Index up to `room` rows as pandas' tokenizer would: (rows, where the next starts, status)."""
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    size, final, separator, fields = block[SIZE], block[FINAL], block[SEPARATOR], block[FIELDS]
    at, rows, status = lo, 0, OK
    while rows < room and at < block[HI]:
        after = _after_blank_line(text, at, size, final, separator)
        if after < 0:
            status = MORE
            break
        if after > at:
            at = after
            continue
        stop, seen, status = _index_row(text, at, size, final, separator, fields, index, rows * (fields + 1))
        if status == OK and seen > fields and block[LONG_ROWS] == 0:
            status = RAGGED
        if status != OK:
            result[RESULT_POSITION], result[RESULT_FIELDS] = at, seen
            break
        at = stop
        rows += 1
    return rows, at, status


def _after_blank_line(text, at, size, final, separator):
    """Where the line after a blank one starts; `at` when the line is not blank, -1 when that cannot be told yet."""
    start = at
    while at < size and (text[at] == 32 or text[at] == 9) and text[at] != separator:
        at += 1
    if at == size:
        return at if final else -1
    if text[at] != _LF and text[at] != _CR:
        return start
    after = _after_line_end(text, at, size, final)
    if after == at + 1 and after < size and text[at] == _CR and text[after] == separator:
        after += 1  # pandas loses a separator behind the lone CR of a blank line
    return after


def _after_line_end(text, at, size, final):
    """Where the line after the LF, CR or CR LF at `at` starts; -1 when that cannot be told yet."""
    if text[at] == _LF:
        return at + 1
    if at + 1 == size:
        return size if final else -1
    return at + 2 if text[at + 1] == _LF else at + 1


def _index_row(text, at, size, final, separator, fields, index, base):
    """Index the row that starts at `at`: (where the next starts, its number of fields, status)."""
    index[base] = at - 1
    seen = 0
    while True:
        at, status = _field_end(text, at, size, final, separator)
        if status != OK:
            return at, seen, status
        if seen < fields:
            index[base + seen + 1] = at
        seen += 1
        if at == size or text[at] != separator:
            break
        at += 1
    for field in range(seen, fields):
        index[base + field + 1] = at
    stop = at if at == size else _after_line_end(text, at, size, final)
    return stop, seen, (MORE if stop < 0 else OK)


def _field_end(text, at, size, final, separator):
    """Where the field that starts at `at` ends: (position, status). Quotes count at its start only."""
    if at < size and text[at] == _QUOTE:
        at = _after_quotes(text, at + 1, size)
        if at < 0:
            return at, (UNTERMINATED if final else MORE)
    while at < size and text[at] != separator and text[at] != _LF and text[at] != _CR:
        at += 1
    return at, (OK if at < size or final else MORE)


def _after_quotes(text, at, size):
    """The position behind the quote that closes a field; -1 without one. Two quotes stand for one inside."""
    while at < size:
        if text[at] == _QUOTE:
            if at + 1 >= size or text[at + 1] != _QUOTE:
                return at + 1
            at += 1
        at += 1
    return -1


def unquoted(text, start, end, target, at, room):
    """Copy the value of the field `text[start:end]` that starts with a quote; its length, at most `room`."""
    first, inside = at, True
    start += 1
    while start < end and at - first < room:
        if inside and text[start] == _QUOTE:
            start += 1
            inside = start < end and text[start] == _QUOTE
            if not inside:
                continue
        target[at] = text[start]
        at += 1
        start += 1
    return at - first


# -- columns -------------------------------------------------------------------------------------------------------


def _read_columns(block, stride, rows, first_row, strip):
    """Read every wanted column of the rows in the index; `strip` drops a CR at the end of the last field."""
    actions = i8_ptr(block[ACTIONS])
    for k in range(block[WANTED]):
        column, action = actions[k * ACTION_LENGTH + COLUMN], actions[k * ACTION_LENGTH + ACTION]
        strip_here = strip and column == block[FIELDS] - 1
        if action == FLOAT64:
            _read_floats(block, k, column, stride, rows, first_row, strip_here)
        elif action == INT64 or action == UINT64:
            _read_integers(block, k, column, stride, rows, first_row, strip_here)
        elif action == DATETIME:
            _read_dates(block, k, column, stride, rows, first_row, strip_here)
        elif action == STRING:
            _read_strings(block, k, column, stride, rows, first_row, strip_here)
        elif action == BOOLEAN:
            _read_truths(block, k, column, stride, rows, first_row, strip_here)
        else:
            _infer(block, k, column, stride, rows, strip_here, action == INFER_DATE)


def _field(text, index, place, strip):
    """Start and end of a field, by its place in the index."""
    start, end = i8(index[place]) + 1, i8(index[place + 1])
    if strip and end > start and text[end - 1] == _CR:
        end -= 1
    return start, end


def _read_integers(block, k, column, stride, rows, first_row, strip):
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    values = i8_ptr(i8_ptr(block[OUTPUTS])[k * OUTPUT_LENGTH + VALUES])
    kinds = 0
    for row in range(rows):
        start, end = _field(text, index, row * stride + column, strip)
        first, last = start, end
        if text[start] == _QUOTE:
            first, last = start + 1, end - 1
        negative = text[first] == _MINUS
        first += i8(negative)
        if 1 <= last - first <= 16:
            found, value = long_digits(text, first, last - first)
            if found:
                number = i8(value)
                values[first_row + row] = -number if negative else number
                kinds |= NEGATIVE if negative else INT
                continue
        kinds |= _read_integer(block, k, first_row + row, start, end, values)
    result[RESULT_HEAD + k * RESULT_COLUMN + KINDS] |= kinds | INT if kinds == NEGATIVE else kinds


def _read_integer(block, k, row, start, end, values):
    """Any integer, or the kind of what is there instead."""
    result = i8_ptr(block[RESULT])
    text, first, last = _plain(block, start, end)
    unsigned = i8_ptr(block[ACTIONS])[k * ACTION_LENGTH + ACTION] == UINT64
    kind = kind_of(text, first, last, False)
    values[row] = 0
    if kind & (INT | UINT):
        _, significand, _, negative, _ = decimal(text, first, last)
        values[row] = -i8(significand) if negative else i8(significand)
    if kind & INT == 0 and not (unsigned and kind == UINT):
        _misfit(result, k, row, start, end)
    return kind


def _plain(block, start, end):
    """A field as (text, start, end) without its quotes: itself, or a copy in the scratch buffer."""
    text, scratch = u1_ptr(block[TEXT_BUFFER]), u1_ptr(block[SCRATCH])
    if end <= start or text[start] != _QUOTE:
        return text, start, end
    length = unquoted(text, start, end, scratch, 0, SCRATCH_BYTES - 16)
    return scratch, 0, length


def _misfit(result, k, row, start, end):
    """Note the first value that a column cannot hold."""
    place = RESULT_HEAD + k * RESULT_COLUMN
    if result[place + MISFIT_ROW] < 0:
        result[place + MISFIT_ROW] = row
        result[place + MISFIT_START] = start
        result[place + MISFIT_END] = max(end, start)


def _read_floats(block, k, column, stride, rows, first_row, strip):
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    values = f8_ptr(i8_ptr(block[OUTPUTS])[k * OUTPUT_LENGTH + VALUES])
    kinds = 0
    for row in range(rows):
        start, end = _field(text, index, row * stride + column, strip)
        first, last = start, end
        if text[start] == _QUOTE:
            first, last = start + 1, end - 1
        negative = text[first] == _MINUS
        first += i8(negative)
        length = last - first
        if 1 <= length <= 8:
            word, before = without_point(load64(text, first), length)
            point = i8(before < length)
            word = _aligned(word, length - point)
            if are_digits(word) and length > point:
                number = i8(joined(word))
                if number > 0 or not negative:
                    value = np.float64(number) / TENS[(length - before - 1) & -point]
                    values[first_row + row] = -value if negative else value
                    kinds |= FLOAT if point else INT
                    continue
        else:
            found, significand, after = fixed_point(text, first, length)
            if found:
                sure, value = to_float(significand, -after, negative)
                if sure:
                    values[first_row + row] = value
                    kinds |= FLOAT
                    continue
        kinds |= _read_float(block, k, first_row + row, start, end, values)
    result[RESULT_HEAD + k * RESULT_COLUMN + KINDS] |= kinds


def _aligned(word, length):
    """The digits' values of `length` bytes, moved to the top as `numbers.digits` does; `length` 0 means 8."""
    return (word ^ u8(0x3030303030303030)) << u8((64 - 8 * length) & 63)


def _read_float(block, k, row, start, end, values):
    """Any float64, or the kind of what is there instead."""
    result = i8_ptr(block[RESULT])
    text, first, last = _plain(block, start, end)
    kind, significand, exponent, negative, exact = decimal(text, first, last)
    values[row] = np.nan
    if kind != TEXT:
        sure, value = to_float(significand, exponent, negative)
        if kind == INT and negative and significand == u8(0):
            kind = INT | MINUS_ZERO
            if i8_ptr(block[ACTIONS])[k * ACTION_LENGTH + FORMAT] == 0:
                value = 0.0  # pandas reads integers first, and those have one zero
        values[row] = value
        if not (sure and exact):
            _redo(block, k, row, start, end)
        if kind & (UINT | HUGE):
            _misfit(result, k, row, start, end)
        return kind
    kind = kind_of(text, first, last, False)
    if kind != NULL:
        _misfit(result, k, row, start, end)
    return kind


def _redo(block, k, row, start, end):
    """Leave a number to the caller."""
    redo, result = i8_ptr(block[REDO]), i8_ptr(block[RESULT])
    place = result[RESULT_REDO] * REDO_LENGTH
    redo[place + REDO_ROW], redo[place + REDO_COLUMN] = row, k
    redo[place + REDO_START], redo[place + REDO_END] = start, end
    result[RESULT_REDO] += 1


def _read_dates(block, k, column, stride, rows, first_row, strip):
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    values = i8_ptr(i8_ptr(block[OUTPUTS])[k * OUTPUT_LENGTH + VALUES])
    wanted = i8_ptr(block[ACTIONS])[k * ACTION_LENGTH + FORMAT]
    kinds = 0
    for row in range(rows):
        start, end = _field(text, index, row * stride + column, strip)
        quoted = i8(text[start] == _QUOTE)
        found, moment = date(text, start + quoted, end - quoted)
        if found != wanted:
            plain, first, last = _plain(block, start, end)
            found, moment = date(plain, first, last)
            if found != wanted:
                moment = NAT
                kinds |= kind_of(plain, first, last, True)
                if not is_null(plain, first, last):
                    _misfit(result, k, first_row + row, start, end)
        if found == wanted:
            kinds |= DATE << wanted
        values[first_row + row] = moment
    result[RESULT_HEAD + k * RESULT_COLUMN + KINDS] |= kinds


def _read_truths(block, k, column, stride, rows, first_row, strip):
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    values = u1_ptr(i8_ptr(block[OUTPUTS])[k * OUTPUT_LENGTH + VALUES])
    kinds = 0
    for row in range(rows):
        start, end = _field(text, index, row * stride + column, strip)
        plain, first, last = _plain(block, start, end)
        value = truth(plain, first, last)
        values[first_row + row] = value == 1
        if value < 0:
            kinds |= kind_of(plain, first, last, False)
            _misfit(result, k, first_row + row, start, end)
        else:
            kinds |= BOOL
    result[RESULT_HEAD + k * RESULT_COLUMN + KINDS] |= kinds


def _read_strings(block, k, column, stride, rows, first_row, strip):
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    outputs = i8_ptr(block[OUTPUTS])
    offsets = i8_ptr(outputs[k * OUTPUT_LENGTH + VALUES])
    target = u1_ptr(outputs[k * OUTPUT_LENGTH + BYTES])
    validity = u1_ptr(outputs[k * OUTPUT_LENGTH + VALIDITY])
    used = result[RESULT_HEAD + k * RESULT_COLUMN + USED_BYTES]
    for row in range(rows):
        start, end = _field(text, index, row * stride + column, strip)
        offsets[first_row + row] = used
        if end > start and text[start] == _QUOTE:
            length = unquoted(text, start, end, target, used, end - start)
            valid = not is_null(target, used, used + length)
            length = length if valid else 0
        else:
            valid = not is_null(text, start, end)
            length = end - start if valid else 0
            for byte in range(length):
                target[used + byte] = text[start + byte]
        validity[first_row + row] = valid
        used += length
    offsets[first_row + rows] = used
    result[RESULT_HEAD + k * RESULT_COLUMN + USED_BYTES] = used


def _infer(block, k, column, stride, rows, strip, dates):
    text, index, result = u1_ptr(block[TEXT_BUFFER]), i4_ptr(block[INDEX]), i8_ptr(block[RESULT])
    kinds = result[RESULT_HEAD + k * RESULT_COLUMN + KINDS]
    for row in range(rows):
        start, end = _field(text, index, row * stride + column, strip)
        plain, first, last = _plain(block, start, end)
        kind = kind_of(plain, first, last, dates)
        if kind & (UINT | HUGE) and kinds & NO_INTEGER == 0:
            kinds |= BIG_FIRST
        kinds |= kind
    result[RESULT_HEAD + k * RESULT_COLUMN + KINDS] = kinds
