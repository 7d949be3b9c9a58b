"""Anonymous memory of a process and all its descendants together, sampled from outside while they run (Linux).

Anonymous pages are what a program asked for; pages of mapped files are the page cache's and can be dropped at any time.
A page that a forked child still shares with its parent counts twice, so for programs that fork this is an upper bound.
"""

import threading
from pathlib import Path

INTERVAL = 0.02


class Watch:
    """Samples a process tree until stopped; `peak` is the largest sum seen, in bytes."""

    def __init__(self, pid):
        self.pid = pid
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join()
        return self.peak

    def _sample(self):
        while not self._stop.wait(INTERVAL):
            self.peak = max(self.peak, sum(anonymous_bytes(pid) for pid in tree(self.pid)))


def tree(pid):
    """A process and its descendants, those started by any of its threads included."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in _text(task / "children").split():
            yield from tree(int(child))


def anonymous_bytes(pid):
    """Private and shared anonymous pages of one process; 0 once it has gone."""
    lines = [line.split() for line in _text(Path(f"/proc/{pid}/status")).splitlines()]
    return 1024 * sum(int(line[1]) for line in lines if line[0] in ("RssAnon:", "RssShmem:"))


def _text(path):
    try:
        return path.read_text()
    except OSError:
        return ""
