"""Programs that write step by step beside NumPy's: microseconds a step, medians of interleaved rounds.

python -m bench.notes.steps
"""

import itertools
import statistics
import time

import numpy as real

import tenfold.numpy as ours

ROUNDS = 7


def filled(np, n):
    a = np.zeros(n)
    for k in range(n):
        a[k] = k
    return a


def grown(np, n):
    a = np.array([], float)
    for k in range(n):
        a = np.append(a, k)
    return a


def lowered(np, n):
    a = np.arange(100.0)
    for k in range(n):
        a[a > k % 90] -= 0.5
    return a


def swapped(np, n):
    a = np.arange(100)
    for k in range(n):
        i, j = k % 100, k * 7 % 100
        a[i], a[j] = a[j], a[i]
    return a


def gathered(np, n):
    return np.array(list(itertools.accumulate(np.arange(float(n)), np.add)))


def printed(np, n):
    a = np.zeros((n, 2), int)
    for k in range(n):
        a[k] = k % 7, len(str(a[k]))
    return a


def in_large(np, n):
    a = np.zeros(100_000)
    for k in range(n):
        a[k] = k
    return a


def main():
    print("program, steps: NumPy, tenfold (us a step)")
    for program in (filled, grown, lowered, swapped, gathered, printed, in_large):
        for steps in (200, 2_000):
            times = {real: [], ours: []}
            for _ in range(ROUNDS):
                for module, seen in times.items():
                    start = time.perf_counter()
                    program(module, steps)
                    seen.append((time.perf_counter() - start) / steps * 1e6)
            found = [statistics.median(seen) for seen in times.values()]
            limit = 3 * found[0] + 20
            verdict = "ok" if found[1] <= limit else "MORE"
            print(
                f"{program.__name__}, {steps}: {found[0]:.1f}, {found[1]:.1f} (3 x NumPy + 20 = {limit:.1f}: {verdict})"
            )


if __name__ == "__main__":
    main()
