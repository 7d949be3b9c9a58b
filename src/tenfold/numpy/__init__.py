"""NumPy's API over lazy arrays: `import tenfold.numpy as np`.

Names that are not native resolve too: they run in real NumPy on the whole arrays, with one notice each.
"""

import sys as _sys
from typing import Any

import numpy as _numpy

from tenfold.numpy import array_api as _array_api
from tenfold.numpy import blocks as _blocks
from tenfold.numpy import calculus as _calculus
from tenfold.numpy import choosing as _choosing
from tenfold.numpy import comparing, creation, editing, elementwise, methods, protocols, random, reductions, sets
from tenfold.numpy import einsum as _einsum
from tenfold.numpy import fft as fft
from tenfold.numpy import grids as _grids
from tenfold.numpy import histograms as _histograms
from tenfold.numpy import indexing as indexing
from tenfold.numpy import linalg as linalg
from tenfold.numpy import order as _order
from tenfold.numpy import polynomials as _polynomials
from tenfold.numpy import products as _products
from tenfold.numpy import shape as _shapes
from tenfold.numpy import signals as _signals
from tenfold.numpy import statistics as _statistics
from tenfold.numpy import stores as _stores
from tenfold.numpy import text as _text
from tenfold.numpy.array import ndarray as ndarray
from tenfold.numpy.door import SAME as _SAME
from tenfold.numpy.door import door as _door
from tenfold.numpy.door import signature_of as _signature_of
from tenfold.numpy.door import unknown as _unknown

_NAMES = {
    creation: """array asarray asanyarray ascontiguousarray asfortranarray copy full zeros ones empty
        zeros_like ones_like full_like empty_like arange linspace logspace eye identity indices fromfunction meshgrid
        diag diagflat tri geomspace""",
    _array_api: """astype isdtype can_cast result_type finfo iinfo broadcast_shapes cumulative_sum cumulative_prod
        unstack""",
    protocols: "from_dlpack",
    _stores: "load save from_zarr from_hdf5 to_zarr to_hdf5 from_frame",
    _blocks: "rechunk map_blocks map_overlap from_dask to_dask",
    elementwise: "where clip nan_to_num fix",
    reductions: """sum prod min max amin amax any all count_nonzero mean var std ptp average argmin argmax nansum
        nanprod nanmin nanmax nanmean nanvar nanstd cumsum cumprod nancumsum nancumprod quantile percentile nanquantile
        nanpercentile median nanmedian bincount""",
    _shapes: """ndim shape size transpose permute_dims matrix_transpose swapaxes moveaxis rollaxis reshape ravel squeeze
        expand_dims broadcast_to broadcast_arrays flip flipud fliplr rot90 concatenate concat stack vstack hstack dstack
        column_stack atleast_1d atleast_2d atleast_3d array_split split vsplit hsplit dsplit block roll tile repeat pad
        take take_along_axis diagonal diff trace tril triu""",
    _order: """sort argsort lexsort partition argpartition topk searchsorted digitize nonzero flatnonzero argwhere""",
    methods: "real imag round around isscalar",
    _products: "matmul dot inner vdot vecdot matvec vecmat outer kron tensordot",
    _einsum: "einsum",
    comparing: """isclose allclose array_equal array_equiv isposinf isneginf iscomplex isreal iscomplexobj isrealobj
        real_if_close may_share_memory shares_memory""",
    _calculus: "gradient ediff1d trapezoid interp cross",
    _histograms: "histogram histogram_bin_edges histogram2d histogramdd",
    _statistics: "cov corrcoef nanargmin nanargmax",
    _signals: "bartlett blackman hamming hanning kaiser convolve correlate sinc i0 angle unwrap",
    _polynomials: "poly polyadd polysub polymul polydiv polyder polyint roots polyval polyfit vander",
    _grids: """tril_indices triu_indices tril_indices_from triu_indices_from diag_indices diag_indices_from
        mask_indices ix_ unravel_index ravel_multi_index""",
    _choosing: "choose compress extract piecewise apply_along_axis apply_over_axes",
    _text: "loadtxt genfromtxt fromregex savetxt savez savez_compressed",
    sets: "unique unique_all unique_counts unique_inverse unique_values union1d intersect1d setdiff1d setxor1d isin",
    editing: """append insert delete resize trim_zeros select copyto putmask place put put_along_axis fill_diagonal""",
}
_MAKING = """
    array asarray asanyarray ascontiguousarray asfortranarray copy from_dlpack from_dask from_frame map_blocks
"""
_TAKES = frozenset(_MAKING.split())  # they make arrays of ours of anything
_WARNING = """
    sum prod mean var std average nansum nanprod nanmin nanmax nanmean nanvar nanstd trace ptp matmul dot
"""
_TELLS = frozenset(_WARNING.split())  # NumPy warns in them
_WRITES = {"copyto": (0,), "putmask": (0,), "place": (0,), "put": (0,), "put_along_axis": (0,), "fill_diagonal": (0,)}
_NOT_NUMPYS = """
    from_zarr from_hdf5 to_zarr to_hdf5 from_frame rechunk map_blocks map_overlap from_dask to_dask topk
    can_cast result_type isdtype finfo iinfo broadcast_shapes asarray_chkfinite from_dlpack astype
"""
_OWN = frozenset(_NOT_NUMPYS.split())


def _behind_door(name: str, form: Any) -> Any:
    if name in _OWN:
        if not isinstance(form, type) and hasattr(_numpy, name):
            form.__signature__ = _signature_of(getattr(_numpy, name), form)
        return form
    options = {"same": name in _SAME, "takes": name in _TAKES, "tells": name in _TELLS}
    return _door(name, form, writes=_WRITES.get(name, ()), **options)


NATIVE = {name: _behind_door(name, getattr(module, name)) for module, names in _NAMES.items() for name in names.split()}
_UFUNCS = {name: real.__name__ for name, real in vars(_numpy).items() if isinstance(real, _numpy.ufunc)}
_BY_NAME = {name: elementwise.ufunc(name) for name in _UFUNCS.values() if name not in NATIVE}
NATIVE |= {alias: _BY_NAME[name] for alias, name in _UFUNCS.items() if name in _BY_NAME}
NATIVE |= {"random": random, "linalg": linalg, "fft": fft}
globals().update(NATIVE)
__array_namespace_info__ = _array_api.Info


def __getattr__(name: str) -> Any:
    """Whatever else NumPy has: its constants and types as they are, its functions on whole arrays."""
    real = getattr(_numpy, name)
    if isinstance(real, type) or not callable(real):
        return real
    globals()[name] = _unknown(name, real)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *NATIVE, "ndarray"})


protocols.register(NATIVE | {"namespace": _sys.modules[__name__]})
