"""Functions of arrays that are no small memory: in many pieces, natively, to NumPy's bits where no sum is in them."""

import numpy as real
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.numpy as np
from tenfold import config
from tests.numpy import drawn
from tests.numpy.same import SUMS, ULPS, assert_same_array

_rng = real.random.default_rng(3)
V = _rng.normal(size=10_007)
W = _rng.random(10_007)
F = _rng.normal(size=(90, 121))
I = _rng.integers(-50, 50, 10_007)  # noqa: E741
C = _rng.normal(size=9_000) + 1j * _rng.normal(size=9_000)

SAME = {
    "divmod": lambda m: m.divmod(m.asarray(V), 0.3),
    "modf": lambda m: m.modf(m.asarray(V) * 10),
    "frexp": lambda m: m.frexp(m.asarray(V)),
    "gradient": lambda m: m.gradient(m.asarray(F), 2.0, edge_order=2),
    "gradient of places": lambda m: m.gradient(m.asarray(V), V.cumsum()),
    "ediff1d": lambda m: m.ediff1d(m.asarray(V), 1, [2, 3]),
    "unwrap": lambda m: m.unwrap(m.asarray(V) * 9),
    "interp": lambda m: m.interp(m.asarray(F), m.arange(5) - 2, m.asarray(V)[:5]),
    "cross": lambda m: m.cross(m.asarray(F)[:, :3], m.asarray(F)[:, 3:6]),
    "histogram": lambda m: m.histogram(m.asarray(V), 33),
    "histogram by rule": lambda m: m.histogram(m.asarray(V), "auto"),
    "histogram of weights": lambda m: m.histogram(m.asarray(V), 33, weights=m.asarray(W)),
    "histogram2d": lambda m: m.histogram2d(m.asarray(V), m.asarray(W), (3, 5)),
    "histogramdd": lambda m: m.histogramdd(m.asarray(F)[:, :3], 4, weights=m.asarray(W)[:90]),
    "nanargmin": lambda m: m.nanargmin(m.where(m.asarray(F) > 0, m.nan, m.asarray(F)), 0),
    "lexsort": lambda m: m.lexsort((m.asarray(V), m.asarray(I))),
    "convolve": lambda m: m.convolve(m.asarray(V), m.asarray(W)[:40], "same"),
    "correlate": lambda m: m.correlate(m.asarray(V), m.asarray(W)[:40]),
    "polyval": lambda m: m.polyval([1, -2.5, 3], m.asarray(V)),
    "polyfit": lambda m: m.polyfit(m.asarray(V), m.asarray(W), 3, w=m.asarray(W)),
    "vander": lambda m: m.vander(m.asarray(V), 5),
    "nan_to_num": lambda m: m.nan_to_num(m.asarray(C) / (m.arange(9_000) % 3)),
    "sinc": lambda m: m.sinc(m.asarray(F)),
    "i0": lambda m: m.i0(m.asarray(F)),
    "unravel_index": lambda m: m.unravel_index(m.argsort(m.asarray(V)), (10_007, 1)),
    "ravel_multi_index": lambda m: m.ravel_multi_index((m.asarray(I), m.arange(10_007)), (7, 10_007), mode="wrap"),
    "choose": lambda m: m.choose(m.asarray(I) % 3, [m.asarray(V), 2, m.asarray(W)]),
    "compress": lambda m: m.compress(m.asarray(V) > 0, m.asarray(V)),
    "extract": lambda m: m.extract(m.asarray(F) > 0, m.asarray(F)),
    "piecewise": lambda m: m.piecewise(m.asarray(V), [m.asarray(V) > 0], [lambda x: x * 2, -1]),
    "apply_along_axis": lambda m: m.apply_along_axis(lambda x: x[::-1].cumsum()[:3], 0, m.asarray(F)),
    "block": lambda m: m.block([[m.asarray(F), m.asarray(F)], [m.ones((1, 242))]]),
    "digitize": lambda m: m.digitize(m.asarray(V), [1, 0, -1]),
    "insert": lambda m: m.insert(m.asarray(V), [9_000, 5, 5], [1, 2, 3]),
    "bincount": lambda m: m.bincount(m.asarray(I) + 50, weights=m.asarray(V)),
    "tri": lambda m: m.tri(150, 90, -1),
    "diagflat": lambda m: m.diagflat(m.asarray(V)[:100], 2),
    "f[ix_]": lambda m: m.asarray(F)[m.ix_(m.asarray(F)[:, 0] > 0, [1, 5])],
}
CLOSE = {
    "trapezoid": lambda m: m.trapezoid(m.asarray(F), m.asarray(V)[:121]),
    "cov": lambda m: m.cov(m.asarray(F)),
    "cov with weights": lambda m: m.cov(m.asarray(F), aweights=W[:121], fweights=real.arange(121)),
    "corrcoef": lambda m: m.corrcoef(m.asarray(F), rowvar=False),
    "density": lambda m: m.histogram(m.asarray(V), 5, density=True),
    "density of cells": lambda m: m.histogramdd(m.asarray(F)[:, :2], 4, density=True),
    "angle": lambda m: m.angle(m.asarray(C)),
    "apply_over_axes": lambda m: m.apply_over_axes(m.sum, m.asarray(F), [0, 1]),
}


def agree(ours, expected, **tolerance):
    if isinstance(expected, (tuple, list)):
        assert len(ours) == len(expected)
        for one, other in zip(ours, expected, strict=True):
            agree(one, other, **tolerance)
        return
    assert_same_array(ours, expected, **tolerance)


@pytest.mark.parametrize("name", [*SAME, *CLOSE])
def test_a_large_array_in_many_pieces(name, small_bytes):
    call = SAME.get(name) or CLOSE[name]
    with config.set(strict=True, morsel_rows=700, threads=3, target="blocks"), real.errstate(all="ignore"):
        expected = call(real)
        scale = {} if name in SAME else {"ulps": SUMS, "scale": 1 + real.abs(_largest(expected))}
        agree(call(np), expected, **scale)


def _largest(expected):
    return max(map(_largest, expected)) if isinstance(expected, (tuple, list)) else real.abs(expected).max()


LAZY = ("gradient", "interp", "cross", "lexsort", "convolve", "polyval", "polyfit", "unwrap", "modf", "divmod", "sinc")


@pytest.mark.parametrize("name", LAZY)
def test_nothing_is_computed_before_it_is_asked_for(name, monkeypatch):
    made = SAME[name](np)
    first = made[0] if isinstance(made, tuple) else made
    assert first._memory is None
    assert first._node.children


@given(st.data())
def test_ufuncs_with_two_results(data):
    name = data.draw(st.sampled_from(["divmod", "modf", "frexp"]))
    shape = data.draw(drawn.SHAPES)
    dtypes = [d for d in drawn.NUMBERS if d[0] != "c"]
    operands = [
        data.draw(drawn.arrays(drawn.broadcastable(data.draw, shape), dtypes)) for _ in range(getattr(real, name).nin)
    ]
    with data.draw(drawn.settings_of_a_run()), real.errstate(all="ignore"):
        agree(getattr(np, name)(*map(np.array, operands)), getattr(real, name)(*operands), ulps=ULPS)


@given(st.data())
def test_slopes_and_areas(data):
    shape = data.draw(st.lists(st.integers(3, 7), min_size=1, max_size=3).map(tuple))
    x = data.draw(drawn.arrays(shape, ("i4", "f4", "f8", "c16"), special=False))
    axis = data.draw(st.integers(0, len(shape) - 1))
    order = data.draw(st.sampled_from([1, 2]))
    places = data.draw(st.sampled_from([0.5, real.arange(shape[axis]) ** 2, real.arange(shape[axis]) * 2]))
    with data.draw(drawn.settings_of_a_run()), real.errstate(all="ignore"):
        agree(
            np.gradient(np.array(x), places, axis=axis, edge_order=order),
            real.gradient(x, places, axis=axis, edge_order=order),
        )
        total = real.trapezoid(real.abs(x), dx=0.5, axis=axis)
        agree(
            np.trapezoid(np.array(x), dx=0.5, axis=axis), real.trapezoid(x, dx=0.5, axis=axis), ulps=SUMS, scale=total
        )


@given(st.data())
def test_insertions(data):
    x = data.draw(drawn.arrays(data.draw(st.sampled_from([(5,), (3, 4)])), ("i4", "f8")))
    axis = data.draw(st.integers(0, x.ndim - 1))
    n = x.shape[axis]
    where = data.draw(st.one_of(st.integers(-n, n), st.lists(st.integers(-n, n), max_size=4)))
    shape = list(x.shape)
    shape[axis] = len(where) if isinstance(where, list) else 1
    values = real.arange(real.prod(shape)).reshape(shape)
    values = data.draw(st.sampled_from([9, values]))
    with data.draw(drawn.settings_of_a_run()):
        agree(np.insert(np.array(x), where, values, axis), real.insert(x, where, values, axis))


def test_arrays_in_files_of_several(tmp_path, small_bytes):
    np.savez(tmp_path / "two.npz", np.asarray(V), name=np.arange(3))
    np.savez_compressed(tmp_path / "small.npz", x=np.asarray(V))
    with np.load(tmp_path / "two.npz") as both:
        assert both.files == ["name", "arr_0"]
        assert len(both) == 2
        assert isinstance(both["name"], np.ndarray)
        assert_same_array(both["arr_0"], V)
    assert_same_array(dict(real.load(tmp_path / "small.npz"))["x"], V)


def test_text_files(tmp_path, small_bytes):
    path = tmp_path / "x.csv"
    np.savetxt(path, np.asarray(F)[:5, :3] * 2, delimiter=",", header="a,b,c")
    wanted = F[:5, :3] * 2
    assert_same_array(np.loadtxt(path, delimiter=","), wanted)
    assert_same_array(np.genfromtxt(path, delimiter=",", skip_header=1), wanted)
    x, y = np.loadtxt(path, delimiter=",", usecols=(0, 2), unpack=True)
    assert_same_array(y - x, wanted[:, 2] - wanted[:, 0])
    assert isinstance(y, np.ndarray)


def test_a_file_that_is_mapped_is_written_through(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(4))
    np.load(tmp_path / "x.npy", mmap_mode="r+")[0] = 9
    assert np.load(tmp_path / "x.npy").tolist() == [9, 1, 2, 3]
