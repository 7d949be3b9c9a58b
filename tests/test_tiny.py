"""Seconds, not minutes: the example on 100 rows, and one look at each level. The first tests to run after a change."""

import pytest

import tenfold.pandas as pd
from tenfold import config
from tests import programs
from tests.assert_same import assert_same

pytestmark = pytest.mark.usefixtures("_blocks")


@pytest.fixture
def _blocks():
    with config.set(target="blocks"):
        yield


@pytest.fixture
def real():
    return programs.frame(rows=100)


@pytest.fixture
def program(real):
    return programs.taxi(pd.from_pandas(real))


def test_the_example_from_memory(program, real):
    assert_same(program, programs.taxi(real), rtol=1e-12)


def test_the_example_from_csv(tmp_path, real):
    real[["x", "y", "t"]].to_csv(tmp_path / "one.csv", index=False)
    assert_same(programs.taxi(pd.read_csv(tmp_path / "*.csv", parse_dates=["t"])), programs.taxi(real), rtol=1e-12)


def test_the_example_from_parquet(tmp_path, real):
    real.to_parquet(tmp_path / "one.parquet")
    assert_same(programs.taxi(pd.read_parquet(tmp_path / "one.parquet")), programs.taxi(real), rtol=1e-12)


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("expr", ["r1 = filter r0: ((x > 0) & (y > 0))", "by hour(t): mean((x / y))"]),
        ("plan", ["r0 = scan memory [x: float64, y: float64, t: datetime64[us]]"]),
        ("stage", ["pipeline memory", "exchange combine by hour(t)", "read x, y, t"]),
        ("kernel", ["kernel filter_div_count_sum", "%0 = input f8", "guard "]),
        ("source", ["def kernel(block, lo, hi):", "return hi"]),
    ],
)
def test_every_level_can_be_seen(level, words, program):
    text = program.explain(level)
    assert [word for word in words if word not in text] == []
    assert text._repr_html_().startswith("<pre>")


def test_every_pass_can_be_seen(program):
    text = program.explain(passes=True)
    assert [line for line in text.splitlines() if line.startswith("--")] == [
        "-- as written", "-- after fold_constants: the same", "-- after push_filters: the same", "-- after share",
        "-- after prune_columns", "-- after place",
    ]  # fmt: skip


def test_a_level_that_is_none_is_an_error(program):
    with pytest.raises(ValueError, match="no level 'sql'; there are expr, plan"):
        program.explain("sql")
