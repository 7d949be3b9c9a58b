"""tenfold: the program of the README, unchanged."""

import tenfold.pandas as pd
from bench import data
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


QUERIES = {
    "taxi-csv": lambda paths: lambda: program(read_csv(paths)),
    "csv-persist": lambda paths: lambda: read_csv(paths).persist(),
    "taxi-parquet": lambda paths: lambda: program(pd.read_parquet(paths)),
    "taxi-memory": taxi_memory,
    "small-frame": taxi_small,
    "planning": planning,
}


def taxi_answer(hours):
    return real.taxi_answer(hours)


def columns_answer(df):
    return real.columns_answer(df.compute())
