"""DuckDB: SQL over files, and over a table in its own in-memory format."""

import duckdb

TAXI = """
    select hour(pickup_datetime) as hour, avg(tip_amount / fare_amount) as tip_fraction
    from {source} where tip_amount > 0 and fare_amount > 0 group by hour order by hour
"""
COLUMNS = """
    select count(*), sum(fare_amount), count(tip_amount), sum(passenger_count),
        strftime(min(pickup_datetime), '%Y-%m-%d %H:%M:%S'), strftime(max(dropoff_datetime), '%Y-%m-%d %H:%M:%S'),
        count(*) filter (payment_type = 'He said "no"')
    from {source}
"""


def taxi(source):
    return lambda: duckdb.sql(TAXI.format(source=source)).fetchall()


def csv_persist(paths):
    def create():
        duckdb.sql(f"create table taxi as select * from read_csv({paths})")
        return "taxi"

    return create


def taxi_memory(paths):
    duckdb.sql(f"create table taxi as select * from read_parquet({paths})")
    return taxi("taxi")


QUERIES = {
    "taxi-csv": lambda paths: taxi(f"read_csv({paths})"),
    "csv-persist": csv_persist,
    "taxi-parquet": lambda paths: taxi(f"read_parquet({paths})"),
    "taxi-memory": taxi_memory,
}


def taxi_answer(rows):
    return [fraction for _, fraction in rows]


def columns_answer(table):
    names = ("rows", "fares", "tips", "passengers", "first", "last", "odd")
    return dict(zip(names, duckdb.sql(COLUMNS.format(source=table)).fetchall()[0], strict=True))
