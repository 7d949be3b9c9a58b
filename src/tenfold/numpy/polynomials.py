"""Polynomials as vectors of their coefficients, highest power first: values and fits of many points are lazy, the
coefficients themselves, which are few, computed now.
"""

from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of
from tenfold.numpy.creation import full, zeros
from tenfold.numpy.elementwise import cast
from tenfold.numpy.through import now, real_values

NUMPY: Any = np  # whose stubs have no forms for arguments of any type

poly, polyadd, polysub, polymul, polydiv = map(now, ("poly", "polyadd", "polysub", "polymul", "polydiv"))
polyder, polyint, roots = map(now, ("polyder", "polyint", "roots"))


def polyval(p: Any, x: Any) -> Any:
    """The values of a polynomial, whose coefficients are looked at now.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.polyval([1, 0, 2], np.array([0, 1, 2]))
    array([2, 3, 6])
    """
    if isinstance(x, np.poly1d) or isinstance(p, np.poly1d):
        raise NotNative("a polynomial of NumPy's class")
    array, factors = as_array(x), np.asarray(real_values(p))
    made: Any = zeros(array.shape, array.dtype)
    for factor in factors:
        made = made * array + factor
    return made


def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """The powers of a vector, as the columns of a matrix; the highest one first, or last if `increasing`."""
    array = as_array(x)
    if array.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    count = array.size if N is None else N
    dtype = np.promote_types(array.dtype, int)
    base, power = ndarray(cast(array._node, dtype)), full(array.shape, 1, dtype)
    if count < 1:
        return zeros((array.size, count), dtype)
    columns = [power]
    for _ in range(count - 1):
        columns.append(columns[-1] * base if len(columns) > 1 else base)
    return sh.stack(columns if increasing else columns[::-1], 1)


def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """The coefficients of the polynomial that is closest to points; with `full` or `cov`, computed now."""
    if full or cov:
        return now("polyfit")(x, y, deg, rcond, full, w, cov)
    arrays = [node_of(a) for a in ((x, y) if w is None else (x, y, w))]
    counts = {a.shape[:1] for a in arrays}
    if len(counts) > 1 or counts <= {(), (0,)} or not isinstance(rcond, (float, int, type(None))):
        raise NotNative("points that NumPy judges")
    few = np.arange(np.max(deg) + 2)  # of what NumPy makes of as few points as it takes, dtype and shape
    given = [np.broadcast_to(few.reshape((-1,) + (1,) * (a.ndim - 1)), (len(few), *a.shape[1:])) for a in arrays]
    few_of = [part.astype(a.dtype) for part, a in zip(given, arrays, strict=True)]
    made = NUMPY.polyfit(*few_of[:2], deg, w=None if w is None else few_of[2] + 1)
    degrees = int(deg) if np.ndim(deg) == 0 else tuple(np.asarray(deg).tolist())
    return reductions.whole("polyfit", arrays, (degrees, rcond), made.shape, made.dtype)
