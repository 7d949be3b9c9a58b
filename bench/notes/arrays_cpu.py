"""Simple array operations beside NumPy's: the table of docs/notes/arrays.md.

python -m bench.notes.arrays_cpu [ELEMENTS] [OPERATION,...]: best of five interleaved runs, wall time and processor time
of all threads.
"""

import sys
import time

import numpy as real

import tenfold.numpy as np
from tenfold import config

OPERATIONS = {
    "a.sum()": lambda m, a, b, f, i: a.sum(),
    "a.sum(0)": lambda m, a, b, f, i: a.sum(0),
    "a.sum(1)": lambda m, a, b, f, i: a.sum(1),
    "a.mean(0)": lambda m, a, b, f, i: a.mean(0),
    "a.var()": lambda m, a, b, f, i: a.var(),
    "a.std(1)": lambda m, a, b, f, i: a.std(1),
    "a.max()": lambda m, a, b, f, i: a.max(),
    "a.max(1)": lambda m, a, b, f, i: a.max(1),
    "argmax(a, 1)": lambda m, a, b, f, i: m.argmax(a, 1),
    "a + b": lambda m, a, b, f, i: a + b,
    "a - a[:, :1]": lambda m, a, b, f, i: a - a[:, :1],
    "a.T + 1": lambda m, a, b, f, i: a.T + 1,
    "sum(a * (a > 0))": lambda m, a, b, f, i: m.sum(a * (a > 0)),
    "i.sum()": lambda m, a, b, f, i: i.sum(),
    "count_nonzero(a > 0)": lambda m, a, b, f, i: m.count_nonzero(a > 0),
    "sort(a, 1)": lambda m, a, b, f, i: m.sort(a, 1),
    "argsort(a, 1)": lambda m, a, b, f, i: m.argsort(a, 1),
    "cumsum(a, 1)": lambda m, a, b, f, i: m.cumsum(a, 1),
    "cumsum(f)": lambda m, a, b, f, i: m.cumsum(f),
    "histogram(f, 100)": lambda m, a, b, f, i: m.histogram(f, 100)[0],
    "bincount(i)": lambda m, a, b, f, i: m.bincount(i),
    "f[f > 0]": lambda m, a, b, f, i: f[f > 0],
    "f[i]": lambda m, a, b, f, i: f[i],
}


def timed(call):
    wall, used = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - used


def main():
    elements = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    chosen = sys.argv[2].split(",") if len(sys.argv) > 2 else OPERATIONS
    generator = real.random.default_rng(0)
    a, b = generator.normal(size=(2, elements // 1000, 1000))
    whole = [a, b, a.reshape(-1), generator.integers(0, 1000, elements)]
    ours = [np.asarray(array) for array in whole]
    print(
        "| operation | NumPy, ms | tenfold, ms | NumPy / tenfold | of processor time |\n| --- | --: | --: | --: | --: |"
    )
    with config.set(target="cpu", progress=False):
        for name in chosen:
            print(row(name, OPERATIONS[name], whole, ours), flush=True)


def row(name, operation, whole, ours):
    operation(np, *ours).compute()  # compiles
    runs = [(timed(lambda: operation(real, *whole)), timed(lambda: operation(np, *ours).compute())) for _ in range(5)]
    (wall, used), (our_wall, our_used) = (map(min, zip(*one, strict=True)) for one in zip(*runs, strict=True))
    times = f"{wall * 1e3:.1f} | {our_wall * 1e3:.1f} | {wall / our_wall:.2f} | {used / our_used:.2f}"
    return f"| `{name}` | {times} |"


if __name__ == "__main__":
    main()
