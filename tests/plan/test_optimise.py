"""Passes: what they make of a plan as one would write it is the plan as an expert would."""

import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.collect import collect
from tenfold.errors import PlanError
from tenfold.expr import nodes as ex
from tenfold.expr.interpret import interpret
from tenfold.kernel.nodes import Kernel
from tenfold.node import order
from tenfold.plan import PASSES, optimise, steps
from tests import programs
from tests.kernels import kernels
from tests.test_differential import assert_same_columns


@pytest.fixture(scope="module")
def df():
    return tf.from_pandas(programs.frame(rows=200))


def by_k(df):
    return df.groupby("k").n.sum()


# naive -> ideal: both give the very same plan
PAIRS = {
    "filters one after the other": (lambda d: d[d.x > 0][(d.y > 0)[d.x > 0]], lambda d: d[(d.y > 0) & (d.x > 0)]),
    "either order of operands": (lambda d: d.x + d.y, lambda d: d.y + d.x),
    "either direction of a comparison": (lambda d: d[d.x > d.y], lambda d: d[d.y < d.x]),
    "a condition said twice": (lambda d: d[(d.x > 0) & (d.x > 0)], lambda d: d[d.x > 0]),
    "not not": (lambda d: d[~~d.b], lambda d: d[d.b]),
    "not isna": (lambda d: d[~d.x.isna()], lambda d: d[d.x.notna()]),
    "columns that nobody needs": (lambda d: d.assign(z=d.x * 2)[["y"]], lambda d: d[["y"]]),
    "a cast to its own type": (lambda d: d.x.astype("float64"), lambda d: d.x),
    "a changed column that is dropped": (lambda d: by_k(d.assign(x=d.x / d.y)), lambda d: by_k(d)),
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_the_naive_plan_becomes_the_ideal_one(pair, df):
    naive, ideal = (optimise(write(df)._plan()) for write in PAIRS[pair])
    assert naive is ideal


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_each_pass_keeps_the_meaning_and_a_second_run_finds_nothing(name, df):
    plan = programs.PROGRAMS[name](df)._plan()
    meaning = interpret(plan)
    for _, after in steps(plan):
        assert_same_columns(interpret(after), meaning)
    assert optimise(optimise(plan)) is optimise(plan)


@pytest.mark.parametrize("name", programs.PROGRAMS)
@pytest.mark.parametrize("skipped", [one.__name__ for one in PASSES])
def test_a_plan_without_one_pass_answers_the_same(name, skipped, df):
    plan = programs.PROGRAMS[name](df)._plan()
    without = optimise(plan, skip=[skipped])
    assert_same_columns(interpret(without), interpret(plan))


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_another_source_of_the_same_columns_gives_the_same_kernels(name, df):
    other = tf.from_pandas(programs.frame(rows=200, seed=5))
    program = programs.PROGRAMS[name]
    assert kernels(program(other)) == kernels(program(df))


@pytest.mark.parametrize("threshold", [1, 2, 1e9, -0.0, 10**30])
def test_another_threshold_gives_the_same_kernel(threshold, df):
    queries = [df[(df.x > value) & (df.y > 3.5)].groupby("k").x.sum() for value in (0, threshold)]
    first, second = map(kernels, queries)
    assert first == second
    assert all(isinstance(kernel, Kernel) for kernel in first)


def test_filters_on_group_keys_go_below_the_groups(df):
    table = ex.Aggregate(df._rows, (df.k._scalar,), (ex.Reduction("size", None),))
    plan = ex.Filter(table, ex.Call("lt", (ex.Column(table, "key0"), ex.Column(table, "key0"))))
    plan = ex.Project(plan, (ex.Column(table, "value0"),), ())
    best = optimise(plan)
    assert not any(isinstance(n, ex.Filter) and isinstance(n.table, ex.Aggregate) for n in order(best))
    assert_same_columns(interpret(best), interpret(plan))


def test_a_scalar_of_other_rows_is_an_error_that_names_the_pass(df, monkeypatch):
    other = tf.from_pandas(programs.frame(rows=3))

    def stray(plan):
        return ex.Project(plan.table, (other.x._scalar,), ())

    monkeypatch.setattr("tenfold.plan.PASSES", (stray,))
    with config.set(check=True), pytest.raises(PlanError, match=r"pass stray: .* does not belong to the rows of Scan"):
        collect(df[["x"]]._plan())
