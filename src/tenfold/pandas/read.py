"""Where frames come from: files and real pandas."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from tenfold import io
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.pandas import convert
from tenfold.pandas.frame import DataFrame
from tenfold.pandas.series import Series, from_pandas_series


def read_csv(
    filepath_or_buffer: Any,
    *,
    sep: str = ",",
    usecols: Any = None,
    dtype: Any = None,
    parse_dates: Any = (),
    **options: Any,
) -> DataFrame:
    """CSV files as one frame, in the order of their names, under the first header, with one running index.

    Only the beginning of the first file is looked at now; the rest is read, and its types checked, by what is
    computed from the frame.

    Parameters
    ----------
    filepath_or_buffer
        A path, a glob, a URL (through fsspec), or a list of them.
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
    if options:
        raise NotYetError(f"read_csv with {min(options)!r}", "use pandas.read_csv and tenfold's from_pandas")
    return _frame(io.csv.open_csv(filepath_or_buffer, sep, usecols, dtype, parse_dates))


def read_parquet(path: Any, *, columns: list[str] | None = None, **options: Any) -> DataFrame:
    """Parquet files as one frame; pyarrow decodes them, the needed columns only.

    Parameters
    ----------
    path
        A path, a glob, a URL, or a list of them.
    columns
        The columns to read; None: all.
    """
    if options:
        raise NotYetError(f"read_parquet with {min(options)!r}")
    return _frame(io.parquet.open_parquet(path, columns))


def _frame(source: Any) -> DataFrame:
    scan = ex.Scan(source, None)
    names: list[Hashable] = [name for name, _ in scan.schema]
    return DataFrame._of(scan, [ex.Column(scan, n) for n in names], pd.Index(names), convert.positions(scan))


def from_pandas(data: pd.DataFrame | pd.Series) -> DataFrame | Series:
    """A real pandas object as one of ours; its arrays are used as they are where their type allows."""
    if isinstance(data, pd.Series):
        return from_pandas_series(data)
    scan, names, labels = convert.read_pandas(data)
    return DataFrame._of(scan, [ex.Column(scan, n) for n in names], data.columns, labels)
