"""DuckDB over an Arrow table in memory, without a copy of its own."""

import duckdb as duck
import pyarrow.parquet as pq

from bench.engines import duckdb


def taxi_memory(paths):
    duck.register("arrow_taxi", pq.read_table(paths))
    return duckdb.taxi("arrow_taxi")


QUERIES = {"taxi-memory": taxi_memory}
taxi_answer = duckdb.taxi_answer
