"""Element functions, draws and index maps in kernels: the bits of the references in `primitives/`, on every target."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from tenfold.errors import PlanError
from tenfold.kernel import functions
from tenfold.kernel.build import Builder
from tenfold.kernel.ops import RARE
from tenfold.primitives import elementary, exact, philox
from tenfold.target import block, blocks, cache, cuda, launch, python
from tenfold.target.index_map import IndexMap, magic_of
from tests import fake_device, plain_python
from tests.goldens import assert_golden

CURIOUS = [
    np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 5e-324, 1e-310, 1.7e308, -745.2, 709.9, 2.5, 1e22, -1e300, 0.5, 3.0,
]  # fmt: skip
TWO = ("power", "copysign", "minimum", "maximum", "fmin", "fmax")
NUMPYS = sorted(functions.SIMPLE)
DRAWS = {"random": (), "uniform": (-3.0, 7.5), "integers": (-5, 11), "exponential": (), "normal": ()}
KEY = philox.key_of(42)
SIGNED_KEY = [np.array([k], "u8").view("i8") for k in KEY]


# -- kernels ------------------------------------------------------------------------------------------------------


def element_functions(names):
    """Functions of two columns, stored as they come."""
    build = Builder()
    x, y = build.input("f8"), build.input("f8")
    results = [functions.apply(build, name, *((x, y) if name in TWO else (x,))) for name in names]
    return build.kernel(None, [build.compact(*results)])


def all_draws():
    """Every distribution at one column of indices; the index itself; a lone half of a pair; nested indices."""
    build = Builder()
    key, index = (build.param("i8"), build.param("i8")), build.input("i8")
    results = [functions.draw(build, name, *key, index, *parameters) for name, parameters in DRAWS.items()]
    results += [build.let("even_word", *key, index + 1), build.let("word", *key, build.row())]
    results.append(build.let("word", *key, results[2] + 5))
    return build.kernel(None, [build.compact(*results)])


def draw_and_sum(axes=1):
    """The fused kernel of random arrays: a normal is drawn, one is added, all is summed."""
    build = Builder()
    key = build.param("i8"), build.param("i8")
    value = functions.draw(build, "normal", *key, build.input(f"@{axes}")) + 1.0
    return build.kernel(None, [build.fold("sum", value)])


def chosen_draws():
    """Of draws that pass a guard made of draws: the sum and the number of another draw."""
    build = Builder()
    key, index = (build.param("i8"), build.param("i8")), build.input("i8")
    sine = functions.apply(build, "sin", functions.draw(build, "normal", *key, index) * 1e7)
    other = functions.draw(build, "exponential", *key, index + 9)
    return build.kernel(sine > other * 0.2, [build.fold("sum", other + sine), build.fold("count", None)])


def kept_draws():
    """Draws that pass a guard made of draws, stored."""
    build = Builder()
    key, index = (build.param("i8"), build.param("i8")), build.input("i8")
    value = functions.draw(build, "normal", *key, index)
    return build.kernel(value > 0.3, [build.compact(value, index, functions.draw(build, "random", *key, index))])


def rare_cases():
    """Sums of functions whose rare case comes up in the second stage only."""
    build = Builder()
    x = build.input("f8")
    values = [functions.apply(build, name, x) for name in ("sin", "cos", "tan")]
    return build.kernel(x > 0.25, [build.fold("sum", v, v == v) for v in values])


KERNELS = {k.__name__: k() for k in (all_draws, draw_and_sum, chosen_draws, kept_draws, rare_cases)}
ELEMENTS = {f"elements_{k}": list(functions.FUNCTIONS)[k::6] for k in range(6)}  # one kernel would compile for long
KERNELS |= {name: element_functions(names) for name, names in ELEMENTS.items()}


def numbers():
    rng = np.random.default_rng(1)
    pairs = np.array(list(itertools.product(CURIOUS, CURIOUS))).T
    others = rng.normal(size=(2, 1_000)) * 10.0 ** rng.integers(-3, 4, (2, 1_000))
    return [np.ascontiguousarray(side) for side in np.concatenate([pairs, others], axis=1)]


def indices():
    return np.concatenate([np.arange(7, 700), np.arange(5, 1_000, 2), np.arange(2_000, 0, -7)]).astype("i8")


def inputs(name):
    if name in ELEMENTS:
        return numbers()
    if name == "rare_cases":
        x = np.random.default_rng(2).normal(size=1_500) * 5
        x[1_100:1_150] *= 1e17
        return [x]
    return [indices(), *SIGNED_KEY]


# -- targets ------------------------------------------------------------------------------------------------------


def request(kernel):
    return cache.Request(python.text(kernel), python.ENTRY, python.SIGNATURE)


def run_compiled(kernel, arguments, lo, hi):
    cache.request_all([request(each) for each in KERNELS.values()])  # in one process, the first time
    compiled = cache.wait(request(kernel))
    while lo < hi:
        addresses = np.array([array.ctypes.data for array in arguments], "i8")
        lo = compiled(addresses.ctypes.data, lo, hi)
        plain_python.settle(kernel, arguments)


TARGETS = {"blocks": blocks.run, "cpu": run_compiled, "python": plain_python.run}


def answers(name, function, given=None):
    """What the sinks hold behind all rows: columns, or sums and counts."""
    kernel, given = KERNELS[name], inputs(name) if given is None else given
    rows = len(given[0])
    if block.is_fold(kernel):
        states = [array for sink in kernel.sinks for array in block.start(sink, 1)]
    else:
        states = [np.zeros(1, "i8"), *(np.zeros(rows, s) for s in kernel.sinks[0].storages)]
    scratch = block.new_scratch(kernel)
    arguments = [*given, *states, *scratch]
    cut = rows // 3
    function(kernel, arguments, 0, cut)
    function(kernel, arguments, cut, rows)
    return read(kernel, arguments[len(given) :])


def read(kernel, states):
    if not block.is_fold(kernel):
        return [column[: int(states[0][0])] for column in states[1 : 1 + len(kernel.sinks[0].args)]]
    found = []
    for sink in kernel.sinks:
        size = 3 if block.is_exact_sum(sink) else 1
        state, states = states[:size], states[size:]
        found.append(np.array(exact.sums(state[0], int(state[1][0])) if size == 3 else state[0]))
    return found


def bits(array):
    """The bits, but of NaN: its sign and payload mean nothing."""
    return np.where(np.isnan(array), np.nan, array).view("i8") if array.dtype == np.float64 else array


def assert_same_bits(ours, expected, names):
    assert len(ours) == len(expected)
    for name, a, b in zip(names, ours, expected, strict=False):
        np.testing.assert_array_equal(bits(a), bits(b), err_msg=name)


def all_elements(function):
    return {n: a for k, names in ELEMENTS.items() for n, a in zip(names, answers(k, function), strict=True)}


# -- tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_functions_have_the_bits_of_the_reference(target):
    x, y = numbers()
    found = all_elements(TARGETS[target])
    for name in elementary.FUNCTIONS:
        expected = elementary.evaluate(name, *((x, y) if name in TWO else (x,)))
        np.testing.assert_array_equal(bits(found[name]), bits(expected), err_msg=name)


@pytest.mark.parametrize("name", NUMPYS)
def test_simple_functions_are_numpys(name):
    x, y = numbers()
    found = all_elements(blocks.run)[name]
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(*((x, y) if name in TWO else (x,)))
    assert found.dtype == expected.dtype
    if name in ("fmin", "fmax"):  # of zeros of both signs, NumPy gives the one or the other
        found, expected = found + 0.0, expected + 0.0
    np.testing.assert_array_equal(bits(found), bits(expected))


@pytest.mark.parametrize("target", TARGETS)
def test_draws_have_the_bits_of_the_reference(target):
    found = answers("all_draws", TARGETS[target])
    at = indices()
    expected = [philox.draw(name, KEY, at, *parameters) for name, parameters in DRAWS.items()]
    expected += [
        philox.words(KEY, at + 1 & ~1),
        philox.words(KEY, np.arange(len(at))),
        philox.words(KEY, expected[2] + 5),
    ]
    assert_same_bits(found, expected, [*DRAWS, "half of a pair", "by row", "by draws"])


@pytest.mark.parametrize("target", ["cpu", "python"])
@pytest.mark.parametrize("name", ["draw_and_sum", "chosen_draws", "kept_draws", "rare_cases"])
def test_kernels_leave_what_blocks_leave(name, target):
    assert_same_bits(answers(name, TARGETS[target]), answers(name, blocks.run), itertools.repeat(name))


def test_the_blocks_draw_what_the_reference_draws():
    value = philox.draw("normal", KEY, indices())
    kept = value > 0.3
    expected = [value[kept], indices()[kept], philox.draw("random", KEY, indices())[kept]]
    assert_same_bits(answers("kept_draws", blocks.run), expected, ["normal", "index", "random"])


def test_normals_of_one_parity_are_those_of_both():
    build = Builder()
    key, index = (build.param("i8"), build.param("i8")), build.input("i8")
    values = [functions.draw(build, name, *key, index) for name in ("normal_even", "normal_odd")]
    kernel = build.kernel(None, [build.compact(*values)])
    at = np.arange(0, 500, 2)
    out = [np.zeros(1, "i8"), np.zeros(250), np.zeros(250)]
    blocks.run(kernel, [at, *SIGNED_KEY, *out], 0, 250)
    assert_same_bits(out[1:], [philox.draw("normal", KEY, at + parity) for parity in (0, 1)], ["even", "odd"])


@pytest.mark.parametrize("op", ["word", "even_word", "odd_word"])
def test_the_key_of_a_draw_is_a_parameter(op):
    build = Builder()
    column = build.input("i8")
    value = build.let(op, build.param("i8"), column, column)
    with pytest.raises(PlanError, match="the key must be parameters"):
        build.kernel(None, [build.compact(value)])


def test_the_rare_loop_is_printed_twice_and_the_usual_one_has_no_branch():
    text = python.text(element_functions(["exp", "sin"]))
    usual, rare = text.split("if rare != 0:")[:2]
    assert not any(name + "(" in usual.split("def kernel")[1] for name in RARE)
    assert "sin_of_large(" in rare


def test_values_are_not_truth_values():
    build = Builder()
    with pytest.raises(TypeError, match="neither true nor false"):
        assert build.input("f8") == 1.0


GOLDEN = Path(__file__).parents[1] / "golden" / "kernels"


def element_and_choice():
    """A short chain of elements with a rare case, chosen and stored."""
    build = Builder()
    x = build.input("f8")
    value = build.where(x > 0.5, build.sqrt(functions.apply(build, "absolute", functions.apply(build, "sin", x))), x)
    return build.kernel(None, [build.compact(value)])


@pytest.mark.parametrize("make", [draw_and_sum, element_and_choice], ids=lambda make: make.__name__)
def test_golden_kernels(make):
    kernel = make()
    text = f"==== python\n{python.text(kernel)}\n==== cuda\n{cuda.text(kernel)}"
    assert_golden(GOLDEN / f"{make.__name__}.txt", text)


# -- index maps ---------------------------------------------------------------------------------------------------

VIEWS = [
    IndexMap(7, (3,), (1_000,)),
    IndexMap(0, (20, 2), (40, 10)),
    IndexMap(5_000, (-50, -1), (77, 50)),
    IndexMap(1, (0, 600, 1), (3, 20, 7)),
    IndexMap(0, (3 * 5 * 7 * 4, 4, 28, 140), (3, 7, 5, 3)),
    IndexMap(2**40, (2**20, 2), (4, 2**19)),
]


def elements(view):
    """The map by its definition."""
    digits = np.indices(view.shape).reshape(len(view.shape), -1)
    return view.base + sum(stride * axis for stride, axis in zip(view.strides, digits, strict=True))


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_index_maps_are_sums_over_digits(view):
    expected, rng = elements(view), np.random.default_rng(4)
    np.testing.assert_array_equal(view.values(0, len(view)), expected)
    for lo, hi in [*np.sort(rng.integers(0, len(view) + 1, (50, 2))).tolist(), [3, 3], [0, 1]]:
        np.testing.assert_array_equal(view.values(lo, hi), expected[lo:hi])


def test_a_piece_of_a_wide_index_map_takes_no_more_than_the_piece():
    view = IndexMap(3, (10**12, 2), (10**6, 10**9))
    at = 5 * 10**9
    assert view.values(at - 2, at + 2).tolist() == [3 + 4 * 10**12 + 2 * (10**9 - k) for k in (2, 1)] + [
        3 + 5 * 10**12 + 2 * k for k in (0, 1)
    ]


@settings(max_examples=300)
@given_(st.integers(1, 2**62 - 1) | st.integers(1, 1000) | st.integers(0, 61).map(lambda k: 2**k), st.data())
def test_division_by_multiplication_is_exact(divisor, data):
    multiple = data.draw(st.integers(0, (2**62 - 1) // divisor)) * divisor
    magic, shift = magic_of(divisor)
    for n in (multiple, max(multiple - 1, 0), data.draw(st.integers(0, 2**62 - 1)), 2**62 - 1):
        assert (4 * n * magic >> 64) >> shift == n // divisor
    assert magic < 2**64


# -- devices ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.gpu)])
def device(request):
    if request.param == "real":
        from tenfold.target import device

        return device.device(0)
    if fake_device.COMPILER is None:
        pytest.skip("no C++ compiler here")
    return fake_device.FakeDevice(processors=2)


def on_device(kernel, device, given, rows):
    """What `answers` gives, by a device."""
    columns = [x if isinstance(x, IndexMap) else device.put(x) for x in given[: len(kernel.inputs)]]
    launcher, params = launch.launcher(kernel, device), given[len(kernel.inputs) :]
    if not block.is_fold(kernel):
        return [device.home(column) for column in launcher.compact(columns, params, rows)]
    return read(kernel, [array for state in launcher.states(columns, params, rows, 1) for array in state])


@pytest.mark.parametrize("name", [name for name in KERNELS if name != "draw_and_sum"])
def test_a_device_leaves_what_blocks_leave(name, device):
    given = inputs(name)
    found = on_device(KERNELS[name], device, given, len(given[0]))
    assert_same_bits(found, answers(name, blocks.run), itertools.repeat(name))


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_device_sums_the_normals_of_a_view(view, device):
    kernel, rows = draw_and_sum(len(view.shape)), min(len(view), 10_000)
    found = on_device(kernel, device, [view, *SIGNED_KEY], rows)
    expected = answers("draw_and_sum", blocks.run, [view.values(0, rows), *SIGNED_KEY])
    assert_same_bits(found, expected, ["sum"])


def _extremes():
    """All folds without groups; no device has extremes of narrow integers."""
    build = Builder()
    at, x = build.input("i8"), build.input("f8")
    sinks = [build.fold(f, v, valid) for f in ("min", "max") for v, valid in ((at, None), (x, x == x), (at, x < 0.0))]
    return build.kernel(None, [*sinks, build.fold("sum", at), build.fold("count", None, x > 1.0)])


@pytest.mark.parametrize("rows", [1, 700, 5_000])
def test_folds_without_groups_on_a_device(rows, device):
    rng, kernel = np.random.default_rng(rows), _extremes()
    given = [rng.integers(-(2**62), 2**62, rows), rng.normal(size=rows) * 10.0 ** rng.integers(-9, 9, rows)]
    states = [array for sink in kernel.sinks for array in block.start(sink, 1)]
    blocks.run(kernel, arguments := [*given, *states], 0, rows)
    assert_same_bits(on_device(kernel, device, given, rows), read(kernel, arguments[2:]), itertools.repeat("fold"))


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")
@pytest.mark.parametrize("name", KERNELS)
def test_kernels_compile_for_a_gpu(name):
    assert cuda.compile_cubin(cuda.source(KERNELS[name], 3, 32)).startswith(b"\x7fELF")
