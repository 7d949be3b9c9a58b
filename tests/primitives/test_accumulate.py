"""Exact sums: equal to `math.fsum` and to fractions, whatever the order, the split, the window and the way of adding."""

import ctypes
import functools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.primitives import accumulate as ac
from tenfold.target.cpu import compile_object, load

TEXT = """
from tenfold.primitives.accumulate import deposit, deposit_block, deposit_block_masked, mean_cells, round_cells, \
    round_cells_f4

def one_by_one(cells, at, low, limbs, values, lo, hi):
    for i in range(lo, hi):
        if deposit(cells, at, low, limbs, values[i]) == 0:
            return i
    return hi

def block(cells, at, low, limbs, values, lo, hi):
    return deposit_block(cells, at, low, limbs, values, lo, hi)

def block_masked(cells, at, low, limbs, values, mask, lo, hi):
    return deposit_block_masked(cells, at, low, limbs, values, mask, lo, hi)

def rounded(cells, groups, low, limbs, out):
    round_cells(cells, groups, low, limbs, out)
    return 0

def rounded_f4(cells, groups, low, limbs, out):
    round_cells_f4(cells, groups, low, limbs, out)
    return 0

def mean(cells, groups, low, limbs, out):
    mean_cells(cells, groups, low, limbs, out)
    return 0
"""
ADD, READ = "i8*,i8,i8,i8,f8*,i8,i8->i8", "i8*,i8,i8,i8,f8*->i8"
SIGNATURES = {
    "one_by_one": ADD, "block": ADD, "block_masked": ADD.replace("f8*", "f8*,u1*"),
    "rounded": READ, "rounded_f4": READ, "mean": READ,
}  # fmt: skip
PLAIN = {}
exec(compile(TEXT, "plain", "exec"), PLAIN)


@functools.cache
def compiled(name):
    function = load(*compile_object(TEXT, name, SIGNATURES[name]), SIGNATURES[name])
    return lambda *arguments: function(*(a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments))


def plain(name):
    return lambda *arguments: PLAIN[name](*(a.reshape(-1) if isinstance(a, np.ndarray) else a for a in arguments))


RUNS = (plain, compiled)
WAYS = ("one_by_one", "block")
ordinary = st.floats(1e-4, 1e4) | st.floats(-100, 100) | st.integers(-1000, 1000).map(float)
finite = ordinary | st.floats(-1e300, 1e300, allow_subnormal=True)
anything = finite | st.floats()


def added(values, window, run=compiled, way="block"):
    """The cell of some values; they must fit the window."""
    cells, values = ac.new_cells(1, window[1]), np.array(values, np.float64)
    assert run(way)(cells, 0, *window, values, 0, len(values)) == len(values)
    return ac.normalise(cells)


def exact(values):
    """The rounded exact sum, by fractions."""
    values = [float(v) for v in values]
    odd = {v if v == v else "nan" for v in values if not math.isfinite(v)}
    if odd:
        return odd.pop() if len(odd) == 1 and "nan" not in odd else math.nan
    return nearest(sum(map(Fraction, values), Fraction()))


def nearest(total):
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def same(a, b):
    """Equal bits, one nan being like another."""
    return a.hex() == b.hex() if a == a else b != b


def read(cells, low, name="rounded", run=compiled):
    out = np.empty(len(cells))
    run(name)(cells, len(cells), low, cells.shape[1] - 2, out)
    return out


@settings(max_examples=200, deadline=None)
@given(st.lists(anything, max_size=30))
def test_the_sum_is_exact_and_rounded_once(values):
    total = exact(values)
    for run in RUNS:
        for way in WAYS:
            assert same(float(read(added(values, ac.WIDEST, run, way), 0, run=run)[0]), total)


@settings(max_examples=200, deadline=None)
@given(st.lists(anything, max_size=30))
def test_all_ways_of_adding_leave_the_same_cell(values):
    cell = added(values, ac.WIDEST)
    many = ac.new_cells(1, ac.WIDEST[1])
    assert ac.deposit_many(many, *ac.WIDEST, np.zeros(len(values), np.int64), values)
    for other in (many, *(added(values, ac.WIDEST, run, way) for run in RUNS for way in WAYS)):
        assert np.array_equal(cell, other)


@settings(max_examples=100, deadline=None)
@given(st.lists(finite, min_size=1, max_size=40), st.randoms(use_true_random=False), st.integers(0, 40))
def test_order_and_parts_do_not_show(values, random, cut):
    window = ac.window_of(values)
    whole = added(values, window)
    shuffled = random.sample(values, len(values))
    parts = ac.merge(added(shuffled[:cut], window), added(shuffled[cut:], window))
    assert np.array_equal(whole, parts)


@settings(max_examples=100, deadline=None)
@given(st.lists(finite, min_size=1, max_size=20), st.lists(finite, min_size=1, max_size=20))
def test_a_wider_window_holds_the_same_sum(values, more):
    window = ac.window_of(values)
    wider = ac.covering(*window, more)
    cells = ac.widen(added(values, window), window[0], *wider)
    assert np.array_equal(cells, added(values, wider))
    both = ac.merge(cells, added(more, wider))
    assert same(float(read(both, wider[0])[0]), exact(values + more))


@settings(max_examples=100, deadline=None)
@given(st.lists(ordinary, min_size=1, max_size=20), finite)
def test_a_value_outside_changes_nothing_and_says_where(values, stray):
    window = ac.window_of(values)
    together = np.array([*values, stray, *values])
    for run in RUNS:
        for way in WAYS:
            cells = ac.new_cells(1, window[1])
            done = run(way)(cells, 0, *window, together, 0, len(together))
            assert done in (len(values), len(together))
            assert np.array_equal(ac.normalise(cells), added(together[:done], window))


def test_a_window_that_is_too_small_is_found_by_all_ways():
    values = np.array([1.0, 1.5, 1e200])
    window = ac.window_of(values[:2])
    for run in RUNS:
        for way in WAYS:
            assert run(way)(ac.new_cells(1, window[1]), 0, *window, values, 0, 3) == 2
    assert not ac.deposit_many(ac.new_cells(1, window[1]), *window, [0, 0, 0], values)
    masked = compiled("block_masked")
    assert masked(ac.new_cells(1, window[1]), 0, *window, values, np.array([1, 1, 0], np.uint8), 0, 3) == 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(anything, st.booleans()), max_size=30))
def test_a_mask_chooses_rows(rows):
    values, mask = np.array([v for v, _ in rows], float), np.array([m for _, m in rows], np.uint8)
    chosen = added(values[mask == 1], ac.WIDEST)
    for run in RUNS:
        cells = ac.new_cells(1, ac.WIDEST[1])
        assert run("block_masked")(cells, 0, *ac.WIDEST, values, mask, 0, len(values)) == len(values)
        assert np.array_equal(ac.normalise(cells), chosen)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 5e-324, 1e300])
@pytest.mark.parametrize("spread", [0, 20, 300])
def test_long_columns(scale, spread):
    rng = np.random.default_rng(7)
    values = rng.normal(size=20_000) * 2.0 ** rng.integers(-spread, 1, 20_000) * scale
    values[5_000:9_000] *= 0.001
    window = ac.window_of(values)
    for way in WAYS:
        assert read(added(values, window, way=way), window[0])[0] == math.fsum(values)


def test_carries_are_settled_before_they_overflow():
    """A million of the largest value of a window, of either sign."""
    low, limbs = ac.window_of([1.0])
    for sign in (1.0, -1.0):
        values = np.full(1_000_000, sign * math.nextafter(2.0 ** (low + 44 * (limbs - 2) - 1074 + 51), 0.0))
        for way in WAYS:
            assert read(added(values, (low, limbs), way=way), low)[0] == math.fsum(values)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=10))
def test_float32_is_rounded_once(values):
    total = sum(map(Fraction, values), Fraction())
    cells = added(values, ac.WIDEST)
    for run in RUNS:
        found = float(read(cells, 0, "rounded_f4", run)[0])
        assert same(found, nearest_float32(total))


def nearest_float32(total):
    """The nearest float32 to a fraction: the neighbour with the smaller error, or the even one."""
    middle = np.float32(np.clip(nearest(total), -3.4028234663852886e38, 3.4028234663852886e38))
    if abs(total) >= Fraction(2) ** 128 - Fraction(2) ** 103:
        return math.copysign(math.inf, total)
    around = [np.nextafter(middle, np.float32(s) * np.finfo(np.float32).max) for s in (-1, 1)]
    candidates = [c for c in (middle, *around) if np.isfinite(c)]
    best = min(candidates, key=lambda c: (abs(Fraction(float(c)) - total), int(c.view(np.int32)) & 1))
    return float(best) + 0.0


@pytest.mark.parametrize("run", RUNS)
def test_means(run):
    cells = ac.new_cells(3, 3)
    window = ac.window_of([1.0])
    assert ac.deposit_many(cells, *window, [0, 0, 2, 2, 2], [1.0, 2.0, 0.1, 0.1, 0.1])
    means = read(cells, window[0], "mean", run)
    assert means[0] == 1.5 and math.isnan(means[1]) and means[2] == math.fsum([0.1] * 3) / 3
    assert np.array_equal(ac.means(cells, window[0]), means, equal_nan=True)


def test_nothing_and_zeros_sum_to_positive_zero():
    for values in ([], [-0.0], [0.0, -0.0], [1.0, -1.0]):
        assert float(read(added(values, (986, 3)), 986)[0]).hex() == "0x0.0p+0"


def test_counts_include_all_deposits():
    cells = added([0.0, -0.0, math.nan, math.inf, 1.0], ac.WIDEST)
    assert cells[0, 0] == 5 and cells[0, 1] == ac.NAN | ac.PLUS_INFINITY


def test_many_groups():
    rng = np.random.default_rng(3)
    codes, values = rng.integers(0, 50, 30_000), rng.normal(size=30_000)
    low, limbs = ac.window_of(values)
    cells = ac.new_cells(50, limbs)
    assert ac.deposit_many(cells, low, limbs, codes, values)
    assert ac.sums(cells, low).tolist() == [math.fsum(values[codes == g]) for g in range(50)]
    assert ctypes.sizeof(ctypes.c_int64) * (limbs + 2) == cells[0].nbytes
