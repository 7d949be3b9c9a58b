"""Pieces of text files, read ahead by several threads into pinned memory, and copied to a device slice by slice.

What is read while a device works costs no time; one thread reads the page cache at a tenth of a bus's speed.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tenfold.io.csv_text import Bytes, File
from tenfold.target.device import Device

SLICE_BYTES = 4 << 20
AHEAD = 4  # pieces: one that a device reads, others under way


@dataclass(slots=True)
class Buffers:
    """Memory for one range, on the host and on the device."""

    host: np.ndarray
    device: Any


@dataclass(slots=True)
class Load:
    """The bytes of a file from `base` on, on their way into buffers."""

    file: File
    base: int
    size: int
    buffers: Buffers
    slices: list[Future[Any]] = field(default_factory=list)

    @property
    def text(self) -> np.ndarray:
        """The bytes on the host."""
        return self.buffers.host[: self.size]

    @property
    def bytes(self) -> Any:
        """The bytes on the device."""
        return self.buffers.device


class ReadAhead:
    """Reads numbered ranges of files, the next ones before they are asked for; `take` and `give` from any thread."""

    def __init__(self, device: Device, ranges: list[tuple[File, int, int]], threads: int) -> None:
        self._device, self._ranges = device, ranges
        self._capacity = max((stop - start for _, start, stop in ranges), default=0)
        self._pool = ThreadPoolExecutor(threads)
        self._lock = threading.Lock()
        self._ahead: dict[int, Load] = {}
        self._free: list[Buffers] = []
        self._next = 0
        for _ in range(min(AHEAD, len(ranges))):
            self._give(self._buffers())

    def take(self, number: int) -> Load:
        """A range whose bytes are here, and that the device knows when what it is told from now on begins."""
        with self._lock:
            self._next = max(self._next, number + 1)
            load = self._ahead.pop(number, None) or self._start(number, self._free_buffers())
        self._device.wait_for([part.result() for part in load.slices])
        return load

    def give(self, load: Load) -> None:
        """Done with a range: its memory is for the next one."""
        with self._lock:
            self._give(load.buffers)

    def close(self) -> None:
        """Stop reading, and let go of the memory when nothing is copied into it any more."""
        with self._lock:
            self._next = len(self._ranges)
        self._pool.shutdown(cancel_futures=True)
        self._device.finish_uploads()
        self._ahead.clear()
        self._free.clear()

    def _buffers(self) -> Buffers:
        with self._device.current():
            return Buffers(self._device.pinned(self._capacity), self._device.xp.empty(self._capacity, np.uint8))

    def _free_buffers(self) -> Buffers:
        return self._free.pop() if self._free else self._buffers()

    def _give(self, buffers: Buffers) -> None:
        if self._next < len(self._ranges):
            self._ahead[self._next] = self._start(self._next, buffers)
            self._next += 1
        else:
            self._free.append(buffers)

    def _start(self, number: int, buffers: Buffers) -> Load:
        file, start, stop = self._ranges[number]
        load = Load(file, start, stop - start, buffers)
        cuts = range(0, load.size, SLICE_BYTES)
        load.slices = [self._pool.submit(self._fill, load, lo, min(lo + SLICE_BYTES, load.size)) for lo in cuts]
        return load

    def _fill(self, load: Load, lo: int, hi: int) -> Any:
        with Bytes(load.file) as data:
            data.read_into(load.buffers.host[lo:hi], load.base + lo)
        return self._device.upload(load.buffers.host[lo:hi], load.buffers.device[lo:hi])
