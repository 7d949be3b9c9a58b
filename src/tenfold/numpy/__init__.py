"""NumPy's API over lazy arrays: `import tenfold.numpy as np`.

Names that are not native resolve too: they run in real NumPy on the whole arrays, with one notice each.
"""

import sys as _sys
from typing import Any

import numpy as _numpy

from tenfold.expr.ufuncs import is_ufunc as _is_ufunc
from tenfold.numpy import array_api as _array_api
from tenfold.numpy import blocks as _blocks
from tenfold.numpy import comparing, creation, editing, elementwise, methods, protocols, random, reductions, sets
from tenfold.numpy import einsum as _einsum
from tenfold.numpy import fft as fft
from tenfold.numpy import indexing as indexing
from tenfold.numpy import linalg as linalg
from tenfold.numpy import products as _products
from tenfold.numpy import shape as _shapes
from tenfold.numpy import stores as _stores
from tenfold.numpy.array import ndarray as ndarray
from tenfold.numpy.array import through_numpy

_NAMES = {
    creation: """array asarray asanyarray ascontiguousarray asfortranarray copy full zeros ones empty
        zeros_like ones_like full_like empty_like arange linspace logspace eye identity indices fromfunction meshgrid
        diag""",
    _array_api: """astype isdtype can_cast result_type finfo iinfo broadcast_shapes cumulative_sum cumulative_prod
        unstack""",
    protocols: "from_dlpack",
    _stores: "load save from_zarr from_hdf5 to_zarr to_hdf5 from_frame",
    _blocks: "rechunk map_blocks map_overlap from_dask to_dask",
    elementwise: "where clip nan_to_num",
    reductions: """sum prod min max amin amax any all count_nonzero mean var std ptp average argmin argmax nansum
        nanprod nanmin nanmax nanmean nanvar nanstd cumsum cumprod nancumsum nancumprod quantile percentile nanquantile
        nanpercentile median nanmedian bincount histogram""",
    _shapes: """ndim shape size transpose permute_dims matrix_transpose swapaxes moveaxis reshape ravel squeeze
        expand_dims broadcast_to broadcast_arrays flip flipud fliplr rot90 concatenate concat stack vstack hstack dstack
        column_stack atleast_1d atleast_2d array_split split vsplit hsplit roll tile repeat pad take take_along_axis
        diagonal sort argsort
        partition argpartition topk searchsorted digitize nonzero flatnonzero argwhere diff trace tril triu""",
    methods: "real imag round around",
    _products: "matmul dot inner vdot vecdot matvec vecmat outer kron tensordot",
    _einsum: "einsum",
    comparing: """isclose allclose array_equal array_equiv isposinf isneginf iscomplex isreal iscomplexobj isrealobj
        may_share_memory shares_memory""",
    sets: "unique unique_all unique_counts unique_inverse unique_values union1d intersect1d setdiff1d setxor1d isin",
    editing: """append insert delete resize trim_zeros select copyto putmask place put put_along_axis fill_diagonal""",
}
NATIVE = {name: getattr(module, name) for module, names in _NAMES.items() for name in names.split()}
NATIVE |= {name: elementwise.ufunc(name) for name in dir(_numpy) if _is_ufunc(name)}
NATIVE |= {"random": random, "linalg": linalg, "fft": fft}
NATIVE["abs"] = NATIVE["absolute"]
globals().update(NATIVE)
__array_namespace_info__ = _array_api.Info


def __getattr__(name: str) -> Any:
    """Whatever else NumPy has: its constants and types as they are, its functions on whole arrays."""
    real = getattr(_numpy, name)
    if isinstance(real, type) or not callable(real):
        return real

    def function(*args: Any, **options: Any) -> Any:
        return through_numpy(name, real, args, options)

    function.__name__ = name
    function.__doc__ = real.__doc__
    return function


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *NATIVE, "ndarray"})


protocols.register(NATIVE | {"namespace": _sys.modules[__name__]})
