"""Ranges of files on their way to a device: the next ones are read, by several threads, before they are asked for."""

import concurrent.futures
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.io.files import Bytes, File
from tenfold.target.device import Device

AHEAD = 4  # ranges: one that the device works on, others under way


@dataclass(slots=True)
class Load:
    """The bytes of a file from `base` on; on the device, when the parts are done."""

    file: File
    base: int
    size: int
    memory: Any
    parts: list[Future[None]]
    data: Bytes | None = None

    def wait(self) -> None:
        """Come back when no part is under way any more."""
        concurrent.futures.wait(self.parts)
        if self.data:
            self.data.close()

    @property
    def text(self) -> Any:
        """The bytes on the device."""
        return self.memory[: self.size]

    def fields(self, spans: np.ndarray) -> list[bytes]:
        """A few parts of them, from the file: (start, end) each."""
        with Bytes(self.file) as data:
            return [data.read(self.base + start, self.base + end) for start, end in spans.tolist()]


class ReadAhead:
    """Numbered ranges of files; each is taken once, by any thread, and given back."""

    def __init__(self, device: Device, ranges: list[tuple[File, int, int]]) -> None:
        self._device, self._ranges = device, ranges
        self._capacity = max((stop - start for _, start, stop in ranges), default=0)
        self._todo = deque(range(len(ranges)))
        self._ahead: dict[int, Load] = {}
        self._lock = threading.Lock()
        try:
            for _ in range(min(AHEAD, len(ranges))):
                self._start_next(self._memory())
        except BaseException:
            self.close()
            raise

    def take(self, number: int) -> Load:
        """A range whose bytes are on the device."""
        with self._lock:
            load = self._ahead.pop(number, None)
            if load is None:  # not the next one
                self._todo.remove(number)
                load = self._start(number, self._memory())
        load.wait()
        for part in load.parts:
            part.result()
        return load

    def give(self, load: Load) -> None:
        """Done with a range: its memory is for the next one."""
        with self._lock:
            self._start_next(load.memory)

    def close(self) -> None:
        """Stop reading; when it returns nothing is written any more."""
        with self._lock:
            self._todo.clear()
            for load in self._ahead.values():
                for part in load.parts:
                    part.cancel()
                load.wait()
            self._ahead.clear()

    def _memory(self) -> Any:
        with self._device.current():
            return self._device.xp.empty(self._capacity, np.uint8)

    def _start_next(self, memory: Any) -> None:
        if self._todo:
            number = self._todo.popleft()
            self._ahead[number] = self._start(number, memory)

    def _start(self, number: int, memory: Any) -> Load:
        file, start, stop = self._ranges[number]
        load = Load(file, start, stop - start, memory, [])
        try:
            data = load.data = Bytes(file)
        except OSError as error:  # for who takes it
            load.parts.append(Future())
            load.parts[0].set_exception(error)
        else:
            load.parts = self._device.fill(load.text, lambda buffer, at: data.read_into(buffer, start + at))
        return load
