"""Results lie in memory as their operands do, as in NumPy; and have the same elements whatever the order of axes."""

import itertools

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tenfold.expr import arrays as ar
from tenfold.run import layout
from tests.numpy.same import assert_same_array

SHAPE = (6, 5, 4, 7)
ORDERS = list(itertools.permutations(range(4)))


@pytest.fixture(autouse=True)
def _many_pieces():
    with config.set(morsel_rows=64, target="blocks"):
        yield


def both():
    array = real.random.default_rng(0).normal(size=SHAPE)
    return np.asarray(array), array


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_operations_keep_the_order_of_their_operands(order):
    ours, array = (x.transpose(order) for x in both())
    made, wanted = (ours * 2 + ours).compute(), array * 2 + array
    assert_same_array(made, wanted)
    assert made.strides == wanted.strides


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_reductions_in_any_order_of_axes(order):
    ours, array = (x.transpose(order) for x in both())
    for count in range(1, 5):
        for over in itertools.combinations(range(4), count):
            assert_same_array(ours.max(over), array.max(over))
            assert_same_array((ours * 2).min(over, keepdims=True), (array * 2).min(over, keepdims=True))
            assert_same_array(np.count_nonzero(ours[:, ::-1] > 0, over), real.count_nonzero(array[:, ::-1] > 0, over))
            assert_same_array(ours.sum(over), array.sum(over), 64, abs(array).sum(over))


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_operands_of_several_orders_and_broadcast_ones(order):
    ours, array = both()
    turned = ours.transpose(order), array.transpose(order)
    assert_same_array(turned[0] - turned[0][:, :1], turned[1] - turned[1][:, :1])
    assert_same_array(turned[0] + np.asarray(turned[1].copy()), turned[1] + turned[1])
    assert_same_array((turned[0] > 0).sum(0) + turned[0][0], (turned[1] > 0).sum(0) + turned[1][0])


def test_products_of_floats_are_multiplied_in_one_order():
    ours, array = both()
    whole = ours.transpose(2, 0, 3, 1).prod((0, 3)).compute()
    assert whole.tobytes() == np.asarray(array.transpose(2, 0, 3, 1).copy()).prod((0, 3)).compute().tobytes()


def test_which_order_is_taken():
    ours, _ = both()
    assert layout.memory_order(ours._node, {}) is None
    assert layout.memory_order(ours.transpose(3, 1, 0, 2)._node, {}) == (2, 1, 3, 0)
    assert layout.memory_order(ours.T[::-1]._node, {}) == (3, 2, 1, 0)
    broadcast = ar.broadcast(ours.T[:1]._node, ours.T.shape)
    assert layout.memory_order(broadcast, {}) is None, "what is repeated has no order of its own"
