"""`import tenfold.pandas as pd`: pandas' API over files and frames of any size, lazy and compiled.

Every name of pandas is here. Results equal pandas' in values, types, index and order; what is not native yet runs in
pandas itself, and says so where the data are large.
"""

import importlib as _importlib
import sys as _sys
import types as _types
from typing import Any as _Any

import pandas as _pandas

from tenfold.pandas import testing as testing
from tenfold.pandas import workers as _workers  # noqa: F401 (it makes our classes of pandas')
from tenfold.pandas.door import function as _function
from tenfold.pandas.frame import DataFrame as DataFrame
from tenfold.pandas.index import CategoricalIndex as CategoricalIndex
from tenfold.pandas.index import DatetimeIndex as DatetimeIndex
from tenfold.pandas.index import Index as Index
from tenfold.pandas.index import IntervalIndex as IntervalIndex
from tenfold.pandas.index import MultiIndex as MultiIndex
from tenfold.pandas.index import PeriodIndex as PeriodIndex
from tenfold.pandas.index import RangeIndex as RangeIndex
from tenfold.pandas.index import TimedeltaIndex as TimedeltaIndex
from tenfold.pandas.read import from_pandas as from_pandas
from tenfold.pandas.read import read_csv as read_csv
from tenfold.pandas.read import read_parquet as read_parquet
from tenfold.pandas.series import Series as Series

for _name in dir(_pandas):
    if not _name.startswith("_") and _name not in globals():
        _value: _Any = getattr(_pandas, _name)
        globals()[_name] = _function(_name, _value) if isinstance(_value, _types.FunctionType) else _value

for _name in (
    "api", "api.types", "api.typing", "api.extensions", "api.indexers", "api.interchange", "arrays", "errors",
    "plotting", "tseries", "tseries.frequencies", "tseries.offsets", "util",
):  # fmt: skip
    _sys.modules[f"{__name__}.{_name}"] = _importlib.import_module(f"pandas.{_name}")

__version__ = _pandas.__version__
__all__ = [_name for _name in dir(_pandas) if not _name.startswith("_")] + ["from_pandas"]
__all__ += ["testing"] * ("testing" not in __all__)
