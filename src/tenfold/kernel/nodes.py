"""The nodes of language 3. Values are numbers: inputs, then parameters, then body statements, in order.

Storage types are NumPy codes: `?`, `i1`..`i8`, `u1`..`u8`, `f4`, `f8`. An input may also be an index map, `@1`..`@4`:
the i8 base + sum of stride * digit, over the digits of the row's number in a shape of so many axes, the last the
fastest. Base, strides and shape come with the arguments, or the values themselves as a column.
"""

from tenfold.kernel.ops import OPERATIONS
from tenfold.node import Node as Node
from tenfold.node import node

FOLDS = ("sum", "count", "min", "max")


def storage_of(declared: str) -> str:
    """The storage of an input's values: i8 for index maps."""
    return "i8" if declared[0] == "@" else declared


@node
class Const(Node):
    """A constant of the code itself (never of the user's data), as the text of a Python literal."""

    text: str
    storage: str


@node
class Row(Node):
    """The number of the row that the loop is at; `storage` is always `i8`."""

    storage: str


@node
class Let(Node):
    """One operation applied to earlier values; `storage` is that of its result."""

    op: str
    storage: str
    args: tuple[int, ...]

    def infer(self) -> None:
        if self.op not in OPERATIONS:
            raise KeyError(f"no operation {self.op!r}")


@node
class Compact(Node):
    """Write the values of the rows that pass the guard one behind the other, in row order."""

    args: tuple[int, ...]
    storages: tuple[str, ...]


@node
class Fold(Node):
    """Fold `value` into the accumulator of `group` where `valid` holds (-1: always, or group 0).

    `sum` of floats is exact (see `primitives/accumulate.py`), of integers modulo 2**64; `count` ignores `value`.
    """

    function: str
    value: int
    storage: str
    valid: int
    group: int


@node
class Kernel(Node):
    """One loop: `guard` is the number of a boolean value, or -1 where every row passes."""

    inputs: tuple[str, ...]
    params: tuple[str, ...]
    body: tuple[Node, ...]
    guard: int
    sinks: tuple[Node, ...]

    @property
    def name(self) -> str:
        """What it does, then the start of its key: `div_sum_count_1a2b3c4d`."""
        verbs = [s.op for s in self.body if isinstance(s, Let) and s.op in ("div", "mul", "add", "sub")][:2]
        ends = [s.function if isinstance(s, Fold) else "compact" for s in self.sinks][:3]
        return "_".join(["filter"] * (self.guard >= 0) + verbs + ends + [self.key[:12]])

    def storages(self) -> tuple[str, ...]:
        """The storage of every value, by number."""
        return (*map(storage_of, self.inputs), *self.params, *(s.storage for s in self.body))  # type: ignore[attr-defined]
