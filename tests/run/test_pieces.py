"""Which part of an assignment lies in a piece: by arithmetic, beside a search through all places."""

import itertools

import pytest

from tenfold.run.pieces import _inside

STEPS = [-6, -4, -3, -1, 1, 2, 3, 6]


@pytest.mark.parametrize("step", STEPS)
def test_places_in_a_piece_are_those_that_a_search_finds(step):
    for start, count, other, limit, pace in itertools.product([0, 5], [0, 1, 7], range(-8, 20), [0, 1, 5], STEPS):
        there = {other + pace * k for k in range(limit)}
        found = _inside((start, count, step), (other, limit, pace))
        assert list(found) == [k for k in range(count) if start + step * k in there]


def test_a_long_axis_is_not_searched():
    assert list(_inside((0, 1 << 60, 1), (12345, 1, 1))) == [12345]
