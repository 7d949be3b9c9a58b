"""Polars' streaming engine where the default one is measured too: frames in memory."""

from functools import partial

from bench.engines import polars

QUERIES = {"taxi-memory": partial(polars.taxi_memory, engine="streaming")}
taxi_answer = polars.taxi_answer
