"""numexpr: expressions as text; its threads evaluate them, NumPy adds up (its own `sum` runs on one thread)."""

import numexpr

from bench import arrays

CURVE = "sqrt(abs(sin(x)*2 - 1) + x*x/2) / (1 + exp(-x))"
CLIPPED = "where(y < 0.25, 0.25, where(y > 1.5, 1.5, y))"


def smooth(x):
    return numexpr.evaluate(CURVE, {"x": x}).mean()


def branches(x):
    y = numexpr.evaluate(CURVE, {"x": x})
    return numexpr.evaluate(f"where((x > -1) & (x < 1) | (y > 2), {CLIPPED}, y)", {"x": x, "y": y}).mean()


def in_memory(program):
    def prepare(paths):
        x = arrays.normal(arrays.LENGTH)
        return lambda: program(x)

    return prepare


QUERIES = {"array-smooth": in_memory(smooth), "array-branches": in_memory(branches)}
array_answer = arrays.array_answer
