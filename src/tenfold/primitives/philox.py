"""From index to draws: element i of a random array is a function of the key and i alone.

The source is Philox4x64-10 (Salmon, Moraes, Dror, Shaw 2011), keyed as `numpy.random.Philox(seed)` keys it and counted
as NumPy counts: word i is word i % 4 of block 1 + i // 4. So any slice draws only what it needs and has the same bits
under any chunking and on any device.

    random, uniform   word i, 53 bits: the bits of `numpy.random.Generator(Philox(seed)).random()` and `.uniform()`
    integers          word i times the range, high half: biased by at most range / 2**64, no rejection
    exponential       word i: -log(1 - random)
    normal            words i & ~1 and i | 1, of one block: Box and Muller's pair, cosine for even i, sine for odd

The last three are tenfold's own (NumPy's reject, so their element i depends on all before it). Their functions are
written over the algebra of `elementary.py`, with two operations more: `to_float(integer)` and `mulhi(a, b)`; words are
64-bit integers whose sign bit is a bit like the others.
"""

import types
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.primitives.elementary import ARRAYS as ELEMENTARY
from tenfold.primitives.elementary import COS, HALF_PI_HIGH, SIN, log_of_normal, nearest_integer, polynomial
from tenfold.primitives.intrinsics import i8, u8, umul

MULTIPLIER0, MULTIPLIER1 = 0xD2E7470EE14C6C93, 0xCA5A826395121157
WEYL0, WEYL1 = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B
ROUNDS = 10
BITS53, MASK64 = (1 << 53) - 1, (1 << 64) - 1


# -- words: for kernels --------------------------------------------------------------------------------------------


def block_words(key0, key1, block):
    """The four 64-bit words of a block."""
    c0, c1, c2, c3 = u8(block), u8(0), u8(0), u8(0)
    for _ in range(ROUNDS):
        high0, low0 = umul(MULTIPLIER0, c0)
        high1, low1 = umul(MULTIPLIER1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
        key0, key1 = u8(int(key0) + WEYL0), u8(int(key1) + WEYL1)
    return c0, c1, c2, c3


def word(key0, key1, i):
    """Word i: what element i of `random`, `uniform`, `integers` and `exponential` is made of."""
    c0, c1, c2, c3 = block_words(key0, key1, (i >> 2) + 1)
    low, high = (c1 if i & 1 else c0), (c3 if i & 1 else c2)
    return high if i & 2 else low


def fill_words(key0, key1, first, count, out):
    """out[k] = word first + k, each block computed once; `out` is `u8*`."""
    i, last = first, first + count
    while i < last and i & 3:
        out[i - first] = word(key0, key1, i)
        i += 1
    while i + 4 <= last:
        c0, c1, c2, c3 = block_words(key0, key1, (i >> 2) + 1)
        at = i - first
        out[at], out[at + 1], out[at + 2], out[at + 3] = c0, c1, c2, c3
        i += 4
    while i < last:
        out[i - first] = word(key0, key1, i)
        i += 1


def words_at(key0, key1, indices, start, count, out):
    """out[j] = word indices[start + j]; neighbours share a block. Keys are bits of `u8`, arrays `i8*`."""
    block, words = -2, (u8(0), u8(0), u8(0), u8(0))
    for j in range(count):
        i = indices[start + j]
        if i >> 2 != block:
            block = i >> 2
            words = block_words(u8(key0), u8(key1), block + 1)
        low, high = (words[1] if i & 1 else words[0]), (words[3] if i & 1 else words[2])
        out[j] = i8(high if i & 2 else low)


def pairs_at(key0, key1, indices, start, count, even, odd):
    """even[j], odd[j] = words i & ~1 and i | 1 for i = indices[start + j]: what a normal is made of."""
    block, words = -2, (u8(0), u8(0), u8(0), u8(0))
    for j in range(count):
        i = indices[start + j]
        if i >> 2 != block:
            block = i >> 2
            words = block_words(u8(key0), u8(key1), block + 1)
        even[j], odd[j] = i8(words[2] if i & 2 else words[0]), i8(words[3] if i & 2 else words[1])


WORDS_SIGNATURE, PAIRS_SIGNATURE = "i8,i8,i8*,i8,i8,i8*->void", "i8,i8,i8*,i8,i8,i8*,i8*->void"


# -- draws: from words, over an algebra ----------------------------------------------------------------------------


def random(m, word):
    """In [0, 1), a multiple of 2**-53."""
    return m.to_float((word >> 11) & BITS53) * 2.0**-53


def uniform(m, word, low, width):
    """In [low, low + width)."""
    return low + width * random(m, word)


def integers(m, word, low, count):
    """One of `count` whole numbers from `low` on, 0 < count < 2**63."""
    return low + m.mulhi(word, count)


def exponential(m, word):
    """With mean 1; at most 36.7."""
    return 0.0 - log_of_normal(m, 1.0 - random(m, word))


def normal_pair(m, even, odd):
    """Two independent standard normals, of elements 2*j and 2*j + 1; at most 8.6 from 0."""
    radius = m.sqrt(-2.0 * log_of_normal(m, 1.0 - random(m, even)))
    cosine, sine = _direction(m, random(m, odd))
    return radius * cosine, radius * sine


def _direction(m, turns):
    """Cosine and sine of 2*pi*turns for 0 <= turns < 1; in turns the quadrant comes off without error."""
    quarters = 4.0 * turns
    whole, n = nearest_integer(m, quarters)
    angle = (quarters - whole) * HALF_PI_HIGH
    sine, cosine = _sine(angle), _cosine(angle)
    turned = (n & 1) == 1
    across, up = m.where(turned, sine, cosine), m.where(turned, cosine, sine)
    return m.where(((n + 1) & 2) == 2, -across, across), m.where((n & 2) == 2, -up, up)


def _sine(angle):
    """sin(angle) for |angle| <= pi/4."""
    square = angle * angle
    return angle + square * angle * polynomial(SIN, square)


def _cosine(angle):
    """cos(angle) for |angle| <= pi/4."""
    square = angle * angle
    half = 0.5 * square
    near = 1.0 - half
    return near + (((1.0 - near) - half) + square * square * polynomial(COS, square))


# -- the reference: NumPy ------------------------------------------------------------------------------------------


def key_of(seed):
    """The two words of the key, by NumPy's own rule: `SeedSequence(seed).generate_state(2)`."""
    return tuple(np.random.SeedSequence(seed).generate_state(2, np.uint64))


def words(key, indices):
    """The words of some indices (an int64 array), as int64."""
    indices = np.asarray(indices, np.int64)
    blocks = np.stack(_blocks(key, (indices >> 2) + 1))
    return np.take_along_axis(blocks, (indices & 3)[np.newaxis], axis=0)[0].view(np.int64)


def run_of_words(key, first, count):
    """Words first .. first + count - 1, as int64, each block computed once."""
    block = first >> 2
    blocks = np.arange(block + 1, (first + count + 3 >> 2) + 1, dtype=np.int64)
    return np.stack(_blocks(key, blocks), axis=-1).reshape(-1)[first - 4 * block :][:count].view(np.int64)


def _blocks(key, blocks):
    key0, key1 = map(u8, key)
    c0, c1, c2, c3 = blocks.astype(np.uint64), *(np.zeros(blocks.shape, np.uint64) for _ in range(3))
    multiplier0, multiplier1 = np.uint64(MULTIPLIER0), np.uint64(MULTIPLIER1)
    for _ in range(ROUNDS):
        high0, low0 = _mulhi(c0, multiplier0), c0 * multiplier0
        high1, low1 = _mulhi(c2, multiplier1), c2 * multiplier1
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
        key0, key1 = u8(int(key0) + WEYL0), u8(int(key1) + WEYL1)
    return c0, c1, c2, c3


def _mulhi(a, b):
    """The high half of unsigned products, from products of 32 bits."""
    a, b, half = np.asarray(a).view(np.uint64), np.asarray(b).view(np.uint64), np.uint64(32)
    a1, a0, b1, b0 = a >> half, a & LOW32, b >> half, b & LOW32
    middle = a1 * b0 + (a0 * b0 >> half)
    other = a0 * b1 + (middle & LOW32)
    return a1 * b1 + (middle >> half) + (other >> half)


LOW32 = np.uint64(0xFFFFFFFF)
ARRAYS = types.SimpleNamespace(
    **vars(ELEMENTARY),
    to_float=lambda k: np.asarray(k, np.int64).astype(np.float64),
    mulhi=lambda a, b: _mulhi(np.asarray(a, np.int64), np.asarray(b, np.int64)).view(np.int64),
)


def draw(name, key, indices, *parameters):
    """The reference: elements `indices` (an int64 array) of the distribution `name`."""
    indices = np.asarray(indices, np.int64)
    with np.errstate(all="ignore"):
        if name == "normal":
            across, up = normal_pair(ARRAYS, words(key, indices & ~1), words(key, indices | 1))
            return np.where(indices & 1, up, across)
        return DRAWS[name](ARRAYS, words(key, indices), *parameters)


DRAWS: dict[str, Callable[..., Any]] = {
    "random": random,
    "uniform": uniform,
    "integers": integers,
    "exponential": exponential,
}
