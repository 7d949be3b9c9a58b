"""A table of no rows for the examples of passes."""

from tenfold.dtypes import from_numpy
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource


def scan(*names_and_types: str) -> list[ex.Table | ex.Column]:
    """A scan, and its columns, of a table that has these names and types."""
    pairs = zip(names_and_types[::2], names_and_types[1::2], strict=True)
    source = MemorySource(tuple((n, from_numpy(t)) for n, t in pairs), (), (), "sample", "sample")
    table = ex.Scan(source, None)
    return [table, *(ex.Column(table, name) for name, _ in source.schema)]
