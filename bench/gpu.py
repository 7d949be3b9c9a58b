"""Frames on a GPU: `PYTHONPATH=src python -m bench.gpu [rows]` (CuPy and a device; cuDF beside it where importable).

Columns are resident in device memory. The taxi query over `rows` (200 M): wall time of `compute()` with its kernel at
hand, the kernel alone, and its share of the measured copy bandwidth. Group-by sums over half as many rows, by few to
many groups, keys that lie close and keys that do not: wall time until the groups are on the device. Answers are
compared before times: the taxi query's and those of few groups bit by bit with the CPU's, others with CuPy's sums.
"""

import importlib.util
import statistics
import sys
import time

import numpy as np
import pandas as pd

import tenfold
import tenfold.pandas as tpd
from tenfold import config
from tenfold.plan import optimise
from tenfold.run.worker import param_array
from tenfold.stage.lower import lower
from tenfold.stage.split import split
from tenfold.target import device as dv
from tenfold.target.launch import Work, launcher

REPEATS = 9
GROUPS = (24, 1_000, 1_000_000, 50_000_000)
SPREAD = 0x9E3779B97F4A7C15  # odd: multiplying by it scatters keys over all integers, no two to one
CPU_GROUPS = 1_000  # up to so many, the CPU's answer is computed for comparison


def taxi_columns(rows, drawn=25_000_000):
    """Device columns: pickups over a year, fares and tips as the taxi sample has them; repeated beyond so many."""
    import cupy

    random, drawn = np.random.default_rng(0), min(rows, drawn)
    fare = np.round(random.gamma(3, 4, drawn), 2)
    fare[random.random(drawn) < 0.01] *= -1
    tip = np.round(np.where(random.random(drawn) < 0.4, 0, fare * random.beta(2, 8, drawn)), 2)
    pickup = random.integers(0, 365 * 86_400, drawn) * 1_000_000
    columns = {"pickup_datetime": pickup, "fare_amount": fare, "tip_amount": tip}
    return {name: cupy.tile(cupy.asarray(c), rows // drawn) for name, c in columns.items()}


class Datetimes:
    """Microseconds in device memory, lent as datetimes."""

    def __init__(self, array):
        self._array = array

    @property
    def __cuda_array_interface__(self):
        return self._array.__cuda_array_interface__ | {"typestr": "<M8[us]"}


def taxi(df):
    """The taxi query; lazy in tenfold."""
    df2 = df[(df.tip_amount > 0) & (df.fare_amount > 0)]
    df2 = df2.assign(tip_fraction=df2.tip_amount / df2.fare_amount)
    return df2.groupby(df2.pickup_datetime.dt.hour).tip_fraction.mean()


def wall(run):
    """The median wall time of `run` in seconds, the device's work included, after a warm-up."""
    import cupy

    times = []
    for _ in range(REPEATS + 1):
        cupy.cuda.Device().synchronize()
        start = time.perf_counter()
        answer = run()
        cupy.cuda.Device().synchronize()
        times.append(time.perf_counter() - start)
        del answer
    return statistics.median(times[1:])


def on_device(run):
    """The median time of `run` in seconds between two events, after a warm-up."""
    import cupy

    times = []
    run()
    for _ in range(REPEATS):
        start, stop = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        run()
        stop.record()
        stop.synchronize()
        times.append(cupy.cuda.get_elapsed_time(start, stop) / 1000)
    return statistics.median(times)


def copy_bandwidth():
    """Bytes read and written a second by a copy of 2 GiB within the device."""
    import cupy

    source, target = cupy.random.random(1 << 28), cupy.empty(1 << 28)
    return 2 * source.nbytes / on_device(lambda: cupy.copyto(target, source))


def bench_taxi(rows, copy, cudf):
    """The taxi query on a resident frame."""
    columns = taxi_columns(rows)
    df = tpd.DataFrame(columns | {"pickup_datetime": Datetimes(columns["pickup_datetime"])})
    seconds = wall(lambda: taxi(df).compute())
    loop = lower(split(optimise(taxi(df)._plan()))[0]).loop
    inputs, params = [columns[name] for name in loop.inputs], [param_array(*param) for param in loop.params]
    kernel = launcher(loop.kernel, dv.device(0))
    windows = kernel.windows(inputs, params, rows)
    alone = on_device(lambda: kernel.launch(inputs, params, rows, Work(24), *windows))
    rate = sum(array.nbytes for array in inputs) / alone
    answer = taxi(df).compute()
    with tenfold.use("cpu"):
        same = taxi(df).compute().equals(answer)
    print(
        f"taxi, {rows:,} rows: compute() {seconds * 1e3:.2f} ms; kernel {alone * 1e3:.2f} ms, {rate / copy:.0%} of copy"
    )
    print(f"  same bits as the CPU: {same}")
    if cudf:
        frame = cudf.DataFrame(columns)
        frame["pickup_datetime"] = frame.pickup_datetime.astype("datetime64[us]")
        theirs = taxi(frame).sort_index().to_pandas()
        print(f"  cuDF {wall(lambda: taxi(frame)) * 1e3:.2f} ms; agrees: {close(answer, theirs)}")


def bench_groups(rows, groups, scattered, cudf):
    """The sum of a column by integer keys."""
    import cupy

    random = cupy.random.default_rng(1)
    key, x = random.integers(0, groups, rows), random.standard_normal(rows)
    places, sums = cupy.arange(groups), cupy.bincount(key, weights=x, minlength=groups)
    if scattered:
        key, places = (k * np.int64(SPREAD - (1 << 64)) for k in (key, places))
    df = tpd.DataFrame({"k": key, "x": x})
    grouped = df.groupby("k").x.sum()
    seconds = wall(grouped.persist)
    answer = grouped.compute()
    right = np.allclose(answer, pd.Series(sums.get(), places.get())[answer.index], rtol=1e-9, atol=1e-9)
    if groups <= CPU_GROUPS:
        with tenfold.use("cpu"):
            right = f"{right}, same bits as the CPU: {grouped.compute().equals(answer)}"
    kind = "scattered" if scattered else "close"
    print(f"group-by sum, {rows:,} rows, {groups:,} {kind} keys: {seconds * 1e3:.2f} ms; right: {right}")
    if cudf:
        frame = cudf.DataFrame({"k": key, "x": x})
        theirs = frame.groupby("k").x.sum().sort_index().to_pandas()
        print(f"  cuDF {wall(lambda: frame.groupby('k').x.sum()) * 1e3:.2f} ms; agrees: {close(answer, theirs)}")


def peer():
    """cuDF where it is installed, with the memory pool that its documentation recommends; CuPy keeps its own."""
    if not importlib.util.find_spec("cudf"):
        return None
    cudf = importlib.import_module("cudf")
    import cupy

    cupy.get_default_memory_pool().free_all_blocks()
    importlib.import_module("rmm").reinitialize(pool_allocator=True)
    cupy.cuda.set_allocator(cupy.get_default_memory_pool().malloc)
    return cudf


def close(ours, theirs):
    """Whether two answers agree, but for the last bits of sums in another order."""
    return np.array_equal(ours.index, theirs.index) and np.allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def main(rows):
    """Measure and compare."""
    import cupy

    cudf = peer()
    copy = copy_bandwidth()
    print(
        f"{cupy.cuda.runtime.getDeviceProperties(0)['name'].decode()}: copy {copy / 1e12:.2f} TB/s; cuDF: {bool(cudf)}"
    )
    with config.set(progress=False):
        bench_taxi(rows, copy, cudf)
        for groups in GROUPS:
            for scattered in (False, True):
                cupy.get_default_memory_pool().free_all_blocks()
                bench_groups(rows // 2, min(groups, rows // 4), scattered, cudf)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000_000)
