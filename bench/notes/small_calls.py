"""What small calls cost: medians of their times, and how many Python functions one of them calls.

python -m bench.notes.small_calls [repeats]; `PYTHONPATH=<another checkout>/src` measures that one.
"""

import cProfile
import pstats
import statistics
import sys
import time

import numpy

import tenfold.numpy as np
import tenfold.pandas as pd
from bench.small import frame_of, program

ONE = numpy.random.default_rng(0).random(100)
X, M = np.array(ONE), np.array(ONE.reshape(10, 10))
REAL = frame_of(1000)
FRAME = pd.from_pandas(REAL)

CALLS = {
    "`(x + 1).sum()`, 100 numbers": lambda: (X + 1).sum().compute(),
    "`x + 1`": lambda: (X + 1).compute(),
    "`m.mean(0)`, 10 x 10": lambda: M.mean(0).compute(),
    "`float(x[3])`": lambda: float(X[3]),
    "`x[10:20]`": lambda: X[10:20].compute(),
    "`m @ m`": lambda: (M @ M).compute(),
    "`sort(x)`": lambda: np.sort(X).compute(),
    "filter and group-by, 1,000 rows": lambda: program(FRAME).compute(),
    "the same in pandas": lambda: program(REAL),
}


def seconds_of(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def functions_of(call):
    profile = cProfile.Profile()
    profile.runcall(call)
    return pstats.Stats(profile).total_calls


def main(repeats=300):
    for name, call in CALLS.items():
        for _ in range(30):
            call()
        times = [seconds_of(call) for _ in range(repeats)]
        print(f"| {name} | {statistics.median(times) * 1e3:.3f} | {functions_of(call):,} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
