"""Write kernels as expressions: a `Value` has Python's operators, a `Builder` numbers what they make.

Equal statements are made once. Functions written over this algebra (datetime fields, element functions) also run
on NumPy arrays, because they use nothing but operators and the builder's few methods: a `Builder` is the algebra of
`primitives/elementary.py` and `primitives/philox.py` in symbols.
"""

from collections.abc import Iterable
from typing import Any

from tenfold.kernel import nodes as kn
from tenfold.kernel.check import check
from tenfold.kernel.nodes import storage_of
from tenfold.kernel.ops import OPERATIONS


class Value:
    """A value of the kernel that a builder is writing; operators with numbers take constants of its own type.

    `==` and `!=` are kernel values like the other comparisons (`x != x` is the test for NaN); values hash by identity.
    """

    __slots__ = ("builder", "number", "storage")

    def __init__(self, builder: "Builder", number: int, storage: str) -> None:
        self.builder, self.number, self.storage = builder, number, storage

    def _with(self, op: str, other: Any, swap: bool = False) -> "Value":
        other = self.builder.as_value(other, self.storage)
        return self.builder.let(op, *((other, self) if swap else (self, other)))

    def __add__(self, other: Any) -> "Value":
        return self._with("add", other)

    def __radd__(self, other: Any) -> "Value":
        return self._with("add", other, swap=True)

    def __sub__(self, other: Any) -> "Value":
        return self._with("sub", other)

    def __rsub__(self, other: Any) -> "Value":
        return self._with("sub", other, swap=True)

    def __mul__(self, other: Any) -> "Value":
        return self._with("mul", other)

    def __rmul__(self, other: Any) -> "Value":
        return self._with("mul", other, swap=True)

    def __truediv__(self, other: Any) -> "Value":
        return self._with("div", other)

    def __rtruediv__(self, other: Any) -> "Value":
        return self._with("div", other, swap=True)

    def __floordiv__(self, other: Any) -> "Value":
        return self._with("floordiv", other)

    def __mod__(self, other: Any) -> "Value":
        return self._with("mod", other)

    def __and__(self, other: Any) -> "Value":
        return self._with("and", other)

    def __or__(self, other: Any) -> "Value":
        return self._with("or", other)

    def __xor__(self, other: Any) -> "Value":
        return self._with("xor", other)

    def __lshift__(self, other: Any) -> "Value":
        return self._with("shl", other)

    def __rshift__(self, other: Any) -> "Value":
        return self._with("shr", other)

    def __neg__(self) -> "Value":
        return self.builder.let("neg", self)

    def __invert__(self) -> "Value":
        return self.builder.let("not" if self.storage == "?" else "invert", self)

    def __lt__(self, other: Any) -> "Value":
        return self._with("lt", other)

    def __le__(self, other: Any) -> "Value":
        return self._with("le", other)

    def __gt__(self, other: Any) -> "Value":
        return self._with("gt", other)

    def __ge__(self, other: Any) -> "Value":
        return self._with("ge", other)

    def __eq__(self, other: Any) -> "Value":  # type: ignore[override]
        return self._with("eq", other)

    def __ne__(self, other: Any) -> "Value":  # type: ignore[override]
        return self._with("ne", other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a kernel value is neither true nor false: ask `is None`, or choose by `Builder.where`")

    def cast(self, storage: str) -> "Value":
        """The value converted; itself where it has that storage already."""
        return self if storage == self.storage else self.builder.let("cast", self, storage=storage)


class Builder:
    """Collects inputs, parameters and statements, then `kernel` puts them in their order."""

    def __init__(self) -> None:
        self._values: list[tuple[str, Any]] = []  # ("input" | "param", storage) or ("body", node over numbers here)
        self._known: dict[Any, Value] = {}

    def _new(self, kind: str, storage: str, payload: Any) -> Value:
        self._values.append((kind, payload))
        return Value(self, len(self._values) - 1, storage)

    def input(self, storage: str) -> Value:
        """A column, one value a row.

        Storage `@d`, d = 1 to 4, is an index map: base + sum of stride * digit over the d digits of the row's number in
        a shape, an i8 that targets may compute instead of reading it.
        """
        return self._new("input", storage_of(storage), storage)

    def param(self, storage: str) -> Value:
        """A literal of the user's: an argument, so that another value needs no other code."""
        return self._new("param", storage, storage)

    def const(self, value: Any, storage: str) -> Value:
        """A constant of the code."""
        return self._statement(kn.Const(repr(value), storage))

    def row(self) -> Value:
        """The number of the row."""
        return self._statement(kn.Row("i8"))

    def let(self, op: str, *args: Value, storage: str | None = None) -> Value:
        """One operation; operands must have one storage."""
        result = OPERATIONS[op].result
        storage = storage or (args[-1].storage if result == "T" else result)
        return self._statement(kn.Let(op, storage, tuple(a.number for a in args)))

    def _statement(self, statement: Any) -> Value:
        if statement not in self._known:
            self._known[statement] = self._new("body", statement.storage, statement)
        return self._known[statement]

    def as_value(self, value: Any, storage: str) -> Value:
        """The value itself, or a number as a constant."""
        return value if isinstance(value, Value) else self.const(value, storage)

    # -- the algebra of element functions and draws -----------------------------------------------------------------

    def where(self, condition: Value, yes: Any, no: Any) -> Value:
        """`yes` where the condition holds, else `no`; at most one of them a number, but for f8."""
        storage = next((v.storage for v in (yes, no) if isinstance(v, Value)), "f8")
        return self.let("select", condition, self.as_value(yes, storage), self.as_value(no, storage))

    def bits(self, x: Any) -> Value:
        """The 64 bits of an f8 as an i8."""
        return self.let("bits", self.as_value(x, "f8"))

    def from_bits(self, bits: Value) -> Value:
        """The f8 that has these bits."""
        return self.let("from_bits", bits)

    def sqrt(self, x: Value) -> Value:
        """The square root."""
        return self.let("sqrt", x)

    def to_float(self, integer: Value) -> Value:
        """The f8 nearest to an integer."""
        return integer.cast("f8")

    def mulhi(self, a: Value, b: Any) -> Value:
        """The high half of the product of two words of 64 bits, unsigned."""
        return self.let("mulhi", a, self.as_value(b, "i8"))

    def rarely(self, condition: Value, name: str, x: Value, otherwise: Value) -> Value:
        """The scalar function `name` of x where the condition holds, which is hardly ever; else `otherwise`."""
        return self.let(name, condition, x, otherwise)

    # -- sinks, and the finished kernel -----------------------------------------------------------------------------

    def compact(self, *values: Value) -> kn.Compact:
        """A sink of the rows that pass."""
        return kn.Compact(tuple(v.number for v in values), tuple(v.storage for v in values))

    def fold(
        self, function: str, value: Value | None, valid: Value | None = None, group: Value | None = None
    ) -> kn.Fold:
        """A sink of one accumulator a group."""
        number, storage = (-1, "i8") if value is None else (value.number, value.storage)
        return kn.Fold(function, number, storage, _number(valid), _number(group))

    def kernel(self, guard: Value | None, sinks: Iterable[kn.Node]) -> kn.Kernel:
        """The finished kernel: values renumbered (inputs, parameters, body), what no sink needs left out."""
        sinks = tuple(sinks)
        live = self._live(guard, sinks)
        places: dict[int, int] = {-1: -1}
        for kind in ("input", "param", "body"):
            for old, (what, _) in enumerate(self._values):
                if what == kind and (kind != "body" or old in live):
                    places[old] = len(places) - 1

        def pick(kind: str) -> list[Any]:
            return [payload for old, (what, payload) in enumerate(self._values) if what == kind and old in places]

        return check(
            kn.Kernel(
                tuple(pick("input")),
                tuple(pick("param")),
                tuple(_renumber(s, places) for s in pick("body")),
                places[_number(guard)],
                tuple(_renumber(s, places) for s in sinks),
            )
        )

    def _live(self, guard: Value | None, sinks: tuple[kn.Node, ...]) -> set[int]:
        todo = [n for sink in sinks for n in _uses(sink)] + [_number(guard)]
        live: set[int] = set()
        while todo:
            number = todo.pop()
            if number >= 0 and number not in live:
                live.add(number)
                kind, payload = self._values[number]
                todo.extend(_uses(payload) if kind == "body" else ())
        return live


def _number(value: Value | None) -> int:
    return -1 if value is None else value.number


def _uses(node: kn.Node) -> tuple[int, ...]:
    match node:
        case kn.Let(args=args) | kn.Compact(args=args):
            return args
        case kn.Fold(value=value, valid=valid, group=group):
            return value, valid, group
    return ()


def _renumber(node: kn.Node, places: dict[int, int]) -> kn.Node:
    match node:
        case kn.Let(op=op, storage=storage, args=args):
            return kn.Let(op, storage, tuple(places[a] for a in args))
        case kn.Compact(args=args, storages=storages):
            return kn.Compact(tuple(places[a] for a in args), storages)
        case kn.Fold(function=f, value=value, storage=storage, valid=valid, group=group):
            return kn.Fold(f, places[value], storage, places[valid], places[group])
    return node
