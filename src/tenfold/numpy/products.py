"""Products of vectors, matrices and stacks of them. Sums of products are made by BLAS; of two vectors, exactly."""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of, result_of
from tenfold.numpy.door import door
from tenfold.numpy.reductions import MISSING

Axes = tuple[int, ...]


def _into(node: ar.Array, out: Any, core: int) -> Any:
    """A product, written into `out` where that is given, of whose axes the last `core` are not repeated."""
    if out is not None and core and getattr(out, "shape", node.shape)[-core:] != node.shape[-core:]:
        raise ValueError(f"output array of shape {out.shape} for a product of shape {node.shape}")
    return ew.written(node, out)


def dtype_of(left: ar.Array, right: ar.Array) -> "np.dtype[Any]":
    """The dtype of sums of products; TypeError where NumPy has none."""
    if left.dtype.kind not in "biufc" or right.dtype.kind not in "biufc":
        raise NotNative(f"elements of types {left.dtype} and {right.dtype}")
    return np.matmul(np.zeros((1, 1), left.dtype), np.zeros((1, 1), right.dtype)).dtype


def contract(left: ar.Array, right: ar.Array, over_left: Axes, over_right: Axes) -> ar.Array:
    """Sums of products over pairs of axes: the free axes of the left, then those of the right."""
    dtype = dtype_of(left, right)
    left, right = ew.cast(left, dtype), ew.cast(right, dtype)
    if left.ndim == right.ndim == len(over_left) == 1 and dtype.kind == "f" and dtype.itemsize >= 4:
        return reductions.sum(ndarray(ew.over("multiply", [left, right], dtype)))._node
    left, over_left = _unturned(left, over_left)
    right, over_right = _unturned(right, over_right)
    return ar.Contract(left, right, (over_left, over_right), dtype)


def _unturned(array: ar.Array, over: Axes) -> tuple[ar.Array, Axes]:
    """A transposed matrix turned back, with the axis renamed: it is read as it lies."""
    if isinstance(array, ar.View) and [axis for axis, _, _ in array.axes] == [1, 0]:
        return ar.transpose(array, (1, 0)), tuple(1 - a for a in over)
    return array, over


def _operands(a: Any, b: Any) -> tuple[ar.Array, ar.Array]:
    left, right = node_of(a), node_of(b)
    if not left.ndim or not right.ndim:
        raise ValueError("matmul: an operand has no axis to sum over (a scalar): use multiply")
    return left, right


def _matmul(x1: Any, x2: Any) -> ar.Array:
    left, right = _operands(x1, x2)
    inner = right.shape[-2 if right.ndim > 1 else 0]
    if left.shape[-1] != inner:
        raise ValueError(f"matmul: {left.shape[-1]} columns of {left.shape} times {inner} rows of {right.shape}")
    return contract(left, right, (left.ndim - 1,), (0,)) if right.ndim <= 2 else _stacked(left, right)


def _generalized(product: Callable[[Any, Any], ar.Array], lasts: Axes, x1: Any, x2: Any, out: Any, **how: Any) -> Any:
    """A product over the last axes of its operands, so many of each and of the result, with NumPy's options.

    `axes` says which axes stand for the last ones, `axis` does where it is one of each operand and none of the result.
    """
    operands = [as_array(x) for x in (x1, x2)]
    if how["dtype"] is not None:
        operands = [ndarray(ew.cast(x._node, how["dtype"])) for x in operands]
    single, keepdims = lasts == (1, 1, 0), bool(how["keepdims"])
    axes, axis = how["axes"], how["axis"]
    if (axis is not MISSING or keepdims) and not (single and (axis is MISSING or axes is MISSING)):
        raise NotNative("an axis, or axes that are kept, which NumPy refuses")
    if axes is MISSING:
        if not single:
            core = lasts[2] - sum(n - min(n, x.ndim) for n, x in zip(lasts, operands, strict=False))
            return _into(product(*operands), _one(out), core)
        place = -1 if axis is MISSING else axis
        axes = [place, place, place] if keepdims else [place, place]
    given = [a if isinstance(a, tuple) else (operator.index(a),) for a in axes]
    if single and len(given) == 2 and not keepdims:
        given.append(())
    wanted = [min(n, x.ndim) for n, x in zip(lasts, operands, strict=False)]
    wanted.append(1 if keepdims else lasts[2] - sum(n - w for n, w in zip(lasts, wanted, strict=False)))
    if [len(a) for a in given] != wanted:
        raise NotNative("axes that NumPy judges")
    turned = [sh.moveaxis(x, a, tuple(range(-len(a), 0))) for x, a in zip(operands, given, strict=False)]
    made = ndarray(product(*turned))
    if keepdims:
        return ew.written(sh.expand_dims(made, given[2])._node, _one(out))
    back = tuple(range(-len(given[2]), 0))
    return ew.written(sh.moveaxis(made, back, given[2])._node, _one(out))


def _one(out: Any) -> Any:
    return out[0] if isinstance(out, tuple) else out


def matmul(
    x1: Any, x2: Any, /, out: Any = None, *, axes: Any = MISSING, axis: Any = MISSING, keepdims: Any = False,
    dtype: Any = None,
) -> Any:  # fmt: skip
    """The product of matrices, also of stacks of them; `@`.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> x = np.arange(6.0).reshape(3, 2)
    >>> x.T @ x
    array([[20., 26.],
           [26., 35.]])
    """
    return _generalized(_matmul, (2, 2, 2), x1, x2, out, axes=axes, axis=axis, keepdims=keepdims, dtype=dtype)


def _stacked(left: ar.Array, right: ar.Array) -> ar.Array:
    """Products of matrices, one for each pair of the stacks broadcast to each other."""
    dtype = dtype_of(left, right)
    vector = left.ndim == 1
    if vector:
        left = ar.view(left, (1, *left.shape), ((1, 0, 1),))
    stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    wide = tuple(ar.broadcast(ew.cast(x, dtype), stack + x.shape[-2:]) for x in (left, right))
    made: ar.Array = ar.Apply("matmul", wide, 2, (), (*stack, left.shape[-2], right.shape[-1]), dtype)
    return sh.squeeze(ndarray(made), -2)._node if vector else made


def dot(a: Any, b: Any, out: Any = None) -> Any:
    """Sums of products over the last axis of `a` and the last but one of `b`; of scalars, the product."""
    left, right = node_of(a), node_of(b)
    if not left.ndim or not right.ndim:
        return ew.ufunc("multiply")(a, b, out=out)
    place = max(right.ndim - 2, 0)
    _agree(left, right, (left.ndim - 1,), (place,))
    if _are_numbers(left, right):
        return ew.written(_product_of_numbers(left, right), out)
    made = contract(left, right, (left.ndim - 1,), (place,))
    return _into(made, out, made.ndim)


def inner(a: Any, b: Any, /) -> Any:
    """Sums of products over the last axes."""
    left, right = node_of(a), node_of(b)
    if not left.ndim or not right.ndim:
        return ew.ufunc("multiply")(a, b)
    over = ((left.ndim - 1,), (right.ndim - 1,))
    _agree(left, right, *over)
    return result_of(_product_of_numbers(left, right) if _are_numbers(left, right) else contract(left, right, *over))


def _are_numbers(left: ar.Array, right: ar.Array) -> bool:
    """Whether NumPy's `dot` multiplies and adds nothing, so that -0.0 stays what it is."""
    return left.size == right.size == 1 and max(left.ndim, right.ndim) <= 2 and dtype_of(left, right).char in "fd"


def _product_of_numbers(left: ar.Array, right: ar.Array) -> ar.Array:
    made = ew.elementwise("multiply", *(ndarray(ar.Reshape(x, ())) for x in (left, right)))
    return ar.broadcast(made, (1,) * (left.ndim + right.ndim - 2))


def vdot(a: Any, b: Any, /) -> Any:
    """The product of all elements as two vectors, the first conjugated."""
    left, right = sh.ravel(_conjugate(a))._node, sh.ravel(b)._node
    _agree(left, right, (0,), (0,))
    return result_of(contract(left, right, (0,), (0,)))


def _vecdot(x1: Any, x2: Any) -> ar.Array:
    left, right = _conjugate(x1), as_array(x2)
    if left.shape[-1] != right.shape[-1]:
        raise ValueError(f"vecdot: vectors of {left.shape[-1]} and {right.shape[-1]} elements")
    dtype = dtype_of(left._node, right._node)
    fold = reductions.any if dtype.kind == "b" else reductions.sum
    more = {} if dtype.kind == "b" else {"dtype": dtype}
    products = ndarray(ew.elementwise("multiply", left, right))
    return fold(products, axis=-1, **more)._node


def _matvec(x1: Any, x2: Any) -> ar.Array:
    return sh.squeeze(ndarray(_matmul(x1, sh.expand_dims(x2, -1))), -1)._node


def _vecmat(x1: Any, x2: Any) -> ar.Array:
    return sh.squeeze(ndarray(_matmul(sh.expand_dims(_conjugate(x1), -2), x2)), -2)._node


def vecdot(
    x1: Any, x2: Any, /, out: Any = None, *, axes: Any = MISSING, axis: Any = MISSING, keepdims: Any = False,
    dtype: Any = None,
) -> Any:  # fmt: skip
    """Products of the vectors along an axis, the first conjugated; the other axes are broadcast."""
    return _generalized(_vecdot, (1, 1, 0), x1, x2, out, axes=axes, axis=axis, keepdims=keepdims, dtype=dtype)


def matvec(x1: Any, x2: Any, /, out: Any = None, *, axes: Any = MISSING, dtype: Any = None) -> Any:
    """Products of matrices and vectors, stacks broadcast."""
    return _generalized(_matvec, (2, 1, 1), x1, x2, out, axes=axes, axis=MISSING, keepdims=False, dtype=dtype)


def vecmat(x1: Any, x2: Any, /, out: Any = None, *, axes: Any = MISSING, dtype: Any = None) -> Any:
    """Products of vectors, conjugated, and matrices, stacks broadcast."""
    return _generalized(_vecmat, (1, 2, 1), x1, x2, out, axes=axes, axis=MISSING, keepdims=False, dtype=dtype)


def _conjugate(a: Any) -> ndarray:
    array = as_array(a)
    return ew.ufunc("conjugate")(array) if array.dtype.kind == "c" else array


def outer(a: Any, b: Any, out: Any = None) -> Any:
    """Products of all pairs of elements of two vectors."""
    return ew.ufunc("multiply")(sh.expand_dims(sh.ravel(a), 1), sh.ravel(b), out=out)


def kron(a: Any, b: Any) -> ndarray:
    """The product of every element of the first with the whole second, side by side."""
    left, right = as_array(a), as_array(b)
    ndim = max(left.ndim, right.ndim)
    shapes = [(1,) * (ndim - x.ndim) + x.shape for x in (left, right)]
    apart = [sh.reshape(x, _spread(shape, k)) for k, (x, shape) in enumerate(zip((left, right), shapes, strict=True))]
    return sh.reshape(apart[0] * apart[1], tuple(m * n for m, n in zip(*shapes, strict=True)))


def _spread(shape: ar.Shape, place: int) -> ar.Shape:
    """Each length beside a 1."""
    return tuple(size for n in shape for size in ((n, 1) if place == 0 else (1, n)))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sums of products over pairs of axes, or over so many of the last and the first."""
    left, right = node_of(a), node_of(b)
    over_left, over_right = _pairs(axes, left.ndim, right.ndim)
    _agree(left, right, over_left, over_right)
    if not over_left:
        wide = ar.view(left, left.shape + (1,) * right.ndim, ar.identity(left.ndim))
        return ew.ufunc("multiply")(ndarray(wide), ndarray(right))
    return ndarray(contract(left, right, over_left, over_right))


def _pairs(axes: Any, left: int, right: int) -> tuple[Axes, Axes]:
    if np.iterable(axes):
        first, second = ((x,) if np.ndim(x) == 0 else tuple(x) for x in axes)
    else:
        count = operator.index(axes)
        first, second = tuple(range(-count, 0)), tuple(range(count))
    normalize = np.lib.array_utils.normalize_axis_tuple
    if len(first) != len(second):
        raise ValueError("shape-mismatch for sum")
    return normalize(first, left), normalize(second, right)


def _agree(left: ar.Array, right: ar.Array, over_left: Axes, over_right: Axes) -> None:
    if [left.shape[k] for k in over_left] != [right.shape[k] for k in over_right]:
        raise ValueError(f"shapes {left.shape} and {right.shape} not aligned over axes {over_left} and {over_right}")


def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """The product of several matrices, in the order that takes the fewest operations."""
    made = [as_array(a) for a in arrays]
    if len(made) < 2:
        raise ValueError("Expecting at least two arrays.")
    first, last = made[0].ndim == 1, made[-1].ndim == 1
    if first:
        made[0] = sh.expand_dims(made[0], 0)
    if last:
        made[-1] = sh.expand_dims(made[-1], 1)
    if any(a.ndim != 2 for a in made):
        raise np.linalg.LinAlgError("multi_dot takes matrices, and vectors at the ends")
    product = _best_product(made)
    gone = tuple(k for k, drop in enumerate((first, last)) if drop)
    return ew.written((sh.squeeze(product, gone) if gone else product)._node, out)


def _best_product(matrices: list[ndarray]) -> ndarray:
    """Split where the parts and the last product take the fewest multiplications."""
    sizes = [matrices[0].shape[0], *(m.shape[1] for m in matrices)]
    best: dict[tuple[int, int], tuple[int, int]] = {(k, k): (0, k) for k in range(len(matrices))}
    for span in range(1, len(matrices)):
        for lo in range(len(matrices) - span):
            hi = lo + span
            best[lo, hi] = min(
                (best[lo, k][0] + best[k + 1, hi][0] + math.prod((sizes[lo], sizes[k + 1], sizes[hi + 1])), k)
                for k in range(lo, hi)
            )

    def product(lo: int, hi: int) -> ndarray:
        if lo == hi:
            return matrices[lo]
        cut = best[lo, hi][1]
        return matmul(product(lo, cut), product(cut + 1, hi))

    return product(0, len(matrices) - 1)


def _operator(swap: bool) -> Callable[[Any, Any], Any]:
    def method(self: ndarray, other: Any) -> Any:
        if ew.gives_way(other):
            return NotImplemented
        return _at(other, self) if swap else _at(self, other)

    return method


def _in_place(self: ndarray, other: Any) -> ndarray:
    if not self.ndim or np.ndim(other) < 2:
        raise ValueError("a product in place takes a matrix, or several, as its second operand")
    return _at(self, other, out=self)


_at = door("matmul", matmul)


for _name, _method in {
    "__matmul__": _operator(False), "__rmatmul__": _operator(True), "__imatmul__": _in_place,
}.items():  # fmt: skip
    setattr(ndarray, _name, _method)
