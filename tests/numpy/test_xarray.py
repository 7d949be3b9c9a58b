"""xarray over our arrays does what it does over NumPy's, and keeps them inside."""

import numpy as real
import pandas
import pytest

import tenfold.numpy as np
from tenfold import fallback

xarray = pytest.importorskip("xarray")

pytestmark = [
    pytest.mark.usefixtures("small_bytes"),
    pytest.mark.filterwarnings("ignore"),  # xarray's own, and our notices
]


def dataset(np):
    a = np.array(real.arange(24.0).reshape(4, 6))
    b = np.array(real.array([[1.0, real.nan, 3, 4, 5, 6]] * 4))
    times = pandas.date_range("2020", periods=4)
    return xarray.Dataset({"a": (("t", "x"), a), "b": (("t", "x"), b)}, {"t": times, "x": real.arange(6) * 10.0})


def written(d):
    d = d.copy(deep=True)
    d.a[0] = 7
    d["a"].loc[{"x": 20.0}] = 1
    return d


def pointwise(d):
    return d.isel(t=xarray.DataArray([0, 1], dims="p"), x=xarray.DataArray([2, 3], dims="p"))


PROGRAMS = {
    "compute": lambda d: d.compute(),
    "load": lambda d: d.load(),
    "dropna": lambda d: d.dropna("x"),
    "reindex": lambda d: d.reindex(x=[0, 10, 15.0]),
    "interp": lambda d: d.interp(x=[5.0, 12.0]),
    "idxmax": lambda d: d.idxmax("x"),
    "idxmin": lambda d: d.a.idxmin("x"),
    "pointwise": pointwise,
    "ones_like": lambda d: xarray.ones_like(d),
    "apply_ufunc": lambda d: xarray.apply_ufunc(lambda a, b: a + b, d.a, d.b),
    "mean": lambda d: d.mean("t"),
    "std": lambda d: d.std(),
    "groupby": lambda d: d.groupby("t.day").mean(),
    "bins": lambda d: d.a.groupby_bins("x", [0, 25, 60]).sum(),
    "rolling": lambda d: d.rolling(x=3).mean(),
    "coarsen": lambda d: d.coarsen(x=2).mean(),
    "resample": lambda d: d.resample(t="2D").mean(),
    "where": lambda d: d.where(d.a > 5),
    "fillna": lambda d: d.fillna(0),
    "interpolate_na": lambda d: d.interpolate_na("x"),
    "concat": lambda d: xarray.concat([d, d], "t"),
    "merge": lambda d: xarray.merge([d.a, d.b]),
    "stack": lambda d: d.stack(z=("t", "x")).unstack("z"),
    "nearest": lambda d: d.sel(x=[11, 29.0], method="nearest"),
    "sortby": lambda d: d.sortby("x", ascending=False),
    "diff": lambda d: d.diff("x"),
    "shift": lambda d: d.shift(x=1),
    "cumsum": lambda d: d.cumsum("x"),
    "quantile": lambda d: d.quantile([0.1, 0.5], "x"),
    "median": lambda d: d.median("x"),
    "polyfit": lambda d: d.a.polyfit("x", 1),
    "dot": lambda d: xarray.dot(d.a, d.b.fillna(0), dim="x"),
    "pad": lambda d: d.pad(x=1),
    "clip": lambda d: d.clip(2, 9),
    "isin": lambda d: d.a.isin([1, 2]),
    "argmax": lambda d: d.a.argmax("x"),
    "written": written,
    "differentiate": lambda d: d.differentiate("x"),
    "integrate": lambda d: d.integrate("x"),
    "corr": lambda d: xarray.corr(d.a, d.b.fillna(0)),
    "weighted": lambda d: d.a.weighted(d.x).mean(),
    "arithmetic": lambda d: (d + 1) // 2 - d.a % 3,
    "functions": lambda d: real.log(d + 1),
    "broadcast": lambda d: xarray.broadcast(d.a, d.x)[1],
    "dates": lambda d: d.t.dt.day + d.a,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_xarray_does_over_ours_what_it_does_over_numpys(name):
    made, expected = PROGRAMS[name](dataset(np)), PROGRAMS[name](dataset(real))
    if isinstance(made, xarray.DataArray):
        made, expected = made.to_dataset(name="v"), expected.to_dataset(name="v")
    made = made.map(lambda values: values.copy(data=real.asarray(values.data)))
    xarray.testing.assert_allclose(made, expected, rtol=1e-12)


def test_our_arrays_stay_inside():
    d = dataset(np)
    for made in (d.a + 1, real.sqrt(d.a), d.a.mean("t"), d.a.isel(x=2), d.a.T, d.a.where(d.a > 3), d.a + np.ones(6)):
        assert isinstance(made.data, np.ndarray) or type(made.data) is real.ndarray
    assert isinstance((d.a * 2).data, np.ndarray)
    assert d.a.chunks is None
    fallback.forget()
