"""pandas: the program as people write it, one read per file, then `concat`."""

import pandas as pd

from bench.small import frame_of, program

DATES = ["pickup_datetime", "dropoff_datetime"]


def read_csv(paths):
    return pd.concat([pd.read_csv(path, parse_dates=DATES) for path in paths], ignore_index=True)


def read_parquet(paths):
    return pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)


def taxi_memory(paths):
    df = read_parquet(paths)
    return lambda: program(df)


def taxi_small(paths):
    df = frame_of(1_000)
    return lambda: program(df)


QUERIES = {
    "taxi-csv": lambda paths: lambda: program(read_csv(paths)),
    "csv-persist": lambda paths: lambda: read_csv(paths),
    "taxi-parquet": lambda paths: lambda: program(read_parquet(paths)),
    "taxi-memory": taxi_memory,
    "small-frame": taxi_small,
}


def taxi_answer(hours):
    return hours.sort_index().tolist()


def columns_answer(df):
    return {
        "rows": len(df),
        "fares": df.fare_amount.sum(),
        "tips": int(df.tip_amount.count()),
        "passengers": df.passenger_count.sum(),
        "first": str(df.pickup_datetime.min()),
        "last": str(df.dropoff_datetime.max()),
        "odd": int((df.payment_type == 'He said "no"').sum()),
    }
