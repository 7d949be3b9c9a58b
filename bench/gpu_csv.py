"""The taxi query over a CSV file in the page cache on a GPU: `PYTHONPATH=src python -m bench.gpu_csv [rows]`.

Prints how fast the text reaches the device, how fast columns are read there, the time of the query from `read_csv` to
the answer (medians, kernels compiled before), whether it has the CPU's bits, and cuDF's times where it is installed.
"""

import statistics
import sys
import time

import tenfold
import tenfold.pandas as tpd
from bench import data
from bench.gpu import peer
from tenfold import config, taxi
from tenfold.io import csv, csv_device
from tenfold.run import results
from tenfold.target import device

COLUMNS = ("pickup_datetime", "fare_amount", "tip_amount")
DATES = ["pickup_datetime", "dropoff_datetime"]


def query(df):
    """The taxi query, not computed where the frame is lazy."""
    df2 = df[(df.tip_amount > 0) & (df.fare_amount > 0)].copy()
    df2["tip_fraction"] = df2.tip_amount / df2.fare_amount
    return df2.groupby(df2.pickup_datetime.dt.hour).tip_fraction.mean()


def median(action, repeats=7):
    """The median time after two runs that warm up, and the last result."""
    times = []
    for _ in range(2 + repeats):
        start = time.perf_counter()
        result = action()
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:]), result


def tenfold_answer(path):
    results.forget()
    return query(tpd.read_csv(path, parse_dates=DATES)).compute()


def bytes_on_device(source, gpu):
    """All text onto the device, nothing read there."""
    reader = csv_device.CsvDeviceReader(source, COLUMNS, [gpu])
    try:
        (texts,) = reader._texts
        for piece in range(reader.pieces):
            texts.give(texts.take(piece))
    finally:
        reader.close()


def rows_on_device(source, gpu, columns):
    """These columns on the device; how many rows."""
    reader = csv_device.CsvDeviceReader(source, columns, [gpu])
    try:
        rows = sum(batch.stop for piece in range(reader.pieces) for batch in reader.read(piece))
        reader.finish()
        gpu.xp.cuda.Device().synchronize()
    finally:
        reader.close()
    return rows


def cudf_answer(cudf, path):
    df = cudf.read_csv(path, usecols=list(COLUMNS), parse_dates=[COLUMNS[0]])
    return query(df).sort_index().to_pandas()


def main(rows):
    """Measure and compare."""
    (path,) = taxi.sample_files(data.FOLDER / "taxi-one", rows=rows, files=1, format="csv")
    size = data.read_once([path])
    gpu = device.device(0)
    name = gpu.xp.cuda.runtime.getDeviceProperties(0)["name"].decode()
    print(f"{name}, {config.get('threads')} cores: {rows} rows, {size / 1e6:.0f} MB in one file")
    source = csv.open_csv(path, parse_dates=DATES)
    seconds, _ = median(lambda: bytes_on_device(source, gpu))
    print(f"text onto the device {seconds * 1e3:.1f} ms, {size / seconds / 1e9:.1f} GB/s")
    for columns in (COLUMNS, source.names):
        seconds, read = median(lambda columns=columns: rows_on_device(source, gpu, columns))
        what = f"{len(columns)} columns on the device"
        print(f"{what} {seconds * 1e3:.1f} ms, {size / seconds / 1e9:.1f} GB/s; all rows: {read == rows}")
    with tenfold.use("gpu"):
        ours, answer = median(lambda: tenfold_answer(path))
    with tenfold.use("cpu"):
        seconds, expected = median(lambda: tenfold_answer(path), 1)
    same = answer.equals(expected)
    print(
        f"taxi query, read_csv to the answer: {ours * 1e3:.1f} ms; on the CPU {seconds * 1e3:.0f} ms; same bits: {same}"
    )
    cudf = peer()
    if cudf is None:
        return
    seconds, answer = median(lambda: cudf_answer(cudf, path))
    whole, _ = median(lambda: cudf.read_csv(path, parse_dates=DATES))
    near = float(abs(answer.to_numpy() - expected.to_numpy()).max()) < 1e-9
    print(f"cuDF {seconds * 1e3:.1f} ms, {seconds / ours:.2f} x tenfold's; answers agree: {near}")
    print(f"cuDF, all columns {whole * 1e3:.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else data.ROWS)
