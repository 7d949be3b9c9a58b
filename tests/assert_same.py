"""Is an answer of tenfold's the answer of pandas? Values, types, shape, index, order and names of columns.

Floats may differ in their last bits where pandas added them up, since our sums are exact and pandas' are not: pass
`rtol` (and `atol`, where a sum cancels). By default they must be equal.
"""

import numpy as np
import pandas as pd


def assert_same(ours, real, rtol=0.0, atol=0.0, index_class=True):
    """Compare a lazy (or computed) object of tenfold's with a real one of pandas'.

    Without `index_class`, a RangeIndex may stand for an index of the same integers: of rows filtered twice, pandas
    makes one or the other, depending on what the first filter left.
    """
    exact = True if index_class else "equiv"
    ours = ours.compute() if hasattr(ours, "compute") else ours
    if isinstance(real, pd.DataFrame):
        assert isinstance(ours, pd.DataFrame), f"{type(ours)} in place of a DataFrame"
        assert ours.shape == real.shape
        assert_same_index(ours.columns, real.columns)
        assert_same_index(ours.index, real.index, exact)
        for place in range(real.shape[1]):
            assert_same_values(ours.iloc[:, place], real.iloc[:, place], rtol, atol)
    elif isinstance(real, pd.Series):
        assert isinstance(ours, pd.Series), f"{type(ours)} in place of a Series"
        assert same_label(ours.name, real.name), f"name {ours.name!r}, pandas has {real.name!r}"
        assert_same_index(ours.index, real.index, exact)
        assert_same_values(ours, real, rtol, atol)
    elif isinstance(real, pd.Index):
        assert_same_index(ours, real)
    else:
        assert_same_scalar(ours, real, rtol, atol)


def assert_same_index(ours, real, exact=True):
    """Class, names, types, labels; a RangeIndex is not an index of integers."""
    pd.testing.assert_index_equal(ours, real, exact=exact)


def assert_same_values(ours, real, rtol, atol):
    """Types and values of two Series, missing values included."""
    assert ours.dtype == real.dtype, f"{ours.name!r}: dtype {ours.dtype}, pandas has {real.dtype}"
    if real.dtype.kind == "f":
        np.testing.assert_allclose(ours.to_numpy(), real.to_numpy(), rtol=tolerance(real.dtype, rtol), atol=atol)
    else:
        pd.testing.assert_extension_array_equal(ours.array, real.array)


def assert_same_scalar(ours, real, rtol, atol):
    """Two single values: their types as well."""
    if type(real) is float and np.isnan(real):  # pandas' answer where there was nothing to reduce
        assert np.isnan(ours)
        return
    assert type(ours) is type(real), f"{type(ours)} {ours!r}, pandas has {type(real)} {real!r}"
    if isinstance(real, (float, np.floating)):
        np.testing.assert_allclose(ours, real, rtol=tolerance(np.asarray(real).dtype, rtol), atol=atol)
    else:
        assert ours is real or ours == real


def tolerance(dtype, rtol):
    """The tolerance for a type: float32 has 29 bits fewer."""
    return max(rtol, 1e-6) if rtol and dtype.itemsize == 4 else rtol


def same_label(one, other):
    return one is other or one == other or (one != one and other != other)
