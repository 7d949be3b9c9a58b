"""Executors only schedule: every piece once, errors of the first piece, the first rows without the others."""

import itertools
import threading

import pytest

from tenfold import config
from tenfold.run import serial, threads

EXECUTORS = {"serial": serial.run, "threads": threads.run}


class Pieces:
    """A reader whose batches are the numbers of its pieces; reading some fails."""

    stable = True

    def __init__(self, pieces, fails=()):
        self.pieces, self.fails = pieces, fails

    def read(self, piece):
        if piece in self.fails:
            raise ValueError(f"piece {piece}")
        yield piece


class Collector:
    """A worker that keeps what it is given; each batch is one row."""

    def __init__(self):
        self.taken, self.parts, self.thread = [], [], set()

    def take(self, piece, batch):
        assert piece == batch
        self.taken.append(piece)
        self.parts.append(type("Part", (), {"length": 1}))
        self.thread.add(threading.get_ident())


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize("pieces", [0, 1, 2, 100])
def test_every_piece_is_taken_once(name, pieces):
    done = itertools.count()
    workers = EXECUTORS[name](Pieces(pieces), Collector, 3, -1, lambda: next(done))
    assert sorted(piece for worker in workers for piece in worker.taken) == list(range(pieces))
    assert next(done) == pieces
    assert len(workers) >= 1
    assert all(len(worker.thread) <= 1 for worker in workers)
    assert all(worker.taken == sorted(worker.taken) for worker in workers)


@pytest.mark.parametrize("name", EXECUTORS)
def test_the_error_of_the_first_piece_is_raised(name):
    threads = threading.active_count()
    for _ in range(20):
        with pytest.raises(ValueError, match="piece 17"):
            EXECUTORS[name](Pieces(100, fails=range(17, 100, 3)), Collector, 4, -1, lambda: None)
    assert threading.active_count() <= threads


def test_a_piece_that_was_claimed_before_a_later_one_failed_is_read():
    share = threads._Share(Pieces(10), lambda: None)
    share.errors.append((5, ValueError("piece 5")))
    share.cursor = iter([3, 7])
    worker = Collector()
    share.work(worker)
    assert worker.taken == [3]


def test_the_first_rows_need_no_more_pieces():
    (worker,) = serial.run(Pieces(100), Collector, 1, 3, lambda: None)
    assert worker.taken == [0, 1, 2]


@pytest.mark.parametrize("name", EXECUTORS)
def test_ctrl_c_in_the_calling_thread_stops_all(name):
    class Interrupted(Collector):
        def take(self, piece, batch):
            super().take(piece, batch)
            if threading.current_thread() is threading.main_thread() and len(self.taken) == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        EXECUTORS[name](Pieces(100_000), Interrupted, 3, -1, lambda: None)
    assert not [thread for thread in threading.enumerate() if thread.daemon and "work" in thread.name]


def test_a_thread_that_cannot_be_started_is_an_error_and_leaves_nothing_running(monkeypatch):
    start, started, taken = threads._thread.start_new_thread, itertools.count(), []

    class Slow(Collector):
        def take(self, piece, batch):
            taken.append(piece)
            threading.Event().wait(0.01)

    def refuse_the_third(*work):
        if next(started) == 2:
            raise RuntimeError("can't start new thread")
        return start(*work)

    monkeypatch.setattr(threads._thread, "start_new_thread", refuse_the_third)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        threads.run(Pieces(100_000), Slow, 5, -1, lambda: None)
    then = len(taken)
    threading.Event().wait(0.1)
    assert len(taken) == then < 100


def test_of_calls_side_by_side_the_error_of_the_first_counts_and_all_are_told_to_stop():
    stopped = threading.Event()

    def fail(number):
        stopped.wait(5)
        raise ValueError(f"call {number}")

    def interrupted():
        raise KeyboardInterrupt

    calls = [lambda: stopped.wait(5), lambda: fail(1), lambda: fail(2), stopped.set]
    with pytest.raises(ValueError, match="call 1"):
        threads.side_by_side(calls, stopped.set)
    stopped.clear()
    with pytest.raises(KeyboardInterrupt):
        threads.side_by_side([interrupted, lambda: stopped.wait(5)], stopped.set)
    assert stopped.is_set()
    assert threads.side_by_side([lambda: 1, lambda: 2], stopped.set) == [1, 2]


def test_threads_of_a_run_see_the_settings_of_the_code_that_started_it():
    seen = set()

    class Looking(Collector):
        def take(self, piece, batch):
            seen.add((threading.get_ident(), config.get("morsel_rows")))
            threading.Event().wait(0.002)

    with config.set(morsel_rows=77):
        threads.run(Pieces(50), Looking, 3, -1, lambda: None)
    assert {rows for _, rows in seen} == {77}
    assert len(seen) > 1
