"""dask_array, the package dask-array: Dask's arrays with an optimiser of expressions before them."""

import dask
import dask_array as da

from bench import arrays

dask.config.set(scheduler="threads")

QUERIES = arrays.dask_queries(da)
array_answer = arrays.array_answer
