"""`x[mask]`: what is not found has the bits of what is, and only what must be is found."""

import numpy as real
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.numpy as np
from tenfold.numpy.selection import Selection, selection_of

DTYPES = ["f8", "f4", "f2", "i8", "i4", "u1", "?", "c16"]
REDUCTIONS = ["sum", "mean", "min", "max", "any", "all", "std", "var"]
CHAINS = {
    "nothing": lambda s: s,
    "scalars": lambda s: (s * 2 + 1) / 3,
    "itself": lambda s: s * s - s,
    "functions": lambda s: np.sqrt(abs(s)),
    "its mean": lambda s: s - s.mean(),
    "power": lambda s: s**2,
    "cast": lambda s: s.astype("f4"),
    "compared": lambda s: s > 1,
}


def array(dtype, seed=0):
    return (real.random.default_rng(seed).normal(size=(6, 7)) * 9).astype(dtype)


def found(selection):
    """The same elements, found."""
    return np.array(selection.compute())


def same_bits(made, expected):
    made, expected = real.asarray(made), real.asarray(expected)
    assert made.dtype == expected.dtype
    assert made.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")
def test_reductions(name, dtype):
    values = array(dtype)
    x = np.array(values)
    for mask in (values > 0, real.ones((6, 7), bool), real.arange(42).reshape(6, 7) == 3):
        chosen = x[np.array(mask)]
        same_bits(getattr(chosen, name)(), getattr(found(x[mask]), name)())
        assert selection_of(chosen) is not None or dtype == "c16"
        real.testing.assert_allclose(getattr(x[mask], name)(), getattr(values[mask], name)(), rtol=1e-2)


@pytest.mark.parametrize("chain", CHAINS)
@given(st.integers(0, 99), st.sampled_from(["f8", "f4", "i4"]))
def test_chains(chain, seed, dtype):
    values = array(dtype, seed)
    x = np.array(values)
    chosen = CHAINS[chain](x[x > 0])
    assert selection_of(chosen) is not None
    one_by_one = CHAINS[chain](found(x[x > 0]))
    same_bits(chosen.sum(), one_by_one.sum())
    same_bits(chosen.max(), one_by_one.max())
    same_bits(chosen, one_by_one)


def test_missing_values_and_signs():
    x = np.array([real.nan, -0.0, 3.0, real.inf])
    assert real.isnan(float(x[x != 3].max()))
    assert x[x == x].max() == real.inf
    same_bits(x[x == 0].sum(), found(x[x == 0]).sum())
    same_bits(x[x == 0].min(), found(x[x == 0]).min())


def test_nothing_is_selected():
    x = np.array([1.0, 2.0])
    none = x[x > 5]
    assert (len(none), none.sum(), none.any(), none.all(), np.count_nonzero(none)) == (0, 0, False, True, 0)
    assert real.isnan(none.mean().compute())
    for name in ("min", "max"):
        with pytest.raises(ValueError, match="zero-size array"):
            getattr(none, name)()


def test_counting_finds_nothing():
    x = np.arange(10)
    chosen = x[x > 3]
    assert (chosen.shape, chosen.size, len(chosen), chosen.ndim, chosen.nbytes) == ((6,), 6, 6, 1, 48)
    assert np.count_nonzero(chosen % 2) == 3
    assert chosen.dtype == x.dtype
    assert selection_of(chosen) is not None


def test_what_is_written_later_does_not_show():
    x = np.arange(5)
    chosen = x[x > 2]
    x[:] = 9
    assert chosen.sum() == 7
    chosen[0] = 100
    assert (chosen.tolist(), x.tolist()) == ([100, 4], [9] * 5)


def test_other_masks_and_arrays_meet_as_elements():
    x = np.arange(6)
    assert (x[x > 2] + x[x < 3]).tolist() == [3, 5, 7]
    assert (x[x > 2] + real.array([1, 2, 3])).tolist() == [4, 6, 8]
    assert (x[x > 2] + np.array([10])).sum() == 42
    assert x[x > 2].sum(keepdims=True).tolist() == [12]
    assert x[x > 2].std(0, ddof=1) == 1
    with pytest.raises(IndexError):
        x[x > 2].sum(axis=1)


def test_nothing_is_found_on_the_way(monkeypatch):
    monkeypatch.setattr(Selection, "__call__", None)
    x = np.random.default_rng(0).normal(size=(300, 300))
    chosen = x[x > 0]
    assert 0.78 < float(chosen.mean()) < 0.82
    assert 0.58 < float((chosen - chosen.mean()).std()) < 0.62
    with pytest.raises(TypeError):
        chosen.compute()
