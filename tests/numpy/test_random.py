"""Random arrays: one seed, one array, however cut, ordered or shared by threads; NumPy's bits where they exist."""

import numpy as real
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.numpy as np
from tenfold import config
from tests.numpy import drawn
from tests.numpy.same import assert_same_array

SHAPE = (23, 31)
ROWS = (1, 2, 3, 7, 31, 32, 100, 500, 713, 1 << 17)  # ten ways to cut 713 elements
DISTRIBUTIONS = {
    "random": lambda rng, size: rng.random(size),
    "random_f4": lambda rng, size: rng.random(size, dtype="f4"),
    "uniform": lambda rng, size: rng.uniform(-2, 3, size),
    "normal": lambda rng, size: rng.normal(1, 2, size),
    "standard_normal": lambda rng, size: rng.standard_normal(size),
    "exponential": lambda rng, size: rng.exponential(3, size),
    "standard_exponential": lambda rng, size: rng.standard_exponential(size),
    "lognormal": lambda rng, size: rng.lognormal(0, 0.5, size),
    "integers": lambda rng, size: rng.integers(-5, 50, size),
    "integers_u1": lambda rng, size: rng.integers(0, 255, size, dtype="u1", endpoint=True),
    "choice": lambda rng, size: rng.choice(10, size),
    "weighted_choice": lambda rng, size: rng.choice([1.5, 2.5, 9.0], size, p=[0.2, 0.5, 0.3]),
    "permutation": lambda rng, size: rng.permutation(713).reshape(size),
}
whole = pytest.mark.parametrize("name", DISTRIBUTIONS)


def drawn_array(name, seed=7, before=0):
    rng = np.random.default_rng(seed)
    rng.random(before)
    return DISTRIBUTIONS[name](rng, SHAPE)


def values(name, **options):
    with config.set(target="blocks", morsel_rows=1 << 17, threads=1):
        return drawn_array(name, **options).compute()


@whole
def test_one_seed_one_array_in_ten_ways_of_cutting(name):
    expected = values(name)
    for number, rows in enumerate(ROWS):
        with config.set(target="blocks", morsel_rows=rows, threads=number % 3 + 1):
            assert_same_array(drawn_array(name), expected)


@whole
def test_other_seeds_and_places_give_other_arrays(name):
    expected = values(name)
    assert (values(name, seed=8) != expected).any()
    assert (values(name, before=8) != expected).any()


@given(st.data())
def test_a_slice_is_that_of_the_whole(data):
    name = data.draw(st.sampled_from(sorted(DISTRIBUTIONS)))
    key = data.draw(drawn.basic_indices(SHAPE))
    with data.draw(drawn.settings_of_a_run()):
        assert_same_array(drawn_array(name)[key], values(name)[key])
        assert_same_array((drawn_array(name) + 1).T[::2], (values(name) + 1).T[::2])


@pytest.mark.parametrize("name", ["normal", "random", "exponential", "integers"])
def test_one_seed_one_array_without_a_compiler(name, quick_target):
    assert_same_array(drawn_array(name)[1::2, ::3], values(name)[1::2, ::3])
    assert_same_array(drawn_array(name)[::2, 1::2], values(name)[::2, 1::2])


def test_one_seed_one_sum_on_every_target(target):
    assert_same_array(drawn_array("normal")[1:].sum(0), np.array(values("normal"))[1:].sum(0).compute())


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("columns", [30, 31])
def test_normals_at_even_or_odd_numbers_are_those_of_the_whole(base, columns):
    rng = np.random.default_rng(3)
    everything = rng.normal(size=(9, columns)).compute()
    again = np.random.default_rng(3).normal(size=(9, columns))[:, base::2]
    assert_same_array(again, everything[:, base::2])


def test_the_order_of_evaluation_changes_nothing():
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    first, second = rng.normal(size=50), rng.random(50)
    one, two = other.normal(size=50), other.random(50)
    assert_same_array(two, second.compute())
    assert_same_array(one, first.compute())


def test_uniform_numbers_are_those_of_numpys_philox_call_after_call():
    for seed in (0, 7, 12345678901234567890, [1, 2, 3]):
        ours = np.random.default_rng(seed)
        theirs = real.random.Generator(real.random.Philox(seed))
        assert_same_array(ours.random((5, 7)), theirs.random((5, 7)))
        assert_same_array(ours.uniform(-3, 8, 11), theirs.uniform(-3, 8, 11))
        assert float(ours.random()) == theirs.random()
        assert_same_array(ours.uniform([0, 1], [5, 6]), theirs.uniform([0, 1], [5, 6]))
        assert_same_array(ours.random(4), theirs.random(4))


MOMENTS = {
    "random": (1 / 2, 1 / 12), "uniform": (1 / 2, 25 / 12), "normal": (1, 4), "standard_normal": (0, 1),
    "exponential": (3, 9), "standard_exponential": (1, 1), "integers": (22, (55**2 - 1) / 12), "choice": (4.5, 99 / 12),
}  # fmt: skip


@pytest.mark.parametrize("name", MOMENTS)
def test_mean_and_variance_are_those_of_the_distribution(name):
    count = 200_000
    mean, variance = MOMENTS[name]
    with config.set(target="blocks"):
        x = DISTRIBUTIONS[name](np.random.default_rng(11), count).compute()
    assert abs(x.mean() - mean) < 5 * (variance / count) ** 0.5
    assert abs(x.var() / variance - 1) < 0.05
    assert abs(real.corrcoef(x[:-1], x[1:])[0, 1]) < 5 / count**0.5


def test_permutations_hold_every_element_once():
    assert sorted(np.random.default_rng(0).permutation(100).tolist()) == list(range(100))
    x = np.arange(50)
    np.random.default_rng(0).shuffle(x)
    assert sorted(x.tolist()) == list(range(50)) != x.tolist()
    some = np.random.default_rng(0).choice(20, 20, replace=False)
    assert sorted(some.tolist()) == list(range(20))


@pytest.mark.parametrize(
    "call",
    [
        lambda np: np.random.default_rng(0).integers(5, 5),
        lambda np: np.random.default_rng(0).integers(0, 300, dtype="u1"),
        lambda np: np.random.default_rng(0).normal(0, -1, 3),
        lambda np: np.random.default_rng(0).choice(3, 5, replace=False),
        lambda np: np.random.default_rng(0).choice(3, p=[0.5, 0.5]),
        lambda np: np.random.default_rng(0).choice(0, 3),
        lambda np: np.random.default_rng(0).uniform([1, 2], size=3),
        lambda np: np.random.default_rng(0).random(3, dtype="i4"),
        lambda np: np.random.default_rng(-1),
    ],
)
def test_what_numpy_refuses_is_refused(call):
    with pytest.raises((ValueError, TypeError)) as theirs:
        call(real)
    with pytest.raises(theirs.type):
        call(np)
