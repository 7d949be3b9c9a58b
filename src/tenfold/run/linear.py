"""Linear algebra and Fourier transforms of whole blocks, by LAPACK and pocketfft as NumPy has them.

All take stacks of matrices, options first. What does not exist raises `numpy.linalg.LinAlgError`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np


def _linalg(name: str, options: tuple[tuple[str, Any], ...], *blocks: Any) -> Any:
    """`numpy.linalg.name` of blocks."""
    return getattr(np.linalg, name)(*blocks, **dict(options))


def transform(name: str, sizes: tuple[int, ...], norm: str | None, block: Any) -> Any:
    """A Fourier transform over the last axes, one for each size of its result (or, of a real one, of its signal)."""
    if name[-1] in "2n":
        return getattr(np.fft, name)(block, sizes, tuple(range(-len(sizes), 0)), norm)
    return getattr(np.fft, name)(block, sizes[0], -1, norm)


def signed_svd(k: int, matrix: Any) -> tuple[Any, Any, Any]:
    """The k largest singular values and their vectors, signs such that the largest of each row of the last is positive.

    Examples
    --------
    >>> import numpy
    >>> u, s, vh = signed_svd(1, numpy.array([[-2.0], [0.0]]))
    >>> s, vh
    (array([2.]), array([[1.]]))
    """
    u, s, vh = np.linalg.svd(matrix, full_matrices=False)
    largest = np.take_along_axis(vh, np.abs(vh).argmax(1)[:, np.newaxis], 1)
    phase = np.where(largest == 0, 1, largest / np.where(largest == 0, 1, np.abs(largest)))
    return (u * phase.T)[:, :k], s[:k], (vh * phase.conj())[:k]


ONE = ("inv", "pinv", "solve", "cholesky", "det", "eigvalsh", "svd", "qr", "matrix_rank", "cond", "matrix_power")
SEVERAL = ("qr", "svd", "eigh", "slogdet")
TRANSFORMS = (
    "fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn",
    "irfftn",
)  # fmt: skip

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: partial(_linalg, name) for name in ONE},
    **{name: partial(transform, name) for name in TRANSFORMS},
}
"""name -> function with one result."""

OUTPUTS: dict[str, Callable[..., Any]] = {
    **{name: partial(_linalg, name) for name in SEVERAL},
    "signed_svd": signed_svd,
}
"""name -> function with several results."""


def tall_qr(matrix: Any) -> tuple[Any, Any]:
    """QR of a tall matrix by products of matrices, which devices are made for.

    Cholesky's triangle of the Gram matrix, twice, in double precision (CholeskyQR2: Yamamoto, Nakatsukasa, Yanagisawa
    and Fukaya, "Roundoff error analysis of the CholeskyQR2 algorithm", 2015). Where columns are so close to dependent
    that the first step does not leave them nearly orthonormal, by Householder's method.
    """
    wide = matrix.astype(np.result_type(matrix.dtype, np.float64), copy=False)
    spare = wide.dtype != matrix.dtype
    try:
        once, first, _ = _cholesky_qr(wide, spare=spare)
        twice, second, products = _cholesky_qr(once, spare=spare)
        far = float((abs(products) ** 2).sum() - 2 * np.trace(products).real + len(products))
    except np.linalg.LinAlgError:
        far = np.inf
    if not far < 0.25:  # the squared distance from products of orthonormal columns
        return np.linalg.qr(matrix)
    return twice.astype(matrix.dtype), (second @ first).astype(matrix.dtype)


def _cholesky_qr(matrix: Any, *, spare: bool) -> tuple[Any, Any, Any]:
    """The columns made orthonormal, the triangle that gives them back, and their products with each other.

    Multiplying with the inverse is quicker than solving, and loses digits that only `spare` precision has to lose.
    """
    products = matrix.conj().T @ matrix
    triangle = np.linalg.cholesky(products).conj().T
    turned = matrix @ np.linalg.inv(triangle) if spare else np.linalg.solve(triangle.T, matrix.T).T
    return turned, triangle, products


def _tall_svd(matrix: Any) -> tuple[Any, Any, Any]:
    q, r = tall_qr(matrix)
    u, s, vh = np.linalg.svd(r)
    return q @ u, s, vh


ON_DEVICES = frozenset(["matmul", "qr", "svd", "eigvalsh", *TRANSFORMS])
"""Functions that CuPy has and that cannot fail: of a singular matrix CuPy makes numbers where NumPy raises."""

OUTPUTS_ON_DEVICES = {name: OUTPUTS[name] for name in ("qr", "svd", "eigh", "signed_svd")} | {
    "tall_qr": tall_qr,
    "tall_svd": _tall_svd,
}
"""The same of functions with several results; tall matrices are not cut there."""
