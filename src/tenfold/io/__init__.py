"""Where rows come from: `source.py` says what a source is, one file each for CSV, Parquet and memory."""

from tenfold.later import later

__getattr__ = later(__name__, "arrow_device", "csv", "csv_device", "parquet")
