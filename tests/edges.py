"""The table of edges: every operation of kernels on every storage that it takes, at the values where machines differ.

It is made of the tables themselves (`kernel/ops.py`, `kernel/nodes.py`, the rules of `stage/arrays.py`): an operation
added there is in it. Operands are columns, parameters and constants of the code, since targets print and compile those
in different ways. `blocks` gives the answers that other targets are held against, and `test_operations.py` holds those
of `blocks` against NumPy.

`python -m tests.edges` prints how many answers there are; docs/notes/edges.md says the same.
"""

import itertools
import string
from functools import cache

import numpy as np

from tenfold.kernel import nodes as kn
from tenfold.kernel.build import Builder
from tenfold.kernel.ops import FLOATS, INTEGERS, OPERATIONS, RARE, STORAGES, WORDS, WRAPPING, can_cast
from tenfold.primitives import elementary
from tenfold.stage.arrays import RULES
from tenfold.target import block

# values at which arithmetic, conversions, shifts and divisions turn
WHOLE = [0, 1, 2, 3, 5, 7, 8, 31, 32, 33, 63, 64, 65, 100, 2**24 + 1, 2**53 + 1, 2**62 + 2**38 + 1, 2**63, 2**64 - 1]
REAL = [
    0.0, 0.1, 0.5, 1.0, 1.5, 2.5, 3.0, 7.0, np.inf, np.nan, 5e-324, 2.225073858507201e-308, 2.2250738585072014e-308,
    1e-46, 1.401298464324817e-45, 1.1754943508222875e-38, 1 + 2**-24, 1 + 3 * 2**-24, 2**24 + 1, 2**31, 2**53 - 1,
    2**53, 2**63, 2**64, 3.4028234663852886e38, 3.4028235677973366e38, 1e300, 1.7976931348623157e308,
]  # fmt: skip
CONSTANTS = {"?": [True], "i": [0, -1, 3], "u": [0, 3], "f": [-0.0, 0.1]}


@cache
def values(storage):
    """The edges of a storage, each once."""
    if storage == "?":
        return np.array([False, True])
    if storage in FLOATS:
        with np.errstate(all="ignore"):
            found = np.array([*REAL, *(-x for x in REAL)], "f8").astype(storage)
        return found[np.sort(np.unique(found.view(f"u{storage[1]}"), return_index=True)[1])]
    limits = np.iinfo(storage)
    known = [*WHOLE, *(-x for x in WHOLE), *(limits.max - x for x in (0, 1)), limits.max // 2]
    known += [limits.min + x for x in (0, 1)] + [limits.min // 2]
    return np.array(list(dict.fromkeys(x for x in known if limits.min <= x <= limits.max)), storage)


def pairs(storage):
    """All pairs of edges, as two columns."""
    edges = values(storage)
    return [np.repeat(edges, len(edges)), np.tile(edges, len(edges))]


def arity(op):
    """How many operands an operation has: as many as its template names, the condition of a choice aside."""
    places = {field for _, field, _, _ in string.Formatter().parse(OPERATIONS[op].cuda) if field and field.isdigit()}
    return len(places) - OPERATIONS[op].chooses


def taken(storage):
    """The operations on a storage; casts come apart, and words of draws have a test of their own."""
    return [op for op in OPERATIONS if storage in OPERATIONS[op].takes and op not in WORDS | {"cast"}]


def constants(storage):
    """Constants of the code: harmless ones and others."""
    if storage == "?":
        return [True]
    least = [np.iinfo(storage).min, 8 * int(storage[1])] if storage in INTEGERS else []
    return [*CONSTANTS[storage[0]], *map(int, least)]


# -- kernels ------------------------------------------------------------------------------------------------------


def columns(storage):
    """(what is computed, kernel): everything on columns."""
    build = Builder()
    a, b = build.input(storage), build.input(storage)
    made = {op: _let(build, op, a, b) for op in taken(storage)}
    made |= {f"cast to {to}": a.cast(to) for to in STORAGES if to != storage and can_cast(storage, to)}
    if storage in ("i1", "i2", "u1", "u2"):
        return list(made), _in_one_loop(build, made)
    return list(made), build.kernel(None, [build.compact(*made.values())])


def scalars(storage):
    """(what is computed, kernel): operations of two operands on a column and a parameter, or constants."""
    build = Builder()
    a, given = build.input(storage), build.param(storage)
    made = {}
    for op in taken(storage):
        if arity(op) == 2 and op not in RARE:
            made |= {f"column {op} parameter": _let(build, op, a, given)}
            made |= {f"parameter {op} column": _let(build, op, given, a)}
            made |= {f"column {op} {c}": _let(build, op, a, build.const(c, storage)) for c in constants(storage)}
    if storage in ("i8", "f8"):
        made |= {f"{c} sub column": build.const(c, storage) - a for c in constants(storage)}
    return list(made), _in_one_loop(build, made)


def chains(storage):
    """(what is computed, kernel): every operation on what may have wrapped, which compilers like to rule out."""
    build = Builder()
    a, b = build.input(storage), build.input(storage)
    wrapped = {op: _let(build, op, a, b) for op in (*sorted(WRAPPING), "abs") if op in taken(storage)}
    then = [op for op in taken(storage) if op != "bits"]  # the sign of a NaN means nothing, but is one of the bits
    made = {f"{op} of {first}": _let(build, op, x, a) for first, x in wrapped.items() for op in then}
    return list(made), _in_one_loop(build, made)


def rules(storage):
    """(what is computed, kernel): the rules that make operations of NumPy's functions; test_functions.py has others."""
    build = Builder()
    a, b = build.input(storage), build.input(storage)
    made, kind = {}, "b" if storage == "?" else storage[0]
    for name, (kinds, rule) in RULES.items():
        if kind in kinds and name not in elementary.FUNCTIONS and isinstance(getattr(np, name, None), np.ufunc):
            made[name] = rule(build, *(a, b)[: getattr(np, name).nin])
    return list(made), _in_one_loop(build, made)


def _in_one_loop(build, made):
    """Behind a guard all is one loop, which compiles in a fraction of the time that a loop each takes."""
    return build.kernel(build.row() >= 0, [build.compact(*made.values())])


def _let(build, op, a, b):
    if op in RARE:
        return build.let(op, (a > elementary.LARGE_ANGLE) | (a < -elementary.LARGE_ANGLE), a, b)
    return build.let(op, *([a < b] if OPERATIONS[op].chooses else []), *(a, b)[: arity(op)])


KERNELS = {
    f"{make.__name__} of {storage}": make(storage)
    for make in (columns, scalars, chains, rules)
    for storage in STORAGES
    if make is not chains or storage != "?"
}


def arguments(name):
    """The input columns and parameters of a kernel, once for each run of it."""
    kind, _, storage = name.partition(" of ")
    edges = values(storage)
    return [[edges, edges[k : k + 1]] for k in range(len(edges))] if kind == "scalars" else [pairs(storage)]


def answers(name, run):
    """What is computed -> its values of all runs, by `run(kernel, columns and parameters) -> outputs`."""
    names, kernel = KERNELS[name]
    outputs = [run(kernel, given) for given in arguments(name)]
    return {what: np.concatenate(column) for what, column in zip(names, zip(*outputs, strict=True), strict=True)}


# -- sinks ----------------------------------------------------------------------------------------------------------

MAPPED = ("?", "i8", "u8", "f4", "f8")  # narrow integers are folded by the code of wide ones
SINKS = [(g, s) for g in ("none", "column", "map") for s in (MAPPED if g == "map" else STORAGES)]


def folds(storage, grouping, functions=kn.FOLDS):
    """(what is folded, kernel): of a column into a group of two rows, or all; of all rows and of those chosen.

    Maps take all rows: of chosen ones they are a column.
    """
    build = Builder()
    a, chosen = build.input(storage), build.input("?")
    group = {"none": lambda: None, "column": lambda: build.input("i8"), "map": lambda: build.input("@2")}[grouping]()
    made = {}
    for function in functions:
        if function != "sum" or storage in ("i8", "u8", "f8"):
            made[function] = build.fold(function, a, None, group)
        if function in made and (grouping != "map" or function == "count"):
            made[f"{function} of chosen"] = build.fold(function, a, chosen, group)
    return list(made), build.kernel(None, made.values())


def folded_rows(storage):
    """Rows of which each two make a pair of edges, in both orders; NaN aside, which who folds counts; and a choice."""
    edges = values(storage)
    rows = np.array(list(itertools.product(edges[edges == edges], repeat=2)), storage).reshape(-1)
    return rows, np.arange(len(rows)) % 3 != 1


def bits(array):
    """The bits, but of NaN: its sign and payload mean nothing."""
    if array.dtype.kind != "f":
        return array
    plain = np.where(np.isnan(array), array.dtype.type(np.nan), array)
    return plain.view(f"i{array.dtype.itemsize}")


def outputs(kernel, rows):
    """Where a kernel's sinks write."""
    if block.is_fold(kernel):
        return [array for sink in kernel.sinks for array in block.start(sink, rows)]
    (sink,) = kernel.sinks
    return [np.zeros(1, "i8"), *(np.zeros(rows, storage) for storage in sink.storages)]


def count():
    """How many answers each target gives."""
    each = [len(KERNELS[name][0]) * sum(len(given[0]) for given in arguments(name)) for name in KERNELS]
    sinks = [len(folds(s, g)[0]) * len(folded_rows(s)[0]) // 2 for g, s in SINKS]
    return sum(each) + sum(sinks)


if __name__ == "__main__":
    pass
