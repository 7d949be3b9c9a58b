"""Arrays on a GPU: `PYTHONPATH=src python -m bench.gpu_arrays [few]` (CuPy and a device; `few`: that part alone).

Wall time of `compute()` with kernels at hand, medians of five, CuPy's own form beside it where there is one, cuDF's of
sorting where it is installed. Small forms of the same programs are compared with the CPU's bits first.
"""

import statistics
import sys
import time
from unittest import mock

import numpy as np

import tenfold
import tenfold.numpy as tnp
from bench.gpu import peer
from tenfold.target import launch

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
    programs += [lambda: rows.sum(0), lambda: rows.sum(1), lambda: rows.mean(0), lambda: rows.max(0)]
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


def svd_error(singular, gram):
    """How far these are from the largest singular values, roots of the eigenvalues of x.T @ x; relative."""
    exact = np.sqrt(np.linalg.eigvalsh(gram)[::-1][: len(singular)])
    return float(abs(singular / exact - 1).max())


def bench_svd(rows=10_000_000, columns=1_000, k=10, rounds=2):
    """The approximate SVD of normals that are not kept; CuPy's operations in the same steps, on normals that are."""
    import cupy

    matrix = tnp.random.default_rng(0).standard_normal((rows, columns), dtype="f4")
    wide = tnp.random.default_rng(0).standard_normal((rows, columns))
    u, s, vh = tnp.linalg.svd_compressed(matrix, k, n_power_iter=rounds, seed=1)
    ours = seconds(lambda: tenfold.compute(u, s, vh), 3)
    error = svd_error(s.compute(), (wide.T @ wide).compute())
    print(f"approximate SVD {rows} x {columns}: {ours:.3f} s, largest error {error:.1e}", flush=True)
    cupy.get_default_memory_pool().free_all_blocks()
    x, random = cupy.empty((rows, columns), "f4"), cupy.random.default_rng(0)
    for lo in range(0, rows, rows // 20):
        x[lo : lo + rows // 20] = random.standard_normal((rows // 20, columns), dtype="f4")

    def theirs():
        basis = cupy.linalg.qr(x @ random.standard_normal((columns, k + 10), dtype="f4"))[0]
        for _ in range(rounds):
            basis = cupy.linalg.qr(x @ cupy.linalg.qr(x.T @ basis)[0])[0]
        left, found, right = cupy.linalg.svd((x.T @ basis).T, full_matrices=False)
        return basis @ left[:, :k], found[:k], right[:k]

    gram = sum(part.T @ part for part in (x[lo : lo + rows // 20].astype("f8") for lo in range(0, rows, rows // 20)))
    error = svd_error(theirs()[1].get(), gram.get())
    print(f"  CuPy, the matrix in memory: {seconds(theirs, 3):.3f} s, largest error {error:.1e}", flush=True)


# reductions, and what CuPy's have to be beside them: sums are rounded once here, at each step there
FEW = {"sum": 1e-13, "mean": 1e-13, "max": 0, "min": 0, "any": 0, "count_nonzero": 0}


def bench_few(x):
    """Few elements a result, many results, left on the device; also by accumulators in memory, and CuPy's own."""
    shapes = [("f8", 5, 0), ("f8", 5, 1), ("f8", 10, 0), ("f8", 10, 1), ("f8", 32, 0), ("f8", 32, 1), ("f8", 64, 0)]
    shapes += [("f8", 64, 1), ("f4", 5, 0), ("i8", 5, 0)]
    for kind, length, axis in shapes:
        values = x[: x.size // length * length].reshape((length, -1) if axis == 0 else (-1, length))
        values = (values * 1e9).astype(kind) if kind == "i8" else values.astype(kind, copy=False)
        for name, tolerance in FEW.items() if length == 5 else [("sum", 1e-13)]:
            _compare(values, name, axis, tolerance if kind == "f8" else 1e-6 * bool(tolerance))


def _compare(values, name, axis, tolerance):
    """One reduction: the CPU's bits on a slice, CuPy's values on all, times."""
    import cupy

    ours, some = tnp.asarray(values), [slice(None)] * 2
    some[1 - axis] = slice(0, 10_000)
    run, theirs = getattr(tnp, name), getattr(cupy, name)
    first = run(tnp.asarray(cupy.ascontiguousarray(values[tuple(some)]).get()), axis=axis)
    with tenfold.use("cpu"):
        first = np.asarray(first.compute())
    answer = cupy.asarray(run(ours, axis=axis).persist())
    same = np.array_equal(answer[:10_000].get(), first)
    size = cupy.abs(values).sum(axis) if tolerance else 1
    near = bool((cupy.abs(answer * 1.0 - theirs(values, axis=axis)) <= tolerance * size).all())
    mine, other = seconds(lambda: run(ours, axis=axis).persist()), seconds(lambda: theirs(values, axis=axis))
    with mock.patch.object(launch, "FEW", 0):
        before = seconds(lambda: run(ours, axis=axis).persist(), 3)
    print(
        f"{name} of {values.shape} {values.dtype} over {axis}: {1e3 * mine:.2f} ms, CuPy {1e3 * other:.2f} "
        f"({mine / other:.2f}), by accumulators {1e3 * before:.2f}; the CPU's bits {same}, CuPy's values {near}",
        flush=True,
    )


def main():
    """Measure and print."""
    import cupy

    print(cupy.cuda.runtime.getDeviceProperties(0)["name"].decode(), "bits of the CPU:", same_bits(), flush=True)
    random = cupy.random.default_rng(0)
    if sys.argv[1:] == ["few"]:
        with tenfold.use("gpu"):
            bench_few(random.standard_normal(500_000_000))
        return
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
        bench_few(x)
        bench_svd()
        cudf, keys = peer(), random.integers(0, 1 << 60, 100_000_000)
        for name in ("sort", "argsort"):
            ours_sorted = tnp.asarray(keys)
            mine = seconds(lambda name=name, k=ours_sorted: getattr(tnp, name)(k).persist())
            times = f"{mine:.4f} s, CuPy {seconds(lambda name=name: getattr(cupy, name)(keys)):.4f} s"
            if cudf:
                method = {"sort": "sort_values", "argsort": "argsort"}[name]
                times += f", cuDF {seconds(getattr(cudf.Series(keys), method)):.4f} s"
            print(f"{name} 100 M: {times}", flush=True)


if __name__ == "__main__":
    main()
