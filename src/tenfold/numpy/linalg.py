"""`numpy.linalg` over lazy arrays: tall matrices slab by slab, everything else by LAPACK on whole matrices.

Functions with several results return NumPy's named tuples, of lazy arrays. LinAlgError is NumPy's; where it depends on
values, it is raised when they are computed. Names that are not here run in NumPy on the whole arrays.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.expr.tall import is_tall
from tenfold.numpy import elementwise as ew
from tenfold.numpy import products, random, reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of
from tenfold.numpy.door import doors, unknown
from tenfold.numpy.through import real_values

LinAlgError = np.linalg.LinAlgError
multi_dot, matrix_transpose = products.multi_dot, sh.matrix_transpose


def _matrix(a: Any, square: bool = False) -> ar.Array:
    """An operand: a matrix, or a stack of them, of a dtype that LAPACK is given."""
    node = node_of(a)
    if node.ndim < 2:
        raise LinAlgError(f"{node.ndim}-dimensional array given. Array must be at least two-dimensional")
    if square and node.shape[-1] != node.shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")
    return node


def _types(name: str, *args: ar.Array, **options: Any) -> Any:
    """What NumPy's function makes of small matrices of these dtypes; its TypeError for those that it does not take."""
    return getattr(np.linalg, name)(*(np.eye(1, dtype=arg.dtype) for arg in args), **options)


def _one(name: str, args: tuple[ar.Array, ...], extent: ar.Shape, **options: Any) -> ndarray:
    """A function with one result."""
    dtype = np.asarray(_types(name, *args, **options)).dtype
    return ndarray(ar.Apply(name, args, 2, (tuple(options.items()),), extent, dtype))


def _several(name: str, arg: ar.Array, extents: tuple[ar.Shape, ...], tall: str = "", **options: Any) -> Any:
    """A function with several results, in NumPy's tuple; by the name `tall`, of a matrix that is cut."""
    sample = _types(name, arg, **options)
    types = tuple(np.asarray(part).dtype for part in sample)
    if tall:
        made = ar.Outputs(tall, (ew.cast(arg, types[0]),), 2, (), extents, types)
    else:
        made = ar.Outputs(name, (arg,), 2, (tuple(options.items()),), extents, types)
    return type(sample)(*(ndarray(ar.Output(made, k)) for k in range(len(types))))


def _if(**options: bool) -> dict[str, Any]:
    """The options that are on: those that are off need not be known to whoever takes the function's place."""
    return {name: value for name, value in options.items() if value}


# -- factors -------------------------------------------------------------------------------------------------------


def qr(a: Any, mode: str = "reduced") -> Any:
    """(Q, R), or R alone by mode `r`; a tall matrix is factored slab by slab.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> q, r = np.linalg.qr(np.random.default_rng(0).normal(size=(1000, 3)))
    >>> bool(abs(q.T @ q - np.eye(3)).max() < 1e-14)
    True
    """
    node = _matrix(a)
    if mode not in ("reduced", "r", "complete"):
        raise NotNative("factors as LAPACK leaves them")
    *stack, rows, columns = node.shape
    rank = min(rows, columns)
    inner = rows if mode == "complete" else rank
    extents = ((*stack, rows, inner), (*stack, inner, columns))
    if mode != "complete" and not stack and is_tall(node.shape):
        made = _several("qr", node, extents, "tall_qr")
        return made.R if mode == "r" else made
    if mode == "r":
        return _one("qr", (node,), extents[1], mode="r")
    return _several("qr", node, extents, mode=mode)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """(U, S, Vh), or the singular values alone; of a tall matrix (or a wide one), reduced, slab by slab."""
    node = _matrix(a)
    *stack, rows, columns = node.shape
    rank = min(rows, columns)
    if (not compute_uv or not full_matrices) and not stack and not hermitian:
        if is_tall(node.shape):
            made = _several("svd", node, ((rows, rank), (rank,), (rank, rank)), "tall_svd", full_matrices=False)
            return made if compute_uv else made.S
        if is_tall(node.shape[::-1]):
            made = svd(sh.transpose(a), False, compute_uv)
            return type(made)(made.Vh.T, made.S, made.U.T) if compute_uv else made
    if not compute_uv:
        return _one("svd", (node,), (*stack, rank), compute_uv=False, **_if(hermitian=hermitian))
    sizes = (rows, columns) if full_matrices else (rank, rank)
    extents = ((*stack, rows, sizes[0]), (*stack, rank), (*stack, sizes[1], columns))
    return _several("svd", node, extents, full_matrices=full_matrices, **_if(hermitian=hermitian))


def svdvals(x: Any, /) -> ndarray:
    """The singular values, largest first."""
    return svd(x, compute_uv=False)


def svd_compressed(a: Any, k: int, *, n_power_iter: int = 0, n_oversamples: int = 10, seed: Any = None) -> Any:
    """The k largest singular values and their vectors, approximately, by random projections.

    The matrix is read 2 + 2 * `n_power_iter` times and need not be in memory. In each row of Vh the largest element is
    positive.

    Parameters
    ----------
    k
        How many.
    n_power_iter
        Rounds of multiplying with the matrix and its transpose, orthogonalised in between: the more, the closer, also
        where singular values fall slowly.
    n_oversamples
        Columns of the random projection beyond k.
    seed
        Of `default_rng`, for the projection.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> x = np.arange(20000.0).reshape(1000, 20)
    >>> u, s, vh = np.linalg.svd_compressed(x, 2, seed=1)
    >>> bool(abs(u * s @ vh - x).max() < 1e-6)
    True
    """
    node = _matrix(a)
    if node.ndim != 2:
        raise LinAlgError(f"{node.ndim}-dimensional array given. Array must be two-dimensional")
    sample = _types("svd", node)
    dtype = sample.U.dtype
    matrix = ndarray(ew.cast(node, dtype))
    rank = min(node.shape)
    if not 0 < k <= rank:
        raise ValueError(f"k is {k}: give a number from 1 to {rank}")
    drawn = random.default_rng(seed).standard_normal((node.shape[1], min(k + n_oversamples, rank)))
    basis = qr(matmul(matrix, ndarray(ew.cast(drawn._node, dtype)))).Q
    adjoint = sh.transpose(matrix if dtype.kind != "c" else ew.ufunc("conjugate")(matrix))
    for _ in range(n_power_iter):
        basis = qr(matmul(matrix, qr(matmul(adjoint, basis)).Q)).Q
    small = sh.transpose(matmul(adjoint, basis))
    small = ew.ufunc("conjugate")(small) if dtype.kind == "c" else small
    rows, columns = small.shape
    types = (dtype, np.empty(0, dtype).real.dtype, dtype)
    extents = ((rows, k), (k,), (k, columns))
    made = ar.Outputs("signed_svd", (small._node,), 2, (int(k),), extents, types)
    u, s, vh = (ndarray(ar.Output(made, part)) for part in range(3))
    return type(sample)(matmul(basis, u), s, vh)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """(eigenvalues, eigenvectors) of symmetric or Hermitian matrices."""
    node = _matrix(a, square=True)
    return _several("eigh", node, (node.shape[:-1], node.shape), UPLO=UPLO)


def eigvalsh(a: Any, UPLO: str = "L") -> ndarray:
    """The eigenvalues of symmetric or Hermitian matrices."""
    node = _matrix(a, square=True)
    return _one("eigvalsh", (node,), node.shape[:-1], UPLO=UPLO)


def cholesky(a: Any, /, *, upper: bool = False) -> ndarray:
    """The triangular factor of positive definite matrices."""
    node = _matrix(a, square=True)
    return _one("cholesky", (node,), node.shape, upper=upper)


# -- equations -----------------------------------------------------------------------------------------------------


def solve(a: Any, b: Any) -> ndarray:
    """What gives `b` when it is multiplied by `a` from the left."""
    left, right = _matrix(a, square=True), node_of(b)
    vector = right.ndim == 1
    if vector:
        right = ar.view(right, (*right.shape, 1), ((0, 0, 1),))
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"solve: {left.shape[-1]} equations, and right sides of {right.shape[-2]}")
    stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    wide = tuple(ar.broadcast(x, stack + x.shape[-2:]) for x in (left, right))
    made = _one("solve", wide, stack + right.shape[-2:])
    return sh.squeeze(made, -1) if vector else made


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """(solution, squared residuals, rank, singular values), computed at once: their shapes depend on the rank."""
    left, right = _matrix(a), node_of(b)
    if left.ndim != 2 or right.ndim not in (1, 2) or left.shape[0] != right.shape[0]:
        raise LinAlgError("Incompatible dimensions")
    if not is_tall(left.shape):
        made = np.linalg.lstsq(ndarray(left).compute(), ndarray(right).compute(), rcond)
        return (as_array(made[0]), as_array(made[1]), made[2], as_array(made[3]))
    epsilon = np.finfo(_types("qr", left).R.dtype).eps
    u, s, vh = svd(left_array := ndarray(left), full_matrices=False)
    values = s.compute()
    kept = values > values[0] * (epsilon * max(left.shape) if rcond is None else epsilon if rcond == -1 else rcond)
    inverse = np.where(kept, 1 / np.where(kept, values, 1), 0)
    turned = u.T.conj() @ ndarray(right)
    solution = (vh.T.conj() * inverse) @ turned
    rest = ndarray(right) - left_array @ solution.persist()
    rank = int(kept.sum())
    squares = reductions.sum(abs(rest) ** 2, 0) if rank == left.shape[1] else np.empty(0, rest.dtype)
    squares = sh.reshape(squares, (-1,)) if right.ndim == 1 else squares
    return solution.persist(), as_array(squares).persist(), np.int32(rank), as_array(values)


def inv(a: Any) -> ndarray:
    """The inverses of matrices."""
    node = _matrix(a, square=True)
    return _one("inv", (node,), node.shape)


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """The pseudo-inverses of matrices."""
    if rcond is not None and rtol is not None:
        raise ValueError("`rtol` and `rcond` can't be both set.")
    node = _matrix(a)
    given = {"rcond": rcond} if rcond is not None else {"rtol": rtol} if rtol is not None else {}
    given = {name: _number(x) for name, x in given.items()}
    return _one("pinv", (node,), (*node.shape[:-2], node.shape[-1], node.shape[-2]), **given, hermitian=hermitian)


# -- numbers -------------------------------------------------------------------------------------------------------


def det(a: Any) -> ndarray:
    """The determinants of matrices."""
    node = _matrix(a, square=True)
    return _one("det", (node,), node.shape[:-2])


def slogdet(a: Any) -> Any:
    """(sign, logarithm of the absolute value) of determinants."""
    node = _matrix(a, square=True)
    return _several("slogdet", node, (node.shape[:-2], node.shape[:-2]))


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are above a tolerance."""
    node = node_of(A)
    if node.ndim < 2:
        raise NotNative("less than a matrix")
    return _one("matrix_rank", (node,), node.shape[:-2], tol=_number(tol), hermitian=hermitian, rtol=_number(rtol))


def _number(limit: Any) -> Any:
    """A tolerance as one number, looked at now."""
    if np.ndim(limit):
        raise NotNative("several tolerances")
    limit = real_values(limit)
    return limit[()] if isinstance(limit, np.ndarray) else limit


def cond(x: Any, p: Any = None) -> ndarray:
    """The condition numbers of matrices."""
    node = _matrix(x, square=p not in (None, 2, -2))
    return _one("cond", (node,), node.shape[:-2], p=p)


def matrix_power(a: Any, n: int) -> ndarray:
    """Matrices multiplied with themselves so often; of negative n, their inverses."""
    node = _matrix(a, square=True)
    return _one("matrix_power", (node,), node.shape, n=n)


# -- norms ---------------------------------------------------------------------------------------------------------


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Norms of vectors or matrices along axes; sums of floats in them are exact.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.linalg.norm(np.array([[3.0, 4.0], [6.0, 8.0]]), axis=1)
    array([ 5., 10.])
    """
    array = as_array(x)
    if not array.size:
        raise NotNative("no elements")
    if array.dtype.kind not in "fc":
        array = ndarray(ew.cast(array._node, float))
    over = tuple(range(array.ndim)) if axis is None else reductions.axes_of(axis, array.ndim)
    if (ord is None and (axis is None or len(over) < 3)) or (ord in ("f", "fro") and len(over) == 2):
        return _length(array, over, keepdims)
    if len(over) == 1:
        return _vector_norm(array, ord, over, keepdims)
    if len(over) == 2:
        given = np.lib.array_utils.normalize_axis_tuple((0, 1) if axis is None else axis, array.ndim)
        return _matrix_norm(array, ord, given, keepdims)
    raise ValueError("Improper number of dimensions to norm.")


def _length(array: ndarray, over: tuple[int, ...], keepdims: bool) -> Any:
    return ew.ufunc("sqrt")(reductions.sum(_squares(array), over, keepdims=keepdims))


def _squares(array: ndarray) -> Any:
    return array.real**2 + array.imag**2 if array.dtype.kind == "c" else array * array


def _vector_norm(array: ndarray, ord: Any, over: tuple[int, ...], keepdims: bool) -> Any:
    sizes = abs(array)
    match ord:
        case str():
            raise ValueError(f"Invalid norm order '{ord}' for vectors")
        case math.inf:
            return reductions.max(sizes, over, keepdims=keepdims, initial=0)
        case _ if ord == -math.inf:
            return reductions.min(sizes, over, keepdims=keepdims)
        case 0:
            return reductions.sum(array != 0, over, sizes.dtype, keepdims=keepdims)
        case 1:
            return reductions.sum(sizes, over, keepdims=keepdims)
        case 2:
            return _length(array, over, keepdims)
    return reductions.sum(sizes**ord, over, keepdims=keepdims) ** (1 / ord)


def _matrix_norm(array: ndarray, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Sums of absolute values along one axis, extremes along the other; or of singular values."""
    sums = {1: (0, "max"), -1: (0, "min"), math.inf: (1, "max"), -math.inf: (1, "min")}
    largest = partial(reductions.max, initial=0)  # of nothing, too
    extremes: dict[str, Callable[..., Any]] = {"max": largest, "min": reductions.min, "sum": reductions.sum}
    if ord in sums:
        place, name = sums[ord]
        totals = reductions.sum(abs(array), axes[place], keepdims=True)
        made = extremes[name](totals, tuple(sorted(axes)), keepdims=True)
    elif ord in (2, -2, "nuc"):
        values = svdvals(sh.moveaxis(array, axes, (-2, -1)))
        made = extremes[{2: "max", -2: "min", "nuc": "sum"}[ord]](values, -1)
        made = sh.expand_dims(made, tuple(sorted(axes)))
    else:
        raise ValueError(f"Invalid norm order {ord!r} for matrices.")
    return made if keepdims else sh.squeeze(made, tuple(sorted(axes)))


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """Norms of the vectors that all elements, or those of some axes, are."""
    array = as_array(x)
    if not array.size:
        raise NotNative("vectors without elements")
    over = tuple(range(array.ndim)) if axis is None else reductions.axes_of(axis, array.ndim)
    if array.dtype.kind not in "fc":
        array = ndarray(ew.cast(array._node, float))
    if ord == 2:
        return _length(array, over, keepdims)
    if len(over) == 1:
        return norm(array, ord, over, keepdims)
    rest = [k for k in range(array.ndim) if k not in over]
    flat = sh.reshape(sh.transpose(array, (*rest, *over)), (*(array.shape[k] for k in rest), -1))
    made = norm(flat, ord, -1)
    return sh.expand_dims(made, over) if keepdims else made


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Norms of the matrices of the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


def diagonal(x: Any, /, *, offset: int = 0) -> ndarray:
    """The diagonals of the matrices of the last two axes."""
    return sh.diagonal(x, offset, -2, -1)


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> ndarray:
    """The sums along those."""
    return diagonal(x, offset=offset).sum(-1, dtype=dtype)


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> ndarray:
    """The cross products of vectors of three elements."""
    left, right = (sh.moveaxis(as_array(x), axis, 0) for x in (x1, x2))
    if left.shape[0] != 3 or right.shape[0] != 3:
        lengths = f"{left.shape[0]} and {right.shape[0]}"
        raise ValueError(
            f"Both input arrays must be (arrays of) 3-dimensional vectors, but they are {lengths} dimensional instead."
        )
    turned = [left[j] * right[k] - left[k] * right[j] for j, k in ((1, 2), (2, 0), (0, 1))]
    return sh.moveaxis(sh.stack(turned), 0, axis)


def matmul(x1: Any, x2: Any, /) -> Any:
    """As `numpy.matmul`."""
    return products.matmul(x1, x2)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """As `numpy.vecdot`."""
    return products.vecdot(x1, x2, axis=axis)


def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """As `numpy.tensordot`."""
    return products.tensordot(x1, x2, axes)


def outer(x1: Any, x2: Any, /) -> Any:
    """As `numpy.outer`, of two vectors."""
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"Input arrays must be one-dimensional, but they are {np.ndim(x1)=} and {np.ndim(x2)=}.")
    return products.outer(x1, x2)


def __getattr__(name: str) -> Any:
    """Whatever else NumPy has there, on whole arrays."""
    real = getattr(np.linalg, name)
    if isinstance(real, type) or not callable(real):
        return real
    globals()[name] = unknown(f"linalg.{name}", real)
    return globals()[name]


globals().update(doors("linalg", globals(), [n for n in np.linalg.__all__ if n in globals() and n != "LinAlgError"]))
