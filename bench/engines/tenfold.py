"""tenfold: the program of the README, unchanged, and the array programs."""

import tempfile
from pathlib import Path

import tenfold.numpy as np
import tenfold.pandas as pd
from bench import arrays, data
from bench.engines import pandas as real
from bench.small import frame_of
from tenfold import config

DATES = ["pickup_datetime", "dropoff_datetime"]


def read_csv(paths):
    return pd.read_csv(paths, parse_dates=DATES)


def program(df):
    df2 = df[(df.tip_amount > 0) & (df.fare_amount > 0)]
    df2["tip_fraction"] = df2.tip_amount / df2.fare_amount
    return df2.groupby(df2.pickup_datetime.dt.hour).tip_fraction.mean().compute()


def taxi_memory(paths):
    df = pd.read_parquet(paths).persist()
    return lambda: program(df)


def taxi_small(paths):
    df = pd.from_pandas(frame_of(1_000))
    return lambda: program(df)


def planning(paths):
    def plan():
        with config.set(target="null"):
            program(read_csv(str(data.FOLDER / "many" / "nyc-taxi-*.csv")))

    return plan


def in_memory(shape, program):
    def prepare(paths):
        x = np.asarray(arrays.normal(*shape))
        return lambda: program(x).compute()

    return prepare


def draw(paths):
    return lambda: arrays.corner(np.random.default_rng(1).normal(size=(arrays.SIDE, arrays.SIDE))).compute()


def larger_than_memory(paths):
    """Standardised columns, their products, and the columns saved: four times what the budget allows in memory."""
    config.set(memory_bytes=arrays.BUDGET)
    rows = 4 * arrays.BUDGET // (8 * arrays.WIDTH)

    def run():
        x = np.random.default_rng(1).normal(3.0, 2.0, size=(rows, arrays.WIDTH)).persist()
        z = (x - x.mean(axis=0)) / x.std(axis=0)
        products = (z.T @ z).compute()
        with tempfile.TemporaryDirectory(dir=data.FOLDER) as folder:
            np.save(Path(folder) / "z.npy", z)
            saved = np.load(Path(folder) / "z.npy", mmap_mode="r")
            return [products.trace() / rows / arrays.WIDTH, saved[:: rows - 1].shape[0] / 2]

    return run


def array_planning(paths):
    def plan():
        with config.set(target="null"):
            arrays.many_operations(np, np.random.default_rng(1).normal(size=arrays.BLOCKS)).compute()

    return plan


QUERIES = {
    "taxi-csv": lambda paths: lambda: program(read_csv(paths)),
    "csv-persist": lambda paths: lambda: read_csv(paths).persist(),
    "taxi-parquet": lambda paths: lambda: program(pd.read_parquet(paths)),
    "taxi-memory": taxi_memory,
    "small-frame": taxi_small,
    "planning": planning,
    "array-slice": draw,
    "array-smooth": in_memory((arrays.LENGTH,), lambda x: arrays.smooth(np, x)),
    "array-branches": in_memory((arrays.LENGTH,), lambda x: arrays.branches(np, x)),
    "array-gram": in_memory(arrays.TALL, arrays.gram),
    "array-svd": in_memory(arrays.TALL, lambda x: np.linalg.svd(x, full_matrices=False)[1]),
    "array-budget": larger_than_memory,
    "array-planning": array_planning,
}


def taxi_answer(hours):
    return real.taxi_answer(hours)


array_answer = arrays.array_answer


def columns_answer(df):
    return real.columns_answer(df.compute())
