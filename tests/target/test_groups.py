"""The kernels of group-by do what the CPU's functions do: sums are rounded to the same bits, rows lose nothing."""

import functools
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.primitives import accumulate, exact
from tenfold.run import device_answer, device_groups
from tenfold.target import cuda
from tenfold.target.launch import Cells
from tests import fake_device

words = st.integers(-(1 << 63), (1 << 63) - 1)
limbs_of_both_signs = st.one_of(
    words, st.integers(-(1 << 44), 1 << 44), st.sampled_from([0, 1, -1, 1 << 43, -(1 << 43)])
)


@functools.cache
def device():
    return fake_device.FakeDevice()


@fake_device.NO_COMPILER
@pytest.mark.parametrize("entry", device_answer.HOW)
@given(st.data())
def test_cells_are_read_to_the_bits_of_the_cpu(entry, data):
    limbs = data.draw(st.sampled_from([2, 3, 5]))
    low = data.draw(st.integers(-40, 2_090 - 44 * limbs))
    cell = st.tuples(st.integers(0, 5), st.sampled_from([0, 0, 0, 1, 2, 4, 6]), *[limbs_of_both_signs] * limbs)
    cells = np.array(data.draw(st.lists(cell, min_size=1, max_size=20)), "i8")
    here, expected = device(), np.empty(len(cells))
    ours = here.home(device_answer.read_cells(here, Cells(here, here.put(cells), low, limbs, np.zeros(1, "i8")), entry))
    with np.errstate(all="ignore"):
        getattr(accumulate, entry)(exact.normalise(cells).reshape(-1), len(cells), low, limbs, expected)
    np.testing.assert_array_equal(ours.view("i8"), expected.view("i8"))


@fake_device.NO_COMPILER
@given(st.lists(st.integers(0, 40), min_size=1, max_size=200), st.integers(-5, 5), st.sampled_from([1, 2, 4, 8]))
def test_rows_are_arranged_in_parts_and_every_row_is_somebodys(groups, low, most):
    here, groups = device(), np.array(groups) + low
    spans = device_groups.Spans([0], [0], [None])
    numbered = device_groups.Numbered(here.put(groups), 41, None, None, low, spans)
    columns = {storage: np.arange(len(groups)).astype(storage) for storage in ("u1", "i2", "f4", "f8")}
    together, moved, work = device_groups.arranged(here, numbered, {n: here.put(c) for n, c in columns.items()}, most)
    order = here.home(moved["f8"]).astype("i8")
    assert sorted(order) == list(range(len(groups)))
    np.testing.assert_array_equal(here.home(together), groups[order])
    for storage, column in columns.items():
        np.testing.assert_array_equal(here.home(moved[storage]), column[order])
    ends = 0
    for part, first, end in here.home(work.shares):
        assert first == ends
        assert first < end
        assert {*(groups[order[first:end]] - low) // work.most * work.most} == {part}
        ends = end
    assert ends == len(groups)


@fake_device.NO_COMPILER
@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1, max_size=300, unique=True), st.integers(0, 4))
def test_tables_parts_and_sorting_number_keys_alike(keys, repeats):
    here, rng = device(), np.random.default_rng(len(keys))
    column = np.array(keys)[rng.permutation(np.tile(np.arange(len(keys)), repeats + 1))]
    spans, (low, high) = device_groups.Spans([0], [0], [None]), (min(keys), max(keys))
    uniques, expected = np.unique(column, return_inverse=True)
    ways = [device_groups._sorted, device_groups._hashed, device_groups._divided]
    with mock.patch.multiple(device_groups, PART_AIM=20, LEAST_DIVIDED=1):
        found = [way(here, here.put(column), low, high, spans) for way in ways]
    for numbered in filter(None, found):
        rows = here.xp.arange(len(column))
        rows = here.home(rows if numbered.order is None else numbered.order(rows))
        np.testing.assert_array_equal(here.home(numbered.groups), expected[rows])
        (key,) = numbered.keys(here.xp.arange(numbered.size))
        np.testing.assert_array_equal(here.home(key), uniques)


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")
@pytest.mark.parametrize(("limbs", "architecture"), [(3, "sm_80"), (49, "sm_90")])
def test_the_kernels_compile_for_a_gpu(limbs, architecture):
    assert cuda.compile_cubin(cuda.routines("groups.cu", limbs), architecture).startswith(b"\x7fELF")
