"""Blocks: users' functions see the slices that NumPy would give them; only what is looked at is computed."""

import itertools
import pickle

import numpy as real
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.numpy as np
from tenfold.expr.user_function import user_function
from tenfold.numpy import blocks

SIZES = st.integers(1, 9)


def values(*shape):
    return real.random.default_rng(0).normal(size=shape)


def by_blocks(function, array, steps):
    """What a function makes of every block."""
    out = real.empty_like(array)
    for starts in itertools.product(*(range(0, n, step) for n, step in zip(array.shape, steps, strict=True))):
        here = tuple(slice(start, start + step) for start, step in zip(starts, steps, strict=True))
        out[here] = function(array[here])
    return out


def centred(block):
    return block - block.mean()


@given(SIZES, SIZES, SIZES, SIZES, st.data())
def test_a_function_of_blocks_and_any_view_of_it(rows, columns, height, width, data):
    array = values(rows, columns)
    mapped = np.map_blocks(centred, np.array(array).rechunk((height, width)))
    expected = by_blocks(centred, array, (height, width))
    bound = st.integers(-10, 10) | st.none()
    key = tuple(slice(*data.draw(st.tuples(bound, bound, st.sampled_from([1, 2, -1, -3])))) for _ in range(2))
    real.testing.assert_array_equal(mapped[key], expected[key])
    real.testing.assert_array_equal((mapped + 1)[key].T, (expected + 1)[key].T)


def test_only_blocks_that_are_looked_at_are_computed():
    calls = []

    def seen(block, block_id):
        calls.append(block_id)
        return block

    x = np.map_blocks(seen, np.arange(24).reshape(6, 4).rechunk((2, 2)), dtype=int)
    assert x[3:5, 1].tolist() == [13, 17]
    assert sorted(calls) == [(1, 0), (2, 0)]


def test_blocks_of_blocks_need_what_they_need():
    calls = []

    def seen(block, block_id):
        calls.append(block_id)
        return block

    x = np.map_blocks(seen, np.arange(30).rechunk(10), dtype=int)
    assert np.map_blocks(lambda b: b * 2, x)[12].item() == 24
    assert calls == [(1,)]


def test_arguments_broadcast_and_options_arrive():
    array, row = values(5, 6), values(1, 6)
    mapped = np.map_blocks(
        lambda a, b, c, factor: a * b + c + factor, np.array(array).rechunk((2, 3)), row, 2, factor=3
    )
    real.testing.assert_array_equal(mapped, array * row + 2 + 3)
    assert mapped.chunks == ((2, 2, 1), (3, 3))


def test_results_of_other_shapes_and_dtypes():
    x = np.arange(10).rechunk(4)
    sums = np.map_blocks(lambda b: b.sum(keepdims=True) / 2, x, chunks=1)
    assert sums.tolist() == [3.0, 11.0, 8.5]
    assert sums.dtype == real.dtype("f8")
    assert np.map_blocks(lambda b, k: b[:1], x, 2, chunks=((1, 1, 1),)).tolist() == [0, 4, 8]


def test_what_a_function_must_not_do():
    x = np.arange(10).rechunk(4)
    with pytest.raises(ValueError, match=r"shape \(1,\) for a block of shape \(4,\)"):
        np.map_blocks(lambda b: b[:1], x).compute()
    with pytest.raises(TypeError, match="say dtype="):
        np.map_blocks(lambda b: b[99], x)
    with pytest.raises(TypeError, match="same_kind"):
        np.map_blocks(lambda b: b + 0.5, x, dtype=int).compute()
    with pytest.raises(ZeroDivisionError):
        np.map_blocks(lambda b: 1 // 0, x, dtype=int).compute()


def test_a_function_may_write_into_its_block_but_not_into_the_source():
    memory = real.arange(100_000.0)

    def negate(block):
        block *= -1
        return block

    assert np.map_blocks(negate, np.asarray(memory)).sum() == -memory.sum()
    assert memory[1] == 1


MODES = {"reflect": "symmetric", "periodic": "wrap", "nearest": "edge", 7.0: "constant"}


@pytest.mark.parametrize("boundary", MODES)
@pytest.mark.parametrize("depth", [0, 1, 3, (1, 2), ((2, 0), (0, 1)), {1: 2}])
def test_overlapping_blocks(boundary, depth):
    array = values(8, 7)
    each = [depth.get(a, 0) for a in (0, 1)] if isinstance(depth, dict) else depth
    each = [each, each] if isinstance(each, int) else each
    widths = [(d, d) if isinstance(d, int) else d for d in each]

    def moved(block):
        """Sums over the neighbours: right where all of these are there."""
        shifts = [range(-behind, before + 1) for before, behind in widths]
        return sum(real.roll(block, shift, (0, 1)) for shift in itertools.product(*shifts))

    constant = {"constant_values": boundary} if boundary == 7.0 else {}
    padded = moved(real.pad(array, widths, MODES[boundary], **constant))
    inside = tuple(slice(low, low + n) for (low, _), n in zip(widths, array.shape, strict=True))
    mapped = np.map_overlap(moved, np.array(array).rechunk((3, 4)), depth, boundary)
    real.testing.assert_allclose(mapped, padded[inside])
    real.testing.assert_allclose(mapped[4:5, ::3], padded[inside][4:5, ::3])


def test_without_a_boundary_blocks_end_at_the_edges():
    lengths = []

    def seen(block):
        lengths.append(len(block))
        return block

    x = np.arange(10).rechunk(4)
    assert np.map_overlap(seen, x, 3, dtype=int).tolist() == list(range(10))
    assert sorted(lengths) == [5, 7, 9]


def test_depth_and_boundary_are_checked():
    x = np.arange(4)
    with pytest.raises(ValueError, match="more than the 4 elements"):
        np.map_overlap(lambda b: b, x, 5, "reflect")
    with pytest.raises(ValueError, match="it is reflect, periodic"):
        np.map_overlap(lambda b: b, x, 1, "mirror")


def test_the_view_of_blocks():
    array = values(7, 5)
    x = np.array(array).rechunk({0: 3, 1: 2})
    assert x.blocks.shape == x.numblocks == (3, 3)
    assert (x.blocks.size, x.blocks.ndim, len(x.blocks)) == (9, 2, 3)
    real.testing.assert_array_equal(x.blocks[1, -1], array[3:6, 4:])
    real.testing.assert_array_equal(x.blocks[1:], array[3:])
    real.testing.assert_array_equal(x.blocks[..., 0], array[:, :2])
    real.testing.assert_array_equal(x.blocks[[2, 0]], real.concatenate([array[6:], array[:3]]))
    assert x.blocks[[2, 0]].chunks == ((1, 3), (2, 2, 1))
    assert x.blocks[3:].shape == (0, 5)
    assert [b.shape for b in x.blocks] == [(3, 5), (3, 5), (1, 5)]
    real.testing.assert_array_equal(np.concatenate([b.reshape(-1) for b in x.blocks.ravel()]).sum(), x.sum())
    x.blocks[0, 0][...] = 0  # a view
    assert x[:3, :2].sum() == 0
    with pytest.raises(IndexError):
        x.blocks[5]


def test_blocks_that_are_chosen_depend_on_shape_and_dtype_alone(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 80)
    assert blocks.chunks_of(np.zeros((4, 25))) == ((1, 1, 1, 1), (10, 10, 5))
    assert blocks.chunks_of(np.zeros((4, 5))) == ((2, 2), (5,))
    assert blocks.chunks_of(np.zeros((0, 5))) == ((0,), (5,))
    assert blocks.chunks_of(np.zeros(())) == ()
    assert not hasattr(np.zeros(3), "chunks")  # xarray takes what has chunks for something that it has to compute
    assert np.map_blocks(lambda b: b + 1, np.zeros(())).item() == 1
    assert np.map_blocks(lambda b: b + 1, np.zeros((0, 5))).shape == (0, 5)


@pytest.mark.parametrize("chunks", [((1, 2),), (2, 2), ((4, -1),)])
def test_chunks_that_do_not_fit(chunks):
    with pytest.raises(ValueError, match="chunks"):
        np.arange(4).rechunk(chunks)


# -- functions as values -------------------------------------------------------------------------------------------

FACTOR = 2


def with_global(block):
    return block * FACTOR


def test_functions_are_equal_by_bytecode_and_captured_values(monkeypatch):
    def scaled(k):
        return lambda block, offset=0: real.sqrt(block) * k + offset

    assert user_function(scaled(2), {}) == user_function(scaled(2), {})
    assert user_function(scaled(2), {}) != user_function(scaled(3), {})
    assert user_function(scaled(2), {}) != user_function(scaled(2), {"offset": 1})
    assert user_function(scaled(2), {}) != user_function(scaled(2.0), {})
    assert user_function(real.sin, {}) == user_function(real.sin, {}) != user_function(real.cos, {})
    before = user_function(with_global, {})
    monkeypatch.setitem(globals(), "FACTOR", 3)
    assert user_function(with_global, {}) != before


def test_functions_that_hold_what_may_change_equal_nothing():
    held = [1]
    assert user_function(lambda block: block + held[0], {}) != user_function(lambda block: block + held[0], {})
    assert user_function(held.count, {}) != user_function(held.count, {})


def test_recursive_functions_have_keys():
    def made():
        def deep(block, n=3):
            return block if n == 0 else deep(block, n - 1)

        return deep

    assert user_function(made(), {}) == user_function(made(), {})


# -- dask ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def da():
    return pytest.importorskip("dask.array")


def test_dask_arrays_come_block_by_block(da):
    array = values(11, 7)
    computed = []

    def seen(block):
        computed.append(block.shape)
        return block + 1

    x = np.from_dask(da.from_array(array, chunks=(4, 3)).map_blocks(seen, dtype=float))
    assert x.chunks == ((4, 4, 3), (3, 3, 1))
    real.testing.assert_array_equal(x[9:, 6], array[9:, 6] + 1)
    assert [shape for shape in computed if 0 not in shape] == [(3, 1)]
    real.testing.assert_array_equal(x * 2, (array + 1) * 2)
    with pytest.raises(ValueError, match="chunk sizes"):
        np.from_dask(da.from_array(array[:, 0], chunks=3)[da.from_array(array[:, 0], chunks=3) > 0])


def test_arrays_go_to_dask(da):
    dask = pytest.importorskip("dask")
    array = values(11, 7)
    x = np.array(array)
    theirs = np.to_dask(x + 1, (4, 3))
    assert theirs.chunks == ((4, 4, 3), (3, 3, 1))
    real.testing.assert_array_equal(pickle.loads(pickle.dumps(theirs))[::-2].compute(), (array + 1)[::-2])
    assert np.to_dask(x).name != np.to_dask(x).name  # memory has no name that another process would know
    assert not dask.is_dask_collection(x)
