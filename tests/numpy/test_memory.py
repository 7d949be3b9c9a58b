"""Arrays that are memory: programs that write step by step, dtypes that no kernel takes, and views of every kind."""

import copy
import itertools
import pickle
import time
import warnings

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config, fallback
from tenfold.run import arrays
from tests.numpy.same import assert_same_array

LARGE = 20_000  # elements that are more than `small_bytes`


@pytest.fixture
def _small():
    with config.set(small_bytes=64 << 10):
        yield


@pytest.fixture
def runs(monkeypatch):
    """How many computations have run."""
    seen = []
    before = arrays.answer
    monkeypatch.setattr(arrays, "answer", lambda *args: (seen.append(args), before(*args))[1])
    return seen


# -- step by step --------------------------------------------------------------------------------------------------


def filled(np, n):
    a = np.zeros(n)
    for k in range(n):
        a[k] = k * k
    return a


def grown(np, n):
    a = np.array([], float)
    for k in range(n):
        a = np.append(a, k / 2)
    return a


def lowered(np, n):
    a = np.arange(100.0)
    for k in range(n):
        a[a > k % 90] -= 0.5
    return a


def swapped(np, n):
    a = np.arange(50)
    for k in range(n):
        i, j = k % 50, (k * 7) % 50
        a[i], a[j] = a[j], a[i]
    return a


def gathered(np, n):
    return np.array(list(itertools.accumulate(np.arange(float(n)), np.add)))


def printed(np, n):
    a = np.zeros((n, 2), int)
    for k in range(n):
        a[k] = a.sum() % 7, len(str(a[k]))
    return a


STEPS = [filled, grown, lowered, swapped, gathered, printed]


@pytest.mark.parametrize("program", STEPS)
def test_programs_that_write_step_by_step(program, small_bytes):
    assert_same_array(program(np, 120), program(real, 120))


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("program", STEPS[1:4])
def test_steps_in_small_memory_compute_nothing(program, runs):
    program(np, 500)
    assert len(runs) <= 1  # to make an array


def test_many_writes_into_a_large_array_compute_it_once(runs):
    a = np.zeros(LARGE)
    for k in range(2_000):
        a[k] = k
    assert len(runs) == 1
    assert_same_array(a[1_998:2_002], real.array([1998.0, 1999, 0, 0]))


def test_masked_writes_into_a_large_array_wait(runs):
    a = np.arange(float(LARGE))
    for k in range(20):
        a[a > k] -= 0.5
    assert not runs
    b = real.arange(float(LARGE))
    for k in range(20):
        b[b > k] -= 0.5
    assert_same_array(a, b)


@pytest.mark.usefixtures("_small")
def test_steps_take_linear_time():
    """Ten times the steps: far less than a hundred times the time."""

    def seconds(n):
        start = time.process_time()
        filled(np, n).compute()
        return time.process_time() - start

    seconds(100)
    assert seconds(5_000) < 50 * max(min(seconds(500), seconds(500)), 1e-4)


# -- what is computed later ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [10, LARGE])
def test_what_numpy_writes_into_its_memory_later_does_not_matter(n, small_bytes):
    memory, total = real.zeros(n), np.zeros(n)
    for k in range(3):
        memory.fill(k)
        total += memory
    for operation in (lambda m: np.zeros(n) + m, np.sqrt, np.sum, lambda m: np.concatenate([m, m]), np.array):
        memory.fill(4)
        made = operation(memory)
        memory.fill(9)
        assert made.ravel()[0] == operation(real.full(n, 4.0)).ravel()[0]
    assert total[0] == 3


@pytest.mark.parametrize("n", [10, LARGE])
def test_what_is_written_later_does_not_matter(n, small_bytes):
    a = np.arange(float(n))
    for k in range(40):  # until it is memory
        a[k % n] = 1
    doubled, part = a * 2, a[:3] + 1
    a[0], a[1] = 100, 200
    assert_same_array(doubled[:2], real.array([2.0, 2.0]))
    assert_same_array(part[:2], real.array([2.0, 2.0]))
    assert_same_array((a * 2)[:2], real.array([200.0, 400.0]))


def test_read_only_memory_is_shared_and_other_memory_copied():
    memory = real.arange(float(LARGE))
    assert not real.shares_memory(np.asarray(memory)._node.source.array, memory)
    memory.flags.writeable = False
    assert real.shares_memory(np.asarray(memory)._node.source.array, memory)


@pytest.mark.usefixtures("_small")
def test_small_memory_is_shared_both_ways():
    memory = real.arange(4)
    array = np.asarray(memory)
    array[0], memory[1] = 10, 11
    assert_same_array(array, memory)
    real.asarray(array)[2] = 12
    assert memory[2] == array[2] == 12


def test_scalars_are_not_written_into(small_bytes):
    a = np.arange(3.0)
    largest = before = a.max()
    largest += 1
    assert (before, largest) == (2, 3)
    assert {a.max(): "x"}[2.0] == "x"
    with pytest.raises(TypeError, match="item assignment"):
        largest[...] = 1


# -- views ---------------------------------------------------------------------------------------------------------

VIEWS = {
    "atleast_3d": lambda np, a: np.atleast_3d(a),
    "rollaxis": lambda np, a: np.rollaxis(a.reshape(2, -1), 1),
    "array": lambda np, a: np.array(a, copy=None),
    "require": lambda np, a: np.require(a),
    "view": lambda np, a: a.view("i4"),
    "bytes": lambda np, a: a.view("u1"),
    "windows": lambda np, a: np.lib.stride_tricks.sliding_window_view(a, 3, writeable=True),
    "strided": lambda np, a: np.lib.stride_tricks.as_strided(a, (2,), (8,)),
    "diagonal": lambda np, a: np.einsum("ii->i", a[:4].reshape(2, 2)),
    "turned": lambda np, a: np.einsum("ij->ji", a.reshape(2, -1)),
    "asarray": lambda np, a: real.asarray(a),
    "halves": lambda np, a: np.split(a, 2)[0],
    "real": lambda np, a: a.real,
    "part": lambda np, a: a[:4],
}


@pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")
@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("n", [12, LARGE])
def test_a_view_writes_through_or_says_that_it_does_not(name, n, small_bytes):
    ours, theirs = np.arange(n) * 1, real.arange(n) * 1
    VIEWS[name](real, theirs)[(0,) * VIEWS[name](real, theirs).ndim] = 9
    view = VIEWS[name](np, ours)
    if name == "diagonal" and not (n == 12 and small_bytes):  # of an expression
        with pytest.raises(ValueError, match="assignment destination is read-only"):
            view[0] = 9
    else:
        view[(0,) * view.ndim] = 9
        assert_same_array(ours[:8], theirs[:8])


@pytest.mark.parametrize("n", [4, LARGE])
def test_elements_are_written_by_an_iterator(n, small_bytes):
    a = np.zeros(n)
    with np.nditer(a, op_flags=["readwrite"]) as iterator:
        for element in iterator:
            element[...] = 9
            break
    assert a[0] == 9


READ_ONLY = {
    "flags": lambda a: setattr(a.flags, "writeable", False),
    "flags by name": lambda a: a.flags.__setitem__("WRITEABLE", False),
    "setflags": lambda a: a.setflags(write=False),
}
WRITES = [
    lambda np, a: a.__setitem__(0, 1), lambda np, a: a.__setitem__(a > 2, 1), lambda np, a: a.__iadd__(1),
    lambda np, a: np.add(a, 1, out=a), lambda np, a: np.cumsum(a, out=a),
    lambda np, a: a.fill(1), lambda np, a: a.sort(), lambda np, a: a.byteswap(inplace=True),
    lambda np, a: np.putmask(a, a > 2, 9), lambda np, a: np.copyto(a, 3), lambda np, a: setattr(a, "real", 3),
    lambda np, a: a.flat.__setitem__(0, 3), lambda np, a: np.random.default_rng(0).shuffle(a),
    lambda np, a: a[1:].__setitem__(0, 1), lambda np, a: a.reshape(2, 2).T.__setitem__((0, 0), 1),
    lambda np, a: a.view("u8").__setitem__(0, 1), lambda np, a: real.asarray(a).__setitem__(0, 1),
    lambda np, a: [row.__setitem__(0, 1) for row in a.reshape(2, 2)],
]  # fmt: skip


@pytest.mark.parametrize("how", READ_ONLY)
def test_what_is_read_only_is_not_written_into(how, small_bytes):
    for write in WRITES:
        for module in (np, real):
            a = module.arange(4.0) * 2
            READ_ONLY[how](a)
            with pytest.raises(ValueError, match="read-only"):
                write(module, a)
            assert a.tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize("how", READ_ONLY)
def test_who_is_read_only_with_an_array(how, small_bytes):
    def writeable(np):
        a = np.arange(4.0) * 2
        before = a[:3]
        flags = a.flags
        READ_ONLY[how](a)
        others = [before, before[1:], a[:3], a.T, a.copy(), copy.copy(a), copy.deepcopy(a),
                  pickle.loads(pickle.dumps(a)), a + 1]  # fmt: skip
        before[0] = 7
        told = [x.flags.writeable for x in (a, *others)]
        a.flags.writeable = True
        a[1] = 8
        return [*told, flags.writeable, flags["W"], flags == a.flags, a.tolist(), before.tolist()]

    assert writeable(np) == writeable(real)


def test_one_element_at_many_places_is_read_only(small_bytes):
    def writeable(np):
        a = np.eye(3)
        shown = [np.broadcast_to(a, (2, 3, 3)), a.diagonal(), np.broadcast_to(a, (2, 3, 3))[0], a.T]
        return [x.flags.writeable for x in shown]

    assert writeable(np) == writeable(real)


@pytest.mark.parametrize("kind", ["O", "O,O", "O,(3,)O", "(2,3)O", "i4,O"])
def test_empty_objects_are_none(kind, small_bytes):
    for make in (np.empty, lambda shape, dtype: np.empty_like(np.zeros(shape), dtype),
                 lambda shape, dtype: np.empty_like(np.empty(shape, dtype))):  # fmt: skip
        assert str(make(3, kind).compute()) == str(real.empty(3, kind))


def test_a_view_keeps_what_it_shows_when_its_base_changes_as_a_whole(small_bytes):
    def shown(np):
        a, b = np.arange(4.0), np.arange(4.0)
        views = a[1:], b[1:]
        a.dtype = "i4"
        b.resize(6, refcheck=False)
        return [views[0].tolist(), a.tolist(), b.tolist(), views[1].size]

    assert shown(np) == shown(real)


def test_memory_changed_as_a_whole(small_bytes):
    a = np.arange(3)
    a.resize(5)
    assert_same_array(a, real.array([0, 1, 2, 0, 0]))
    a.byteswap(inplace=True)
    assert_same_array(a, real.array([0, 1, 2, 0, 0]).byteswap())
    b = np.arange(2.0)
    b.dtype = "f4"
    assert_same_array(b, real.arange(2.0).view("f4"))
    with pytest.raises(ValueError, match="reshape"):
        b.shape = (3,)


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
def test_orders_of_elements_are_those_of_memory(order, small_bytes):
    def programs(np):
        a = np.arange(12).reshape(3, 4)
        f = np.array(a, order="F")
        shaped = a.T.reshape(6, 2, order="A" if order == "K" else order)
        return [a.T.ravel(order), f.ravel(order), f.flatten(order), shaped,
                np.copy(f).ravel("K"), np.zeros_like(f).ravel("K"), a[:, ::2].T.ravel(order)]  # fmt: skip

    for ours, theirs in zip(programs(np), programs(real), strict=True):
        assert_same_array(ours, theirs)


def test_flags_and_strides(small_bytes):
    for make in (lambda np: np.zeros((3, 4)), lambda np: np.zeros((3, 4)).T, lambda np: np.zeros((3, 4), order="F"),
                 lambda np: np.zeros((3, 4))[:, ::2], lambda np: np.zeros((3, 4), "i2")[::-1]):  # fmt: skip
        ours, theirs = make(np), make(real)
        assert ours.strides == theirs.strides
        assert ours.flags.c_contiguous == theirs.flags.c_contiguous
        assert ours.flags.f_contiguous == theirs.flags.f_contiguous


# -- any dtype -----------------------------------------------------------------------------------------------------

RECORD = [("a", "i4"), ("b", "f8")]
KINDS = {
    "objects": real.array([3, None, "x", 2.5, [1]], object),
    "numbers": real.array([3, 1, 2], object),
    "records": real.array([(2, 0.5), (1, 1.5), (2, 0.25)], RECORD),
    "void": real.array([b"ab", b"cd"], "V2"),
    "text": real.array(["this", "is", "it"]),
    "bytes": real.array([b"this", b"is"], "S4"),
    "dates": real.array(["2020-01-01", "NaT", "2019-01-01"], "M8[D]"),
    "spans": real.array([3, 1, 2], "m8[s]"),
    "nested": real.zeros(3, [("p", RECORD), ("q", "i2", (2,))]),
}


def does(program, np, values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fallback.FallbackWarning)
        try:
            made = program(np, np.array(values))
            return real.asarray(made.compute() if hasattr(made, "compute") else made), None
        except Exception as error:
            return None, error


PROGRAMS = [
    lambda np, a: a,
    lambda np, a: a[1:],
    lambda np, a: a[::-1].copy(),
    lambda np, a: a[[0, 1]],
    lambda np, a: a[np.arange(len(a)) > 0],
    lambda np, a: np.concatenate([a, a]),
    lambda np, a: a.reshape(-1, 1).T,
    lambda np, a: np.sort(a),
    lambda np, a: np.argsort(a),
    lambda np, a: a == a,
    lambda np, a: a != a[0],
    lambda np, a: np.unique(a),
    lambda np, a: np.roll(a, 1),
    lambda np, a: np.stack([a, a], 1),
    lambda np, a: np.where([True] * len(a), a, a),
    lambda np, a: np.repeat(a, 2),
    lambda np, a: a + a,
    lambda np, a: a.sum(),
    lambda np, a: a.astype(object),
    lambda np, a: np.array(a.tolist(), a.dtype),
    lambda np, a: np.full(3, a[0], a.dtype),
    lambda np, a: np.zeros_like(a),
    lambda np, a: np.isin(a, a[:1]),
    lambda np, a: np.take(a, [1, 0]),
    lambda np, a: np.max(a),
    lambda np, a: np.nonzero(a)[0],
    lambda np, a: np.array_equal(a, a.copy()),
    lambda np, a: len(list(a)),
    lambda np, a: (a.__setitem__(0, a[1]), a)[1],
    lambda np, a: (a.__setitem__(slice(None), a[::-1].copy()), a)[1],
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_any_dtype_does_what_it_does_in_numpy(kind, number, small_bytes):
    program, values = PROGRAMS[number], KINDS[kind]
    expected, wrong = does(program, real, values)
    made, error = does(program, np, values)
    if wrong is not None:
        assert isinstance(error, type(wrong)), error
        return
    assert error is None, error
    assert (made.dtype, made.shape) == (expected.dtype, expected.shape)
    assert repr(made) == repr(expected)


def test_fields_are_views(small_bytes):
    a = np.zeros(3, RECORD)
    a["a"] = 7
    a["b"][1:] += 0.5
    a[0] = (1, 2.0)
    assert_same_array(a["a"] + 1, real.array([2, 8, 8], "i4"))
    assert a.tolist() == [(1, 2.0), (7, 0.5), (7, 0.5)]
    assert a[1]["b"] == 0.5


def test_a_number_is_not_cut_where_text_is(small_bytes):
    a = np.zeros(2, "U4")
    a[0] = "hello"
    assert a[0] == "hell"
    assert list(np.array(["This", "is"])) == ["This", "is"]
    assert list(np.array(["a"]) == np.array([1])) == [False]
