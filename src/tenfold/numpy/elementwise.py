"""Elementwise functions: operands become expressions of one shape and of the dtypes of NumPy's loop."""

import functools
import inspect
import operator
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np

from tenfold import config
from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.expr import ufuncs
from tenfold.numpy.array import Scalar, as_array, ndarray, node_of, owned, result_of
from tenfold.numpy.door import (
    FOREIGN,
    KIN,
    OTHERS,
    PLAIN,
    SMALL,
    at_once,
    door,
    foreign,
    kin,
    kind_of,
    settled,
    state_of,
)
from tenfold.numpy.selection import Selection, selection_of, together
from tenfold.numpy.through import through_numpy
from tenfold.numpy.warned import raising, told

WEAK = (int, float, complex)
OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "remainder", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift",
    "rshift": "right_shift",
}  # fmt: skip
COMPARISONS = {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}  # fmt: skip
_operators = {name: method for method, name in COMPARISONS.items()}
UNARY = {"neg": "negative", "pos": "positive", "invert": "invert", "abs": "absolute"}
# x ** 2 and the like, as NumPy's own operator takes them
POWERS: dict[float, str] = {2: "square", 0.5: "sqrt", -1: "reciprocal", 1: "positive"}


def elementwise(op: str, *operands: Any, dtype: Any = None) -> ar.Array:
    """The expression of an operation on anything that NumPy takes."""
    given = [x if type(x) in WEAK else node_of(x) for x in operands]
    types = [x.dtype if isinstance(x, ar.Array) else type(x) for x in given]
    loop: Any = ufuncs.loop if dtype is None else partial(ufuncs.loop_for, np.dtype(dtype))
    inputs, result = loop(op, *types)
    args = [
        cast(x, wanted) if isinstance(x, ar.Array) else _constant(op, x, wanted)
        for x, wanted in zip(given, inputs, strict=True)
    ]
    return over(op, args, result)


def over(op: str, args: list[ar.Array], dtype: Any) -> ar.Array:
    """An operation on arguments of its own dtypes, broadcast to each other."""
    shapes = {arg.shape for arg in args if arg.shape}
    shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*(arg.shape for arg in args))
    wide = tuple([ar.broadcast(arg, shape) if arg.shape or not shape else arg for arg in args])
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


# ufuncs whose kernels have NumPy's bits: small memory is left to NumPy
_SAME = """
    add subtract multiply divide negative positive absolute fabs square reciprocal sqrt equal not_equal less
    less_equal greater greater_equal bitwise_and bitwise_or bitwise_xor invert logical_and logical_or logical_xor
    logical_not isnan isfinite isinf isnat sign conjugate minimum maximum fmin fmax floor_divide remainder fmod
    left_shift right_shift floor ceil trunc rint copysign signbit nextafter spacing heaviside gcd lcm bitwise_count
    divmod modf frexp ldexp
"""
SAME = frozenset(_SAME.split())
_QUIET = """
    equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor logical_not bitwise_and
    bitwise_or bitwise_xor invert isnan isfinite isinf isnat signbit copysign negative positive absolute conjugate
"""
QUIET = frozenset(_QUIET.split())  # that know no floating-point errors
OPTIONS = frozenset(["where", "dtype", "casting"])  # that kernels take
# ufuncs with several results that kernels have; of the others NumPy makes each, piece by piece
RESULTS = {"divmod": ["floor_divide", "remainder"]}


def _takes(options: dict[str, Any], operands: tuple[Any, ...]) -> None:
    """NotNative where an elementwise expression does not take a call.

    Python integers beyond 64 bits NumPy treats apart in comparisons; text and None are no numbers.
    """
    for name in options.keys() - OPTIONS:
        raise NotNative(f"its argument {name}")
    if options.get("casting", "same_kind") != "same_kind":
        raise NotNative("its argument casting")
    for x in operands:
        if (type(x) is int and not -(1 << 63) <= x < 1 << 63) or isinstance(x, (str, bytes)) or x is None:
            raise NotNative(f"an operand of type {type(x).__name__}")


class ufunc:  # noqa: N801 (it stands for NumPy's)
    """An elementwise function of arrays, as NumPy's ufunc of the same name; lazy."""

    _known: ClassVar[dict[str, "ufunc"]] = {}

    def __new__(cls, name: str) -> "ufunc":
        """The one of that name."""
        found = cls._known.get(name)
        if found is None:
            found = object.__new__(cls)
            found._begin(name)
            cls._known[name] = found
        return found

    def _begin(self, name: str) -> None:
        self.__name__, self._real = name, getattr(np, name)
        self.__qualname__ = name
        self.__doc__ = f"numpy.{name}, element by element, lazily.\n\n{self._real.__doc__ or ''}"
        self.__signature__ = inspect.signature(self._real)
        self.nin, self.nout, self.identity = self._real.nin, self._real.nout, self._real.identity
        self._quiet = name in QUIET
        self._same, self._native = name in SAME, ufuncs.is_ufunc(name)

    def __call__(self, *operands: Any, **options: Any) -> Any:
        """The function of the operands, broadcast to each other."""
        limit = config.get("small_bytes")
        state = state_of(operands, limit)
        if options and state != FOREIGN:
            state = max(state, state_of(options.values(), limit))
        if state >= KIN:
            return kin(self, operands, options) if state == KIN else foreign(self._real, operands, options)
        if state == SMALL and self._same:
            return at_once(self._real, operands, options, self._quiet)
        try:
            if state == SMALL or raising():
                inputs, named = self._named_out(operands, options)
                told(self._real, inputs, named)
            made = self._lazy(*operands, **options)
        except NotNative as why:
            return through_numpy(self.__name__, self._real, *self._named_out(operands, options), why.reason)
        return settled(made, limit) if state == SMALL else made

    def _named_out(self, operands: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Operands, and options in which `out` stands that was given by place."""
        if not self.nin < len(operands) <= self.nin + self.nout:
            return operands, options
        out = (*operands[self.nin :], *(None,) * (self.nin + self.nout - len(operands)))
        return operands[: self.nin], options | {"out": out if self.nout > 1 else out[0]}

    def _lazy(self, *operands: Any, **options: Any) -> Any:
        inputs, options = self._named_out(operands, options)
        out = options.pop("out", None) if operands is inputs else options.pop("out")
        if not self._native or len(inputs) != self.nin:
            raise NotNative("no native form yet")
        _takes(options, inputs)
        if self.nout > 1:
            return self._several(inputs, out, **options)
        out = out[0] if isinstance(out, tuple) and len(out) == 1 else out
        if out is Ellipsis:
            raise NotNative("an array where there would be a number")
        return self._one(self.__name__, inputs, out, **options)

    def _several(self, inputs: Any, out: Any, dtype: Any = None, **options: Any) -> tuple[Any, ...]:
        """All results, each an expression of its own."""
        names = RESULTS.get(self.__name__, [f"{self.__name__}.{k}" for k in range(self.nout)])
        outs = (None,) * self.nout if out is None else out
        if dtype is not None or not isinstance(outs, tuple) or len(outs) != self.nout:
            raise NotNative("a dtype of all results, or fewer arrays to write into")
        if out is not None:  # which may be what is read
            inputs = [x if type(x) in WEAK else ndarray(node_of(x)) for x in inputs]
        return tuple(self._one(name, inputs, o, **options) for name, o in zip(names, outs, strict=True))

    def _one(self, name: str, inputs: Any, out: Any, where: Any = True, dtype: Any = None, casting: Any = None) -> Any:
        mask = together(inputs) if where is True and (out is None or selection_of(out)) else None
        if mask is not None:
            everywhere = self._one(
                name, [ndarray(x._own.values) if selection_of(x) else x for x in inputs], None, dtype=dtype
            )
            return _selected(everywhere._node, mask, out)
        try:
            node = elementwise(name, *inputs, dtype=dtype)
        except OverflowError as error:
            if self.__name__ not in COMPARISONS.values():
                raise
            raise NotNative("a Python integer that the dtype does not hold") from error
        if where is not True:  # NumPy leaves the rest as it is, or open where there is no `out`
            kept = node_of(out) if out is not None else ar.full(0, node.dtype)
            check_cast(node, kept.dtype, "same_kind")
            node = over("where", [node_of(where, bool), cast(node, kept.dtype), kept], kept.dtype)
        return written(node, out)

    def reduce(self, *args: Any, **options: Any) -> Any:
        """Fold along an axis, as the reduction of that name does; others in NumPy."""
        return method_of(self.__name__, "reduce")(*args, **options)

    def accumulate(self, *args: Any, **options: Any) -> Any:
        """What `reduce` passes through: of sums and products, natively."""
        return method_of(self.__name__, "accumulate")(*args, **options)

    def outer(self, a: Any, b: Any, /, **options: Any) -> Any:
        """The function of all pairs."""
        if state_of((a, b), 0) == FOREIGN:
            return foreign(self._real.outer, (a, b), options)
        left, right = as_array(a), as_array(b)
        return self(left.reshape(left.shape + (1,) * right.ndim), right, **options)

    def at(self, a: Any, indices: Any, *operand: Any) -> None:
        """The function applied in place at positions, one after the other."""
        if state_of((a, indices, *operand), config.get("small_bytes")) == SMALL:
            at_once(self._real.at, (a, indices, *operand), {})
        else:
            through_numpy(f"{self.__name__}.at", self._real.at, (a, indices, *operand), {}, "it writes in place", (0,))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        real = getattr(self._real, name)
        if not callable(real):
            return real
        return lambda *args, **options: through_numpy(f"{self.__name__}.{name}", real, args, options)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._real  # whoever is handed one may ask for the other

    def __hash__(self) -> int:
        return hash(self._real)

    def __reduce__(self) -> tuple[Any, ...]:
        return ufunc, (self.__name__,)

    def __copy__(self) -> "ufunc":
        return self

    def __deepcopy__(self, memo: Any) -> "ufunc":
        return self

    def __repr__(self) -> str:
        return f"<ufunc '{self.__name__}'>"


def _selected(values: ar.Array, mask: ar.Array, out: ndarray | None) -> ndarray:
    """The elements of an array under a mask, not found yet; in the place of others, where `out` is an array of such."""
    if out is None:
        return ndarray(Selection(values, mask))
    check_cast(values, out.dtype, "same_kind")
    before = selection_of(out)
    if before is None or before.mask is not mask:
        return written(ndarray(Selection(values, mask))._node, out)
    out._own = Selection(cast(values, out.dtype), mask)
    return out


@functools.cache
def method_of(name: str, method: str) -> Callable[..., Any]:
    """`reduce` or `accumulate` of a ufunc, by the reduction that folds by it, where there is one."""
    fold = REDUCTIONS.get(name if method == "reduce" else f"{name}.{method}")

    def form(
        array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False,
        initial: Any = np._NoValue, where: Any = True,
    ) -> Any:  # fmt: skip
        if fold is None or (method == "accumulate" and not np.ndim(array)):
            raise NotNative("no native form yet")
        if out is Ellipsis or (dtype is not None and name not in ("add", "multiply")):
            raise NotNative("no native form yet")
        given = {"dtype": dtype, "out": out[0] if isinstance(out, tuple) else out, "keepdims": keepdims or None,
                 "where": None if where is True else where}  # fmt: skip
        given = {key: value for key, value in given.items() if value is not None}
        return fold(array, axis=axis, **given, **({} if initial is np._NoValue else {"initial": initial}))

    return door(f"{name}.{method}", form, tells=True)


REDUCTIONS: dict[str, Callable[..., Any]] = {}  # filled by `reductions`: the ufuncs that NumPy's reductions fold by


def written(node: ar.Array, out: Any, casting: Any = "same_kind") -> Any:
    """The expression as an array, written into `out` where that is given: cast, and repeated to its shape."""
    if out is None:
        return result_of(node)
    if not isinstance(out, (ndarray, np.ndarray)):
        raise TypeError("return arrays must be of ArrayType")
    check_cast(node, out.dtype, casting)
    if np.broadcast_shapes(node.shape, out.shape) != out.shape:
        raise ValueError(f"operands could not be broadcast together with shapes {node.shape} {out.shape}")
    if isinstance(out, ndarray):
        out._write(ar.broadcast(cast(node, out.dtype), out.shape))
    else:
        out[...] = ndarray(cast(node, out.dtype)).compute()
    return out


def check_cast(node: ar.Array, wanted: "np.dtype[Any]", casting: Any) -> None:
    """TypeError where a casting rule keeps the expression from being written as a dtype."""
    if not np.can_cast(node.dtype, wanted, casting):
        raise TypeError(f"Cannot cast ufunc output from {node.dtype!r} to {wanted!r} with casting rule {casting!r}")


def reduced(node: ar.Array, out: Any) -> Any:
    """As `written`, for a reduction: of its very shape, and cast to whatever `out` is, as in NumPy."""
    if out is not None and not isinstance(out, (ndarray, np.ndarray)):
        raise TypeError("return arrays must be of ArrayType")
    if out is not None and out.shape != node.shape:
        raise ValueError(f"output array of shape {out.shape} does not match the shape of the reduction, {node.shape}")
    return written(node, out, "unsafe")


def power(base: Any, exponent: Any) -> Any:
    """`base ** exponent`, with NumPy's short cuts for a few exponents."""
    if gives_way(base) or gives_way(exponent):
        return NotImplemented
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
        return as_array(condition).nonzero()
    if len(choices) != 2 or any(x is None for x in choices):
        raise NotNative("choices that are no numbers")
    return result_of(elementwise("where", ndarray(cast(node_of(condition), bool)), *choices))


def clip(
    a: Any, a_min: Any = np._NoValue, a_max: Any = np._NoValue, out: Any = None, *, min: Any = np._NoValue,
    max: Any = np._NoValue,
) -> Any:  # fmt: skip
    """The values limited to an interval."""
    low, high = (first if second is np._NoValue else second for first, second in ((a_min, min), (a_max, max)))
    if (a_min is np._NoValue) != (a_max is np._NoValue) or (
        a_min is not np._NoValue and (min, max) != (np._NoValue,) * 2
    ):
        raise NotNative("limits by place, or by name, in part")  # NumPy says what is wrong with them
    made = as_array(a)
    low, high = (None if limit is np._NoValue else limit for limit in (low, high))
    if made.dtype.kind in "iu":  # limits of Python's that the dtype cannot reach are none
        limits = np.iinfo(made.dtype)
        low = None if type(low) is int and low <= limits.min else low
        high = None if type(high) is int and high >= limits.max else high
    if low is not None:
        made = ndarray(elementwise("maximum", made, low))
    if high is not None:
        made = ndarray(elementwise("minimum", made, high))
    return written(made._node, out)


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """NaN and infinities replaced by numbers; in the array itself, with `copy=False`."""
    node = node_of(x)
    if node.dtype.kind not in "biufc" or not (copy or isinstance(x, ndarray)):
        raise NotNative("no numbers, or an array of NumPy's to write into")
    if node.dtype.kind == "c":
        part = np.empty(0, node.dtype).real.dtype
        parts = [_finite(ar.Elementwise(name, (node,), part), nan, posinf, neginf) for name in ("real", "imag")]
        node = over("complex", parts, node.dtype)
    elif node.dtype.kind == "f":
        node = _finite(node, nan, posinf, neginf)
    return result_of(node) if copy else written(node, x)


def _finite(node: ar.Array, nan: Any, posinf: Any, neginf: Any) -> ar.Array:
    """Floats without NaN and infinities."""
    limits, array, made = np.finfo(node.dtype), ndarray(node), node
    for there, value in (
        (elementwise("isnan", array), nan),
        (elementwise("equal", array, np.inf), limits.max if posinf is None else posinf),
        (elementwise("equal", array, -np.inf), limits.min if neginf is None else neginf),
    ):
        given = node_of(value)
        if not np.can_cast(given.dtype, node.dtype, "same_kind"):
            raise NotNative(f"replacements of type {given.dtype}")
        made = over("where", [there, cast(given, node.dtype), made], node.dtype)
    if made.shape != node.shape:
        raise NotNative("replacements of a shape that NumPy refuses")
    return made


def fix(x: Any, out: Any = None) -> Any:
    """The numbers without what is behind the point."""
    return ufunc("trunc")(x, out=out)


def _compared(function: ufunc, left: Any, right: Any) -> Any:
    """A comparison by its operator, which has an answer for dtypes that have no order, too."""
    try:
        return function._lazy(left, right)
    except TypeError as error:
        raise NotNative("elements that cannot be compared") from error


def _binary(name: str, swap: bool) -> Callable[[Any, Any], Any]:
    function: Any = ufunc(name)
    if name in COMPARISONS.values():  # NumPy's operator compares records and text where its ufunc does not
        function = door(
            name, partial(_compared, function), same=True, quiet=True, real=getattr(operator, _operators[name])
        )

    def method(self: ndarray, other: Any) -> Any:
        if gives_way(other):
            return NotImplemented
        if isinstance(other, (str, bytes)) and self.dtype.kind not in "USmMOVT":
            different = {"equal": False, "not_equal": True}
            if name not in different:
                return NotImplemented
            return owned(np.full(self.shape, different[name]))
        return function(other, self) if swap else function(self, other)

    return method


def gives_way(other: Any) -> bool:
    """Whether the other operand's own operator is asked: as NumPy's arrays do."""
    cls = type(other)
    if kind_of(cls) not in (PLAIN, OTHERS) or cls in WEAK:
        return False
    if hasattr(cls, "__array_ufunc__"):
        return cls.__array_ufunc__ is None
    return getattr(other, "__array_priority__", 0) > 0 and not isinstance(other, np.generic)


def _in_place(name: str) -> Callable[[Any, Any], Any]:
    function = ufunc(name)

    def method(self: ndarray, other: Any) -> Any:
        if type(self) is Scalar:
            return function(self, other)
        return function(self, other, out=self)

    return method


def _unary(name: str) -> Callable[[Any], Any]:
    function = ufunc(name)
    return lambda self: function(self)


def _raised(self: ndarray, other: Any) -> Any:
    return power(self, other) if type(self) is Scalar else _written_back(power(self, other), self)


def _written_back(made: Any, array: ndarray) -> ndarray:
    return written(made._node, array)


for _method, _name in (OPERATORS | COMPARISONS).items():
    setattr(ndarray, f"__{_method}__", _binary(_name, False))
    if _method in OPERATORS:
        setattr(ndarray, f"__r{_method}__", _binary(_name, True))
        setattr(ndarray, f"__i{_method}__", _in_place(_name))
for _method, _name in UNARY.items():
    setattr(ndarray, f"__{_method}__", _unary(_name))
for _method, _function in {
    "__pow__": lambda self, other: power(self, other), "__rpow__": lambda self, other: power(other, self),
    "__ipow__": _raised, "__hash__": None,
    "__divmod__": lambda self, other: ufunc("divmod")(self, other),
    "__rdivmod__": lambda self, other: ufunc("divmod")(other, self),
}.items():  # fmt: skip
    setattr(ndarray, _method, _function)
