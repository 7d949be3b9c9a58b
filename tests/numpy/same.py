"""What it means that an array of ours is the one that NumPy gives."""

import numpy as real

import tenfold.numpy as np

ULPS = 4  # of element functions (2 of ours and 2 of NumPy's) ...
SUMS = 64  # ... and of sums, relative to the sum of absolute values, where NumPy adds in an order of its own


def assert_same_array(ours, expected, ulps=0, scale=None):
    """Equal in values, dtype and shape; floats to the bit (NaN is NaN), or within `ulps` of `scale` or of the value."""
    assert not isinstance(expected, np.ndarray)
    made, wanted = computed(ours), real.asarray(expected)
    assert made.dtype == wanted.dtype, f"{made.dtype} for {wanted.dtype}"
    assert made.shape == wanted.shape, f"{made.shape} for {wanted.shape}"
    if made.dtype.kind not in "fc" or not ulps:
        real.testing.assert_array_equal(made, wanted)
        return
    size = real.abs(wanted if scale is None else scale).astype(made.real.dtype)
    limits = real.finfo(made.dtype)
    with real.errstate(all="ignore"):
        allowed = ulps * real.maximum(size * limits.eps, limits.smallest_subnormal)
        close = real.abs(made - wanted) <= allowed
    same = close | (made == wanted) | (real.isnan(made) & real.isnan(wanted))
    assert same.all(), f"{made[~same][:5]} for {wanted[~same][:5]}"


def computed(value):
    """An array of ours, or a scalar, as one of NumPy's."""
    return real.asarray(value.compute() if isinstance(value, np.ndarray) else value)
