"""Polars: lazy frames, collected by the streaming engine for files and by the default engine for memory."""

import polars as pl


def program(lazy):
    fraction = pl.col("tip_amount") / pl.col("fare_amount")
    return (
        lazy.filter((pl.col("tip_amount") > 0) & (pl.col("fare_amount") > 0))
        .group_by(pl.col("pickup_datetime").dt.hour().alias("hour"))
        .agg(fraction.mean().alias("tip_fraction"))
        .sort("hour")
    )


def scan_csv(paths):
    return pl.scan_csv(paths, try_parse_dates=True)


def taxi_memory(paths, engine="auto"):
    df = pl.read_parquet(paths).rechunk()
    return lambda: program(df.lazy()).collect(engine=engine)


QUERIES = {
    "taxi-csv": lambda paths: lambda: program(scan_csv(paths)).collect(engine="streaming"),
    "csv-persist": lambda paths: lambda: scan_csv(paths).collect(engine="streaming"),
    "taxi-parquet": lambda paths: lambda: program(pl.scan_parquet(paths)).collect(engine="streaming"),
    "taxi-memory": taxi_memory,
}


def taxi_answer(hours):
    return hours["tip_fraction"].to_list()


def columns_answer(df):
    return {
        "rows": df.height,
        "fares": df["fare_amount"].sum(),
        "tips": df["tip_amount"].count(),
        "passengers": df["passenger_count"].sum(),
        "first": f"{df['pickup_datetime'].min():%Y-%m-%d %H:%M:%S}",
        "last": f"{df['dropoff_datetime'].max():%Y-%m-%d %H:%M:%S}",
        "odd": int((df["payment_type"] == 'He said "no"').sum()),
    }
