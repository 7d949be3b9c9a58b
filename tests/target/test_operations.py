"""Every operation on every storage, at the values where machines differ: the same bits on all targets, and on a GPU."""

import itertools

import numpy as np
import pytest

from tenfold import config
from tenfold.errors import NotYetError
from tenfold.kernel import nodes as kn
from tenfold.kernel.build import Builder
from tenfold.kernel.ops import OPERATIONS, RARE, WORDS
from tenfold.target import blocks, cache, cuda, python
from tests import plain_python

NUMBERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")
BINARY = ("add", "sub", "mul", "eq", "ne", "lt", "le", "gt", "ge")
BITS = ("and", "or", "xor")
WHOLE = (*BITS, "invert", "shl", "shr")
FLOAT = ("div", "sqrt", "floor", "ceil", "trunc", "rint")
UNARY = ("neg", "abs", "sqrt", "not", "invert", "bits", "from_bits", "floor", "ceil", "trunc", "rint")
ONLY = {"f8": ("bits",), "i8": ("from_bits", "mulhi")}


def operations(storage):
    """(operation, result) of what has this storage as its operands."""
    if storage == "?":
        return [(op, "?") for op in (*BITS, "eq", "ne", "not", "select")]
    names = [*BINARY, "neg", "abs", "floordiv", "mod", "select", *(FLOAT if storage[0] == "f" else WHOLE)]
    names += ONLY.get(storage, ())
    return [(op, {"T": storage}.get(OPERATIONS[op].result, OPERATIONS[op].result)) for op in names]


def kernel(storage):
    """All operations on two columns, and casts to all storages, stored as they come."""
    build = Builder()
    a, b = build.input(storage), build.input(storage)
    results = []
    for op, _ in operations(storage):
        other = b & (8 * int(storage[1]) - 1) if op in ("shl", "shr") else b
        args = (a,) if op in UNARY else (a != b, a, b) if op == "select" else (a, other)
        results.append(build.let(op, *args))
    if storage[0] != "f":  # of a float out of range, each machine makes its own integer
        results += [a.cast(other) for other in NUMBERS if other != storage]
    return build.kernel(None, [build.compact(*results)])


def columns(storage):
    """All pairs of odd values; integers are not divided by 0, which no kernel does."""
    if storage == "?":
        odd = [False, True]
    elif storage[0] == "f":
        odd = [0.0, -0.0, 1.0, -1.5, 0.1, 7.0, np.inf, -np.inf, np.nan, 5e-324, np.finfo(storage).max, -3e38]
    else:
        limits = np.iinfo(storage)
        odd = [limits.min, limits.max, 1, 2, 3, 7, limits.max // 2, limits.min // 2 or 5]
    pairs = list(itertools.product(odd, odd))
    if storage[0] == "i":  # nor the least integer by -1
        pairs += [(-7, -3), (7, -3), (-7, 3), (0, 5), (0, -5)]
    with np.errstate(over="ignore", under="ignore"):
        return [np.array([pair[side] for pair in pairs], storage) for side in (0, 1)]


def outputs(of):
    (sink,) = of.sinks
    return [np.zeros(1, "i8"), *(np.zeros(len(columns(of.inputs[0])[0]) + 1, s) for s in sink.storages)]


def run(function, of):
    ins, outs = columns(of.inputs[0]), outputs(of)
    function(of, [*ins, *outs], 0, len(ins[0]))
    assert outs[0][0] == len(ins[0])
    return outs[1:]


def run_compiled(of, block, lo, hi):
    compiled = cache.wait(request(of))
    addresses = np.array([array.ctypes.data for array in block], "i8")
    assert compiled(addresses.ctypes.data, lo, hi) == hi


def request(of):
    return cache.Request(python.text(of), python.ENTRY, python.SIGNATURE)


@pytest.fixture(scope="module", autouse=True)
def _compiled(kernel_folder):
    with config.set(cache_dir=kernel_folder):
        cache.request_all([request(kernel(storage)) for storage in ("?", *NUMBERS)])


@pytest.mark.parametrize("function", [run_compiled, plain_python.run], ids=["cpu", "python"])
@pytest.mark.parametrize("storage", ["?", *NUMBERS])
def test_operations_give_the_bits_that_numpy_gives(storage, function):
    of = kernel(storage)
    names = [op for op, _ in operations(storage)] + [f"cast to {s}" for s in NUMBERS if s != storage]
    for name, ours, expected in zip(names, run(function, of), run(blocks.run, of), strict=False):
        np.testing.assert_array_equal(bits(ours), bits(expected), err_msg=f"{name} of {storage}")


def bits(array):
    """The bits, but of NaN: its sign and payload mean nothing."""
    if array.dtype.kind != "f":
        return array
    plain = np.where(np.isnan(array), array.dtype.type(np.nan), array)
    return plain.view(f"i{array.dtype.itemsize}")


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")
@pytest.mark.parametrize("storage", ["?", *NUMBERS])
def test_operations_compile_for_a_gpu(storage):
    assert cuda.compile_cubin(cuda.source(kernel(storage), 3, 32))


def test_the_table_has_no_operation_that_is_not_tried():
    tried = {op for storage in ("?", *NUMBERS) for op, _ in operations(storage)} | {"cast"}
    tried |= RARE | WORDS  # in test_functions.py
    assert tried == OPERATIONS.keys()


@pytest.mark.parametrize("function", ["min", "max"])
def test_what_a_gpu_cannot_is_said_when_it_is_printed(function):
    build = Builder()
    sink = kn.Fold(function, build.input("i1").number, "i1", -1, -1)
    with pytest.raises(NotYetError, match=f"{function} of i1"):
        cuda.text(build.kernel(None, [sink]))
