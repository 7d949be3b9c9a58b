"""`import tenfold.pandas as pd`: pandas' API over files and frames of any size, lazy and compiled.

Results equal pandas' in values, types, index and order. What is not here yet raises an error that says so.
"""

from tenfold.pandas import protocols as _protocols  # noqa: F401 (it gives the classes NumPy's protocols)
from tenfold.pandas.frame import DataFrame
from tenfold.pandas.read import from_pandas, read_csv, read_parquet
from tenfold.pandas.series import Series

__all__ = ["DataFrame", "Series", "from_pandas", "read_csv", "read_parquet"]
