"""The nodes of language 2. Everything pickles; nothing here knows files, arrays or threads."""

from collections.abc import Hashable

from tenfold.dtypes import DType
from tenfold.expr import nodes as ex
from tenfold.kernel.nodes import Kernel
from tenfold.node import Node, node


@node
class StageResult(Node):
    """A source: what an earlier stage of the same plan answers."""

    number: int
    schema: ex.Schema

    @property
    def label(self) -> str:
        """How listings name it."""
        return f"stage {self.number}"

    def rows(self) -> int:
        """Not known before it has run; results are small as a rule."""
        return 0


@node
class Gather(Node):
    """Exchange: the rows that pass, in order, as columns of these names; at most `limit` of them (-1: all)."""

    columns: tuple[ex.Scalar, ...]
    names: tuple[Hashable, ...]
    limit: int


@node
class Combine(Node):
    """Exchange: one row per group, groups sorted by their keys."""

    keys: tuple[ex.Scalar, ...]
    reductions: tuple[ex.Reduction, ...]


@node
class Stage(Node):
    """A pipeline, the target of its kernels, and the exchange that ends it."""

    scan: ex.Scan
    target: str
    predicate: ex.Scalar | None
    exchange: Gather | Combine


# -- what a stage becomes: steps over one batch ---------------------------------------------------------------------


@node
class TextStep(Node):
    """A library step on text: `op` of columns and literals makes the new column `out`."""

    op: str
    args: tuple[Hashable, ...]
    literals: tuple[str, ...]
    out: str


@node
class Loop(Node):
    """Run a kernel: which columns are its inputs, which literals its parameters."""

    kernel: Kernel
    inputs: tuple[Hashable, ...]
    params: tuple[tuple[str, str], ...]


@node
class Output(Node):
    """One gathered column. `how` it is made: `kernel` (the compacted value at `place`), `column` (as it was read),
    `rows` (taken at the numbers of the rows that pass, the last compacted value) or `position` (those numbers).
    """

    how: str
    place: int
    column: Hashable
    dtype: DType


@node
class Key(Node):
    """One group key: dense from `low` over `size` values, or (`size` 0) numbered by a hash table; its type."""

    low: int
    size: int
    dtype: DType
    text: Hashable


@node
class Final(Node):
    """One reduction from folds: `function` over the results of the numbered folds, answered as `dtype`."""

    function: str
    dtype: DType
    folds: tuple[int, ...]


@node
class Program(Node):
    """All that one batch goes through: columns to read, text steps, the loop; then what to do with its results.

    A gather has `outputs`. A group-by has `keys` and `finals`; unless all keys are dense, its first loop compacts
    the keys and values, a hash table numbers the groups, and `fold` runs over the compacted columns. `missed` is the
    sink that counts rows whose key is missing, -1 for none: the type of a datetime field as key depends on it.
    """

    columns: tuple[Hashable, ...]
    text: tuple[TextStep, ...]
    loop: Loop | None
    fold: Loop | None
    outputs: tuple[Output, ...]
    keys: tuple[Key, ...]
    finals: tuple[Final, ...]
    missed: int
    limit: int

    @property
    def kernels(self) -> int:
        """How many loops one batch goes through."""
        return (self.loop is not None) + (self.fold is not None)
