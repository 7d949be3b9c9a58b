"""Programs of views and writes: what is written through one array shows in the others where it does in NumPy."""

import numpy as real
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.numpy as np
from tests.numpy import drawn
from tests.numpy.same import assert_same_array

pytestmark = pytest.mark.usefixtures("small_bytes")

DTYPES = ("i8", "f8", "u1", "?")


def view(draw, array):
    """A function that gives a view of an array (or, where NumPy copies, a copy)."""
    kind = draw(st.sampled_from(["index", "turned", "flat", "flipped", "squeezed", "grown", "itself"]))
    if kind == "index":
        key = draw(drawn.basic_indices(array.shape))
        return lambda np, x: x[key]
    return {
        "turned": lambda np, x: x.T,
        "flat": lambda np, x: x.reshape(-1),
        "flipped": lambda np, x: np.flip(x),
        "squeezed": lambda np, x: np.squeeze(x),
        "grown": lambda np, x: x[..., None],
        "itself": lambda np, x: x[...],
    }[kind]


def write(draw, array, others):
    """A function that writes into an array."""
    kind = draw(st.sampled_from(["scalar", "array", "in_place", "mask", "fancy", "backwards"]))
    value = draw(st.integers(0, 100))
    if kind in ("scalar", "array"):
        key = draw(drawn.basic_indices(array.shape))
        shape = drawn.broadcastable(draw, real.shape(array[key]))
        given = value if kind == "scalar" else draw(drawn.arrays(shape, dtypes=("i8", "u1"), special=False))
        return lambda np, x: x.__setitem__(key, given)
    if kind == "in_place":
        return lambda np, x: np.add(x, x.dtype.type(value % 2), out=x)
    if kind == "backwards":
        return lambda np, x: x.__setitem__(Ellipsis, x[::-1] if x.ndim else x)
    if kind == "mask":
        return lambda np, x: x.__setitem__(x > x.dtype.type(1), value % 2)
    key = draw(drawn.advanced_indices(array.shape)) if array.ndim else Ellipsis
    return lambda np, x: x.__setitem__(key, value % 2)


@given(st.data())
def test_what_is_written_shows_where_it_does_in_numpy(data):
    first = data.draw(drawn.arrays(dtypes=DTYPES, special=False))
    theirs, ours = [first.copy()], [np.array(first)]
    for _ in range(data.draw(st.integers(1, 8))):
        k = data.draw(st.integers(0, len(theirs) - 1))
        make = data.draw(st.sampled_from([view, view, write, write, "sum", "copy"]))
        if make is view:
            step = view(data.draw, theirs[k])
            theirs.append(step(real, theirs[k]))
            ours.append(step(np, ours[k]))
        elif make is write and isinstance(theirs[k], real.ndarray):
            step = write(data.draw, theirs[k], theirs)
            step(real, theirs[k])
            step(np, ours[k])
        else:  # arrays of their own, in C order: ours always are
            theirs.append(real.array(theirs[k] | theirs[k] if make == "sum" and first.dtype != "f8" else theirs[k]))
            ours.append(np.array(ours[k] | ours[k] if make == "sum" and first.dtype != "f8" else ours[k]))
    with data.draw(drawn.settings_of_a_run()):
        for mine, other in zip(ours, theirs, strict=True):
            assert_same_array(mine, other)


@given(st.data())
def test_elements_at_positions(data):
    x = data.draw(drawn.arrays())
    key = data.draw(drawn.advanced_indices(x.shape)) if x.ndim else Ellipsis
    with data.draw(drawn.settings_of_a_run()):
        assert_same_array(np.array(x)[key], x[key])
        assert_same_array(
            (np.array(x) == 1)[::-1][key] if x.ndim else np.array(x), (x == 1)[::-1][key] if x.ndim else x
        )


@given(st.data())
def test_a_write_at_positions(data):
    x = data.draw(drawn.arrays(data.draw(drawn.SHAPES.filter(len)), dtypes=("i8", "f4", "c16")))
    key = data.draw(drawn.advanced_indices(x.shape))
    values = data.draw(drawn.arrays(x[key].shape, dtypes=("i8",), special=False))
    distinct = isinstance(key, real.ndarray)  # which of several values at one place stays is not said
    ours = np.array(x)
    ours[key] = values if distinct else 7
    x[key] = values if distinct else 7
    with data.draw(drawn.settings_of_a_run()):
        assert_same_array(ours, x)
        assert_same_array(ours[::-1], x[::-1])


def test_an_array_that_was_written_into_leaves_what_was_made_of_it_before():
    x = np.arange(6.0)
    total, twice = x.sum(), x * 2
    x[:] = 0
    assert float(total) == 15
    assert_same_array(twice, real.arange(6.0) * 2)


def test_memory_of_the_user_is_read_and_never_written():
    mine = real.arange(100_000.0)
    x = np.asarray(mine)
    x[:10] = -1
    x += 1
    assert_same_array(x[:3], real.zeros(3))
    real.testing.assert_array_equal(mine, real.arange(100_000.0))


def test_what_compute_gives_may_be_written_into():
    x = np.asarray(real.arange(300_000.0)).persist()
    for made in (x.compute(), x.reshape(3, -1).compute(), x[::2].compute(), x.T.compute()):
        made[...] = -1
    assert float(x.max()) == 299_999
