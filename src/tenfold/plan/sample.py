"""A table of no rows for the examples of passes."""

from dataclasses import dataclass
from typing import Any

from tenfold.dtypes import from_numpy
from tenfold.expr import nodes as ex


@dataclass(frozen=True)
class Sample:
    """A source that cannot be read."""

    schema: ex.Schema
    key: str = "sample"
    label: str = "sample"

    def rows(self) -> int:
        """None."""
        return 0


def scan(*names_and_types: str) -> list[Any]:
    """A scan, and its columns, of a table that has these names and types."""
    pairs = zip(names_and_types[::2], names_and_types[1::2], strict=True)
    table = ex.Scan(Sample(tuple((n, from_numpy(t)) for n, t in pairs)), None)
    return [table, *(ex.Column(table, name) for name, _ in table.schema)]
