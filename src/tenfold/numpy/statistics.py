"""Covariances and correlations: products of what is left of variables without their means."""

import warnings
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.fallback import distance
from tenfold.numpy import elementwise as ew
from tenfold.numpy import products, reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, owned, result_of
from tenfold.numpy.through import real_values


def cov(
    m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """The covariances of variables, the rows of a matrix; weights are looked at now.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.cov(np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    rows = _variables(m, y, rowvar, dtype)
    if rows.shape[0] == 0:
        return owned(np.empty((0, 0)))
    fweights, aweights = real_values(fweights), real_values(aweights)
    if fweights is not None or aweights is not None:
        np.cov(np.zeros((1, rows.shape[1])), fweights=fweights, aweights=aweights)  # what NumPy refuses, it refuses now
    ddof = (0 if bias else 1) if ddof is None else ddof
    factor, weights = _weighed(rows.shape[1], ddof, fweights, aweights)
    if factor <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=distance())
        factor = 0.0
    if weights is None:
        centred = rows - reductions.mean(rows, 1, keepdims=True)
        other = centred
    else:
        given = owned(weights)
        total = reductions.sum(rows * given, 1, keepdims=True)
        centred = ndarray(ew.cast((rows - total / weights.sum())._node, rows.dtype))
        other = centred * given
    other = ew.ufunc("conjugate")(other) if other.dtype.kind == "c" else other
    made = products.dot(centred, sh.transpose(other)) * float(np.true_divide(1, factor))
    return result_of(sh.squeeze(ndarray(made._node))._node)


def _variables(m: Any, y: Any, rowvar: Any, dtype: Any) -> ndarray:
    """All variables as the rows of a matrix, of the dtype that they are computed in."""
    given = [as_array(m)] if y is None else [as_array(m), as_array(y)]
    if any(a.ndim > 2 or a.dtype.kind not in "biufc" for a in given):
        raise NotNative("more than two axes, or no numbers")
    kind = np.dtype(dtype) if dtype is not None else np.result_type(*(a.dtype for a in given), np.float64)
    parts = []
    for place, array in enumerate(given):
        row = sh.atleast_2d(ndarray(ew.cast(array._node, kind)))
        turned = not rowvar and (array.ndim != 1 if place == 0 else row.shape[0] != 1)
        parts.append(sh.transpose(row) if turned else row)
    return parts[0] if len(parts) == 1 else sh.concatenate(parts, 0)


def _weighed(count: int, ddof: Any, fweights: Any, aweights: Any) -> tuple[Any, Any]:
    """What sums of products are divided by, and the weights of the observations."""
    if fweights is None and aweights is None:
        return count - ddof, None
    often, much = (np.asarray(1 if w is None else w, float) for w in (fweights, aweights))
    weights = often * much
    total = weights.sum()
    if ddof == 0 or aweights is None:
        return total - ddof, weights
    return total - ddof * (weights * much).sum() / total, weights


def corrcoef(x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
    """The correlations of variables, the rows of a matrix."""
    made = cov(x, y, rowvar, dtype=dtype)
    if not made.ndim:
        return made / made
    size = ew.ufunc("sqrt")(ndarray(sh.diagonal(made)._node).real)
    made = made / sh.expand_dims(size, 1) / size
    if made.dtype.kind != "c":
        return ew.clip(made, -1, 1)
    real, imag = (ew.clip(part, -1, 1)._node for part in (made.real, made.imag))
    return ndarray(ew.over("complex", [real, imag], made.dtype))


def _arg_without_nan(name: str) -> Any:
    fold, beyond = getattr(reductions, name[3:]), {"nanargmin": np.inf, "nanargmax": -np.inf}[name]

    def function(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = np._NoValue) -> Any:
        array = as_array(a)
        keepdims = keepdims is not np._NoValue and keepdims
        if array.dtype.kind != "f":
            return fold(array, axis, out, keepdims=keepdims)
        missing = ew.ufunc("isnan")(array)
        present = ew.where(missing, array.dtype.type(beyond), array)
        made = fold(present, axis, keepdims=keepdims)
        if bool(reductions.any(reductions.all(missing, axis))):
            raise ValueError("All-NaN slice encountered")
        return ew.reduced(made._node, out)

    function.__name__ = name
    function.__doc__ = f"As `{name[3:]}`, NaN left out; whether nothing else is there is looked at now."
    return function


nanargmin, nanargmax = _arg_without_nan("nanargmin"), _arg_without_nan("nanargmax")
