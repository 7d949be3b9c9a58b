"""Turn elementwise array expressions into kernels: all from the leaves to a store, or to the folds of a reduction.

A leaf becomes an input column: its elements over a piece of the domain, in C order; a range, or a view of one, becomes
an index map. Arrays without axes become parameters. What no kernel can do (complex numbers, ufuncs without a form of
ours) is a leaf that NumPy computes piece by piece.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.kernel import functions
from tenfold.kernel import nodes as kn
from tenfold.kernel.build import Builder, Value
from tenfold.node import Node, node, order

LARGEST = 300  # operations of one kernel: what more there are comes in another one, since compilers are not linear
MAP_AXES = 4
PLACES = {"argmin": "min", "argmax": "max"}
FINISHED = (ar.Reduce, ar.Contract, ar.Apply, ar.Outputs, ar.Tally, ar.Take, ar.Reshape, ar.MapBlocks, ar.Together)


@node
class ArrayLoop(Node):
    """A kernel over the elements of a domain: which arrays its inputs and parameters are."""

    kernel: kn.Kernel
    leaves: tuple[ar.Array, ...]
    params: tuple[ar.Array, ...]


def storage_of(dtype: "np.dtype[Any]") -> str | None:
    """How kernels hold values of a dtype; None where they cannot."""
    code = "?" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize}"
    return (
        code if code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8") and dtype.isnative else None
    )


def must_finish(plan: ar.Array) -> list[ar.Array]:
    """The nodes below a plan, itself included, that are whole before anything above them runs; in that order."""
    wanted: dict[Node, None] = {}
    nodes = order(plan)
    uses = Counter(child for parent in nodes for child in dict.fromkeys(parent.children))
    for parent in nodes:
        match parent:
            case ar.Take(array=array, indices=indices):
                wanted.update(dict.fromkeys((array, *indices)))
            case ar.Reshape(array=array):
                wanted[array] = None
            case ar.Together(arrays=arrays):
                wanted.update((array, None) for array in arrays if not isinstance(array, (ar.Stored, ar.Output)))
            case ar.View(array=ar.Elementwise() as array):
                wanted[array] = None
        # what is put together of pieces, and read in several places, would be put together for each
        if isinstance(parent, FINISHED) or (isinstance(parent, (ar.Concatenate, ar.Assign)) and uses[parent] > 1):
            wanted[parent] = None
    wanted.update(dict.fromkeys(_between_kernels(nodes)))
    return [n for n in nodes if n in wanted]  # type: ignore[misc]


def _between_kernels(nodes: list[Node]) -> Iterator[ar.Array]:
    """Operations in runs of LARGEST, in their order: what one run makes for a later one is finished."""
    operations = [n for n in nodes if isinstance(n, ar.Elementwise) and n.ndim and is_kernel(n)]
    run_of = {operation: number // LARGEST for number, operation in enumerate(operations)}
    for operation, run in run_of.items():
        yield from (arg for arg in operation.args if run_of.get(arg, run) < run)  # type: ignore[call-overload]


def last_uses(plan: ar.Array, waiting: list[ar.Array]) -> dict[ar.Array, int]:
    """The number of the step behind which a finished array is not needed; those of the plan itself are."""
    steps = {array: n for n, array in enumerate(waiting)}
    needed_by: dict[Node, int] = {plan: len(waiting)}
    for current in reversed(order(plan)):
        at = steps.get(current, needed_by[current])  # type: ignore[call-overload]
        for child in current.children:
            needed_by[child] = max(needed_by.get(child, -1), at)
    return {array: needed_by[array] for array in waiting}


def kernels(plan: ar.Array) -> Iterator[kn.Kernel]:
    """The kernels of a plan in the order in which they run."""
    waiting = must_finish(plan)
    for array in waiting if plan in waiting else [*waiting, plan]:
        rest = frozenset(waiting) - {array}
        found = _of_step(array, rest)
        if found is not None:
            yield found.kernel


def _of_step(array: ar.Array, finished: Container[ar.Array]) -> ArrayLoop | None:
    match array:
        case ar.Reduce(function=function, array=inside) if function in PLACES:
            return store(inside, finished)
        case ar.Reduce():
            return fold(array, bool(array.shape), finished)
        case ar.Tally():
            return tally(array, finished)
    return store(array, finished)


def store(array: ar.Array, finished: Container[ar.Array] = ()) -> ArrayLoop | None:
    """The kernel that writes an array, from arrays that are `finished`, among others; None where NumPy has to."""
    if not is_kernel(array):
        return None
    lowering = _Lowering(array, finished)
    return lowering.loop([lowering.build.compact(lowering.value(array))])


def fold(reduce: ar.Reduce, grouped: bool, finished: Container[ar.Array] = ()) -> ArrayLoop | None:
    """The kernel of a reduction; `grouped`: the last input says into which result an element goes."""
    storage = storage_of(reduce.array.dtype)
    if storage is None or reduce.function in ("prod", *PLACES):
        return None
    lowering = _Lowering(reduce.array, finished)
    value = lowering.value(reduce.array)
    group = lowering.input(GROUP, f"@{group_axes(reduce)}") if grouped else None
    return lowering.loop([lowering.build.fold(f, v, valid, group) for f, v, valid in _folds(reduce, value)])


def tally(node: ar.Tally, finished: Container[ar.Array] = ()) -> ArrayLoop | None:
    """The kernel that counts how often each number comes; in a place behind the counts, numbers that have none."""
    (array, *_) = node.args
    if node.function != "bincount" or storage_of(array.dtype) is None:
        return None
    lowering = _Lowering(array, finished)
    number, length = lowering.value(array).cast("u8"), lowering.param(ar.full(node.size, np.uint64), "u8")
    group = lowering.build.let("select", lowering.build.let("lt", number, length), number, length)
    return lowering.loop([lowering.build.fold("count", None, None, group.cast("i8"))])


def extreme_and_place(reduce: ar.Reduce) -> tuple[ar.Reduce, ar.Reduce]:
    """The two reductions that an `argmin` or `argmax` is: the extreme, and the least number of what is equal to it."""
    array, over = reduce.array, reduce.over
    extreme = ar.Reduce(PLACES[reduce.function], array, over, array.dtype)
    kept = iter(a for a in range(array.ndim) if a not in over)
    best = ar.view(extreme, array.shape, tuple((next(kept), 0, 1) for _ in extreme.shape))
    here: ar.Array = ar.Elementwise("equal", (array, best), bool)
    if array.dtype.kind == "f":
        both = tuple(ar.Elementwise("isnan", (x,), bool) for x in (array, best))
        here = ar.Elementwise("bitwise_or", (here, ar.Elementwise("bitwise_and", both, bool)), bool)
    numbers = ar.view(ar.Range(0, tuple(array.shape[a] for a in over)), array.shape, tuple((a, 0, 1) for a in over))
    chosen = ar.Elementwise("where", (here, numbers, ar.full(np.iinfo("i8").max, "i8")), np.dtype("i8"))
    return extreme, ar.Reduce("min", chosen, over, np.dtype("i8"))


GROUP = ar.Range(0, ())  # stands for the numbers of the results among the leaves


def group_strides(reduce: ar.Reduce) -> ar.Shape:
    """How far the number of the result moves along each axis of what is reduced."""
    strides = iter(ar.c_strides(reduce.shape))
    return tuple(0 if a in reduce.over else next(strides) for a in range(reduce.array.ndim))


def group_axes(reduce: ar.Reduce) -> int:
    """Axes of the index map of results; more than kernels take count as one, of a column."""
    axes = len(ar.collapsed(group_strides(reduce), reduce.array.shape)[0])
    return axes if axes <= MAP_AXES else 1


def _folds(reduce: ar.Reduce, value: Value) -> list[tuple[str, Value | None, Value | None]]:
    zero = value.builder.const(0.0 if value.storage[0] == "f" else 0, value.storage) if value.storage != "?" else None
    true = value if zero is None else value.builder.let("ne", value, zero)
    match reduce.function:
        case "sum":
            return [("sum", value.cast("f8" if value.storage[0] == "f" else storage_of(reduce.dtype) or "i8"), None)]
        case "any" | "count":
            return [("count", None, true)]
        case "all":
            return [("count", None, value.builder.let("not", true))]
    if value.storage[0] == "f":  # NumPy: a NaN anywhere is the answer
        return [(reduce.function, value, None), ("count", None, value.builder.let("ne", value, value))]
    return [(reduce.function, value, None)]


def is_kernel(array: ar.Array) -> bool:
    """Whether a kernel computes this operation (of whatever arguments)."""
    if not isinstance(array, ar.Elementwise) or storage_of(array.dtype) is None:
        return False
    kinds = [arg.dtype for arg in array.args]
    return all(storage_of(kind) for kind in kinds) and _rule(array.op, kinds, array) is not None


class _Lowering:
    """One kernel in the making."""

    def __init__(self, root: ar.Array, finished: Container[ar.Array]) -> None:
        self.build = Builder()
        self.leaves: dict[ar.Array, Value] = {}
        self.params: dict[ar.Array, Value] = {}
        self.done: dict[Node, Value] = {}
        self.inside: list[ar.Elementwise] = _arguments_first(
            root, lambda a: a not in finished and is_kernel(a) and bool(a.ndim or not root.ndim)
        )

    def value(self, root: ar.Array) -> Value:
        """The kernel value of an expression."""
        for array in self.inside:
            args = [self._leaf(arg) for arg in array.args]
            rule = _rule(array.op, [arg.dtype for arg in array.args], array)
            storage = storage_of(array.dtype)
            assert rule is not None and storage is not None
            self.done[array] = rule(self.build, *args).cast(storage)
        return self._leaf(root)

    def _leaf(self, array: ar.Array) -> Value:
        if array not in self.done:
            self.done[array] = self._new_leaf(array)
        return self.done[array]

    def _new_leaf(self, array: ar.Array) -> Value:
        storage = storage_of(array.dtype)
        assert storage is not None
        if isinstance(array, ar.View) and not array.axes:
            array = array.array
        if isinstance(array, ar.Full):
            array = ar.Full(array.bits, array.type, ())
        if not array.ndim:
            return self.param(array, storage)
        mapped = ar.index_map(array)
        axes = len(ar.collapsed(mapped[1], array.shape)[0]) if mapped else MAP_AXES + 1
        return self.input(array, f"@{axes}" if axes <= MAP_AXES else storage)

    def param(self, array: ar.Array, storage: str) -> Value:
        """A number that is the same for all elements."""
        if array not in self.params:
            self.params[array] = self.build.param(storage)
        return self.params[array]

    def input(self, array: ar.Array, storage: str) -> Value:
        """A column: one value an element of the domain."""
        if array not in self.leaves:
            self.leaves[array] = self.build.input(storage)
        return self.leaves[array]

    def loop(self, sinks: list[Any]) -> ArrayLoop:
        """The finished kernel."""
        return ArrayLoop(self.build.kernel(None, sinks), tuple(self.leaves), tuple(self.params))


def operations(root: ar.Array, finished: Container[ar.Array]) -> list[ar.Elementwise]:
    """The elementwise operations from a root down to what is read for it, each behind its arguments."""
    return _arguments_first(root, lambda a: isinstance(a, ar.Elementwise) and bool(a.ndim) and a not in finished)


def by_numpy(array: ar.Array, finished: Container[ar.Array]) -> list[ar.Elementwise]:
    """The operations without a kernel from an array down to what is read or has one, arguments first."""
    return _arguments_first(
        array,
        lambda a: isinstance(a, ar.Elementwise) and a.shape == array.shape and a not in finished and not is_kernel(a),
    )


def _arguments_first(root: ar.Array, belongs: Callable[[ar.Array], bool]) -> list[Any]:
    """The operations from a root down that belong together, each once, behind its arguments; any depth."""
    ordered: dict[ar.Array, None] = {}
    todo = [(root, False)]
    while todo:
        current, ready = todo.pop()
        if ready:
            ordered[current] = None
        elif current not in ordered and belongs(current):
            todo.append((current, True))
            todo.extend((arg, False) for arg in current.args)  # type: ignore[attr-defined]
    return list(ordered)


# -- operations ----------------------------------------------------------------------------------------------------

Rule = Callable[..., Value]


def _op(name: str) -> Rule:
    return lambda b, *values: b.let(name, *values)


def _zero(b: Builder, like: Value) -> Value:
    return b.const(0.0 if like.storage[0] == "f" else 0, like.storage)


def _true(b: Builder, x: Value) -> Value:
    return x if x.storage == "?" else b.let("ne", x, _zero(b, x))


def _bits(name: str, boolean: str) -> Rule:
    return lambda b, x, y: b.let(boolean if x.storage == "?" else name, x, y)


def _logical(name: str) -> Rule:
    return lambda b, x, y: b.let(name, _true(b, x), _true(b, y))


def _function(name: str) -> Rule:
    return lambda b, *values: functions.apply(b, name, *(v.cast("f8") for v in values))


def _not(b: Builder, x: Value) -> Value:
    return b.let("not" if x.storage == "?" else "invert", x)


def _absolute(b: Builder, x: Value) -> Value:
    return x if x.storage[0] in "?u" else b.let("abs", x)


def _is_nan(b: Builder, x: Value) -> Value:
    return b.let("ne", x, x)


def _is_finite(b: Builder, x: Value) -> Value:
    difference = b.let("sub", x, x)
    return b.let("eq", difference, difference)


def _is_infinite(b: Builder, x: Value) -> Value:
    return b.let("eq", b.let("abs", x), b.const(float("inf"), x.storage))


def _where(b: Builder, condition: Value, yes: Value, no: Value) -> Value:
    return b.let("select", condition, yes, no)


def _reciprocal(b: Builder, x: Value) -> Value:
    return b.let("div", b.const(1.0, x.storage), x)


def _scaled(factor: Any) -> Rule:
    """The product with a factor that is rounded in the type of the values, as NumPy's is."""
    return lambda b, x: b.let("mul", x, b.const(float(factor(np.dtype(x.storage).type)), x.storage))


def _parity(index: ar.Array) -> str:
    """The draw of normals at indices that may all be even or all be odd, where they map so."""
    mapped = ar.index_map(index)
    if mapped is None or any(stride % 2 for stride, n in zip(mapped[1], index.shape, strict=True) if n > 1):
        return "normal"
    return "normal_odd" if mapped[0] % 2 else "normal_even"


def _extreme(name: str, boolean: str, less: str) -> Rule:
    """`minimum` and the like: of floats by the element function, of integers by comparing."""

    def rule(b: Builder, x: Value, y: Value) -> Value:
        if x.storage[0] == "f":
            return functions.apply(b, name, x.cast("f8"), y.cast("f8"))
        return b.let(boolean, x, y) if x.storage == "?" else b.let("select", b.let(less, x, y), x, y)

    return rule


def _rounded(name: str) -> Rule:
    return lambda b, x: functions.apply(b, name, x.cast("f8")) if x.storage[0] == "f" else x


def _signum(b: Builder, x: Value) -> Value:
    if x.storage[0] == "f":
        return functions.apply(b, "sign", x.cast("f8"))
    zero, one = b.const(0, x.storage), b.const(1, x.storage)
    positive = b.let("select", b.let("gt", x, zero), one, zero)
    return positive if x.storage[0] == "u" else b.let("select", b.let("lt", x, zero), b.let("neg", one), positive)


def _draw(name: str) -> Rule:
    return lambda b, key0, key1, index, *params: functions.draw(b, name, key0, key1, index, *params)


# ufunc -> (kinds of arguments that kernels take, how)
RULES: dict[str, tuple[str, Rule]] = {
    "add": ("biuf", _bits("add", "or")), "subtract": ("iuf", _op("sub")), "multiply": ("biuf", _bits("mul", "and")),
    "divide": ("f", _op("div")), "negative": ("iuf", _op("neg")), "positive": ("iuf", lambda b, x: x),
    "absolute": ("biuf", _absolute), "fabs": ("f", _absolute), "square": ("iuf", lambda b, x: b.let("mul", x, x)),
    "reciprocal": ("f", _reciprocal), "sqrt": ("f", _op("sqrt")),
    "equal": ("biuf", _op("eq")), "not_equal": ("biuf", _op("ne")), "less": ("biuf", _op("lt")),
    "less_equal": ("biuf", _op("le")), "greater": ("biuf", _op("gt")), "greater_equal": ("biuf", _op("ge")),
    "bitwise_and": ("biu", _op("and")), "bitwise_or": ("biu", _op("or")), "bitwise_xor": ("biu", _op("xor")),
    "invert": ("biu", _not), "logical_and": ("biuf", _logical("and")), "logical_or": ("biuf", _logical("or")),
    "logical_xor": ("biuf", _logical("xor")), "logical_not": ("biuf", lambda b, x: b.let("not", _true(b, x))),
    "isnan": ("f", _is_nan), "isfinite": ("f", _is_finite), "isinf": ("f", _is_infinite),
    "where": ("biuf", _where), "sign": ("iuf", _signum), "conjugate": ("iuf", lambda b, x: x),
    "minimum": ("biuf", _extreme("minimum", "and", "lt")), "maximum": ("biuf", _extreme("maximum", "or", "gt")),
    "fmin": ("biuf", _extreme("fmin", "and", "lt")), "fmax": ("biuf", _extreme("fmax", "or", "gt")),
    "floor_divide": ("iu", _op("floordiv")), "remainder": ("iu", _op("mod")),
    "left_shift": ("iu", _op("shl")), "right_shift": ("iu", _op("shr")),
}  # fmt: skip
FUNCTIONS = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "tanh", "power", "copysign",
    "signbit",
)  # fmt: skip
DRAWS = ("random", "normal", "exponential", "integers")
RULES |= {name: ("f", _function(name)) for name in FUNCTIONS}
RULES |= {name: ("iuf", _rounded(name)) for name in ("floor", "ceil", "trunc", "rint")}
RULES |= {name: ("f", _scaled(lambda to: to(np.pi) / to(180))) for name in ("radians", "deg2rad")}
RULES |= {name: ("f", _scaled(lambda to: to(180) / to(np.pi))) for name in ("degrees", "rad2deg")}
RULES |= {f"draw_{name}": ("biuf", _draw(name)) for name in DRAWS}


def _rule(op: str, kinds: list["np.dtype[Any]"], array: ar.Elementwise) -> Rule | None:
    if op == "cast":
        return _cast(kinds[0], array.dtype)
    if op == "draw_normal":
        return _draw(_parity(array.args[2]))
    allowed, rule = RULES.get(op, ("", None))
    if any(kind.kind not in allowed for kind in kinds):
        return None
    if op not in ("where", *RULES_OF_DRAWS) and len(set(kinds)) > 1:  # mixed signs compare without a common type
        return None
    return rule


RULES_OF_DRAWS = tuple(f"draw_{name}" for name in DRAWS)


def _cast(given: "np.dtype[Any]", wanted: "np.dtype[Any]") -> Rule | None:
    """Casts that are defined for every value: a float that no integer holds is NumPy's to judge."""
    if given.kind == "f" and wanted.kind in "iu":
        return None
    storage = storage_of(wanted)
    if wanted.kind == "b":
        return _true
    return lambda b, x: x.cast(storage)
