"""Write kernels as expressions: a `Value` has Python's operators, a `Builder` numbers what they make.

Equal statements are made once. Functions written over this algebra (datetime fields, element functions) also run
on NumPy arrays, because they use nothing but operators and the builder's few methods.
"""

from collections.abc import Iterable
from typing import Any

from tenfold.kernel import nodes as kn
from tenfold.kernel.check import check
from tenfold.kernel.ops import OPERATIONS


class Value:
    """A value of the kernel that a builder is writing; operators with numbers take constants of its own type."""

    __slots__ = ("builder", "number", "storage")

    def __init__(self, builder: "Builder", number: int, storage: str) -> None:
        self.builder, self.number, self.storage = builder, number, storage

    def _with(self, op: str, other: Any, swap: bool = False) -> "Value":
        other = other if isinstance(other, Value) else self.builder.const(other, self.storage)
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

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Value":
        return self._with("div", other)

    def __floordiv__(self, other: Any) -> "Value":
        return self._with("floordiv", other)

    def __mod__(self, other: Any) -> "Value":
        return self._with("mod", other)

    def __and__(self, other: Any) -> "Value":
        return self._with("and", other)

    def __or__(self, other: Any) -> "Value":
        return self._with("or", other)

    def __lt__(self, other: Any) -> "Value":
        return self._with("lt", other)

    def __le__(self, other: Any) -> "Value":
        return self._with("le", other)

    def __gt__(self, other: Any) -> "Value":
        return self._with("gt", other)

    def __ge__(self, other: Any) -> "Value":
        return self._with("ge", other)

    def equals(self, other: Any) -> "Value":
        """`==` as a kernel value (Python's own `==` stays identity)."""
        return self._with("eq", other)

    def differs(self, other: Any) -> "Value":
        """`!=` as a kernel value; of a value with itself, the test for NaN."""
        return self._with("ne", other)

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
        """A column, one value a row."""
        return self._new("input", storage, storage)

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

    def where(self, condition: Value, yes: Value, no: Any) -> Value:
        """`yes` where the condition holds, else `no`."""
        return self.let("select", condition, yes, no if isinstance(no, Value) else self.const(no, yes.storage))

    def compact(self, *values: Value) -> kn.Compact:
        """A sink of the rows that pass."""
        return kn.Compact(tuple(v.number for v in values), tuple(v.storage for v in values))

    def fold(
        self, function: str, value: Value | None, valid: Value | None = None, group: Value | None = None
    ) -> kn.Fold:
        """A sink of one accumulator a group."""
        number, storage = (value.number, value.storage) if value else (-1, "i8")
        return kn.Fold(function, number, storage, valid.number if valid else -1, group.number if group else -1)

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
                places[guard.number if guard else -1],
                tuple(_renumber(s, places) for s in sinks),
            )
        )

    def _live(self, guard: Value | None, sinks: tuple[kn.Node, ...]) -> set[int]:
        todo = [n for sink in sinks for n in _uses(sink)] + ([guard.number] if guard else [])
        live: set[int] = set()
        while todo:
            number = todo.pop()
            if number >= 0 and number not in live:
                live.add(number)
                kind, payload = self._values[number]
                todo.extend(_uses(payload) if kind == "body" else ())
        return live


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
