"""Which executor a run takes."""

from collections.abc import Callable

from tenfold import config
from tenfold.io.source import Reader
from tenfold.run import serial, threads
from tenfold.run.worker import Worker

EXECUTORS = {"serial": serial.run, "threads": threads.run}


def run(reader: Reader, make_worker: Callable[[], Worker], enough: int, done: Callable[[], None]) -> list[Worker]:
    """All pieces by the executor of the settings; one piece, or the first rows only, need no threads."""
    count = config.get("threads")
    name = "serial" if enough >= 0 or min(count, reader.pieces) <= 1 else config.get("executor")
    return EXECUTORS[name](reader, make_worker, count, enough, done)
