"""What Hypothesis draws for array tests: arrays of any shape and dtype, indices, axes, settings."""

import numpy as real
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn

from tenfold import config

NUMBERS = ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
SHAPES = st.lists(st.integers(0, 5), min_size=0, max_size=3).map(tuple)
SEEDS = st.integers(0, 1 << 30)


@st.composite
def arrays(draw, shape=None, dtypes=NUMBERS, special=True):
    """A real array; floats with NaN, infinities and both zeros, integers with their extremes."""
    shape = draw(SHAPES) if shape is None else shape
    dtype = real.dtype(draw(st.sampled_from(dtypes)))
    rng = real.random.default_rng(draw(SEEDS))
    values = rng.normal(size=shape) * 10
    if dtype.kind == "c":
        values = values + 1j * rng.normal(size=shape)
    if dtype.kind in "?b":
        values = rng.random(shape) > 0.5
    made = real.asarray(real.abs(values) if dtype.kind == "u" else values).astype(dtype)
    if special and made.size and draw(st.booleans()):
        flat = made.reshape(-1)
        for value in draw(st.lists(st.sampled_from(_specials(dtype)), max_size=3)):
            flat[draw(st.integers(0, made.size - 1))] = value
    return made


def _specials(dtype):
    if dtype.kind in "iu":
        limits = real.iinfo(dtype)
        return (limits.min, limits.max, 0)
    return (real.nan, real.inf, -real.inf, -0.0, 0.0) if dtype.kind in "fc" else (True, False)


@st.composite
def settings_of_a_run(draw):
    """Block sizes from one element to all, and one to three threads."""
    rows = draw(st.sampled_from([1, 3, 8, 1 << 17]))
    return config.set(morsel_rows=rows, threads=draw(st.integers(1, 3)), target="blocks")


@st.composite
def axes(draw, ndim):
    """An argument `axis`: None, a number, or a tuple of some."""
    if not ndim or draw(st.booleans()):
        return None
    some = draw(st.lists(st.integers(0, ndim - 1), min_size=1, max_size=ndim, unique=True))
    some = [a - ndim if draw(st.booleans()) else a for a in some]
    return tuple(some) if len(some) > 1 or draw(st.booleans()) else some[0]


def basic_indices(shape):
    """Integers, slices with steps, new axes and ellipsis."""
    return hn.basic_indices(shape, allow_newaxis=True, max_dims=5)


@st.composite
def advanced_indices(draw, shape):
    """Integer arrays on some axes, a mask of everything or of the first axis, slices elsewhere."""
    if draw(st.booleans()) or not shape or 0 in shape:
        return draw(arrays(draw(st.sampled_from([shape, shape[:1]])), dtypes=("?",)))
    common = draw(st.sampled_from([(), (2,), (3, 1), (0,)]))
    rng = real.random.default_rng(draw(SEEDS))
    items = []
    for n in shape:
        kind = draw(st.sampled_from(["array", "slice", "number"]))
        if kind == "array":
            items.append(rng.integers(-n, n, common))
        else:
            items.append(draw(st.slices(n)) if kind == "slice" else int(rng.integers(-n, n)))
    if not any(isinstance(item, real.ndarray) for item in items):
        items[0] = rng.integers(-shape[0], shape[0], (2,))
    return tuple(items)


def broadcastable(draw, shape):
    """A shape that broadcasts to another: some axes of length 1, some left out in front."""
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(1 if draw(st.booleans()) else n for n in kept)
