"""One table says how each name of pandas runs; it has a page, and no name is missing on either."""

import types
from pathlib import Path

import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold.pandas.capabilities import ROWS, family
from tenfold.pandas.door import FUNCTIONS, OURS, TITLES
from tenfold.pandas.methods import VERSION, methods, page
from tests.goldens import assert_golden

PAGE = Path(__file__).parents[2] / "docs" / "capabilities.md"
SERIES = {
    "str": pd.Series(["a"]),
    "dt": pd.Series(pd.to_datetime(["2020-01-01"])),
    "cat": pd.Series(["a"], dtype="category"),
}
CLASSES = {
    "DataFrame": pd.DataFrame,
    "Series": pd.Series,
    **{f"Series.{name}": type(getattr(series, name)) for name, series in SERIES.items()},
    "plot": pd.plotting.PlotAccessor,
}
GROUPS = {"GroupBy": "DataFrameGroupBy SeriesGroupBy", "Resampler": "Resampler DatetimeIndexResamplerGroupBy",
          "Window": "Rolling RollingGroupBy Expanding ExponentialMovingWindow Window"}  # fmt: skip
KINDS = [value for name, value in vars(pd).items() if name.endswith("Index") and isinstance(value, type)]
SEVERAL = {
    **{of: [cls] for of, cls in CLASSES.items()},
    **{of: [getattr(pd.api.typing, name) for name in names.split()] for of, names in GROUPS.items()},
    "Index": KINDS,
    "pandas": [pd],
}


def test_golden_page():
    if f"those of pandas {VERSION}." not in PAGE.read_text():
        pytest.skip("the page is of another pandas, which has other names")
    assert_golden(PAGE, page())


@pytest.mark.parametrize("of", SEVERAL)
def test_every_public_name_is_on_the_page(of):
    names = {name for cls in SEVERAL[of] for name in dir(cls) if not name.startswith("_")}
    if of == "pandas":
        names = {name for name in names if isinstance(getattr(pd, name), types.FunctionType)}
    assert names <= {name for owner, name in methods() if owner == of}
    lines = [line for line in page().splitlines() if line.startswith(f"| {of} |")]
    assert [name for name in sorted(names) if sum(f"`{name}`" in line for line in lines) != 1] == []


def test_what_has_a_form_is_native():
    native = {(method.of, method.name) for method in methods().values() if method.native}
    assert native >= {("DataFrame", "__getitem__"), ("Series", "add"), ("GroupBy", "mean"), ("pandas", "read_csv")}
    assert native.isdisjoint({("DataFrame", "merge"), ("GroupBy", "std"), ("pandas", "isna"), ("Index", "max")})


def test_the_table_names_nothing_that_is_not_there():
    paths = {f"{family(TITLES[own])}.{name}" for real, own in OURS.items() for name in dir(real)} | FUNCTIONS.keys()
    ends = {path[start:] for path in paths for start in [0, *(n + 1 for n, mark in enumerate(path) if mark == ".")]}
    groups = {family(title) for title in TITLES.values()}
    names = [name for row in ROWS for name in row.names.split()]
    assert [name for name in names if name not in ends | groups] == []
    assert len(set(names)) == len(names)


def test_a_function_of_the_top_level_has_its_door():
    functions = [name for name in dir(pd) if isinstance(getattr(pd, name), types.FunctionType)]
    assert [name for name in functions if getattr(tf, name) is not FUNCTIONS[name]] == []
