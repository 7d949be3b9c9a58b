"""Elementwise functions: operands become expressions of one shape and of the dtypes of NumPy's loop."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.expr import ufuncs
from tenfold.numpy.array import in_place, ndarray, node_of, through_numpy
from tenfold.numpy.selection import Selection, selection_of, together

WEAK = (int, float, complex)
OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "remainder", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift",
    "rshift": "right_shift",
}  # fmt: skip
COMPARISONS = {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}  # fmt: skip
UNARY = {"neg": "negative", "pos": "positive", "invert": "invert", "abs": "absolute"}
# x ** 2 and the like, as NumPy's own operator takes them
POWERS: dict[float, str] = {2: "square", 0.5: "sqrt", -1: "reciprocal", 1: "positive"}


def elementwise(op: str, *operands: Any, dtype: Any = None) -> ar.Array:
    """The expression of an operation on anything that NumPy takes."""
    kinds = [type(x) if type(x) in WEAK else None for x in operands]
    nodes = [None if kind else node_of(x) for x, kind in zip(operands, kinds, strict=True)]
    types = [kind if node is None else node.dtype for kind, node in zip(kinds, nodes, strict=True)]
    loop: Any = ufuncs.loop if dtype is None else partial(ufuncs.loop_for, np.dtype(dtype))
    inputs, result = loop(op, *types)
    args = [
        _constant(op, x, wanted) if node is None else cast(node, wanted)
        for x, node, wanted in zip(operands, nodes, inputs, strict=True)
    ]
    return over(op, args, result)


def over(op: str, args: list[ar.Array], dtype: Any) -> ar.Array:
    """An operation on arguments of its own dtypes, broadcast to each other."""
    shape = np.broadcast_shapes(*(arg.shape for arg in args))
    wide = tuple(ar.broadcast(arg, shape) if arg.ndim or not shape else arg for arg in args)
    return ar.Elementwise(op, wide, np.dtype(dtype))


def cast(node: ar.Array, dtype: Any) -> ar.Array:
    """The same values as another dtype."""
    dtype = np.dtype(dtype)
    if not dtype.itemsize:  # text as long as it takes
        dtype = np.empty(0, node.dtype).astype(dtype).dtype
    if node.dtype == dtype:
        return node
    if isinstance(node, ar.Full):
        with np.errstate(all="ignore"):
            return ar.full(node.value.astype(dtype), dtype, node.shape)
    return ar.Elementwise("cast", (node,), dtype)


def _constant(op: str, value: Any, dtype: "np.dtype[Any]") -> ar.Array:
    """A Python scalar as the loop wants it; OverflowError where the dtype does not hold it, as in NumPy."""
    return ar.full(np.asarray(value).astype(dtype) if op == "where" else np.asarray(value, dtype), dtype)


def _native(op: str, operands: tuple[Any, ...]) -> bool:
    """Not Python integers beyond their partner's dtype in comparisons, which NumPy treats apart; nor objects."""
    for x in operands:
        if type(x) is int and not -(1 << 63) <= x < 1 << 63:
            return False
        if isinstance(x, (str, bytes)) or x is None:
            return False
    return True


class ufunc:  # noqa: N801 (it stands for NumPy's)
    """An elementwise function of arrays, as NumPy's ufunc of the same name; lazy."""

    def __init__(self, name: str) -> None:
        self.__name__, self._real = name, getattr(np, name)
        self.__doc__ = f"numpy.{name}, element by element, lazily.\n\n{self._real.__doc__ or ''}"
        self.nin, self.nout, self.identity = self._real.nin, self._real.nout, self._real.identity

    def __call__(self, *operands: Any, out: Any = None, where: Any = True, dtype: Any = None, **options: Any) -> Any:
        """The function of the operands, broadcast to each other."""
        name, inputs = self.__name__, operands[: self.nin]
        out = operands[self.nin] if len(operands) == self.nin + 1 else out
        out = out[0] if isinstance(out, tuple) and self.nout == 1 else out
        if options.get("casting") == "same_kind":
            del options["casting"]
        if options or not ufuncs.is_ufunc(name) or not _native(name, inputs):
            given = {"out": out, "dtype": dtype} | ({} if where is True else {"where": where}) | options
            given = {key: value for key, value in given.items() if value is not None}
            return through_numpy(name, self._real, inputs, given)
        mask = together(inputs) if out is None and where is True else None
        if mask is not None:
            everywhere = self(*(ndarray(x._own.values) if selection_of(x) else x for x in inputs), dtype=dtype)
            return ndarray(Selection(everywhere._node, mask))
        try:
            node = elementwise(name, *inputs, dtype=dtype)
        except OverflowError:
            if name not in COMPARISONS.values():
                raise
            return through_numpy(name, self._real, inputs, {}, "a Python integer that the dtype does not hold")
        if where is not True:  # NumPy leaves the rest as it is, or open where there is no `out`
            kept = node_of(out) if out is not None else ar.full(0, node.dtype)
            _check_cast(node, kept.dtype, "same_kind")
            node = over("where", [node_of(where, bool), cast(node, kept.dtype), kept], kept.dtype)
        return written(node, out)

    def reduce(self, array: Any, axis: Any = 0, dtype: Any = None, **options: Any) -> Any:
        """Fold along an axis, as the reduction of that name does; others in NumPy."""
        reductions: dict[str, Callable[..., Any]] = REDUCTIONS
        found = reductions.get(self.__name__)
        if found is None:
            return through_numpy(f"{self.__name__}.reduce", self._real.reduce, (array, axis, dtype), options)
        return found(array, axis=axis, **({"dtype": dtype} if dtype is not None else {}), **options)

    def accumulate(self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
        """What `reduce` passes through: of sums and products, natively."""
        found = REDUCTIONS.get(f"{self.__name__}.accumulate")
        if found is None or np.ndim(array) == 0:
            given = {"axis": axis, "dtype": dtype} | ({} if out is None else {"out": out})
            return through_numpy(f"{self.__name__}.accumulate", self._real.accumulate, (array,), given)
        return found(array, axis, dtype, out)

    def outer(self, a: Any, b: Any, **options: Any) -> Any:
        """The function of all pairs."""
        left, right = node_of(a), node_of(b)
        place = tuple((k, 0, 1) for k in range(left.ndim))
        wide = ar.view(left, left.shape + (1,) * right.ndim, place)
        return self(ndarray(wide), ndarray(right), **options)

    def at(self, a: ndarray, indices: Any, *operand: Any) -> None:
        """The function applied in place at positions, one after the other."""
        in_place(f"{self.__name__}.at", self._real.at, a, (indices, *operand), {})

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if not callable(real):
            return real
        return lambda *args, **options: through_numpy(f"{self.__name__}.{name}", real, args, options)

    def __repr__(self) -> str:
        return f"<ufunc '{self.__name__}'>"


REDUCTIONS: dict[str, Callable[..., Any]] = {}  # filled by `reductions`: the ufuncs that NumPy's reductions fold by


def written(node: ar.Array, out: Any, casting: Any = "same_kind") -> Any:
    """The expression as an array, written into `out` where that is given: cast, and repeated to its shape."""
    if out is None:
        return ndarray(node)
    _check_cast(node, out.dtype, casting)
    if np.broadcast_shapes(node.shape, out.shape) != out.shape:
        raise ValueError(f"operands could not be broadcast together with shapes {node.shape} {out.shape}")
    if isinstance(out, ndarray):
        out._write(ar.broadcast(cast(node, out.dtype), out.shape))
    else:
        out[...] = ndarray(cast(node, out.dtype)).compute()
    return out


def _check_cast(node: ar.Array, wanted: "np.dtype[Any]", casting: Any) -> None:
    if not np.can_cast(node.dtype, wanted, casting):
        raise TypeError(f"Cannot cast ufunc output from {node.dtype!r} to {wanted!r} with casting rule {casting!r}")


def reduced(node: ar.Array, out: Any) -> Any:
    """As `written`, for a reduction: of its very shape, and cast to whatever `out` is, as in NumPy."""
    if out is not None and out.shape != node.shape:
        raise ValueError(f"output array of shape {out.shape} does not match the shape of the reduction, {node.shape}")
    return written(node, out, "unsafe")


def power(base: Any, exponent: Any) -> Any:
    """`base ** exponent`, with NumPy's short cuts for a few exponents."""
    if type(exponent) in (int, float) and isinstance(base, ndarray):
        op = POWERS.get(exponent)
        whole = base.dtype.kind in "iu"
        if op and not (whole and op in ("sqrt", "reciprocal")):
            weak = base if not whole or type(exponent) is int else ndarray(cast(base._node, "f8"))
            return ufunc(op)(weak)
    return ufunc("power")(base, exponent)


def where(condition: Any, *choices: Any) -> Any:
    """`x` where the condition holds, else `y`; with the condition alone, where it holds (`nonzero`).

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.where(np.arange(4) > 1, 1.5, 0)
    array([0. , 0. , 1.5, 1.5])
    """
    if not choices:
        return ndarray(node_of(condition)).nonzero()
    return ndarray(elementwise("where", ndarray(cast(node_of(condition), bool)), *choices))


def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """The values limited to an interval."""
    low, high = a_min if min is None else min, a_max if max is None else max
    made = a if isinstance(a, ndarray) else ndarray(node_of(a))
    if made.dtype.kind in "iu":  # limits of Python's that the dtype cannot reach are none
        limits = np.iinfo(made.dtype)
        low = None if type(low) is int and low <= limits.min else low
        high = None if type(high) is int and high >= limits.max else high
    if low is not None:
        made = ndarray(elementwise("maximum", made, low))
    if high is not None:
        made = ndarray(elementwise("minimum", made, high))
    return written(made._node, out)


def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """NaN and infinities replaced by numbers."""
    node = node_of(x)
    if node.dtype.kind != "f":
        return ndarray(node) if node.dtype.kind in "biu" else through_numpy("nan_to_num", np.nan_to_num, (x,), {})
    limits = np.finfo(node.dtype)
    made = where(ndarray(elementwise("isnan", ndarray(node))), node.dtype.type(nan), ndarray(node))
    made = where(made == np.inf, node.dtype.type(limits.max if posinf is None else posinf), made)
    return where(made == -np.inf, node.dtype.type(limits.min if neginf is None else neginf), made)


def _binary(name: str, swap: bool) -> Callable[[Any, Any], Any]:
    function = ufunc(name)

    def method(self: ndarray, other: Any) -> Any:
        if getattr(other, "__array_ufunc__", self) is None:
            return NotImplemented
        if goes_first(other):
            memory, real = self.compute(), getattr(np, name)
            return real(other, memory) if swap else real(memory, other)
        if isinstance(other, (str, bytes)) and self.dtype.kind not in "USmM":
            different = {"equal": False, "not_equal": True}
            return ndarray(ar.full(different[name], bool, self.shape)) if name in different else NotImplemented
        return function(other, self) if swap else function(self, other)

    return method


def goes_first(other: Any) -> bool:
    """Whether an operand answers for both: one that carries labels, as pandas' do."""
    return not isinstance(other, (ndarray, np.ndarray)) and (
        getattr(other, "__array_priority__", 0) > ndarray.__array_priority__ and hasattr(other, "__array_ufunc__")
    )


def _in_place(name: str) -> Callable[[Any, Any], Any]:
    function = ufunc(name)

    def method(self: ndarray, other: Any) -> Any:
        return function(self, other, out=self)

    return method


def _unary(name: str) -> Callable[[Any], Any]:
    function = ufunc(name)
    return lambda self: function(self)


for _method, _name in (OPERATORS | COMPARISONS).items():
    setattr(ndarray, f"__{_method}__", _binary(_name, False))
    if _method in OPERATORS:
        setattr(ndarray, f"__r{_method}__", _binary(_name, True))
        setattr(ndarray, f"__i{_method}__", _in_place(_name))
for _method, _name in UNARY.items():
    setattr(ndarray, f"__{_method}__", _unary(_name))
for _method, _function in {
    "__pow__": lambda self, other: power(self, other), "__rpow__": lambda self, other: power(other, self),
    "__ipow__": lambda self, other: written(power(self, other)._node, self), "__hash__": None,
    "__divmod__": lambda self, other: (self // other, self % other),
    "__rdivmod__": lambda self, other: (other // self, other % self),
}.items():  # fmt: skip
    setattr(ndarray, _method, _function)
