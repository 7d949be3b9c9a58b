"""dask.array on its threaded scheduler, chunks chosen by it."""

import dask
import dask.array as da

from bench import arrays

dask.config.set(scheduler="threads")

QUERIES = arrays.dask_queries(da)
array_answer = arrays.array_answer
