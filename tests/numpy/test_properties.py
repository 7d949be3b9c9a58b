"""Arrays against NumPy on drawn shapes, dtypes, axes and options, in blocks of drawn sizes on one to three threads."""

import warnings

import numpy as real
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.numpy as np
from tests.numpy import drawn
from tests.numpy.same import SUMS, ULPS, assert_same_array

pytestmark = pytest.mark.usefixtures("small_bytes")

UFUNCS = sorted(
    {name for name in dir(real) if isinstance(getattr(real, name), real.ufunc) and getattr(real, name).nout == 1}
    - {name for name in dir(real) if getattr(getattr(real, name), "signature", None)}
)
# Without numbers in common with ours: NumPy's own float16 and complex loops run, as they are
FLOATS = ("f4", "f8")
SETTINGS = drawn.settings_of_a_run()


def both(function, *arrays):
    """(ours, NumPy's, or None for both where NumPy refuses): a refusal has to be of its class."""
    with warnings.catch_warnings(), real.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            expected = function(real, *(a.copy() for a in arrays))
        except Exception as refused:
            with pytest.raises(_classes(refused)):
                _finished(function(np, *map(np.array, arrays)))
            return None, None
        return _finished(function(np, *map(np.array, arrays))), expected


def _finished(value):
    if isinstance(value, (tuple, list)):
        return [_finished(item) for item in value]
    return value.compute() if isinstance(value, np.ndarray) else value


def _classes(error):
    return tuple(c for c in type(error).__mro__ if issubclass(c, Exception) and c is not Exception)


def agree(function, *arrays, **tolerance):
    ours, expected = both(function, *arrays)
    if isinstance(expected, (tuple, list)):
        assert len(ours) == len(expected)
        for one, other in zip(ours, expected, strict=True):
            assert_same_array(one, other, **tolerance)
    elif expected is not None:
        assert_same_array(ours, expected, **tolerance)


@given(st.data())
def test_ufuncs(data):
    name = data.draw(st.sampled_from(UFUNCS))
    shape = data.draw(drawn.SHAPES)
    operands = [data.draw(drawn.arrays(drawn.broadcastable(data.draw, shape))) for _ in range(getattr(real, name).nin)]
    if name in ("left_shift", "right_shift", "ldexp"):  # C leaves wide shifts open
        operands[1] = operands[1] % operands[1].dtype.type(7) if operands[1].dtype.kind in "iu" else operands[1]
    with data.draw(SETTINGS):
        agree(lambda module, *given: getattr(module, name)(*given), *operands, ulps=ULPS)


@given(st.data())
def test_ufuncs_with_options(data):
    name = data.draw(st.sampled_from(["add", "multiply", "maximum", "subtract", "divide", "less"]))
    shape = data.draw(drawn.SHAPES)
    x, y, out = (data.draw(drawn.arrays(shape, dtypes=("i4", "f4", "f8"))) for _ in range(3))
    mask = data.draw(drawn.arrays(shape, dtypes=("?",)))
    dtype = data.draw(st.sampled_from([None, "f4", "f8", "i8"]))

    def call(module, x, y, out, mask):
        made = getattr(module, name)(x, y, out=out, where=mask, dtype=dtype)
        assert made is out
        return out

    with data.draw(SETTINGS):
        agree(call, x, y, out, mask, ulps=ULPS)


@given(st.data())
def test_python_scalars_take_the_dtype_of_the_array(data):
    x = data.draw(drawn.arrays())
    scalar = data.draw(st.sampled_from([2, -1, 0, 300, 2.5, 1e300, True, 1j, float("nan")]))
    name = data.draw(st.sampled_from(["add", "multiply", "less", "equal", "floor_divide", "remainder", "power"]))
    swap = data.draw(st.booleans())
    with data.draw(SETTINGS):
        operands = (lambda x: (scalar, x)) if swap else (lambda x: (x, scalar))
        agree(lambda module, x: getattr(module, name)(*operands(x)), x, ulps=ULPS)


@given(st.data())
def test_choices(data):
    shape = data.draw(drawn.SHAPES)
    mask = data.draw(drawn.arrays(shape, dtypes=("?",)))
    x, y = (data.draw(drawn.arrays(drawn.broadcastable(data.draw, shape))) for _ in range(2))
    with data.draw(SETTINGS):
        agree(lambda module, *given: module.where(*given), mask, x, y)
        agree(lambda module, x: x.clip(-1, 2) if x.dtype.kind not in "c?" else x, x)


FOLDS = ("sum", "prod", "min", "max", "any", "all", "mean", "var", "std", "ptp", "count_nonzero")


@given(st.data())
def test_reductions(data):
    name = data.draw(st.sampled_from(FOLDS))
    x = data.draw(drawn.arrays(special=name not in ("mean", "var", "std", "prod")))
    options = {"axis": data.draw(drawn.axes(x.ndim)), "keepdims": data.draw(st.booleans())}
    masks = [data.draw(drawn.arrays(x.shape, dtypes=("?",)))] if data.draw(st.booleans()) else []
    masks = [] if name in ("ptp", "count_nonzero") else masks
    if name in ("sum", "prod", "min", "max") and data.draw(st.booleans()):
        options["initial"] = 1

    def call(module, x, *mask):
        more = {"where": mask[0]} if mask else {}
        return getattr(module, name)(x, **options, **more)

    scale = None
    if x.dtype.kind in "fc" and name != "prod":
        with real.errstate(all="ignore"):
            scale = real.asarray(real.abs(x).astype("f8").sum() + 1) ** (2 if name == "var" else 1)
    with data.draw(SETTINGS):
        agree(call, x, *masks, ulps=SUMS, scale=scale)


@given(st.data())
def test_reductions_into_a_dtype(data):
    x = data.draw(drawn.arrays(dtypes=("?", "i1", "u2", "i8", "f4"), special=False))
    name, dtype = data.draw(st.sampled_from(["sum", "prod"])), data.draw(st.sampled_from(["i2", "i8", "f8", "c16"]))
    axis = data.draw(drawn.axes(x.ndim))
    with data.draw(SETTINGS):
        agree(lambda module, x: getattr(module, name)(x, axis=axis, dtype=dtype), x, ulps=SUMS, scale=real.float64(1e3))


@given(st.data())
def test_places_of_extremes(data):
    name = data.draw(st.sampled_from(["argmin", "argmax", "nanargmin", "nanargmax"]))
    x = data.draw(drawn.arrays())
    axis = data.draw(st.none() | st.integers(-2, 2))
    keepdims = data.draw(st.booleans())
    with data.draw(SETTINGS):
        agree(lambda module, x: getattr(module, name)(x, axis=axis, keepdims=keepdims), x)


@given(st.data())
def test_reductions_without_nan(data):
    name = data.draw(st.sampled_from(["nansum", "nanmin", "nanmax", "nanmean", "nanvar", "nanstd", "nanmedian"]))
    x = data.draw(drawn.arrays(dtypes=("i4", *FLOATS), special=False))
    if x.dtype.kind == "f" and x.size:
        x = real.where(data.draw(drawn.arrays(x.shape, dtypes=("?",))), x, x.dtype.type(real.nan))
    axis = data.draw(drawn.axes(x.ndim))
    scale = real.asarray(real.nansum(real.abs(x)) + 1) ** (2 if name == "nanvar" else 1)
    with data.draw(SETTINGS):
        agree(lambda module, x: getattr(module, name)(x, axis=axis), x, ulps=SUMS, scale=scale)


@given(st.data())
def test_along_an_axis(data):
    name = data.draw(st.sampled_from(["cumsum", "cumprod", "sort", "argsort", "diff", "flip", "median", "nancumsum"]))
    x = data.draw(drawn.arrays(special=name in ("sort", "flip", "diff")))
    if name == "argsort":  # equal elements may come in any order but for a stable sort
        x = x.reshape(-1)[real.unique(x.reshape(-1), return_index=True)[1]]
    axis = data.draw(st.sampled_from([-1, 0, 1, None]))
    axis = -1 if name == "diff" and axis is None else axis
    with data.draw(SETTINGS):
        agree(lambda module, x: getattr(module, name)(x, axis=axis), x, ulps=ULPS)


@given(st.data())
def test_quantiles(data):
    x = data.draw(drawn.arrays(dtypes=("i4", "u1", *FLOATS)).filter(lambda x: x.size))  # of nothing: NumPy trips
    q = data.draw(st.sampled_from([0.5, 0, 1, [0.25, 0.8], [], 0.123]))
    method = data.draw(st.sampled_from(["linear", "lower", "nearest", "median_unbiased"]))
    options = {"axis": data.draw(drawn.axes(x.ndim)), "keepdims": data.draw(st.booleans()), "method": method}
    with data.draw(SETTINGS):
        agree(lambda module, x: module.quantile(x, q, **options), x, ulps=ULPS)


@given(st.data())
def test_counts(data):
    x = data.draw(drawn.arrays(dtypes=("u1", "i4", "f8"), special=False))
    bins = data.draw(st.sampled_from([4, 1, [-5, 0, 5.5]]))
    with data.draw(SETTINGS):
        agree(lambda module, x: module.histogram(x, bins), x)
        if x.dtype.kind in "iu":
            agree(lambda module, x: module.bincount(module.ravel(x)), x)


@given(st.data())
def test_moved_elements(data):
    x = data.draw(drawn.arrays())
    number = st.integers(-3, 3)
    call = data.draw(st.sampled_from(MOVES))
    arguments = [data.draw(number) for _ in range(3)]
    with data.draw(SETTINGS):
        agree(lambda module, x: call(module, x, *arguments), x)


MOVES = (
    lambda np, x, a, b, c: np.roll(x, a),
    lambda np, x, a, b, c: np.roll(x, (a, b), (0, c)),
    lambda np, x, a, b, c: np.moveaxis(x, a, b),
    lambda np, x, a, b, c: np.swapaxes(x, a, b),
    lambda np, x, a, b, c: np.expand_dims(x, (a, b)),
    lambda np, x, a, b, c: np.squeeze(x),
    lambda np, x, a, b, c: np.transpose(x).reshape(-1),
    lambda np, x, a, b, c: x.reshape(-1)[:: a or 1].reshape(1, -1),
    lambda np, x, a, b, c: np.concatenate([x, x[::-1], x], axis=a)[:: b or 1],
    lambda np, x, a, b, c: np.stack([x, x], axis=a),
    lambda np, x, a, b, c: np.hstack([x, x]),
    lambda np, x, a, b, c: np.pad(x, (abs(a), abs(b))),
    lambda np, x, a, b, c: np.pad(x, abs(a), mode=("edge", "reflect", "wrap", "symmetric")[abs(b)]),
    lambda np, x, a, b, c: np.tile(x, (abs(a), abs(b))),
    lambda np, x, a, b, c: np.repeat(x, abs(a), axis=b),
    lambda np, x, a, b, c: np.array_split(x, abs(a) or 1, axis=b),
    lambda np, x, a, b, c: np.rot90(x, a),
    lambda np, x, a, b, c: np.diagonal(x, a),
    lambda np, x, a, b, c: np.tril(x, a) + np.triu(x, b),
    lambda np, x, a, b, c: np.take(x, [a, b], axis=c),
    lambda np, x, a, b, c: np.diag(x.reshape(-1)[: abs(c)], a),
    lambda np, x, a, b, c: np.delete(x, a, axis=b),
    lambda np, x, a, b, c: np.append(x, x),
    lambda np, x, a, b, c: np.resize(x, (abs(a), abs(b))),
)


@given(st.data())
def test_order_and_sets(data):
    x, y = (data.draw(drawn.arrays((data.draw(st.integers(0, 9)),), dtypes=("i1", "u1", "f4"))) for _ in range(2))
    with data.draw(SETTINGS):
        agree(lambda module, x, y: module.searchsorted(module.sort(x), y), x, y)
        agree(lambda module, x, y: module.unique(module.concatenate([x, y])), x, y)
        agree(lambda module, x, y: module.isin(x, y), x, y)
        agree(lambda module, x, y: module.isclose(x, y[:1]), x, y)


@given(st.data())
def test_casts(data):
    x = data.draw(drawn.arrays(special=False))
    dtype = data.draw(st.sampled_from(drawn.NUMBERS))
    if x.dtype.kind in "fc" and real.dtype(dtype).kind == "u":  # C leaves negative floats open
        x = real.abs(x)
    if x.dtype.kind in "fc" and real.dtype(dtype).itemsize == 1:
        x = x % x.dtype.type(100) if x.dtype.kind == "f" else x * 0
    with data.draw(SETTINGS):
        agree(lambda module, x: x.astype(dtype), x)


@given(st.data())
def test_creation(data):
    start, step = data.draw(st.integers(-9, 9)), data.draw(st.sampled_from([1, -2, 0.3, 2.5, 7]))
    dtype = data.draw(st.sampled_from([None, "i4", "f4", "f8", "c8"]))
    count = data.draw(st.integers(0, 20))
    with data.draw(SETTINGS):
        agree(lambda module: module.arange(start, start + count * step, step), ulps=1)
        agree(lambda module: module.arange(start, start + count, dtype=dtype))
        agree(lambda module: module.linspace(start, step, count, endpoint=count % 2 == 0, dtype=dtype), ulps=1)
        agree(lambda module: module.eye(count, count // 2 + 1, int(start)))
        agree(lambda module: module.full((2, count), start, dtype))
