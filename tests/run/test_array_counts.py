"""The target `null`: plans over any number of pieces are counted in kernels, pieces and bytes; nothing is read."""

import numpy as real

import tenfold.numpy as np
from tenfold import config
from tenfold.target import null


def counted(array):
    null.reset()
    with config.set(target="null", morsel_rows=1 << 17):
        answer = array.compute()
    return answer, null.counts


class Unreadable(real.ndarray):
    """Memory that nobody may look at."""

    def __getitem__(self, index):
        raise AssertionError("read")


def test_fifty_operations_over_a_million_pieces_are_one_kernel_that_reads_nothing():
    x = np.random.default_rng(1).normal(size=(1_000_000, 1 << 17))
    for number in range(25):
        x = np.abs(x - number)
    answer, counts = counted(x.sum(axis=1))
    assert answer.shape == (1_000_000,)
    assert (counts.stages, counts.kernels, counts.pieces, counts.columns) == (1, 1, 1_000_000, 0)
    assert counts.bytes == 8_000_000


def test_what_lies_in_memory_is_counted_as_far_as_it_is_looked_at_and_not_read():
    x = np.asarray(real.zeros((1000, 1000)).view(Unreadable))
    answer, counts = counted((x[::2] + 1).T)
    assert answer.shape == (1000, 500)
    assert (counts.kernels, counts.pieces, counts.columns) == (1, 4, 1)
    assert counts.bytes == 2 * 8 * 500_000


def test_each_step_that_has_to_be_finished_is_a_stage():
    x = np.asarray(real.zeros((64, 1000)))
    _, counts = counted(np.sort(x + 1, axis=1) - x.mean(axis=1, keepdims=True))
    assert counts.stages == 3
    assert counts.kernels == 3
