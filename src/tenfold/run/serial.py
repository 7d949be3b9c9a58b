"""The reference executor: pieces one after the other, in the calling thread."""

from collections.abc import Callable

from tenfold.io.source import Reader
from tenfold.run.worker import Worker


def run(
    reader: Reader, make_worker: Callable[[], Worker], threads: int, enough: int, done: Callable[[], None]
) -> list[Worker]:
    """One worker with all pieces, or with the first ones that hold `enough` rows (-1: all)."""
    worker = make_worker()
    for piece in range(reader.pieces):
        for batch in reader.read(piece):
            worker.take(piece, batch)
            if 0 <= enough <= sum(part.length for part in worker.parts):
                return [worker]
        done()
    return [worker]
