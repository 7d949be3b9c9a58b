"""Index to draws: NumPy's bits where they are promised, the same bits for any slice, and the right distributions."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.primitives import philox
from tenfold.target.cpu import compile_object, load

TEXT = """
from tenfold.primitives.philox import fill_words

def run(key0, key1, first, count, out):
    fill_words(key0, key1, first, count, out)
    return 0
"""
NAMES = {"random": (), "uniform": (-3.0, 7.5), "integers": (-5, 11), "exponential": (), "normal": ()}


@functools.cache
def compiled():
    signature = "u8,u8,i8,i8,u8*->i8"
    function = load(*compile_object(TEXT, "run", signature), signature)
    return lambda key, first, count, out: function(int(key[0]), int(key[1]), first, count, out.ctypes.data)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**100), st.integers(1, 50))
def test_words_and_uniforms_are_numpys(seed, count):
    key, indices = philox.key_of(seed), np.arange(count)
    raw = np.random.Philox(seed).random_raw(count)
    assert np.array_equal(philox.words(key, indices).view(np.uint64), raw)
    numpy = np.random.Generator(np.random.Philox(seed))
    assert np.array_equal(philox.draw("random", key, indices), numpy.random(count))
    numpy = np.random.Generator(np.random.Philox(seed))
    assert np.array_equal(philox.draw("uniform", key, indices, -2.5, 4.0), numpy.uniform(-2.5, 1.5, count))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**64), st.integers(0, 2**62), st.integers(0, 30))
def test_plain_compiled_and_numpy_words_agree(seed, first, count):
    key = philox.key_of(seed)
    plain, native = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    philox.fill_words(*key, first, count, plain)
    compiled()(key, first, count, native)
    wanted = philox.words(key, first + np.arange(count)).view(np.uint64)
    assert np.array_equal(plain, wanted)
    assert np.array_equal(native, wanted)
    assert np.array_equal(philox.run_of_words(key, first, count).view(np.uint64), wanted)


@pytest.mark.parametrize("name", NAMES)
def test_a_slice_has_the_bits_of_the_whole(name):
    key, parameters = philox.key_of(42), NAMES[name]
    whole = philox.draw(name, key, np.arange(10_000), *parameters)
    for chosen in (slice(3, 77), slice(1, None, 2), slice(9_999, 0, -7), slice(4_000, 4_001)):
        part = philox.draw(name, key, np.arange(10_000)[chosen], *parameters)
        assert np.array_equal(part, whole[chosen])


def distance(sample, distribution):
    """Kolmogorov and Smirnov's: the largest gap to the distribution, times the root of the sample's size."""
    ordered, n = np.sort(sample), len(sample)
    expected = distribution(ordered)
    gaps = np.maximum(np.arange(1, n + 1) / n - expected, expected - np.arange(n) / n)
    return gaps.max() * math.sqrt(n)


DISTRIBUTIONS = {
    "random": lambda x: x,
    "uniform": lambda x: (x + 3) / 7.5,
    "exponential": lambda x: -np.expm1(-x),
    "normal": np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)), otypes=[float]),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("step", [1, 2])
def test_distributions(name, step):
    """1.95 is exceeded once in a thousand samples; the seed is fixed."""
    sample = philox.draw(name, philox.key_of(1), np.arange(0, step * 100_000, step), *NAMES[name])
    assert distance(sample, DISTRIBUTIONS[name]) < 1.95


def test_moments_of_normals():
    sample = philox.draw("normal", philox.key_of(2), np.arange(400_000))
    for power, moment, spread in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((sample**power).mean() - moment) < 4 * math.sqrt(spread / len(sample))
    even, odd = sample[::2], sample[1::2]
    assert abs((even * odd).mean()) < 4 / math.sqrt(len(even))


def test_integers_are_even_and_within():
    sample = philox.draw("integers", philox.key_of(3), np.arange(110_000), -5, 11)
    counts = np.bincount(sample + 5, minlength=11)
    assert len(counts) == 11
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 29.6  # chi-squared, ten degrees, one in a thousand


def test_integers_of_wide_ranges():
    top = 2**63 - 1
    sample = philox.draw("integers", philox.key_of(4), np.arange(1_000), 0, top)
    words = philox.words(philox.key_of(4), np.arange(1_000)).view(np.uint64)
    assert sample.tolist() == [int(w) * top >> 64 for w in words]


def test_the_ends_of_the_range():
    """The smallest and the largest word give finite draws."""
    ends = np.array([0, -1, 1 << 11, -(1 << 63)], np.int64)
    for draw in (philox.random, philox.exponential):
        values = draw(philox.ARRAYS, ends)
        assert np.all(np.isfinite(values))
        assert np.all(values >= 0)
    across, up = philox.normal_pair(philox.ARRAYS, ends, ends[::-1])
    assert np.all(np.abs([across, up]) < 8.6)
