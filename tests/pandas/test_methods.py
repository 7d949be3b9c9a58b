"""One table says how each name of pandas runs; it has a page, and no name is missing on either."""

import types
from pathlib import Path

import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config, fallback
from tenfold.pandas.capabilities import ROWS, family
from tenfold.pandas.door import FUNCTIONS, OURS, TITLES
from tenfold.pandas.methods import VERSION, WAYS, methods, page
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
TYPING = {name.replace("Groupby", "GroupBy"): value for name, value in vars(pd.api.typing).items()}
GROUPS = {"GroupBy": "DataFrameGroupBy SeriesGroupBy", "Resampler": "Resampler DatetimeIndexResamplerGroupBy",
          "Window": "Rolling RollingGroupBy Expanding ExponentialMovingWindow Window"}  # fmt: skip
KINDS = [value for name, value in vars(pd).items() if name.endswith("Index") and isinstance(value, type)]
SEVERAL = {
    **{of: [cls] for of, cls in CLASSES.items()},
    **{of: [TYPING[name] for name in names.split()] for of, names in GROUPS.items()},
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


@pytest.fixture
def used(_lenient, monkeypatch):
    """A frame, and a call on each level."""
    monkeypatch.setattr(fallback, "counts", type(fallback.counts)())
    df = tf.from_pandas(pd.DataFrame({"k": [1, 2, 1], "x": [0.5, 1.5, 2.5], "t": ["a", "b", "c"]}))
    df.x.sum(), df.iloc[1:], df.t.str.upper(), df.sort_values("x"), df.groupby("k").x.std()
    df.x.sum(), tf.concat([df, df])
    return df


def test_explain_says_how_a_method_runs(used):
    assert used.explain("sort_values") == (
        "DataFrame.sort_values: in pandas on the whole: it orders rows\n"
        "what a native form would take: a sort on all threads\n"
        "so far: on the whole 1"
    )
    assert used.x.explain("sum").endswith(
        "native for the usual arguments; for others in pandas on the whole\nso far: natively 2"
    )
    assert used.t.explain("str.upper").endswith("so far: by batch 1")
    assert used.explain("GroupBy.std").endswith("so far: on the whole 1")
    assert used.explain("concat").startswith("pandas.concat: in pandas, which moves")
    assert used[used.x > 1].explain("median")._repr_html_().startswith("<pre>DataFrame.median: in pandas on the whole")
    with pytest.raises(ValueError, match=r"no level 'tables'; there are expr, .*methods"):
        used.explain("tables")


def test_explain_lists_what_ran_and_what_all_methods_do(used):
    parts = used.explain("methods").removeprefix("-- ").split("\n-- ")
    said = {head: " ".join(lines) for head, *lines in map(str.splitlines, parts)}
    ran = {level: said.pop(f"ran so far {way}").split(", ") for level, way in WAYS.items()}
    assert "Series.sum 2" in ran["native"]
    assert sorted(ran["moved"]) == ["indexers.__getitem__ 1", "pandas.concat 1"]
    assert ran["batch"] == ["Series.str.upper 1"]
    assert sorted(ran["whole"]) == ["DataFrame.sort_values 1", "GroupBy.std 1"]
    assert {name for names in said.values() for name in names.split()} == {
        name for of, name in methods() if of == "DataFrame"
    }


def test_small_frames_are_not_counted(used):
    fallback.counts.clear()
    with config.set(small_cells=100):
        assert used.x.sum() == 4.5
        used.sort_values("x"), tf.concat([used, used])
    assert not fallback.counts
