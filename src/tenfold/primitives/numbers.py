"""Numbers and dates from text: what pandas accepts, rounded as it rounds, eight digits at a time.

The functions take bytes `text[start:end]` and never look at what follows beyond the eight bytes of a load. Cheap
ones assume a shape (digits, `12.34`, an ISO date) and say when it is absent; `decimal` knows the whole grammar.
A text becomes `significand * 10**exponent`; `to_float` rounds that correctly, or asks for a slower way.

As plain Python, call them under `numpy.errstate(over="ignore")`: unsigned arithmetic wraps here on purpose.
"""

import numpy as np

from tenfold.primitives.intrinsics import bits_f8, clz, ctz, i8, load64, mulhi, u8

# What a value's text can be. A column's kinds are the union over its rows; pandas' type rules work on that set, except
# that an integer beyond int64 means something else when no float, bool or text came before it: BIG_FIRST.
NULL, INT, NEGATIVE, UINT, HUGE, FLOAT, BOOL, TEXT, MINUS_ZERO, BIG_FIRST = (1 << k for k in range(10))
NO_INTEGER = FLOAT | BOOL | TEXT

# Date formats, in the order of `date`'s answers; the kind of format k is DATE << k.
DATE = 1 << 10
FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
)  # fmt: skip
DATES = sum(DATE << k for k in range(len(FORMATS)))
NOT_A_DATE = -1
NAT = np.int64(-(1 << 63))

_ONE, _TEN, _HUNDRED = np.uint64(1), np.uint64(10), np.uint64(100)
_BYTE = np.uint64(0xFF)
_EIGHT = np.uint64(8)


def _bytes(*values):
    """Eight bytes as they stand in memory, in one integer."""
    return np.uint64(int.from_bytes(bytes(values), "little"))


_ZEROS, _DOTS = _bytes(*b"00000000"), _bytes(*b"........")
_LOW7, _HIGH, _ONES = _bytes(*[0x7F] * 8), _bytes(*[0x80] * 8), _bytes(*[1] * 8)
_ABOVE9 = _bytes(*[0x76] * 8)  # carries a byte of 10 or more into its high bit
_PAIRS, _PAIRS_LOW, _PAIRS_HIGH = np.uint64(0xFF000000FF), np.uint64(0xF424000000064), np.uint64(0x271000000001)
POWERS = np.array([10**k for k in range(20)], np.uint64)


# -- digits --------------------------------------------------------------------------------------------------------


def digits(text, start, length):
    """The values of 1 to 8 digits, last one in the highest byte, zeros before the first."""
    return (load64(text, start) ^ _ZEROS) << u8(64 - 8 * length)


def are_digits(values):
    """Is every byte of `values` 0 to 9?"""
    return (((values & _LOW7) + _ABOVE9) | values) & _HIGH == u8(0)


def joined(values):
    """The number that eight digits make: 8 -> 4 pairs -> 2 quadruples -> 1, two multiplications in all."""
    pairs = values * _TEN + (values >> _EIGHT)
    return ((pairs & _PAIRS) * _PAIRS_LOW + ((pairs >> u8(16)) & _PAIRS) * _PAIRS_HIGH) >> u8(32)


def long_digits(text, start, length):
    """Read 1 to 16 digits: (are they, the number)."""
    if length <= 8:
        values = digits(text, start, length)
        return are_digits(values), joined(values)
    first, last = digits(text, start, length - 8), digits(text, start + length - 8, 8)
    return are_digits(first) and are_digits(last), joined(first) * POWERS[8] + joined(last)


def fixed_point(text, start, length):
    """Read `123.4567`, 1 to 7 digits before the point and 1 to 16 behind: (is it, significand, digits behind)."""
    before = point_in(load64(text, start))
    after = length - before - 1
    if before < 1 or before > 7 or after < 1 or after > 16 or before + after > 19:
        return False, u8(0), 0
    whole = digits(text, start, before)
    found, part = long_digits(text, start + before + 1, after)
    return found and are_digits(whole), joined(whole) * POWERS[after] + part, after


def point_in(word):
    """How many bytes stand before the first point in eight; 8 without one."""
    differs = word ^ _DOTS
    return ctz((differs - _ONES) & ~differs & _HIGH) >> 3  # the lowest mark is exact, others may be borrowed


def without_point(word, length):
    """Close the gap that a decimal point leaves in 1 to 8 bytes; the bytes, and how many stood before it."""
    differs = word ^ _DOTS
    point = (differs - _ONES) & ~differs & _HIGH  # the lowest mark is exact; those above it may be borrowed
    below = ((point & (~point + _ONE)) >> u8(7)) - _ONE  # all ones without a point
    return (word & below) | ((word >> _EIGHT) & ~below), min(ctz(point) >> 3, length)


# -- decimal numbers -----------------------------------------------------------------------------------------------


def is_space(byte):
    """C's isspace."""
    return byte == 32 or 9 <= byte <= 13


def is_digit(byte):
    """One of `0` to `9`."""
    return 48 <= byte <= 57


def decimal(text, start, end):
    """Read any number that pandas reads: (kind, significand, exponent, negative, exact).

    `exact` is false when digits beyond the nineteenth were dropped. Words for infinity are FLOAT with a huge exponent.
    """
    first = start
    while start < end and is_space(text[start]):
        start += 1
    stop, blank = end, start > first
    while stop > start and is_space(text[stop - 1]):
        stop -= 1
    negative = start < stop and text[start] == 45
    if start < stop and (text[start] == 45 or text[start] == 43):
        start += 1
    significand, exponent, used, dropped, seen = u8(0), 0, 0, False, 0
    point = False
    at = start
    while at < stop:
        byte = text[at]
        if byte == 46 and not point:
            point = True
        elif is_digit(byte):
            seen += 1
            exponent -= i8(point)
            if used < 19:
                significand = significand * _TEN + u8(byte) - u8(48)
                used += i8(significand > u8(0))
            else:
                exponent += 1
                dropped = dropped or byte != 48
                used += 1
        else:
            break
        at += 1
    if seen == 0:
        word = is_infinity(text, start, end) and not blank  # pandas strips blanks around digits only
        return (FLOAT if word else TEXT), _ONE, 100_000, negative, True
    if at == stop and not point:
        kind = _integer_kind(significand, used, text, stop, negative)
        if kind == UINT and stop < end:
            kind = HUGE  # pandas takes no blank behind a number beyond int64
        if kind == UINT and used == 20:
            return kind, significand * _TEN + u8(text[stop - 1]) - u8(48), 0, negative, True
        return kind, significand, exponent, negative, not dropped
    if at < stop:
        power, at = _power(text, at, stop)
        exponent += power
    return (FLOAT if at == stop else TEXT), significand, exponent, negative, not dropped


def _integer_kind(significand, used, text, stop, negative):
    """INT, UINT or HUGE: which 64-bit types hold an integer of `used` significant digits that ends at `stop`."""
    if used < 19:
        return INT
    if used == 19:
        return INT if significand <= u8(9223372036854775807) + u8(negative) else (HUGE if negative else UINT)
    last = u8(text[stop - 1]) - u8(48)
    largest = u8(1844674407370955161)
    fits = used == 20 and (significand < largest or (significand == largest and last <= u8(5)))
    return UINT if fits and not negative else HUGE


def _power(text, at, stop):
    """The power of ten written at `at` as `e-5`, and where it ends; 0 and `at` when there is none."""
    if text[at] != 101 and text[at] != 69:
        return 0, at
    first = at + 1
    negative = first < stop and text[first] == 45
    if first < stop and (text[first] == 45 or text[first] == 43):
        first += 1
    power, end = 0, first
    while end < stop and is_digit(text[end]):
        power = min(power * 10 + i8(text[end]) - 48, 1_000_000)
        end += 1
    if end == first:
        return 0, at
    return (-power if negative else power), end


_INF, _INITY = _bytes(*b"inf\0\0\0\0\0"), _bytes(*b"infinity")


def is_infinity(text, start, end):
    """`inf` or `infinity` in any case."""
    lower = load64(text, start) | _bytes_of_space()
    return (end - start == 3 and lower & u8(0xFFFFFF) == _INF) or (end - start == 8 and lower == _INITY)


def _bytes_of_space():
    return u8(0x2020202020202020)


# -- to float64 ----------------------------------------------------------------------------------------------------


def _power_of_five(exponent):
    """5**exponent as 128 bits, the highest one set: truncated, and for negative exponents rounded up (Lemire 2021)."""
    if exponent >= 0:
        power = 5**exponent
        shift = 128 - power.bit_length()
        return power << shift if shift >= 0 else power >> -shift
    power = 5**-exponent
    bits = power.bit_length() + 127 if exponent >= -27 else 2 * power.bit_length() + 128
    quotient = (1 << bits) // power + 1
    return quotient >> (quotient.bit_length() - 128)


SMALLEST, LARGEST = -342, 308
_FIVES = [_power_of_five(q) for q in range(SMALLEST, LARGEST + 1)]
FIVES_HIGH = np.array([five >> 64 for five in _FIVES], np.uint64)
FIVES_LOW = np.array([five & ((1 << 64) - 1) for five in _FIVES], np.uint64)
TENS = 10.0 ** np.arange(23)  # all exact: 5**22 < 2**53


def to_float(significand, exponent, negative):
    """Round significand * 10**exponent to the nearest float64: (sure, value)."""
    if significand >> u8(53) == u8(0) and -22 <= exponent <= 22:  # Clinger: one operation on two exact floats
        value = np.float64(i8(significand))
        value = value / TENS[-exponent] if exponent < 0 else value * TENS[exponent]
        return True, (-value if negative else value)
    sure, bits = _eisel_lemire(significand, exponent)
    return sure, bits_f8(bits | (u8(negative) << u8(63)))


def _eisel_lemire(significand, exponent):
    """The bits of the nearest float64 by Lemire's algorithm of 2021; unsure of a few, and of all subnormals."""
    if significand == u8(0) or exponent < SMALLEST:
        return True, u8(0)
    infinity = u8(2047) << u8(52)
    if exponent > LARGEST:
        return True, infinity
    zeros = clz(significand)
    shifted = significand << u8(zeros)
    high = mulhi(shifted, FIVES_HIGH[exponent - SMALLEST])
    low = shifted * FIVES_HIGH[exponent - SMALLEST]
    if high & u8(0x1FF) == u8(0x1FF):
        more = low + mulhi(shifted, FIVES_LOW[exponent - SMALLEST])
        high += u8(more < low)
        low = more
    if low == u8(0xFFFFFFFFFFFFFFFF) and (exponent < -27 or exponent > 55):
        return False, u8(0)
    upper = high >> u8(63)
    mantissa = high >> (upper + u8(9))
    power = ((217706 * exponent) >> 16) + 63 + 1023 - zeros + i8(upper)
    if power <= 0:
        return False, u8(0)
    halfway = low <= _ONE and mantissa & u8(3) == _ONE and (mantissa << (upper + u8(9))) == high
    if halfway and -4 <= exponent <= 23:  # a product without remainder: ties go to even
        mantissa &= ~_ONE
    mantissa = (mantissa + (mantissa & _ONE)) >> _ONE
    power += i8(mantissa >> u8(53))
    mantissa = (mantissa >> (mantissa >> u8(53))) & ((_ONE << u8(52)) - _ONE)
    return True, infinity if power >= 2047 else mantissa | (u8(power) << u8(52))


# -- dates ---------------------------------------------------------------------------------------------------------

_YEAR_MONTH, _TIME = _bytes(*b"0000-00-"), _bytes(*b"00:00:00")
_YEAR_MONTH_LIMITS = _bytes(0x76, 0x76, 0x76, 0x76, 0x7F, 0x76, 0x76, 0x7F)  # a separator must match exactly
_TIME_LIMITS = _bytes(0x76, 0x76, 0x7F, 0x76, 0x76, 0x7F, 0x76, 0x76)
_DAY_LIMITS = _bytes(0x76, 0x76, 0, 0, 0, 0, 0, 0)
_TWO_BYTES, _FIVE_BYTES = np.uint64(0xFFFF), np.uint64(0xFFFFFFFFFF)
_NO_SECONDS = np.uint64(0x30303A << 40) & ~_FIVE_BYTES
MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0])
# Days from 1 March to the first of each month, in the year that began in that March.
FROM_MARCH = np.array([0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 0, 0, 0])
_SECOND = 1_000_000
_FRACTION_TENS = np.array([10**k for k in range(9)])


def _has_shape(values, limits):
    return (((values & _LOW7) + limits) | values) & _HIGH == u8(0)


def day_number(year, month, day):
    """Days since 1970 of a date in the Gregorian calendar; years from 0."""
    year += 400 - i8(month <= 2)
    centuries = (year * 5243) >> 19  # year // 100 for years up to 43698
    return 365 * year + (year >> 2) - centuries + (centuries >> 2) + FROM_MARCH[month] + day - 719469 - 146097


def date(text, start, end):
    """Read an ISO date: (format, microseconds since 1970), or (NOT_A_DATE, 0)."""
    length = end - start
    first = load64(text, start) ^ _YEAR_MONTH
    last = (load64(text, start + 8) ^ _ZEROS) & _TWO_BYTES
    if length < 10 or not _has_shape(first, _YEAR_MONTH_LIMITS) or not _has_shape(last, _DAY_LIMITS):
        return NOT_A_DATE, 0
    pairs = first * _TEN + (first >> _EIGHT)  # every byte at most 99: no carry
    year = i8((pairs & _BYTE) * _HUNDRED + ((pairs >> u8(16)) & _BYTE))
    month = i8((pairs >> u8(40)) & _BYTE)
    day = i8((last * _TEN + (last >> _EIGHT)) & _BYTE)
    leap = month == 2 and year & 3 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month > 12 or day < 1 or day > MONTH_DAYS[month] + i8(leap):
        return NOT_A_DATE, 0
    midnight = day_number(year, month, day) * (86400 * _SECOND)
    if length == 10:
        return 0, midnight
    return _with_time(text, start + 10, length - 10, midnight)


def _with_time(text, start, length, midnight):
    """`date` behind the day: a space or T, hours and minutes, perhaps seconds, perhaps up to six more digits."""
    separator = text[start]
    word = load64(text, start + 1)
    if length == 6:
        word = (word & _FIVE_BYTES) | _NO_SECONDS
    values = word ^ _TIME
    known = length == 6 or length == 9 or (11 <= length <= 16 and text[start + 9] == 46)
    if not known or (separator != 32 and separator != 84) or not _has_shape(values, _TIME_LIMITS):
        return NOT_A_DATE, 0
    pairs = values * _TEN + (values >> _EIGHT)
    hour, minute, second = i8(pairs & _BYTE), i8((pairs >> u8(24)) & _BYTE), i8((pairs >> u8(48)) & _BYTE)
    if hour > 23 or minute > 59 or second > 59:
        return NOT_A_DATE, 0
    found = 1 + i8(separator == 84)
    moment = midnight + ((hour * 60 + minute) * 60 + second) * _SECOND
    if length == 9:
        return found, moment
    if length == 6:
        return found + 4, moment
    fraction = digits(text, start + 10, length - 10)
    if not are_digits(fraction):
        return NOT_A_DATE, 0
    return found + 2, moment + i8(joined(fraction)) * _FRACTION_TENS[16 - length]


# -- words ---------------------------------------------------------------------------------------------------------

NULL_WORDS = (
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip


def _perfect_hash(words):
    """A multiplier whose top six bits tell the given 8-byte words apart, and the table of the words by them."""
    for seed in range(1, 1 << 16):
        multiplier = (seed * 0x9E3779B97F4A7C15) % (1 << 64) | 1
        places = [word * multiplier % (1 << 64) >> 58 for word in words]
        if len(set(places)) == len(words):
            table = np.zeros(64, np.uint64)
            table[places] = words
            return np.uint64(multiplier), table, places
    raise AssertionError("no multiplier separates the words")


_WORDS = [int.from_bytes(word.encode().ljust(8, b"\0"), "little") for word in NULL_WORDS]
NULL_MULTIPLIER, NULL_TABLE, _PLACES = _perfect_hash(_WORDS)
NULL_LENGTHS = np.full(64, -1)
NULL_LENGTHS[_PLACES] = [len(word) for word in NULL_WORDS]
_TRUE, _FALSE = _bytes(*b"true\0\0\0\0"), _bytes(*b"false\0\0\0")


def first_bytes(text, start, length):
    """Up to eight bytes, zeros behind them; `length` at least 1."""
    return load64(text, start) & (~u8(0) >> u8(64 - 8 * min(length, 8)))


def is_null(text, start, end):
    """Nothing, or one of pandas' words for it."""
    length = end - start
    if length <= 0:
        return True
    if length > 8:
        return False
    word = first_bytes(text, start, length)
    place = i8((word * NULL_MULTIPLIER) >> u8(58))
    return NULL_TABLE[place] == word and NULL_LENGTHS[place] == length


def truth(text, start, end):
    """1 for `true`, 0 for `false`, in any case; -1 for anything else."""
    length = end - start
    if length != 4 and length != 5:
        return -1
    word = first_bytes(text, start, length) | (_bytes_of_space() >> u8(64 - 8 * length))
    if length == 4:
        return 1 if word == _TRUE else -1
    return 0 if word == _FALSE else -1


def kind_of(text, start, end, dates):
    """The kinds of a value's text: pandas' order of attempts, or with `dates` a date format or TEXT."""
    if is_null(text, start, end):
        return NULL
    if dates:
        found, _ = date(text, start, end)
        return TEXT if found == NOT_A_DATE else DATE << found
    if truth(text, start, end) >= 0:
        return BOOL
    kind, _, _, negative, _ = decimal(text, start, end)
    return kind | NEGATIVE if negative and kind != TEXT else kind
