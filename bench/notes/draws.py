"""Draws from Philox words: Box and Muller against the inverse of the distribution function, and against NumPy.

Run from the repository: `PYTHONPATH=src python bench/notes/draws.py`. Each loop computes a block of four words and
prints four draws from symbols, as a kernel would; million draws a second, one core, 16 Ki draws at a time.
"""

import statistics
import time

import mpmath as mp
import numpy as np
from elementary import Printing, Symbol

from tenfold.primitives import elementary as el
from tenfold.primitives import philox
from tenfold.target.cpu import compile_object, load

COUNT, BATCH = 1 << 14, 1 << 10
SIGNATURE = "u8,u8,i8,i8,f8*->i8"
LOOP = """
from math import sqrt
from tenfold.primitives.intrinsics import bits_f8, f8_bits, i8
from tenfold.primitives.philox import block_words
INFINITY, NOT_A_NUMBER = float("inf"), float("nan")
def loop(key0, key1, lo, hi, out):
    for block in range(lo, hi):
        c0, c1, c2, c3 = block_words(key0, key1, block + 1)
        {body}
    return 0
"""


class Drawing(Printing):
    """The algebra of symbols, with what draws need more."""

    def to_float(self, k):
        return self.of(f"float({k})")


# Words into a small buffer first, then draws from it: the second loop vectorises (128-bit products do not).
BATCHED = """
from math import sqrt
from tenfold.primitives.intrinsics import bits_f8, f8_bits, i8
from tenfold.primitives.philox import fill_words
INFINITY, NOT_A_NUMBER = float("inf"), float("nan")
def loop(key0, key1, lo, hi, out, words):
    while lo < hi:
        fill_words(key0, key1, lo, 1024, words)
        for k in range(0, 1024, {step}):
            {body}
        lo += 1024
    return 0
"""


def inverse_normal(m, word):
    """Giles' form of the inverse: a polynomial in -log(4*p*(1-p)), another in its root for the tails (prototype)."""
    # half-way points, so that 0 and 1 do not occur
    x = (2.0 * m.to_float((word >> 12) & (1 << 52) - 1) + 1.0) * 2.0**-53 * 2.0 - 1.0
    w = 0.0 - el.log(m, (1.0 - x) * (1.0 + x))
    root = m.sqrt(w)
    factor = m.where(w < 6.25, el.polynomial(CENTRAL, w - 3.125), el.polynomial(TAIL, root - 4.3))
    return 1.4142135623730951 * x * factor


def _inverse(w):
    """erfinv(x) / x for w = -log(1 - x**2), by Newton from mpmath's float start."""
    y = mp.exp(-w)
    x = mp.sqrt(1 - y)
    return mp.erfinv(x) / x


def fitted(f, degree, low, high):
    """A near-minimax polynomial, highest power first."""
    return tuple(float(c) for c in mp.chebyfit(f, (low, high), degree + 1))


mp.mp.dps = 40
CENTRAL = fitted(lambda t: _inverse(t + mp.mpf("3.125")), 22, mp.mpf("-3.1249"), mp.mpf("3.125"))
TAIL = fitted(lambda t: _inverse((t + mp.mpf("4.3")) ** 2), 18, mp.mpf("-1.8"), mp.mpf("1.78"))


def draws(algebra, name, words):
    if name == "words":
        return words
    if name == "normal, Box and Muller":
        return [*philox.normal_pair(algebra, *words[:2]), *philox.normal_pair(algebra, *words[2:])]
    function = inverse_normal if name == "normal, inverse" else getattr(philox, name)
    return [function(algebra, w) for w in words]


def printed(name):
    lines = []
    algebra = Drawing(lines)
    words = [Symbol(lines, f"i8(c{k})") for k in range(4)]
    results = draws(algebra, name, words)
    body = "\n        ".join([*lines, *(f"out[4 * (block - lo) + {k}] = {r}" for k, r in enumerate(results))])
    return LOOP.format(body=named(body))


def batched(name):
    lines, step = [], 2 if "Box" in name else 1
    algebra = Drawing(lines)
    words = [Symbol(lines, f"i8(words[k + {j}])") for j in range(step)]
    if step == 2:
        results = philox.normal_pair(algebra, *words)
    else:
        results = draws(algebra, name, words)
    lines += [f"out[lo + k + {j}] = {r}" for j, r in enumerate(results)]
    return BATCHED.format(step=step, body=named("\n            ".join(lines)))


def named(body):
    for text, constant in (("-inf", "-INFINITY"), ("inf", "INFINITY"), ("nan", "NOT_A_NUMBER")):
        body = body.replace(f'float("{text}")', constant)
    return body


def main():
    key, out = philox.key_of(1), np.empty(COUNT)
    numpy = np.random.Generator(np.random.Philox(1))
    works = {
        "numpy: random": lambda: numpy.random(out=out),
        "numpy: exponential": lambda: numpy.standard_exponential(out=out),
        "numpy: normal (ziggurat)": lambda: numpy.standard_normal(out=out),
    }
    for name in ("words", "random", "exponential", "normal, Box and Muller", "normal, inverse"):
        loop = load(*compile_object(printed(name), "loop", SIGNATURE), SIGNATURE)
        works[name] = lambda loop=loop: loop(int(key[0]), int(key[1]), 0, COUNT // 4, out.ctypes.data)
    buffer, signature = np.empty(BATCH, np.uint64), SIGNATURE.replace("->", ",u8*->")
    for name in ("random", "exponential", "normal, Box and Muller", "normal, inverse"):
        loop = load(*compile_object(batched(name), "loop", signature), signature)
        works[name + ", batched"] = lambda loop=loop: loop(
            int(key[0]), int(key[1]), 0, COUNT, out.ctypes.data, buffer.ctypes.data
        )
    works["normal, Box and Muller, batched"]()
    assert np.array_equal(out, philox.draw("normal", key, np.arange(COUNT)))
    works["random"]()
    assert np.array_equal(out, np.random.Generator(np.random.Philox(1)).random(COUNT))
    works["normal, Box and Muller"]()
    assert np.array_equal(out, philox.draw("normal", key, np.arange(COUNT)))
    times = {name: [] for name in works}
    for _ in range(15):
        for name, work in works.items():
            start = time.perf_counter()
            for _ in range(4):
                work()
            times[name].append((time.perf_counter() - start) / 4)
    for name, measured in times.items():
        print(f"{name:34} {COUNT / statistics.median(measured) / 1e6:6.0f} M/s")
    accuracy(key)


def accuracy(key):
    """Errors of both normals, in ulps, against the exact functions of the same words."""
    some = np.arange(4000)
    u = philox.draw("random", key, some)
    pairs = [(mp.sqrt(-2 * mp.log(1 - mp.mpf(a))), 2 * mp.pi * mp.mpf(b)) for a, b in zip(u[::2], u[1::2], strict=True)]
    exact = [r * f(t) for r, t in pairs for f in (mp.cos, mp.sin)]
    print("Box and Muller:", errors(philox.draw("normal", key, some), exact))
    words = philox.words(key, some)
    with np.errstate(all="ignore"):
        got = inverse_normal(philox.ARRAYS, words)
    x = [mp.mpf(2 * ((int(w) >> 12) & (1 << 52) - 1) + 1) / 2**52 - 1 for w in words]
    print("inverse:", errors(got[:800], [mp.sqrt(2) * mp.erfinv(v) for v in x[:800]]))


def errors(got, exact):
    found = []
    for g, e in zip(got, exact, strict=True):
        unit = mp.mpf(2) ** (int(mp.floor(mp.log(abs(e), 2))) - 52)
        found.append(abs(mp.mpf(float(g)) - e) / unit)
    return f"median {float(sorted(found)[len(found) // 2]):.2f} ulp, worst {float(max(found)):.2f}"


main()
