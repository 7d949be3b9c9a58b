"""tenfold's elementary functions: error in ulps (mpmath) and speed as a compiled loop against NumPy.

Run from the repository: `PYTHONPATH=src python bench/notes/elementary.py [samples]`. The loop is printed from symbols
that run through the same code as the NumPy reference; its bits must be the reference's.
"""

import statistics
import sys
import time

import mpmath as mp
import numpy as np

from tenfold.primitives import elementary as el
from tenfold.target.cpu import compile_object, load

BLOCK = 1 << 14


class Symbol:
    """A value that writes down what is done to it, a line each."""

    def __init__(self, lines, text):
        self.lines, self.name = lines, f"v{len(lines)}"
        lines.append(f"{self.name} = {text}")

    def of(self, text):
        return Symbol(self.lines, text)

    def __neg__(self):
        return self.of(f"-{self}")

    def __invert__(self):
        return self.of(f"not {self}")

    def __repr__(self):
        return self.name


def _binary(sign):
    return lambda a, b: a.of(f"{a} {sign} {number(b)}"), lambda a, b: a.of(f"{number(b)} {sign} {a}")


for _name, _sign in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "lshift": "<<", "rshift": ">>", "and": "&", "or": "|",
}.items():  # fmt: skip
    forward, backward = _binary(_sign)
    setattr(Symbol, f"__{_name}__", forward)
    setattr(Symbol, f"__r{_name}__", backward)
for _name, _sign in {"lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "==", "ne": "!="}.items():
    setattr(Symbol, f"__{_name}__", _binary(_sign)[0])
Symbol.__hash__ = None


class Printing:
    """The algebra of symbols."""

    def __init__(self, lines, rare=True):
        self.lines, self.rare = lines, rare

    def of(self, text):
        return Symbol(self.lines, text)

    def where(self, condition, a, b):
        return self.of(f"{number(a)} if {condition} else {number(b)}")

    def bits(self, x):
        return self.of(f"f8_bits({x})")

    def from_bits(self, k):
        return self.of(f"bits_f8({k})")

    def sqrt(self, x):
        return self.of(f"sqrt({x})")

    def rarely(self, condition, name, x, otherwise):
        return self.of(f"{name}({x}) if {condition} else {otherwise}") if self.rare else otherwise


def number(x):
    return f'float("{x}")' if isinstance(x, float) and not abs(x) < el.INFINITY else repr(x)


def printed(name, count, rare=True):
    lines = []
    algebra = Printing(lines, rare)
    arguments = [algebra.of(f"in{k}[i]") for k in range(count)]
    result = el.FUNCTIONS[name](algebra, *arguments)
    inputs = ", ".join(f"in{k}" for k in range(count))
    body = "\n        ".join(lines).replace('float("inf")', "INFINITY").replace('float("-inf")', "-INFINITY")
    body = body.replace('float("nan")', "NOT_A_NUMBER")
    return f"""
from math import sqrt
from tenfold.primitives.intrinsics import bits_f8, f8_bits
from tenfold.primitives.elementary import (
    INFINITY, NOT_A_NUMBER, cos_of_large, sin_of_large, tan_of_large)
def loop({inputs}, out, lo, hi):
    for i in range(lo, hi):
        {body}
        out[i] = {result}
    return 0
"""


def compiled(name, count, rare=True):
    signature = "f8*," * count + "f8*,i8,i8->i8"
    return load(*compile_object(printed(name, count, rare), "loop", signature), signature)


def samples(name, n, rng):
    near, wide, small = rng.uniform(-1, 1, n), rng.uniform(-700, 700, n), 10.0 ** rng.uniform(-300, 0, n)
    positive = np.concatenate([rng.uniform(0.5, 2, n), 10.0 ** rng.uniform(-320, 308, n), 1 + 1e-3 * near])
    angles = [3 * near, rng.uniform(-1e6, 1e6, n), np.arange(1, n) * np.pi / 2, 10.0 ** rng.uniform(6, 308, n // 10)]
    return {
        "log": positive, "log2": positive, "log10": positive, "log1p": np.concatenate([0.9 * near, small, positive]),
        "exp2": np.concatenate([near, wide * 1.4]), "sin": np.concatenate(angles), "cos": np.concatenate(angles),
        "tan": np.concatenate(angles), "sqrt": positive,
    }.get(name, np.concatenate([near, wide, small, -small, 20 * near]))  # fmt: skip


EXACT = {
    "exp2": lambda x: mp.mpf(2) ** x, "log2": lambda x: mp.log(x) / mp.log(2), "log10": lambda x: mp.log(x) / mp.log(10),
    "power": mp.power,
}  # fmt: skip


def worst(got, exact):
    """The largest error of some results, in units in the last place of the exact ones."""
    found = 0.0
    for g, e in zip(got, exact, strict=True):
        if e != 0 and abs(e) < mp.mpf(2) ** 1024:
            exponent = max(int(mp.floor(mp.log(abs(e), 2))), -1022)
            found = max(found, float(abs(mp.mpf(float(g)) - e) / mp.mpf(2) ** (exponent - 52)))
    return found


def errors(name, n, rng):
    if name == "power":
        arguments = [10.0 ** rng.uniform(-5, 5, n), rng.uniform(-60, 60, n)]
    else:
        arguments = [samples(name, n, rng)]
    mp.mp.prec = 1300 if name in ("sin", "cos", "tan", "expm1", "log1p", "tanh") else 300
    exact = [EXACT.get(name, getattr(mp, name, None))(*map(mp.mpf, map(float, row))) for row in np.transpose(arguments)]
    mp.mp.prec = 120
    return worst(el.evaluate(name, *arguments), exact), worst(getattr(np, name)(*arguments), exact)


def speed(name, rng):
    """Million values a second: NumPy, the compiled loop, the loop without its rare branch."""
    inputs = [rng.uniform(0.1, 10, BLOCK) for _ in range(2 if name == "power" else 1)]
    out = np.empty(BLOCK)
    loops = [compiled(name, len(inputs)), compiled(name, len(inputs), rare=False)]
    addresses = [a.ctypes.data for a in (*inputs, out)]
    numpy = getattr(np, name)
    works = [lambda: numpy(*inputs, out=out), *(lambda f=f: f(*addresses, 0, BLOCK) for f in loops)]
    works[1]()
    assert np.array_equal(out.view(np.int64), el.evaluate(name, *inputs).view(np.int64)), name
    times = [[] for _ in works]
    for _ in range(15):
        for work, measured in zip(works, times, strict=True):
            start = time.perf_counter()
            for _ in range(8):
                work()
            measured.append((time.perf_counter() - start) / 8)
    return [BLOCK / statistics.median(t) / 1e6 for t in times]


def main(n):
    print("| function | ulp | NumPy's ulp | NumPy M/s | loop M/s | without rare branch |")
    for name in el.FUNCTIONS:
        rng = np.random.default_rng(0)
        mine, numpys = errors(name, n, rng)
        rates = " | ".join(f"{rate:.0f}" for rate in speed(name, rng))
        print(f"| {name} | {mine:.2f} | {numpys:.2f} | {rates} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
