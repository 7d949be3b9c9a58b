"""Dask DataFrame on its threaded scheduler: the program as its documentation shows it."""

import dask
import dask.dataframe as dd

from bench.engines import pandas as real

DATES = ["pickup_datetime", "dropoff_datetime"]
# Its sample takes these for whole numbers; the error that follows asks for exactly this.
TYPES = {"passenger_count": "float64", "tolls_amount": "float64"}

dask.config.set(scheduler="threads")


def read_csv(paths):
    return dd.read_csv(paths, parse_dates=DATES, dtype=TYPES)


def program(df):
    df2 = df[(df.tip_amount > 0) & (df.fare_amount > 0)]
    df2["tip_fraction"] = df2.tip_amount / df2.fare_amount
    return df2.groupby(df2.pickup_datetime.dt.hour).tip_fraction.mean().compute()


QUERIES = {
    "taxi-csv": lambda paths: lambda: program(read_csv(paths)),
    "csv-persist": lambda paths: lambda: read_csv(paths).persist(),
    "taxi-parquet": lambda paths: lambda: program(dd.read_parquet(paths)),
}


def taxi_answer(hours):
    return real.taxi_answer(hours)


def columns_answer(df):
    return real.columns_answer(df.compute())
