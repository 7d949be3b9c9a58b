"""Arrays on a GPU: `PYTHONPATH=src python -m bench.gpu_arrays` (CuPy and a device).

Wall time of `compute()` with kernels at hand, medians of five, CuPy's own form beside it where there is one. Small
forms of the same programs are compared with the CPU's bits first.
"""

import statistics
import time

import numpy as np

import tenfold
import tenfold.numpy as tnp

SIDE = 500_000


def seconds(run, repeats=5):
    """The median wall time of `run`, after a warm-up."""
    import cupy

    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        run()
        cupy.cuda.Device().synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def sliced(side):
    """A quarter of the normals, plus one, summed."""
    return (tnp.random.default_rng(0).normal(size=(side, side)) + 1)[::2, ::2].sum()


def drawn(side):
    """All of them."""
    return (tnp.random.default_rng(0).normal(size=(side, side)) + 1).sum()


def chain(x):
    """Element functions and a mean."""
    return (tnp.sqrt(abs(tnp.sin(x) * 2 - 1) + x * x / 2) / (1 + tnp.exp(-x))).mean()


def same_bits():
    """Whether small forms of all programs answer what the CPU answers."""
    values = np.random.default_rng(1).normal(size=1_000_003)
    programs = [lambda: sliced(1_001), lambda: drawn(1_001), lambda: chain(tnp.asarray(values))]
    rows = tnp.asarray(values[:999_999]).reshape(3, -1)
    programs += [lambda: rows.sum(0), lambda: rows.sum(1)]
    answers = []
    for program in programs:
        expected = program().compute()
        with tenfold.use("gpu"):
            answers.append(np.array_equal(program().compute(), expected))
    return answers


def cupy_sliced(side, rows=2_000):
    """CuPy's form of `sliced`, chunk by chunk; the time of all chunks by that of ten."""
    import cupy

    random = cupy.random.default_rng(0)

    def ten():
        for _ in range(10):
            (random.standard_normal((rows, side)) + 1)[::2, ::2].sum()

    return seconds(ten, 3) * side / (10 * rows)


def main():
    """Measure and print."""
    import cupy

    print(cupy.cuda.runtime.getDeviceProperties(0)["name"].decode(), "bits of the CPU:", same_bits(), flush=True)
    random = cupy.random.default_rng(0)
    with tenfold.use("gpu"):
        print(f"sliced {SIDE}: {seconds(lambda: sliced(SIDE).compute()):.3f} s", flush=True)
        print(f"all drawn {SIDE}: {seconds(lambda: drawn(SIDE).compute(), 3):.3f} s", flush=True)
        print(f"CuPy by chunks: {cupy_sliced(SIDE):.1f} s", flush=True)
        x = random.standard_normal(500_000_000)
        rows = x.reshape(500_000, 1_000)
        ours, ours_rows = tnp.asarray(x), tnp.asarray(rows)
        plain = seconds(lambda: (cupy.sqrt(abs(cupy.sin(x) * 2 - 1) + x * x / 2) / (1 + cupy.exp(-x))).mean())
        print(f"chain 500 M: {seconds(lambda: chain(ours).compute()):.4f} s, CuPy {plain:.4f} s")
        for name, run, theirs in (
            ("sum", lambda: ours.sum().compute(), lambda: x.sum().item()),
            ("mean of rows", lambda: ours_rows.mean(1).compute(), lambda: rows.mean(1).get()),
            ("mean of columns", lambda: ours_rows.mean(0).compute(), lambda: rows.mean(0).get()),
            ("x + 1 kept", lambda: (ours + 1).persist(), lambda: x + 1),
        ):  # fmt: skip
            print(f"{name} 500 M: {seconds(run):.4f} s, CuPy {seconds(theirs):.4f} s", flush=True)
        keys = random.integers(0, 1 << 60, 100_000_000)
        for name in ("sort", "argsort"):
            ours_sorted = tnp.asarray(keys)
            mine = seconds(lambda name=name, k=ours_sorted: getattr(tnp, name)(k).persist())
            print(f"{name} 100 M: {mine:.4f} s, CuPy {seconds(lambda name=name: getattr(cupy, name)(keys)):.4f} s")


if __name__ == "__main__":
    main()
