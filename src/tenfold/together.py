"""Several lazy results at once."""

from typing import Any


def compute(*values: Any) -> tuple[Any, ...]:
    """Compute several lazy values; what arrays share is computed once.

    Parameters
    ----------
    *values
        Arrays, frames, series. Arrays run together; frames one after another. What is not lazy is returned as it is.

    Returns
    -------
    tuple
        Real arrays, frames and series, in the order given.

    Examples
    --------
    >>> import tenfold
    >>> import tenfold.numpy as np
    >>> u, s, vh = np.linalg.svd(np.arange(6.0).reshape(3, 2), full_matrices=False)
    >>> u, s, vh = tenfold.compute(u, s, vh)
    >>> s.shape, vh.shape
    ((2,), (2, 2))
    """
    arrays = [value for value in values if _is_array(value)]
    made = iter(arrays[0]._together(arrays) if arrays else ())
    return tuple(
        next(made) if _is_array(value) else value.compute() if hasattr(value, "compute") else value for value in values
    )


def _is_array(value: Any) -> bool:
    return hasattr(type(value), "_together")  # who computes frames alone does not wait for the import of arrays
