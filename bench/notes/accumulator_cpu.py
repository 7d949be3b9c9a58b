"""The taxi query's loop with exact sums against the same loop with plain float adds and other reproducible sums.

Run from the repository: `PYTHONPATH=src python bench/notes/accumulator_cpu.py [rows]`. Variants alternate within each
round; the table prints medians and the ratio to the plain loop.
"""

import math
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tenfold.primitives import exact
from tenfold.target.cpu import compile_object, load

GROUPS, HOUR = 24, 3_600_000_000
LOOP = """
from tenfold.primitives.accumulate import deposit
from tenfold.primitives.intrinsics import bits_f8, f8_bits, u8

{helpers}
def taxi(cells, low, limbs, pickup, fare, tip, lo, hi):
    for i in range(lo, hi):
        if (tip[i] > 0.0) & (fare[i] > 0.0):
            group = pickup[i] // 3600000000 % 24
            {body}
    return hi
"""
SIGNATURE = "i8*,i8,i8,i8*,f8*,f8*,i8,i8->i8"
PLAIN = "at = group * 2; sums[at] += tip[i] / fare[i]; cells[at + 1] += 1"
EXACT = "if deposit(cells, group * (limbs + 2), low, limbs, tip[i] / fare[i]) == 0: return i"
# The two rungs of `deposit_block` as a cell of their own, [count, first, second]: no shifts, but a chain of float
# operations for each row.
LADDER = "if rungs(cells, group * 4, low, tip[i] / fare[i]) == 0: return i"
LADDER_HELPERS = """
def rungs(cells, at, ladder, x):
    rung1, rung2 = bits_f8(ladder << 52 | 1 << 51), bits_f8(ladder - 44 << 52 | 1 << 51)
    onto1 = x + rung1
    x -= onto1 - rung1
    onto2 = x + rung2
    x -= onto2 - rung2
    step = f8_bits(onto1) - f8_bits(rung1)
    if u8(step + (1 << 43)) >= u8(1 << 44) or x != 0.0:
        return 0
    cells[at] += 1
    cells[at + 1] += step
    cells[at + 2] += f8_bits(onto2) - f8_bits(rung2)
    return 1
"""
# Binned sums after Demmel, Ahrens and Nguyen, K bins of 40 bits, K-th remainder dropped: reproducible, not exact.
BINNED = "binned(cells, group * {words}, tip[i] / fare[i])"
BINNED_HELPERS = """
def binned(cells, at, x):
    cells[at] += 1
    for k in range({bins}):
        rung = bits_f8(1023 + 14 + 12 - 40 * k << 52 | 1 << 51)
        onto = x + rung
        cells[at + 1 + k] += f8_bits(onto) - f8_bits(rung)
        x -= onto - rung
"""
# Eight lanes chosen by the row's position: what a fixed tree over aligned leaves would add in its loop.
LANES = "at = (group * 8 + (i & 7)) * 2; sums[at] += tip[i] / fare[i]; cells[at + 1] += 1"


def build(helpers, body):
    text = LOOP.format(helpers=helpers, body=body)
    signature = SIGNATURE
    if "sums[" in body:
        text, signature = text.replace("def taxi(", "def taxi(sums, "), "f8*," + SIGNATURE
    return load(*compile_object(text, "taxi", signature), signature), "sums[" in body


def main(rows):
    rng = np.random.default_rng(0)
    pickup = rng.integers(0, 365 * 24 * HOUR, rows)
    fare = np.round(rng.random(rows) * 40 - 0.4, 2)
    tip = np.where(rng.random(rows) < 0.4, 0, fare * 0.2 * (1 + rng.random(rows)))
    kept = (tip > 0) & (fare > 0)
    ratios, hours = tip[kept] / fare[kept], pickup[kept] // HOUR % GROUPS
    low, limbs = exact.window_of(ratios[:1000])
    variants = {
        "plain float adds": (build("", PLAIN), 2, 0, 0),
        "exact, deposit": (build("", EXACT), limbs + 2, low, limbs),
        "exact, deposit, widest window": (build("", EXACT), exact.WIDEST[1] + 2, *exact.WIDEST),
        "exact, two rungs": (build(LADDER_HELPERS, LADDER), 4, 1023 + 14, 0),
        "binned K=2": (build(BINNED_HELPERS.format(bins=2), BINNED.format(words=3)), 3, 0, 0),
        "binned K=3": (build(BINNED_HELPERS.format(bins=3), BINNED.format(words=4)), 4, 0, 0),
        "lanes by position": (build("", LANES), 16, 0, 0),
    }
    data = [a.ctypes.data for a in (pickup, fare, tip)]

    def once(variant, threads):
        (kernel, plain), words, low, limbs = variant
        tables = [np.zeros(GROUPS * words, np.int64) for _ in range(threads)]
        bounds = [rows * t // threads for t in range(threads + 1)]

        def part(t):
            where = tables[t].ctypes.data
            return kernel(*([where] if plain else []), where, low, limbs, *data, bounds[t], bounds[t + 1])

        start = time.perf_counter()
        done = list(pool.map(part, range(threads)))
        seconds = time.perf_counter() - start
        assert done == bounds[1:], "a value outside of the window"
        return seconds, tables

    with ThreadPoolExecutor(2) as pool:
        for threads in (1, 2):
            times = {name: [] for name in variants}
            for _ in range(9):
                for name, variant in variants.items():
                    times[name].append(once(variant, threads)[0])
            plain = statistics.median(times["plain float adds"])
            for name, seconds in times.items():
                middle = statistics.median(seconds)
                print(f"{threads} threads  {name:32} {middle * 1e3:7.1f} ms  x {middle / plain:.2f}")
        parts = [t.reshape(GROUPS, -1) for t in once(variants["exact, deposit"], 2)[1]]
    total = exact.merge(*parts)
    wanted = [math.fsum(ratios[hours == hour]) for hour in range(GROUPS)]
    assert exact.sums(total, low).tolist() == wanted
    print("equal to math.fsum; window", (low, limbs))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 12_000_000)
