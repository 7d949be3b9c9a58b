"""NumPy."""

import numpy as np

from bench import arrays


def draw(paths):
    return lambda: arrays.corner(np.random.default_rng(1).normal(size=(arrays.SIDE, arrays.SIDE)))


def in_memory(shape, program):
    def prepare(paths):
        x = arrays.normal(*shape)
        return lambda: program(x)

    return prepare


QUERIES = {
    "array-slice": draw,
    "array-smooth": in_memory((arrays.LENGTH,), lambda x: arrays.smooth(np, x)),
    "array-branches": in_memory((arrays.LENGTH,), lambda x: arrays.branches(np, x)),
    "array-gram": in_memory(arrays.TALL, arrays.gram),
    "array-svd": in_memory(arrays.TALL, lambda x: np.linalg.svd(x, full_matrices=False)[1]),
}
array_answer = arrays.array_answer
