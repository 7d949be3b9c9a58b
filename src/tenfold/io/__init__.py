"""Where rows come from: `source.py` says what a source is, one file each for CSV, Parquet and memory."""
