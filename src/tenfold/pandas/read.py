"""Where frames come from: files and real pandas."""

import errno
import functools
import glob
import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from tenfold import io
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.pandas import convert
from tenfold.pandas.door import adopt, reader
from tenfold.pandas.frame import DataFrame
from tenfold.pandas.rows import Rows


def _each_file(real: Callable[..., Any]) -> Callable[..., Any]:
    """A reader of pandas', which knows of one file, for a glob or a list of files too: one after the other."""

    @functools.wraps(real)
    def read(path: Any, *args: Any, **options: Any) -> Any:
        single = isinstance(path, (str, os.PathLike))
        if not _names_files(path) or (single and not glob.has_magic(os.fspath(path))):
            return real(path, *args, **options)
        parts = [real(found, *args, **options) for found in (sorted(glob.glob(os.fspath(path))) if single else path)]
        if not parts:
            raise FileNotFoundError(errno.ENOENT, "No file matches", str(path))
        counted = all(isinstance(part.index, pd.RangeIndex) for part in parts)
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=counted)

    return read


@reader(_each_file(pd.read_csv))
def read_csv(
    filepath_or_buffer: Any, *, sep: str = ",", usecols: Any = None, dtype: Any = None, parse_dates: Any = None
) -> DataFrame:
    """CSV files as one frame, in the order of their names, under the first header, with one running index.

    Only the beginning of the first file, and the headers of the others, are looked at now; the rest is read, and its
    types checked, by what is computed from the frame.

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
    """
    if not _names_files(filepath_or_buffer):
        raise NotYetError("reading what is no path")
    source = io.csv.open_csv(filepath_or_buffer, sep, usecols, dtype, parse_dates)
    io.csv.refuse_what_differs(source)
    scan = ex.Scan(source, None)
    names = [name for name, _ in scan.schema]
    return DataFrame._of(scan, [ex.Column(scan, n) for n in names], pd.Index(names), convert.positions(scan))


@reader(_each_file(pd.read_parquet))
def read_parquet(path: Any, *, columns: list[str] | None = None) -> DataFrame:
    """Parquet files as one frame; pyarrow decodes them, the needed columns only.

    Parameters
    ----------
    path
        A path, a folder, a glob, a URL, or a list of them. An open file or buffer is read by pandas, now.
    columns
        The columns to read; None: all.

    Notes
    -----
    Labels of rows and columns, and `attrs`, are those that pandas noted in the first file.
    """
    if not _names_files(path):
        raise NotYetError("reading what is no path")
    source = io.parquet.open_parquet(path, columns)
    scan, layout = ex.Scan(source, None), source.layout
    levels = tuple(ex.Column(scan, field) for _, field in layout.levels)
    names = tuple(name for name, _ in layout.levels)
    labels = convert.Labels(names, levels) if levels else convert.positions(scan, *layout.range)
    made = DataFrame._of(scan, [ex.Column(scan, field) for field in layout.fields], layout.names, labels)
    made.attrs = json.loads(layout.attrs)
    return made


def _names_files(given: Any) -> bool:
    """Whether this is a path, or several; anything else is pandas' to read or to refuse."""
    if isinstance(given, (str, os.PathLike)):
        return True
    if hasattr(given, "__len__") and not len(given):
        return False
    return isinstance(given, Iterable) and not (isinstance(given, (bytes, Mapping, Rows)) or hasattr(given, "read"))


def from_pandas(data: Any) -> Any:
    """A real pandas object as one of ours; its arrays are used as they are."""
    if not isinstance(data, (pd.Series, pd.DataFrame, pd.Index)):
        raise TypeError(f"from_pandas takes a pandas DataFrame, Series or Index, not {type(data).__name__}")
    return adopt(data.copy(deep=False) if isinstance(data, (pd.Series, pd.DataFrame)) else data)
