"""Where frames come from: files and real pandas."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from tenfold import io
from tenfold.expr import nodes as ex
from tenfold.pandas import convert
from tenfold.pandas.arguments import following
from tenfold.pandas.frame import DataFrame
from tenfold.pandas.rows import Rows
from tenfold.pandas.series import Series, from_pandas_series


@following(pd.read_csv, "read_csv", "use pandas.read_csv and tenfold's from_pandas")
def read_csv(
    filepath_or_buffer: Any, *, sep: str = ",", usecols: Any = None, dtype: Any = None, parse_dates: Any = None
) -> DataFrame:
    """CSV files as one frame, in the order of their names, under the first header, with one running index.

    Only the beginning of the first file is looked at now; the rest is read, and its types checked, by what is
    computed from the frame.

    Parameters
    ----------
    filepath_or_buffer
        A path, a glob, a URL (through fsspec), or a list of them. An open file or buffer is read by pandas, now.
    sep
        The separator, one character.
    usecols, dtype, parse_dates
        As `pandas.read_csv` takes them.

    Raises
    ------
    FileNotFoundError, pandas.errors.ParserError, pandas.errors.EmptyDataError, ValueError
        As pandas raises them; the message names file, line, column and remedy.
    NotYetError
        For options that are not here yet.

    Examples
    --------
    >>> import tenfold.pandas as pd, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "a.csv").write_text("x,y\\n1,2.5\\n2,3.5\\n")
    ...     _ = pathlib.Path(folder, "b.csv").write_text("x,y\\n3,4.5\\n")
    ...     float(pd.read_csv(f"{folder}/*.csv").y.sum())
    10.5
    """
    if not _names_files(filepath_or_buffer):
        real = pd.read_csv(filepath_or_buffer, sep=sep, usecols=usecols, dtype=dtype, parse_dates=parse_dates)
        return _of_real(real)
    scan = ex.Scan(io.csv.open_csv(filepath_or_buffer, sep, usecols, dtype, parse_dates), None)
    names = [name for name, _ in scan.schema]
    return DataFrame._of(scan, [ex.Column(scan, n) for n in names], pd.Index(names), convert.positions(scan))


@following(pd.read_parquet, "read_parquet", "use pandas.read_parquet and tenfold's from_pandas")
def read_parquet(path: Any, *, columns: list[str] | None = None) -> DataFrame:
    """Parquet files as one frame; pyarrow decodes them, the needed columns only.

    Parameters
    ----------
    path
        A path, a glob, a URL, or a list of them. An open file or buffer is read by pandas, now.
    columns
        The columns to read; None: all.

    Notes
    -----
    Labels of rows and columns are those that pandas noted in the first file; its `attrs` are not kept.
    """
    if not _names_files(path):
        return _of_real(pd.read_parquet(path, columns=columns))
    source = io.parquet.open_parquet(path, columns)
    scan, layout = ex.Scan(source, None), source.layout
    levels = tuple((name, ex.Column(scan, field)) for name, field in layout.levels)
    labels = convert.Labels(levels) if levels else convert.positions(scan, *layout.range)
    return DataFrame._of(scan, [ex.Column(scan, field) for field in layout.fields], layout.names, labels)


def _names_files(given: Any) -> bool:
    """Whether this is a path, or several; anything else is pandas' to read or to refuse."""
    if isinstance(given, (str, os.PathLike)):
        return True
    return isinstance(given, Iterable) and not (isinstance(given, (bytes, Mapping, Rows)) or hasattr(given, "read"))


def from_pandas(data: pd.DataFrame | pd.Series) -> DataFrame | Series:
    """A real pandas object as one of ours; its arrays are used as they are where their type allows."""
    if isinstance(data, pd.Series):
        return from_pandas_series(data)
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"from_pandas takes a pandas DataFrame or Series, not {type(data).__name__}")
    return _of_real(data)


def _of_real(real: pd.DataFrame) -> DataFrame:
    scan, names, labels = convert.read_pandas(real)
    return DataFrame._of(scan, [ex.Column(scan, n) for n in names], real.columns, labels)
