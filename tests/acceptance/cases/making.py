"""Small cases after public bug reports and questions of people who use pandas, NumPy and their scaled-out kin.

Every case is our own code on made-up data: it asks for what went wrong (or surprised) in the report that its comment
names. `case_NNN(pd, np)` takes the two modules and returns a value, or raises what `@raises` says; the real library's
answer is the right one. The comment above each case: id, reference, kind in brackets, what went wrong for the user.

Here is what makes their files.
"""

import contextlib
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

NAN = float("nan")
_folders = []


@contextlib.contextmanager
def files_in(place):
    """Make the files of cases in this folder."""
    _folders.append(place)
    try:
        yield
    finally:
        _folders.pop()


def raises(*classes):
    """Mark a case whose right outcome is one of these errors (classes, or names inside pandas.errors)."""

    def mark(case):
        case.raises = classes
        return case

    return mark


def new_folder():
    return Path(tempfile.mkdtemp(dir=_folders[-1]))


def new_file(text, name="a.csv", encoding="utf-8"):
    """A new file with this text (or these bytes); its path."""
    path = new_folder() / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return str(path)


def is_real(pd):
    return pd.__name__ == "pandas"


def read_csvs(pd, folder, **options):
    """All CSV files of a folder as one frame: as pandas' users write it, and by a glob."""
    if is_real(pd):
        files = sorted(Path(folder).glob("*.csv"))
        return pd.concat([pd.read_csv(f, **options) for f in files], ignore_index=True)
    return pd.read_csv(f"{folder}/*.csv", **options)


def new_parquet(table, name="a.parquet", folder=None, **options):
    """A new Parquet file from an Arrow table, as another system would write it; its path."""
    path = (folder or new_folder()) / name
    pq.write_table(table, path, **options)
    return str(path)


def by_pandas(frame, name="a.parquet", folder=None):
    """A new Parquet file, written by real pandas with its metadata; its path."""
    path = (folder or new_folder()) / name
    frame.to_parquet(path)
    return str(path)


def read_parquets(pd, folder):
    """All Parquet files of a folder as one frame: the folder, and a glob."""
    return pd.read_parquet(str(folder)) if is_real(pd) else pd.read_parquet(f"{folder}/*.parquet")
