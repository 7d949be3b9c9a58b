"""dask.array on its threaded scheduler, chunks chosen by it."""

import dask
import dask.array as da

from bench import arrays

dask.config.set(scheduler="threads")


def draw(paths):
    return lambda: arrays.corner(da.random.default_rng(1).normal(size=(arrays.SIDE, arrays.SIDE))).compute()


def in_memory(program):
    def prepare(paths):
        x = arrays.normal(arrays.LENGTH)
        return lambda: program(da.from_array(x)).compute()

    return prepare


QUERIES = {
    "array-slice": draw,
    "array-smooth": in_memory(lambda x: arrays.smooth(da, x)),
    "array-branches": in_memory(lambda x: arrays.branches(da, x)),
}
array_answer = arrays.array_answer
