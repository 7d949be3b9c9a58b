"""The taxi query's kernel on a GPU: `PYTHONPATH=src python -m bench.gpu [rows]` (CuPy and a device).

Columns are resident in device memory. Prints the measured copy bandwidth, the kernel's time and its share of that
bandwidth, and whether the answer has the CPU's bits.
"""

import statistics
import sys

import numpy as np
import pandas as pd

import tenfold.pandas as tpd
from tenfold import config
from tenfold.plan import optimise
from tenfold.primitives import exact
from tenfold.run.worker import param_array
from tenfold.stage.lower import lower
from tenfold.stage.split import split
from tenfold.target import block, cuda

HOURS = 24


def columns(rows, drawn=25_000_000):
    """Pickups over a year, fares and tips as the taxi sample has them; drawn rows are repeated to make up the rest."""
    if rows > drawn:
        return pd.concat([columns(drawn)] * (rows // drawn), ignore_index=True)
    random = np.random.default_rng(0)
    fare = np.round(random.gamma(3, 4, rows), 2)
    fare[random.random(rows) < 0.01] *= -1
    tip = np.round(np.where(random.random(rows) < 0.4, 0, fare * random.beta(2, 8, rows)), 2)
    pickup = (random.integers(0, 365 * 86_400, rows) * 1_000_000).astype("M8[us]")
    return pd.DataFrame({"pickup_datetime": pickup, "fare_amount": fare, "tip_amount": tip})


def seconds(run, stream, repeats=9):
    """The median time of `run` between two events, after a warm-up."""
    import cupy

    times = []
    run()
    for _ in range(repeats):
        start, stop = cupy.cuda.Event(), cupy.cuda.Event()
        start.record(stream)
        run()
        stop.record(stream)
        stop.synchronize()
        times.append(cupy.cuda.get_elapsed_time(start, stop) / 1000)
    return statistics.median(times)


def copy_bandwidth(stream):
    """Bytes read and written a second by a copy of 2 GiB within the device."""
    import cupy

    source, target = cupy.ones(1 << 28), cupy.empty(1 << 28)
    return 2 * source.nbytes / seconds(lambda: cupy.copyto(target, source), stream)


def main(rows):
    """Measure and compare."""
    import cupy

    frame = columns(rows)
    rows = len(frame)

    stream = cupy.cuda.get_current_stream()
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    copy = copy_bandwidth(stream)
    taxi = tpd.from_pandas(frame)
    with config.set(target="cpu"):
        expected = lazy(taxi).compute()
    loop = lower(split(optimise(lazy(taxi)._plan()))[0]).loop
    stored = {n: frame[n].to_numpy().view("i8") if n == "pickup_datetime" else frame[n].to_numpy() for n in frame}
    inputs = [cupy.asarray(stored[n]) for n in loop.inputs]
    params = [param_array(*param) for param in loop.params]
    launcher = cuda.Launcher(loop.kernel, HOURS)
    states = launcher.run(inputs, params, rows)
    lows, limbs = launcher.windows(inputs, params, rows)
    kernel = seconds(lambda: launcher.launch(inputs, params, rows, lows, limbs), stream)
    answer = means(loop.kernel, states)
    same = bool((answer == expected.to_numpy()).all())
    read = sum(a.nbytes for a in inputs) / kernel
    print(f"{name}: {rows} rows, copy {copy / 1e12:.2f} TB/s, kernel {kernel * 1e3:.3f} ms = {read / 1e12:.2f} TB/s")
    print(f"share of copy bandwidth {read / copy:.0%}; same bits as the CPU: {same}")


def lazy(df):
    """The taxi query, not computed."""
    df2 = df[(df.tip_amount > 0) & (df.fare_amount > 0)]
    df2["tip_fraction"] = df2.tip_amount / df2.fare_amount
    return df2.groupby(df2.pickup_datetime.dt.hour).tip_fraction.mean()


def means(kernel, states):
    """The mean of each hour from the states of a launch."""
    (state,) = (s for sink, s in zip(kernel.sinks, states, strict=True) if block.is_exact_sum(sink))
    return np.array(exact.means(state[0], int(state[1][0])))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000_000)
