"""The executor of GPUs: one driver thread a device. What lies on a device is run there, the rest by who is free."""

import itertools
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tenfold import config
from tenfold.errors import DeviceNotice, NotYetError, say_once
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource
from tenfold.io.source import Missplit, Reader
from tenfold.run import device_answer, threads
from tenfold.run.device import DeviceWorker
from tenfold.run.progress import Progress
from tenfold.stage import nodes as st
from tenfold.target import device as dv
from tenfold.target.device import Device, Unable


def run_stage(stage: st.Stage, program: st.Program, schema: ex.Schema, source: Any) -> MemorySource | None:
    """What a stage answers, computed on all GPUs that may be used; None where it is for the CPU to do (and said so)."""
    try:
        try:
            workers = _take(program, source)
        except Missplit:
            workers = _take(program, source, careful=True)
        if isinstance(stage.exchange, st.Combine):
            return device_answer.combined(program, workers, schema)
        return device_answer.gathered(program, workers, stage.exchange.names)
    except (Unable, MemoryError, NotYetError) as reason:
        notice(str(reason))
    return None


def notice(reason: str) -> None:
    """Say once that something runs on the CPU instead."""
    say_once(f"run on the CPU instead of a GPU: {reason}", DeviceNotice)


def _take(program: st.Program, source: Any, careful: bool = False) -> list[DeviceWorker]:
    """Take a source through a program."""
    devices = dv.devices()
    reader = open_reader(source, program, len(devices), careful=careful)
    progress = Progress(reader.pieces, source.label)
    try:
        workers = run(reader, program, devices, progress)
        reader.finish()
    finally:
        progress.close()
        reader.close()
    return workers


def open_reader(source: Any, program: st.Program, devices: int, *, careful: bool) -> Reader:
    """A reader whose batches suit devices, where the source has one."""
    if hasattr(source, "open_device") and not careful:
        rows = config.get("device_rows")
        if program.loop is None:  # nothing but copies: one chunk a device
            rows = max(-(-source.rows() // devices), 1)
        return source.open_device(program.columns, rows)
    return source.open(program.columns, careful=careful)


def run(
    reader: Reader, program: st.Program, devices: tuple[Device, ...], done: Callable[[], None]
) -> list[DeviceWorker]:
    """Workers that together took all pieces; the error of the first piece counts."""
    workers = [DeviceWorker(program, device) for device in devices]
    for device in devices:
        device.limit()
    share = _Share(_owners(reader, program, len(devices)), reader, done)
    threads.side_by_side([partial(share.work, w, number) for number, w in enumerate(workers)], share.cancel)
    if share.errors:
        raise min(share.errors, key=lambda item: item[0])[1]
    return workers


def _owners(reader: Reader, program: st.Program, devices: int) -> list[list[int]]:
    """The pieces of each device, and last those that are anybody's. What is only copied is dealt out in turn."""
    pieces: list[list[int]] = [[] for _ in range(devices + 1)]
    for piece in range(reader.pieces):
        owner = reader.owner(piece) if hasattr(reader, "owner") else -1
        if owner < 0 and program.loop is None:
            owner = piece % devices
        pieces[owner if owner < devices else -1].append(piece)
    return pieces


class _Share:
    """What the driver threads of one run have in common."""

    def __init__(self, pieces: list[list[int]], reader: Reader, done: Callable[[], None]) -> None:
        self.reader, self.done = reader, done
        self._own, self._free = pieces[:-1], iter(pieces[-1])
        self._lock = threading.Lock()
        self.errors: list[tuple[int, BaseException]] = []
        self.cancelled = False

    def cancel(self) -> None:
        """Stop at the next piece."""
        self.cancelled = True

    def work(self, worker: DeviceWorker, number: int) -> None:
        """Run the pieces of one's own, then those that lie nowhere."""
        for piece in itertools.chain(self._own[number], self._claimed()):
            if self.errors or self.cancelled:
                return
            try:
                for batch in self.reader.read(piece):
                    worker.take(piece, batch)
            except BaseException as error:  # Ctrl-C reaches one thread and ends all
                self.errors.append((piece, error))
            self.done()

    def _claimed(self) -> Iterator[int]:
        while True:
            with self._lock:
                piece = next(self._free, None)
            if piece is None:
                return
            yield piece
