"""The taxi example: sample data in the schema of New York's taxi records, and the program that reads it.

`write_sample` writes deterministic files (the same bytes for the same options and NumPy version); row i of a sample
depends only on the seed and on i, so a smaller sample is the beginning of a larger one. `tip_fraction_by_hour` is the
program of the README over any generation of the real files: column names have changed three times in their history, and
one table, `NAMES`, resolves them.

The sample has what the real files have: refunds (negative fares), empty fields, a few quoted fields with commas and
doubled quotes in them. Nothing here is part of the engine; it uses the public interface only.
"""

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import tenfold.pandas as pd

Format = Literal["csv", "parquet"]

# The meaning first, then every spelling that the published files have used for it, compared without case and blanks.
NAMES = {
    "pickup_datetime": ("tpep_pickup_datetime", "lpep_pickup_datetime", "trip_pickup_datetime"),
    "dropoff_datetime": ("tpep_dropoff_datetime", "lpep_dropoff_datetime", "trip_dropoff_datetime"),
    "fare_amount": ("fare_amt", "base_passenger_fare"),
    "tip_amount": ("tip_amt", "tips"),
}

SLICE_ROWS = 1 << 18  # rows drawn from one random stream; about 60 MB while a slice is being written
DAY = 86_400
FIRST_DAY = np.datetime64("2015-01-01", "s")
# Pickups for each hour of a day, in parts of the whole: quiet before dawn, busy in the evening.
HOUR_SHARES = np.array([3, 2, 2, 1, 1, 1, 2, 4, 5, 5, 4, 4, 5, 5, 5, 5, 4, 5, 7, 7, 6, 6, 6, 5], dtype=np.float64)
PAYMENT_TYPES = np.array(["CRD", "CSH", "NOC", "DIS"])
# A row at each multiple of this number carries an odd payment type, as it would stand in a CSV file and as its value.
ODD_EVERY = 50_021
ODD_PAYMENTS = (
    ('"Cash, exact"', "Cash, exact"),
    ('"He said ""no"""', 'He said "no"'),
    ('"CRD"', "CRD"),
    ("No Charge", "No Charge"),
)


# ---- the program ---------------------------------------------------------------------------------------------------


def resolve_names(columns: Iterable[str]) -> dict[str, str]:
    """The column that stands for each meaning in `NAMES`; an error says which one is missing and what is there."""
    there = {str(column).strip().lower(): str(column) for column in columns}  # some years have blanks before a name
    found = {}
    for meaning, spellings in NAMES.items():
        names = [there[spelling] for spelling in (meaning, *spellings) if spelling in there]
        if not names:
            looked_for = ", ".join((meaning, *spellings))
            raise KeyError(f"no column for {meaning}: looked for {looked_for} among {[*there.values()]}")
        found[meaning] = names[0]
    return found


def read(paths: list[str]) -> Any:
    """A lazy frame of taxi records under the names of this module's program, from CSV or Parquet files."""
    source = paths[0] if len(paths) == 1 else paths
    if all(str(path).endswith((".parquet", ".pq")) for path in paths):
        return pd.read_parquet(source)
    names = resolve_names(pd.read_csv(source).columns)
    return pd.read_csv(source, parse_dates=[names["pickup_datetime"], names["dropoff_datetime"]])


def tip_fraction_by_hour(df: Any) -> Any:
    """Mean share of the tip in the fare by the hour of the pickup: a lazy series of at most 24 values."""
    names = resolve_names(df.columns)
    tip, fare, pickup = names["tip_amount"], names["fare_amount"], names["pickup_datetime"]
    df2 = df[(df[tip] > 0) & (df[fare] > 0)]
    df2["tip_fraction"] = df2[tip] / df2[fare]
    return df2.groupby(df2[pickup].dt.hour).tip_fraction.mean()


# ---- sample data ---------------------------------------------------------------------------------------------------


def sample_files(folder: str | Path, rows: int = 1_000_000, files: int = 4, format: Format = "csv") -> list[Path]:
    """A sample in `folder`, written only if one with the same options is not there yet."""
    folder = Path(folder)
    wanted = {"rows": rows, "files": files, "format": format, "version": 1}
    label = folder / f"sample-{format}.json"
    if label.exists() and json.loads(label.read_text()) == wanted:
        return [folder / name for name in _file_names(files, format)]
    _forget(folder, label)
    paths = write_sample(folder, rows=rows, files=files, format=format)
    label.write_text(json.dumps(wanted))  # last: a sample that was interrupted has no label
    return paths


def write_sample(
    folder: str | Path, rows: int = 1_000_000, files: int = 4, seed: int = 0, format: Format = "csv"
) -> list[Path]:
    """Write `rows` taxi records into `files` files of nearly equal length in `folder`, a slice at a time."""
    if rows < 0 or files < 1:
        raise ValueError(f"rows={rows}, files={files}: a sample needs rows >= 0 and files >= 1")
    if format not in _WRITERS:
        raise ValueError(f"format={format!r}: a sample is written as 'csv' or 'parquet'")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in _file_names(files, format)]
    for number, path in enumerate(paths):
        tables = _rows_between(number * rows // files, (number + 1) * rows // files, seed)
        unfinished = path.with_suffix(path.suffix + ".part")
        _WRITERS[format](unfinished, tables)
        unfinished.rename(path)
    _slice_of_records.cache_clear()
    return paths


def _file_names(files: int, format: Format) -> list[str]:
    """Names whose order as text is the order of their rows."""
    digits = len(str(files - 1))
    return [f"nyc-taxi-{number:0{digits}}.{format}" for number in range(files)]


def _forget(folder: Path, label: Path) -> None:
    """Remove a sample of other options: exactly the files that its label counts."""
    if label.exists():
        old = json.loads(label.read_text())
        for name in _file_names(old["files"], old["format"]):
            (folder / name).unlink(missing_ok=True)
        label.unlink()


def _rows_between(start: int, stop: int, seed: int) -> Iterator[pa.Table]:
    """The records start to stop, cut from whole slices so that they do not depend on where files begin."""
    for number in range(start // SLICE_ROWS, -(-stop // SLICE_ROWS)):
        first = number * SLICE_ROWS
        low, high = max(start - first, 0), min(stop - first, SLICE_ROWS)
        if low < high:
            yield _slice_of_records(number, seed).slice(low, high - low)


@functools.lru_cache(maxsize=1)  # neighbouring files share a slice; many small ones, all of it
def _slice_of_records(number: int, seed: int) -> pa.Table:
    """Slice `number` of the endless sample. Payment types are as a CSV file would spell them."""
    random = np.random.Generator(np.random.Philox(key=[seed, number]))
    rows = SLICE_ROWS
    hour = np.searchsorted(np.cumsum(HOUR_SHARES / HOUR_SHARES.sum())[:-1], random.random(rows), side="right")
    seconds = random.integers(0, 365, rows) * DAY + hour * 3600 + random.integers(0, 3600, rows)
    pickup = FIRST_DAY + seconds
    distance = np.round(random.gamma(2.0, 1.5, rows), 2)
    fare = np.round(2.5 + 2.6 * distance + random.exponential(2.0, rows), 2)
    fare[random.random(rows) < 0.01] *= -1.0  # refunds
    tip = _tips(random, fare, hour)
    tolls = np.where(random.random(rows) < 0.05, 5.54, 0.0)
    columns = {
        "VendorID": pa.array(random.integers(1, 3, rows)),
        "pickup_datetime": pa.array(pickup),
        "dropoff_datetime": pa.array(pickup + (240.0 * distance + random.exponential(120.0, rows)).astype(np.int64)),
        "passenger_count": pa.array(random.integers(1, 7, rows), mask=random.random(rows) < 0.005),
        "trip_distance": pa.array(distance),
        "pickup_zone": pa.array(random.integers(1, 266, rows)),
        "dropoff_zone": pa.array(random.integers(1, 266, rows)),
        "payment_type": _payment_types(random, tip, number * rows),
        "fare_amount": pa.array(fare),
        "tip_amount": pa.array(tip, mask=random.random(rows) < 0.0005),
        "tolls_amount": pa.array(tolls),
        "total_amount": pa.array(np.round(fare + tip + tolls, 2)),
    }
    return pa.table(columns)


def _tips(random: np.random.Generator, fare: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """Two of five riders give nothing; the others give more late in the evening than before dawn."""
    usual = 0.18 + 0.04 * np.cos((hour - 21) * (2 * np.pi / 24))
    share = usual * random.gamma(9.0, 1.0 / 9.0, len(fare))
    return np.where(random.random(len(fare)) < 0.4, 0.0, np.round(np.maximum(fare, 0.0) * share, 2))


def _payment_types(random: np.random.Generator, tip: np.ndarray, first_row: int) -> pa.Array:
    """Riders who tip pay by card, mostly; rows at multiples of ODD_EVERY have the odd spellings, in turn."""
    index = np.where(tip > 0, 0, random.choice(4, len(tip), p=[0.25, 0.7, 0.03, 0.02]))
    first_odd = -(-first_row // ODD_EVERY)
    positions = np.arange(first_odd * ODD_EVERY - first_row, len(tip), ODD_EVERY)
    index[positions] = len(PAYMENT_TYPES) + (first_odd + np.arange(len(positions))) % len(ODD_PAYMENTS)
    spellings = pa.array([*PAYMENT_TYPES.tolist(), *(spelled for spelled, _ in ODD_PAYMENTS)])
    return spellings.take(pa.array(index))


def _write_csv(path: Path, tables: Iterable[pa.Table]) -> None:
    """Join each slice's columns, as text, into lines: the text buffer of that array is the file's next bytes."""
    with path.open("wb") as file:
        file.write(",".join(_slice_schema().names).encode() + b"\n")
        for table in tables:
            fields = [pc.cast(column.combine_chunks(), pa.string()) for column in table.columns]
            lines = pc.binary_join_element_wise(*fields, ",", null_handling="replace", null_replacement="")
            text = pc.binary_join_element_wise(lines, "", "\n")
            _, offsets, data = text.buffers()
            file.write(memoryview(data)[: np.frombuffer(offsets, np.int32)[len(text)]])


def _write_parquet(path: Path, tables: Iterable[pa.Table]) -> None:
    """One row group a slice, with the values that the CSV spellings stand for."""
    values = pa.array([*PAYMENT_TYPES.tolist(), *(value for _, value in ODD_PAYMENTS)])
    spellings = pa.array([*PAYMENT_TYPES.tolist(), *(spelled for spelled, _ in ODD_PAYMENTS)])
    with pq.ParquetWriter(path, _slice_schema()) as writer:
        for table in tables:
            spelled = table.column("payment_type")
            meant = values.take(pc.index_in(spelled, spellings).combine_chunks())
            place = table.schema.get_field_index("payment_type")
            writer.write_table(table.set_column(place, "payment_type", meant).cast(_slice_schema()))


def _slice_schema() -> pa.Schema:
    """The columns in file order, with the types that Parquet files get (dates in microseconds, as the real ones)."""
    number, real, date = pa.int64(), pa.float64(), pa.timestamp("us")
    types = [number, date, date, number, real, number, number, pa.string(), real, real, real, real]
    names = (
        "VendorID,pickup_datetime,dropoff_datetime,passenger_count,trip_distance,pickup_zone,dropoff_zone,payment_type,"
        "fare_amount,tip_amount,tolls_amount,total_amount"
    )
    return pa.schema([*zip(names.split(","), types, strict=True)])


_WRITERS: dict[str, Callable[[Path, Iterable[pa.Table]], None]] = {"csv": _write_csv, "parquet": _write_parquet}
