"""What a source of rows is to the rest of tenfold.

A source is a value: `key` (a hash of what it reads), `label` (for listings), `schema` (a claim, checked by whoever
reads). `open` gives a reader of some columns, whose numbered pieces are read by any thread in any order.
"""

import os
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

Columns = dict[Hashable, Any]


def stamp_of(status: os.stat_result) -> tuple[int, ...]:
    """What a file has that no other file and no later content of it has, for all that anybody can do with its times."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows `start` to `stop` of some arrays (NumPy; Arrow for text).

    Row i of the arrays is row `offset + i` of the piece. Unless the reader is `stable`, the arrays are
    overwritten when the next batch is asked for.
    """

    columns: Columns
    start: int
    stop: int
    offset: int


class Reader(Protocol):
    """One run over a source."""

    pieces: int
    stable: bool

    def read(self, piece: int) -> Iterator[Batch]:
        """The batches of a piece, in order."""

    def finish(self) -> None:
        """Called when all pieces are read: raise what the run as a whole got wrong."""

    def close(self) -> None:
        """Let go of files and buffers."""


class Source(Protocol):
    """A table somewhere."""

    @property
    def key(self) -> str:
        """A hash of what is read."""

    @property
    def label(self) -> str:
        """How listings name it."""

    @property
    def schema(self) -> tuple[tuple[Hashable, Any], ...]:
        """The claimed names and types of the columns."""

    def rows(self) -> int:
        """About how many rows; exact where known."""

    def open(self, columns: tuple[Hashable, ...], *, careful: bool = False, whole: bool = False) -> Reader:
        """Start a run that reads these columns; `whole` files as one piece each, for who reads them in order.

        `careful`: after a run was `Missplit`, which no second run may be.
        """


class Missplit(Exception):
    """A piece started inside a quoted field, where no row does: read again with `careful=True`."""


class Refuted(Exception):
    """The data do not have the types that were claimed: `wider` is the source with a claim that holds so far."""

    def __init__(self, source: Source, wider: Source) -> None:
        super().__init__(f"{source.label}: other types than its beginning")
        self.source, self.wider = source, wider
