"""The default executor: threads that claim pieces from one cursor; the calling thread is one of them.

Kernels, parsing and reading release the interpreter's lock. Ctrl-C, which Python delivers to the calling thread,
stops all threads at their next batch; so does a thread that cannot be started.
"""

import _thread
import contextvars
import functools
import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

from tenfold.io.source import Reader
from tenfold.run.worker import Worker


def run(
    reader: Reader, make_worker: Callable[[], Worker], threads: int, enough: int, done: Callable[[], None]
) -> list[Worker]:
    """Workers that together took all pieces; rows come to no order here, `answer.py` restores it."""
    share = _Share(reader, done)
    workers = [make_worker() for _ in range(min(threads, reader.pieces) or 1)]
    side_by_side([functools.partial(share.work, worker) for worker in workers], share.cancel)
    if share.errors:
        raise min(share.errors, key=lambda item: item[0])[1]
    return workers


def side_by_side(calls: Sequence[Callable[[], Any]], stop: Callable[[], None]) -> list[Any]:
    """What several calls return: of the first, made in this thread, and of the others, each in a thread of its own.

    When one fails, or this thread is interrupted, all are told to `stop`; the error of the first call that has one is
    raised when nothing runs any more.
    """
    results: list[Any] = [None] * len(calls)
    errors: list[tuple[int, BaseException]] = []

    def make(number: int) -> None:
        try:
            results[number] = calls[number]()
        except BaseException as error:
            errors.append((number, error))
            stop()

    running: list[threading.Lock] = []
    try:
        for number in range(1, len(calls)):
            running.append(_start(functools.partial(make, number)))  # noqa: PERF401 (they run while others are started)
        results[0] = calls[0]()
        _join(running)
    except BaseException:
        stop()
        _join(running)
        raise
    if errors:
        raise min(errors, key=lambda item: item[0])[1]
    return results


def _start(call: Callable[[], None]) -> threading.Lock:
    """Put a thread to work, under the settings that hold here; the lock is free when it has ended.

    `threading.Thread.start` waits until the thread runs, hence for the interpreter's lock, which those that run
    already keep taking: a millisecond each, one after the other, before 16 threads work.
    """
    ended = threading.Lock()
    ended.acquire()

    def work() -> None:
        try:
            call()
        finally:
            ended.release()

    _thread.start_new_thread(contextvars.copy_context().run, (work,))
    return ended


def _join(running: list[threading.Lock]) -> None:
    for ended in running:
        ended.acquire()
        ended.release()  # so that it can be waited for again


class Cancelled(Exception):
    """What ends a thread whose run has been cancelled; the run raises what cancelled it."""


_run: contextvars.ContextVar["_Share | None"] = contextvars.ContextVar("tenfold run", default=None)


def check() -> None:
    """Stop here if the run has been cancelled: for between the calls of a step that takes long."""
    share = _run.get()
    if share is not None and share.cancelled:
        raise Cancelled


class _Share:
    """What the threads of one run have in common."""

    def __init__(self, reader: Reader, done: Callable[[], None]) -> None:
        self.reader, self.done = reader, done
        self.cursor = itertools.count()
        self.cancelled = False
        self.errors: list[tuple[int, Exception]] = []

    def cancel(self) -> None:
        """Stop at the next batch."""
        self.cancelled = True

    def work(self, worker: Worker) -> None:
        """Claim and run pieces until there are no more.

        Pieces are claimed in order, so when one fails all before it are finished, under way or just claimed: they go
        on, and the error of the first piece is the one that counts, whatever the threads do.
        """
        before = _run.set(self)
        try:
            self._work(worker)
        finally:
            _run.reset(before)

    def _work(self, worker: Worker) -> None:
        for piece in self.cursor:
            failed = any(number < piece for number, _ in self.errors)
            if piece >= self.reader.pieces or failed or self.cancelled:
                return
            try:
                self._run(worker, piece)
            except Exception as error:
                self.errors.append((piece, error))
            self.done()

    def _run(self, worker: Worker, piece: int) -> None:
        for batch in self.reader.read(piece):
            worker.take(piece, batch)
            if self.cancelled:
                return
