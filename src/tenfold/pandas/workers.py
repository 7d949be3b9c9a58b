"""What pandas makes of frames to work on them, as classes of ours: windows, accessors, indexers, plots, readers."""

import importlib
from typing import Any

from pandas.core import indexing

from tenfold.pandas.door import OURS, Copied, fill

MODULES = (
    "core.indexing", "core.groupby.groupby", "core.groupby.indexing", "core.resample", "core.window.rolling",
    "core.window.expanding", "core.window.ewm", "core.strings.accessor", "core.indexes.accessors",
    "core.arrays.categorical", "core.arrays.sparse.accessor", "core.arrays.arrow.accessors", "plotting._core",
    "io.parsers.readers", "io.json._json",
)  # fmt: skip
ENDINGS = (
    "RollingGroupBy", "ExpandingGroupBy", "WindowGroupBy", "ResamplerGroupBy", "Rolling", "Expanding", "Window",
    "Resampler", "Methods", "Properties", "Accessor", "Indexer", "Selector", "GroupByPlot", "TextFileReader",
    "JsonReader",
)  # fmt: skip
TITLES = {
    "StringMethods": "Series.str", "CategoricalAccessor": "Series.cat", "PlotAccessor": "plot",
    "TimedeltaProperties": "Series.dt", "PeriodProperties": "Series.dt", "CombinedDatetimelikeProperties": "Series.dt",
}  # fmt: skip


class Indexer:
    """An indexer; pandas' has no attributes to copy."""

    @classmethod
    def _adopted(cls, real: Any) -> Any:
        return cls(real.name, real.obj)  # type: ignore[call-arg]


def own(real: type) -> type:
    """Our class of one of pandas'."""
    kind = Indexer if issubclass(real, indexing.NDFrameIndexerBase) else Copied
    made = type(real)(real.__name__, (kind, real), {"__module__": __name__, "__doc__": real.__doc__})
    fill(made, real, TITLES.get(real.__name__))
    return made


for _module in MODULES:
    for _name, _class in list(vars(importlib.import_module(f"pandas.{_module}")).items()):
        _ends = _name.replace("Groupby", "GroupBy").endswith(ENDINGS)  # pandas 3.0 wrote it so
        if isinstance(_class, type) and _ends and _class not in OURS and not _name.startswith("Base"):
            own(_class)
