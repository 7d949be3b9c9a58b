"""A progress bar on the terminal for runs that last longer than a second; nothing anywhere else."""

import sys
import threading
import time

from tenfold import config

WIDTH = 30


class Progress:
    """Counts finished pieces; the main thread draws, at most ten times a second."""

    def __init__(self, total: int, label: str) -> None:
        self._label, self._total, self._done = label, total, 0
        self._start = self._last = time.monotonic()
        self._drawn = False
        self._on = config.get("progress") and total > 1 and sys.stderr.isatty()

    def __call__(self) -> None:
        """A piece is done."""
        self._done += 1
        if not self._on or threading.current_thread() is not threading.main_thread():
            return
        now = time.monotonic()
        if now - self._start > 1 and now - self._last > 0.1:
            self._last, self._drawn = now, True
            done = self._done / self._total
            bar = "#" * int(WIDTH * done)
            sys.stderr.write(f"\r{self._label:.40} [{bar:<{WIDTH}}] {done:4.0%}")
            sys.stderr.flush()

    def close(self) -> None:
        """Wipe the bar."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
