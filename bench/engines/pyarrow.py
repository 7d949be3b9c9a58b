"""pyarrow: datasets, which push filters and columns into the scan, and its table group-by."""

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

HOUR = pc.hour(ds.field("pickup_datetime"))
FRACTION = ds.field("tip_amount") / ds.field("fare_amount")
TIPPED = (ds.field("tip_amount") > 0) & (ds.field("fare_amount") > 0)


def program(dataset):
    table = dataset.to_table(columns={"hour": HOUR, "tip_fraction": FRACTION}, filter=TIPPED)
    return table.group_by("hour").aggregate([("tip_fraction", "mean")]).sort_by("hour")


def taxi_memory(paths):
    table = pq.read_table(paths)
    return lambda: program(ds.dataset(table))


QUERIES = {
    "taxi-csv": lambda paths: lambda: program(ds.dataset(paths, format="csv")),
    "csv-persist": lambda paths: lambda: ds.dataset(paths, format="csv").to_table(),
    "taxi-parquet": lambda paths: lambda: program(ds.dataset(paths, format="parquet")),
    "taxi-memory": taxi_memory,
}


def taxi_answer(table):
    return table["tip_fraction_mean"].to_pylist()


def columns_answer(table):
    return {
        "rows": table.num_rows,
        "fares": pc.sum(table["fare_amount"]).as_py(),
        "tips": pc.count(table["tip_amount"]).as_py(),
        "passengers": pc.sum(table["passenger_count"]).as_py(),
        "first": str(pc.min(table["pickup_datetime"]).as_py()),
        "last": str(pc.max(table["dropoff_datetime"]).as_py()),
        "odd": pc.sum(pc.equal(table["payment_type"], 'He said "no"')).as_py(),
    }
