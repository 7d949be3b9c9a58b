"""Schedules that are kept between runs: found again for the same form, whatever the data, and holding none of them."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest

import tenfold.numpy as np
from tenfold.run import schedule

PROGRAMS = {
    "total": lambda m, x, y: (x + 1).sum(),
    "rows": lambda m, x, y: (x - x.mean(axis=0)).max(axis=1),
    "same array twice": lambda m, x, y: x * x - x,
    "two arrays": lambda m, x, y: x * y - x,
    "view": lambda m, x, y: x[::2, 1:].T.copy(),
    "reshaped": lambda m, x, y: x.reshape(-1)[3:9],
    "sorted": lambda m, x, y: m.sort(x, axis=1),
    "product": lambda m, x, y: x.T @ y,
    "joined": lambda m, x, y: m.concatenate([x, y * 2], axis=1).sum(axis=0),
    "chosen": lambda m, x, y: m.where(x > y, x, -y),
    "factors": lambda m, x, y: m.linalg.qr(x).R ** 2,
    "itself": lambda m, x, y: x,
}


def arrays(seed):
    random = numpy.random.default_rng(seed)
    return random.normal(size=(8, 6)), random.normal(size=(8, 6))


@pytest.fixture(autouse=True)
def nothing_kept():
    schedule._kept.cache_clear()


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_second_run_finds_the_schedule_and_answers_for_its_own_data(name):
    for seed in range(3):
        x, y = arrays(seed)
        answer = PROGRAMS[name](np, np.array(x), np.array(y)).compute()
        numpy.testing.assert_allclose(answer, PROGRAMS[name](numpy, x, y), rtol=1e-12)
    assert schedule._kept.cache_info().misses == 1


def test_a_floating_constant_is_no_part_of_a_form_and_an_integer_is():
    x, _ = arrays(4)
    for constant in (0.5, -0.0, numpy.inf, 1e300):
        numpy.testing.assert_array_equal((np.array(x) * constant).compute(), x * constant)
    assert schedule._kept.cache_info().currsize == 1
    whole = (x * 100).astype(int)
    for divisor in (3, 0, -1, 7):  # a kernel divides by some of them
        with numpy.errstate(divide="ignore"):
            numpy.testing.assert_array_equal((np.array(whole) // divisor).compute(), whole // divisor)
    assert schedule._kept.cache_info().currsize == 5


def test_what_differs_in_form_has_its_own_schedule():
    x, y = arrays(0)
    for a, b in [(x, y), (x, x[:1]), (x[:, :5], y[:, :5]), (x.astype("f4"), y)]:
        assert_sums(a, b)
    same = np.array(x)
    assert float((same + same).sum()) == pytest.approx(float((x + x).sum()))
    assert schedule._kept.cache_info().currsize == 5


def assert_sums(a, b):
    assert float((np.array(a) + np.array(b)).sum()) == pytest.approx(float((a + b).sum()), rel=1e-6)


def test_writing_into_an_array_shows():
    values = numpy.zeros(1 << 14)
    x = np.asarray(values, copy=False)  # looked at, not copied
    assert float((x + 1).sum()) == len(values)
    values[3] = 10
    assert float((x + 1).sum()) == len(values) + 10
    x[4] = 100
    assert float((x + 1).sum()) == len(values) + 110


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_data_are_kept_alive(name):
    x, y = (numpy.tile(a, (1 << 8, 1)) for a in arrays(1))
    PROGRAMS[name](np, np.asarray(x), np.asarray(y)).compute()
    kept = weakref.ref(x), weakref.ref(y)
    del x, y
    gc.collect()
    assert [ref() for ref in kept] == [None, None]
    assert schedule._kept.cache_info().currsize == 1


def test_no_function_of_the_user_is_kept_alive():
    def doubled(block):
        return block * 2

    x, _ = arrays(2)
    numpy.testing.assert_array_equal(np.map_blocks(doubled, np.array(x)).compute(), x * 2)
    kept = weakref.ref(doubled)
    del doubled
    gc.collect()
    assert kept() is None


def test_no_file_is_kept(tmp_path):
    x, _ = arrays(3)
    numpy.save(tmp_path / "x.npy", x)
    assert float((np.load(tmp_path / "x.npy") + 1).sum()) == pytest.approx(float((x + 1).sum()))
    assert schedule._kept.cache_info().currsize == 0


def test_threads_of_the_user_share_a_schedule():
    def total(seed):
        x, y = arrays(seed)
        return (np.array(x) * np.array(y)).sum(axis=1).compute() - (x * y).sum(axis=1)

    with ThreadPoolExecutor(8) as pool:
        for difference in pool.map(total, range(64)):
            numpy.testing.assert_allclose(difference, 0, atol=1e-12)
    assert schedule._kept.cache_info().currsize == 1
