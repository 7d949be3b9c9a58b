"""tenfold's own elementary functions: the same bits in NumPy, in compiled CPU code and on a GPU.

Each function is straight-line code over an algebra `m`, so that it vectorises and is written once. Values support
`+ - * /` (each rounds; nothing may contract to a fused multiply-add), comparisons, and `~ & |` on their truth values;
integers (of 64 bits, wrapping) support `+ - << >> &`. The algebra offers

    where(condition, a, b)   bits(x) -> integer   from_bits(integer) -> x   sqrt(x)
    rarely(condition, name, x, otherwise): where the condition holds (hardly ever), the scalar function `name` of this
        module, of x; elsewhere `otherwise`. Kernels print it as a branch, NumPy calls it for the few.

`ARRAYS` is that algebra in NumPy, and what runs on it is the reference; kernels print the same code from symbols.
Results lie within 2 units in the last place of the exact ones (docs/notes/elementary.md has the figures), special
values are C99's. Domain: all float64, sin, cos and tan of huge arguments included.

Sources: argument reduction after Cody and Waite, and Payne and Hanek for huge angles; logarithms by the series of
2*atanh(f / (2 + f)), in the arrangement of Ng's that saves the last bits; sums and products of two floats by Knuth,
Dekker and Veltkamp. All coefficients come from bench/notes/elementary_coefficients.py.
"""

import types

import numpy as np

from tenfold.primitives.intrinsics import f8_bits

INFINITY, NOT_A_NUMBER = float("inf"), float("nan")
# Adding 1.5 * 2**52 rounds to an integer and leaves it in the low bits: no conversion instruction, defined for all.
MAGIC = 6755399441055744.0
MAGIC_BITS = 0x4338 << 48
ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
SIGN, MAGNITUDE = -(1 << 63), (1 << 63) - 1
UPPER_HALF = -(1 << 27)

# Polynomials, highest power first; the comment gives what they approximate and the relative error.
# (exp(r) - 1 - r - r**2/2) / r**3 for |r| < log(2)/2: 2**-54
EXP = (
    2.0894028293056545e-09, 2.510035738706827e-08, 2.755732947267791e-07, 2.7557268524775594e-06,
    2.480158727525592e-05, 0.00019841269863007087, 0.0013888888888900525, 0.008333333333330072, 0.04166666666666666,
    0.16666666666666669,
)  # fmt: skip
# (log((1+s)/(1-s)) - 2*s) / s**3 in s**2, for (1+s)/(1-s) between 1/sqrt(2) and sqrt(2): 2**-51
LOG = (
    0.14616919837899092, 0.15331680443016116, 0.18182890475842, 0.22222211114381143, 0.2857142862611479,
    0.39999999999899155, 0.666666666666667,
)  # fmt: skip
# the same less its first term 2/3, over s**2: 2**-65
LOG_TAIL = (
    0.1076256143695519, 0.1045631049405686, 0.11766813954018926, 0.1333329651293028, 0.15384615761477177,
    0.1818181817965455, 0.22222222222228438, 0.28571428571428564, 0.4,
)  # fmt: skip
# (sin(r) - r) / r**3 in r**2, for |r| < pi/4: 2**-53
SIN = (
    1.5917962396597501e-10, -2.505112927008843e-08, 2.7557316088646106e-06, -0.00019841269836727912,
    0.008333333333330925, -0.16666666666666666,
)  # fmt: skip
# (cos(r) - 1 + r**2/2) / r**4 in r**2: 2**-55
COS = (
    -1.1382564724428532e-11, 2.0876145223977566e-09, -2.7557317266089544e-07, 2.4801587298753255e-05,
    -0.0013888888888887387, 0.041666666666666664,
)  # fmt: skip
# Constants in parts: all but the last are short, so that their products with small integers are exact.
INVERSE_LN2 = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471805582987, 1.6465949582897082e-12
LN2, LN2_REST = 0.6931471805599453, 2.3190468138462996e-17
INVERSE_LN2_HIGH, INVERSE_LN2_LOW = 1.4426950514316559, -1.0542692476429138e-08
INVERSE_LN10_HIGH, INVERSE_LN10_LOW = 0.4342944845557213, -2.6524694553078553e-09
LOG10_2_HIGH, LOG10_2_LOW = 0.3010299956658855, -1.9043128467164274e-12
TWO_OVER_PI = 0.6366197723675814
HALF_PI = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32)
HALF_PI_HIGH, HALF_PI_LOW = 1.5707963267948966, 6.123233995736766e-17
TWO_THIRDS, TWO_THIRDS_LOW = 0.6666666666666666, 3.700743415417188e-17
# Beyond, the quadrant's number no longer fits the 20 bits that keep its products with HALF_PI exact.
LARGE_ANGLE = 1647099.0
# 2/pi after the binary point, 24 bits a word, behind two words of zeros.
TWO_OVER_PI_WORDS = (
    0x000000, 0x000000, 0xA2F983, 0x6E4E44, 0x1529FC, 0x2757D1, 0xF534DD, 0xC0DB62, 0x95993C, 0x439041,
    0xFE5163, 0xABDEBB, 0xC561B7, 0x246E3A, 0x424DD2, 0xE00649, 0x2EEA09, 0xD1921C, 0xFE1DEB, 0x1CB129,
    0xA73EE8, 0x8235F5, 0x2EBB44, 0x84E99C, 0x7026B4, 0x5F7E41, 0x3991D6, 0x398353, 0x39F49C, 0x845F8B,
    0xBDF928, 0x3B1FF8, 0x97FFDE, 0x05980F, 0xEF2F11, 0x8B5A0A, 0x6D1F6D, 0x367ECF, 0x27CB09, 0xB74F46,
    0x3F669E, 0x5FEA2D, 0x7527BA, 0xC7EBE5, 0xF17B3D, 0x0739F7, 0x8A5292, 0xEA6BFB, 0x5FB11F, 0x8D5D08,
    0x560330, 0x46FC7B, 0x6BABF0, 0xCFBC20,
)  # fmt: skip


# -- pieces --------------------------------------------------------------------------------------------------------


def polynomial(coefficients, x):
    """Horner's rule, highest power first."""
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def _two_sum(a, b):
    """a + b exactly, as the rounded sum and its error (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _two_product(a, b):
    """a * b exactly, as the rounded product and its error (Dekker); for factors below 2**996."""
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _split(a):
    scaled = a * 134217729.0
    high = scaled - (scaled - a)
    return high, a - high


def nearest_integer(m, x):
    """(x rounded to an integer, as a float and as an integer); for |x| < 2**51."""
    shifted = x + MAGIC
    return shifted - MAGIC, m.bits(shifted) - MAGIC_BITS


def _power_of_two(m, k):
    """2.0**k for an integer -1023 < k < 1024."""
    return m.from_bits((k + 1023) << 52)


def _times_power_of_two(m, x, k):
    """x * 2**k, rounded once, for |k| < 2040: two factors, so that subnormal results and 2**1024 come out right."""
    half = k >> 1
    return x * _power_of_two(m, half) * _power_of_two(m, k - half)


def absolute(m, x):
    """|x|, by its bits."""
    return m.from_bits(m.bits(x) & MAGNITUDE)


def _with_sign_of(m, x, sign):
    """`x`, which is not negative, with the sign bit of `sign`."""
    return m.from_bits(m.bits(x) | (m.bits(sign) & SIGN))


# -- exponentials --------------------------------------------------------------------------------------------------


def _exponent_and_rest(m, x, low):
    """x + low = k*log(2) + rest + lost with |rest| < 0.35: (rest, lost, k)."""
    whole, k = nearest_integer(m, x * INVERSE_LN2)
    high, less = x - whole * LN2_HIGH, whole * LN2_LOW - low
    rest = high - less
    return rest, (high - rest) - less, k


def _exp_less_one(rest, low):
    """exp(rest + low) - 1, and what rounding lost, for a reduced argument."""
    square = rest * rest
    tail = 0.5 * square + (square * rest * polynomial(EXP, rest) + (low + rest * low))
    total = rest + tail
    return total, (rest - total) + tail


def _exp_of_two(m, x, low):
    """exp(x + low) for a small low; all x but nan."""
    x = m.where(x > 720.0, 720.0, m.where(x < -760.0, -760.0, x))
    rest, lost, k = _exponent_and_rest(m, x, low)
    value, _ = _exp_less_one(rest, lost)
    return _times_power_of_two(m, 1.0 + value, k)


def exp(m, x):
    """e**x."""
    return m.where(x == x, _exp_of_two(m, x, 0.0), x)


def exp2(m, x):
    """2**x; exact for integers."""
    inside = m.where(x > 1030.0, 1030.0, m.where(x < -1090.0, -1090.0, x))
    whole, k = nearest_integer(m, inside)
    fraction = inside - whole
    rest, lost = _two_product(fraction, LN2)
    value, _ = _exp_less_one(rest, lost + fraction * LN2_REST)
    return m.where(x == x, _times_power_of_two(m, 1.0 + value, k), x)


def expm1(m, x):
    """e**x - 1, accurate near 0."""
    result, _ = _expm1_in_two(m, m.where(x > 720.0, 720.0, m.where(x < -60.0, -60.0, x)))
    # Signed zeros and subnormals are their own answers.
    return m.where((x == x) & (absolute(m, x) > 1e-300), result, x)


def _expm1_in_two(m, x):
    """e**x - 1 and what rounding lost, for -60 <= x <= 720."""
    rest, low, k = _exponent_and_rest(m, x, 0.0)
    value, lost = _exp_less_one(rest, low)
    # 2**k * (value + 1) - 1 = 2**k * (value + (1 - 2**-k)); 2**-k below a 60th bit changes nothing.
    offset = 1.0 - m.from_bits((1023 - m.where(k > 60, 60, k)) << 52)
    total, error = _two_sum(offset, value)
    error = error + lost
    rounded = total + error
    return _times_power_of_two(m, rounded, k), _times_power_of_two(m, (total - rounded) + error, k)


def tanh(m, x):
    """The hyperbolic tangent: t / (t + 2) with t = e**(2*|x|) - 1, the lost bits of t and t + 2 made up for."""
    size = absolute(m, x)
    grown, less = _expm1_in_two(m, m.where(size > 25.0, 50.0, 2.0 * size))
    below, lost = _two_sum(grown, 2.0)
    quotient = grown / below
    result = _with_sign_of(m, quotient + (less - quotient * (lost + less)) / below, x)
    return m.where(size > 1e-300, result, x)


# -- logarithms ----------------------------------------------------------------------------------------------------


def _exponent_and_fraction(m, x):
    """x = 2**k * z with z between sqrt(1/2) and sqrt(2): (k as a float, k, z); for positive normal numbers."""
    bits = m.bits(x)
    k = (bits - ROOT_HALF_BITS) >> 52
    # k as a float without a conversion: its bits on top of MAGIC's.
    return m.from_bits(k + MAGIC_BITS) - MAGIC, k, m.from_bits(bits - (k << 52))


def _normal(m, x):
    """(x scaled to a normal number, the exponent that this adds)."""
    tiny = x < 2.2250738585072014e-308
    return m.where(tiny, x * 18014398509481984.0, x), m.where(tiny, -54.0, 0.0)


def _logarithm(m, f):
    """log(1 + f) for a reduced f: (f - half, rest) of which it is the sum less `half`; see the uses."""
    s = f / (2.0 + f)
    half = 0.5 * f * f
    # log(1+f) = 2s + s**3 * LOG(s**2) and 2s = f - s*f = f - f*f/2 + s*f*f/2.
    square = s * s
    return half, s * (half + square * polynomial(LOG, square))


def _special_logarithms(m, x, result):
    """The logarithms of what is not a positive finite number."""
    result = m.where(x > 0.0, result, m.where(x == 0.0, -INFINITY, NOT_A_NUMBER))
    return m.where((x == x) & (x < INFINITY), result, m.where(x < 0.0, NOT_A_NUMBER, x))


def log(m, x):
    """The natural logarithm."""
    scaled, added = _normal(m, x)
    return _special_logarithms(m, x, log_of_normal(m, scaled, added))


def log_of_normal(m, x, added=0.0):
    """The natural logarithm of a positive normal number times 2**added."""
    k, _, z = _exponent_and_fraction(m, x)
    k = k + added
    f = z - 1.0
    half, rest = _logarithm(m, f)
    return k * LN2_HIGH - ((half - (rest + k * LN2_LOW)) - f)


def _log_in_two(m, f):
    """log(1 + f) as two floats, the first with the upper half of its bits only."""
    half, rest = _logarithm(m, f)
    high = m.from_bits(m.bits(f - half) & UPPER_HALF)
    return high, ((f - high) - half) + rest


def log2(m, x):
    """The logarithm to base 2; exact for powers of two."""
    scaled, added = _normal(m, x)
    k, _, z = _exponent_and_fraction(m, scaled)
    high, low = _log_in_two(m, z - 1.0)
    total, error = _two_sum(k + added, high * INVERSE_LN2_HIGH)
    low = low * INVERSE_LN2 + high * INVERSE_LN2_LOW
    return _special_logarithms(m, x, total + (low + error))


def log10(m, x):
    """The logarithm to base 10."""
    scaled, added = _normal(m, x)
    k, _, z = _exponent_and_fraction(m, scaled)
    k = k + added
    high, low = _log_in_two(m, z - 1.0)
    total, error = _two_sum(k * LOG10_2_HIGH, high * INVERSE_LN10_HIGH)
    low = low * (INVERSE_LN10_HIGH + INVERSE_LN10_LOW) + (high * INVERSE_LN10_LOW + k * LOG10_2_LOW)
    return _special_logarithms(m, x, total + (low + error))


def log1p(m, x):
    """log(1 + x), accurate near 0."""
    total, error = _two_sum(1.0, m.where(x > 1e300, 1e300, x))
    k, exponent, z = _exponent_and_fraction(m, total)
    # Where 1 + x needs no scaling, x itself is the exact fraction; else the error of 1 + x is scaled with it. Above
    # 2**60 it is below the last bit.
    stays = exponent == 0
    f = m.where(stays, x, z - 1.0)
    lost = m.where(stays, 0.0, error / total)
    half, rest = _logarithm(m, f)
    result = k * LN2_HIGH - ((half - (rest + (k * LN2_LOW + lost))) - f)
    result = m.where(x > 1e300, log(m, x), m.where(absolute(m, x) < 1e-290, x, result))
    return m.where(x > -1.0, result, m.where(x == -1.0, -INFINITY, NOT_A_NUMBER))


# -- powers --------------------------------------------------------------------------------------------------------


def power(m, x, y):
    """x**y, special cases as C99's pow."""
    size = absolute(m, x)
    high, low = _log_precise(m, size)
    # The product y * (high + low) in two floats, kept within what exp can tell from infinity and 0.
    bound = m.where(absolute(m, y) > 1e290, _with_sign_of(m, 1e290, y), y)
    product, error = _two_product(bound, high)
    large = absolute(m, product) > 800.0
    low = m.where(large, 0.0, error + bound * low)
    return _special_powers(m, x, y, _exp_of_two(m, product, low))


def _log_precise(m, x):
    """log(x) as two floats, to about 2**-65; for positive finite x."""
    scaled, added = _normal(m, x)
    k, _, z = _exponent_and_fraction(m, scaled)
    k = k + added
    f = z - 1.0
    # s = f / (2 + f) and the remainder of that division; 2 + f is z + 1.
    below, below_low = _two_sum(2.0, f)
    s = f / below
    back, back_low = _two_product(s, below)
    s_low = (((f - back) - back_low) - s * below_low) / below
    square, square_low = _two_product(s, s)
    square_low = square_low + 2.0 * s * s_low
    # series = square * (2/3 + tail), log(1+f) = 2s + s * series
    factor, factor_low = _two_sum(TWO_THIRDS, square * polynomial(LOG_TAIL, square))
    series, series_low = _two_product(square, factor)
    series_low = series_low + (square * (factor_low + TWO_THIRDS_LOW) + square_low * factor)
    extra, extra_low = _two_product(s, series)
    extra_low = extra_low + (s * series_low + s_low * series)
    total, error = _two_sum(2.0 * s, extra)
    error = error + (2.0 * s_low + extra_low)
    sum1, error1 = _two_sum(k * LN2_HIGH, total)
    sum2, error2 = _two_sum(sum1, k * LN2_LOW)
    low = (error1 + error2) + error
    high = sum2 + low
    return high, (sum2 - high) + low


def _special_powers(m, x, y, result):
    size, weight = absolute(m, x), absolute(m, y)
    # Zeros and infinities to a power: 0 or infinity, by the sign of y. Ordinary ones to an infinite power likewise.
    grows = (size > 1.0) == (y > 0.0)
    extreme = (size == 0.0) | (size == INFINITY) | (weight == INFINITY)
    result = m.where(extreme, m.where(grows, INFINITY, 0.0), result)
    whole, odd = _whole_and_odd(m, y)
    negative = m.bits(x) < 0
    result = m.where(negative & odd, -result, result)
    impossible = negative & ~whole & (size > 0.0) & (size < INFINITY)
    result = m.where(impossible, NOT_A_NUMBER, result)
    result = m.where((x == x) & (y == y), result, NOT_A_NUMBER)
    one = (x == 1.0) | (y == 0.0) | ((x == -1.0) & (weight == INFINITY))
    return m.where(one, 1.0, result)


def _whole_and_odd(m, y):
    """Is y a whole number, and is it odd? Above 2**52 all are whole, above 2**53 all are even."""
    weight = absolute(m, y)
    huge = weight >= 4503599627370496.0
    number = m.where(huge, 0.0, weight)
    nearest, integer = nearest_integer(m, number)
    # Between 2**52 and 2**53 the last bit of the number's own bits is its last digit.
    last = m.where(huge, m.bits(y), integer) & 1
    whole = huge | (nearest == number)
    return whole, whole & (last == 1) & (weight < 9007199254740992.0)


def sqrt(m, x):
    """The square root, which every processor rounds correctly."""
    return m.sqrt(x)


# -- angles --------------------------------------------------------------------------------------------------------


def _quadrant_and_angle(m, x):
    """x = n * pi/2 + angle + low with |angle| <= pi/4: (angle, low, n); for |x| < LARGE_ANGLE."""
    whole, n = nearest_integer(m, x * TWO_OVER_PI)
    first, error1 = _two_sum(x - whole * HALF_PI[0], -(whole * HALF_PI[1]))
    second, error2 = _two_sum(first, -(whole * HALF_PI[2]))
    rest = (error1 + error2) - whole * HALF_PI[3]
    angle = second + rest
    return angle, (second - angle) + rest, n


def reduced_sine(angle, low):
    """sin(angle + low) for a reduced angle."""
    square = angle * angle
    cube = square * angle
    return angle + (cube * polynomial(SIN, square) + (low - 0.5 * square * low))


def reduced_cosine(angle, low):
    """cos(angle + low) for a reduced angle."""
    square = angle * angle
    half = 0.5 * square
    near = 1.0 - half
    return near + (((1.0 - near) - half) + (square * square * polynomial(COS, square) - angle * low))


def _inside(m, x):
    """(x, or 0 where it is large, infinite or nan; where that is)."""
    large = ~(absolute(m, x) < LARGE_ANGLE)
    return m.where(large, 0.0, x), large


def sin(m, x):
    """The sine."""
    inside, large = _inside(m, x)
    angle, low, n = _quadrant_and_angle(m, inside)
    result = m.where((n & 1) == 1, reduced_cosine(angle, low), reduced_sine(angle, low))
    result = m.where((n & 2) == 2, -result, result)
    result = m.where(inside == 0.0, inside, result)
    return m.rarely(large, "sin_of_large", x, result)


def cos(m, x):
    """The cosine."""
    inside, large = _inside(m, x)
    angle, low, n = _quadrant_and_angle(m, inside)
    result = m.where((n & 1) == 1, reduced_sine(angle, low), reduced_cosine(angle, low))
    result = m.where(((n + 1) & 2) == 2, -result, result)
    return m.rarely(large, "cos_of_large", x, result)


def tan(m, x):
    """The tangent."""
    inside, large = _inside(m, x)
    angle, low, n = _quadrant_and_angle(m, inside)
    sine, cosine = reduced_sine(angle, low), reduced_cosine(angle, low)
    turned = (n & 1) == 1
    result = m.where(turned, -cosine, sine) / m.where(turned, sine, cosine)
    result = m.where(inside == 0.0, inside, result)
    return m.rarely(large, "tan_of_large", x, result)


def sin_of_large(x):
    """The sine of one number beyond LARGE_ANGLE, infinite or nan."""
    angle, low, n = _large_angle(x)
    result = reduced_cosine(angle, low) if n & 1 else reduced_sine(angle, low)
    return -result if n & 2 else result


def cos_of_large(x):
    """The cosine of one number beyond LARGE_ANGLE, infinite or nan."""
    angle, low, n = _large_angle(x)
    result = reduced_sine(angle, low) if n & 1 else reduced_cosine(angle, low)
    return -result if (n + 1) & 2 else result


def tan_of_large(x):
    """The tangent of one number beyond LARGE_ANGLE, infinite or nan."""
    angle, low, n = _large_angle(x)
    sine, cosine = reduced_sine(angle, low), reduced_cosine(angle, low)
    return -cosine / sine if n & 1 else sine / cosine


# For kernels that run on NumPy: many at once, from and to `f8*`.
LARGE_SIGNATURE = "f8*,i8,f8*->void"


def fill_sin_of_large(x, count, out):
    """out[j] = sin_of_large(x[j])."""
    for j in range(count):
        out[j] = sin_of_large(x[j])


def fill_cos_of_large(x, count, out):
    """out[j] = cos_of_large(x[j])."""
    for j in range(count):
        out[j] = cos_of_large(x[j])


def fill_tan_of_large(x, count, out):
    """out[j] = tan_of_large(x[j])."""
    for j in range(count):
        out[j] = tan_of_large(x[j])


def _large_angle(x):
    """As `_quadrant_and_angle`, for one large number: in integers, with the bits of 2/pi that matter (Payne, Hanek).

    x = significand * 2**exponent. Bits of 2/pi above weight 4 / 2**exponent add whole turns; 192 bits from there
    leave over 75 right ones behind the longest run of zeros or ones that a float64 can meet.
    """
    bits = f8_bits(x)
    if (bits & MAGNITUDE) >> 52 == 2047:
        return NOT_A_NUMBER, 0.0, 0
    exponent = ((bits & MAGNITUDE) >> 52) - 1075
    significand = (bits & ((1 << 52) - 1)) | (1 << 52)
    word, shift = (exponent + 46) // 24, (exponent + 46) % 24
    top, middle, bottom, carry = 0, 0, 0, 0
    for k in range(7, -1, -1):
        carry += (significand & 0xFFFFFF) * _window(word + k, shift)
        carry += (significand >> 24 & 0xFFFFFF) * _window(word + k + 1, shift)
        carry += (significand >> 48) * _window(word + k + 2, shift)
        digit = carry & 0xFFFFFF
        carry >>= 24
        if k < 2:
            top |= digit << 24 * (1 - k)
        elif k < 4:
            middle |= digit << 24 * (3 - k)
        elif k < 6:
            bottom |= digit << 24 * (5 - k)
    quadrant, fraction = top >> 46, top & ((1 << 46) - 1)
    if fraction >> 45:
        quadrant, fraction = quadrant + 1, fraction - (1 << 46)
    # turns / 4 as two floats, times pi/2
    high, low = _two_sum(float(fraction) * 2.0**-46, float(middle) * 2.0**-94)
    high, more = _two_sum(high, float(bottom) * 2.0**-142)
    low += more
    angle, rest = _two_product(high, HALF_PI_HIGH)
    rest += high * HALF_PI_LOW + low * HALF_PI_HIGH
    total = angle + rest
    rest = (angle - total) + rest
    if bits < 0:
        return -total, -rest, -quadrant & 3
    return total, rest, quadrant


def _window(word, shift):
    """24 bits of 2/pi from a bit position on."""
    return ((TWO_OVER_PI_WORDS[word] << 24 | TWO_OVER_PI_WORDS[word + 1]) >> (24 - shift)) & 0xFFFFFF


# -- the reference: NumPy ------------------------------------------------------------------------------------------


def _rarely(condition, name, x, otherwise):
    if not np.any(condition):
        return otherwise
    result = np.array(otherwise)
    result[condition] = [SCALARS[name](float(v)) for v in x[condition]]
    return result


SCALARS = {"sin_of_large": sin_of_large, "cos_of_large": cos_of_large, "tan_of_large": tan_of_large}
FUNCTIONS = {
    f.__name__: f for f in (exp, exp2, expm1, tanh, log, log2, log10, log1p, power, sqrt, sin, cos, tan)
}  # fmt: skip
ARRAYS = types.SimpleNamespace(
    where=np.where,
    bits=lambda x: np.asarray(x, np.float64).view(np.int64),
    from_bits=lambda k: np.asarray(k, np.int64).view(np.float64),
    sqrt=np.sqrt,
    rarely=_rarely,
)


def evaluate(name, *arguments):
    """The reference: a function by its name, of NumPy arrays or numbers, as a float64 array."""
    arrays = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in arguments))
    with np.errstate(all="ignore"):
        result = FUNCTIONS[name](ARRAYS, *(np.atleast_1d(a) for a in arrays))
    return np.reshape(result, arrays[0].shape)
