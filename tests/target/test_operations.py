"""The table of edges on all targets, and on a GPU: the same bits everywhere, and those of NumPy."""

from pathlib import Path

import numpy as np
import pytest

from tenfold import config
from tenfold.errors import NotYetError, PlanError
from tenfold.kernel import nodes as kn
from tenfold.kernel.build import Builder
from tenfold.kernel.ops import INTEGERS, OPERATIONS, RARE, STORAGES, WORDS
from tenfold.primitives import exact
from tenfold.target import block, blocks, cache, cuda, launch, python
from tenfold.target.index_map import IndexMap
from tests import edges, fake_device, plain_python

NOTE = Path(__file__).parents[2] / "docs" / "notes" / "edges.md"
# what C++ leaves open, floats divided by 0 aside: they are those of the processor
SANITIZE = ["-fsanitize=undefined", "-fno-sanitize=vptr", "-fno-wrapv"]


# -- targets ------------------------------------------------------------------------------------------------------


def request(kernel):
    return cache.Request(python.text(kernel), python.ENTRY, python.SIGNATURE)


@pytest.fixture(scope="module")
def compiled(kernel_folder):
    """Runs machine code; all of it is compiled in one helper process."""
    sinks = [edges.folds(storage, grouping)[1] for grouping, storage in edges.SINKS]
    everything = [request(kernel) for kernel in [*(kernel for _, kernel in edges.KERNELS.values()), *sinks]]
    with config.set(cache_dir=kernel_folder):
        cache.request_all(everything)
        yield _run_compiled


def _run_compiled(kernel, arguments, lo, hi):
    code = cache.wait(request(kernel))
    while lo < hi:
        addresses = np.array([array.ctypes.data for array in arguments], "i8")
        lo = code(addresses.ctypes.data, lo, hi)
        plain_python.settle(kernel, arguments)


@pytest.fixture(params=["cpu", "python"])
def run(request):
    """A target other than `blocks`: it runs rows of a kernel on an argument block."""
    return plain_python.run if request.param == "python" else request.getfixturevalue("compiled")


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.gpu)])
def device(request, monkeypatch, capfd):
    """A device; a fake one whose C++ says what it does that the language leaves open."""
    if request.param == "real":
        from tenfold.target import device

        yield device.device(0)
        return
    if fake_device.COMPILER is None:
        pytest.skip("no C++ compiler here")
    monkeypatch.setattr(fake_device, "FLAGS", [*fake_device.FLAGS, *SANITIZE])
    yield fake_device.FakeDevice(processors=2)
    assert "runtime error" not in capfd.readouterr().err


def on_host(function):
    """`edges.answers` runs a kernel by this."""

    def run(kernel, given):
        rows = len(given[0])
        out = edges.outputs(kernel, rows)
        function(kernel, [*given, *out, *block.new_scratch(kernel)], 0, rows)
        assert out[0][0] == rows
        return out[1:]

    return run


def on_device(device):
    """The same on a device."""

    def run(kernel, given):
        columns = [device.put(column) for column in given[: len(kernel.inputs)]]
        outputs = launch.launcher(kernel, device).compact(columns, given[len(kernel.inputs) :], len(given[0]))
        return [device.home(column) for column in outputs]

    return run


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for what in expected:
        assert found[what].dtype == expected[what].dtype, what
        np.testing.assert_array_equal(edges.bits(found[what]), edges.bits(expected[what]), err_msg=what)


# -- operations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", edges.KERNELS)
def test_operations_give_the_same_bits(name, run):
    assert_same(edges.answers(name, on_host(run)), edges.answers(name, on_host(blocks.run)))


@pytest.mark.parametrize("name", edges.KERNELS)
def test_operations_give_the_same_bits_on_a_device(name, device):
    assert_same(edges.answers(name, on_device(device)), edges.answers(name, on_host(blocks.run)))


@pytest.mark.parametrize("storage", STORAGES)
def test_blocks_give_what_numpy_gives(storage):
    found, (a, b) = edges.answers(f"columns of {storage}", on_host(blocks.run)), edges.pairs(storage)
    with np.errstate(all="ignore"):
        for op in set(edges.taken(storage)) - RARE:
            expected = OPERATIONS[op].numpy(*([a < b] if op == "select" else []), *(a, b)[: edges.arity(op)])
            np.testing.assert_array_equal(edges.bits(found[op]), edges.bits(expected), err_msg=op)
        for to in (what.removeprefix("cast to ") for what in found if what.startswith("cast")):
            np.testing.assert_array_equal(edges.bits(found[f"cast to {to}"]), edges.bits(a.astype(to)), err_msg=to)


@pytest.mark.parametrize("storage", INTEGERS)
def test_integers_mean_what_they_are_said_to(storage):
    found, pairs = edges.answers(f"columns of {storage}", on_host(blocks.run)), edges.pairs(storage)
    bits, limits = 8 * int(storage[1]), np.iinfo(storage)

    def wrapped(x):
        return (x - int(limits.min)) % (1 << bits) + int(limits.min)

    for number, (a, b) in enumerate(zip(*(column.tolist() for column in pairs), strict=True)):
        assert found["floordiv"][number] == (wrapped(a // b) if b else 0)
        assert found["mod"][number] == (a % b if b else 0)
        inside = 0 <= b < bits
        assert found["shl"][number] == (wrapped(a << b) if inside else 0)
        assert found["shr"][number] == (a >> b if inside else -(a < 0))
        assert [found[op][number] for op in ("neg", "abs")] == [wrapped(-a), wrapped(abs(a))]


def test_every_operation_is_tried():
    tried = {op for storage in STORAGES for op in edges.taken(storage)}
    assert tried | {"cast"} | WORDS == OPERATIONS.keys()  # words of draws: in test_functions.py


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")
@pytest.mark.parametrize("storage", STORAGES)
def test_operations_compile_for_a_gpu(storage):
    assert cuda.compile_cubin(cuda.source(edges.KERNELS[f"columns of {storage}"][1], 3, 32))


@pytest.mark.parametrize(("given", "wanted"), [("f8", "i8"), ("f4", "u1"), ("i8", "?"), ("f8", "?")])
def test_casts_that_machines_do_not_agree_on_are_none(given, wanted):
    build = Builder()
    with pytest.raises(PlanError, match=f"no such operation from {given} to {wanted}"):
        build.kernel(None, [build.compact(build.input(given).cast(wanted))])


def test_the_note_counts_the_answers():
    assert f"{edges.count():,} answers" in NOTE.read_text(encoding="utf-8")


# -- sinks ----------------------------------------------------------------------------------------------------------


def folded(function, grouping, storage):
    """Name -> a result for each two rows, by a function that runs a block."""
    (names, kernel), (rows, chosen) = edges.folds(storage, grouping), edges.folded_rows(storage)
    groups = len(rows) // 2
    if grouping == "none":
        parts = [_fold(function, kernel, [rows, chosen], 1, 2 * k, 2 * k + 2) for k in range(groups)]
        return {name: np.concatenate(each) for name, each in zip(names, zip(*parts, strict=True), strict=True)}
    numbers = {"column": np.arange(len(rows)) // 2, "map": np.array([2, 0, 1, 0, groups, 2])}[grouping]
    return dict(zip(names, _fold(function, kernel, [rows, chosen, numbers], groups, 0, len(rows)), strict=True))


def _fold(function, kernel, inputs, groups, lo, hi):
    states = [array for sink in kernel.sinks for array in block.start(sink, groups)]
    arguments = [*inputs, *states, *block.new_scratch(kernel)]
    function(kernel, arguments, lo, hi)
    return _read(kernel, arguments[len(inputs) :])


def _read(kernel, states):
    found = []
    for sink in kernel.sinks:
        size = 3 if block.is_exact_sum(sink) else 1
        state, states = states[:size], states[size:]
        found.append(np.array(exact.sums(state[0], int(state[1][0]))) if size == 3 else state[0])
    return found


def folded_on_device(device, grouping, storage):
    """The same on a device, but for the extremes of narrow values, which it does not have."""
    functions = [f for f in kn.FOLDS if f in ("sum", "count") or storage not in cuda.NO_ATOMICS]
    (names, kernel), columns = edges.folds(storage, grouping, functions), edges.folded_rows(storage)
    rows = len(columns[0])
    inputs = [device.put(column) for column in columns]
    inputs += [device.put(np.arange(rows) // 2)] if grouping == "column" else []
    inputs += [IndexMap(0, (1, 0), (rows // 2, 2))] if grouping == "map" else []
    work = launch.Segments(2) if grouping == "none" else None
    states = launch.launcher(kernel, device).states(inputs, [], rows, rows // 2, work)
    return dict(zip(names, _read(kernel, [array for state in states for array in state]), strict=True))


@pytest.mark.parametrize(("grouping", "storage"), edges.SINKS)
def test_folds_leave_the_same_bits(grouping, storage, run):
    assert_same(folded(run, grouping, storage), folded(blocks.run, grouping, storage))


@pytest.mark.parametrize(("grouping", "storage"), edges.SINKS)
def test_folds_leave_the_same_bits_on_a_device(grouping, storage, device):
    found, expected = folded_on_device(device, grouping, storage), folded(blocks.run, grouping, storage)
    assert_same(found, {name: expected[name] for name in found})


@pytest.mark.parametrize("function", ["min", "max"])
def test_what_a_gpu_cannot_is_said_when_it_is_printed(function):
    build = Builder()
    sink = kn.Fold(function, build.input("i1").number, "i1", -1, -1)
    with pytest.raises(NotYetError, match=f"{function} of i1"):
        cuda.text(build.kernel(None, [sink]))
