"""Exact sums: equal to `math.fsum` and to fractions, whatever the order, the parts, the window, the way of adding."""

import ctypes
import functools
import glob
import math
import shutil
import subprocess
import sysconfig
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.primitives import accumulate as ac
from tenfold.primitives import exact as host
from tenfold.target.cpu import compile_object, load

TEXT = """
from tenfold.primitives.accumulate import deposit, deposit_block, deposit_block_masked, mean_cells, round_cells, \
    round_cells_f4

def one_by_one(cells, at, low, limbs, values, lo, hi):
    for i in range(lo, hi):
        if deposit(cells, at, low, limbs, values[i]) == 0:
            return i
    return hi

def block(cells, at, low, limbs, values, lo, hi):
    return deposit_block(cells, at, low, limbs, values, lo, hi)

def block_masked(cells, at, low, limbs, values, mask, lo, hi):
    return deposit_block_masked(cells, at, low, limbs, values, mask, lo, hi)

def rounded(cells, groups, low, limbs, out):
    round_cells(cells, groups, low, limbs, out)
    return 0

def rounded_f4(cells, groups, low, limbs, out):
    round_cells_f4(cells, groups, low, limbs, out)
    return 0

def mean(cells, groups, low, limbs, out):
    mean_cells(cells, groups, low, limbs, out)
    return 0
"""
ADD, READ = "i8*,i8,i8,i8,f8*,i8,i8->i8", "i8*,i8,i8,i8,f8*->i8"
SIGNATURES = {
    "one_by_one": ADD, "block": ADD, "block_masked": ADD.replace("f8*", "f8*,u1*"),
    "rounded": READ, "rounded_f4": READ, "mean": READ,
}  # fmt: skip
PRELUDE = Path(ac.__file__).parents[1] / "target" / "prelude.cu"
DEVICE_KERNEL = """
extern "C" __global__ void sums(const i8* codes, const f8* x, i8 n, i8 low, i8* cells, i8* more, i4* outside) {
  extern __shared__ u4 table[];
  dense_clear<LIMBS, 8>(table, 10);
  __syncthreads();
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x) {
    deposit_dense<LIMBS, 8>(table, low, (int)codes[i], x[i], cells, outside);
    deposit_global<LIMBS>(more, low, codes[i], x[i], outside);
  }
  __syncthreads();
  dense_flush<LIMBS, 8>(table, 10, cells);
}
"""
HOST_SHIM = """
#include <cmath>
#include <cstring>
#define __device__
#define __forceinline__ inline
#define __noinline__
static struct { int x; } threadIdx = {0}, blockDim = {1};
template <class T> T atomicAdd(T* p, T x) { T old = *p; *p = old + x; return old; }
template <class T> T atomicOr(T* p, T x) { T old = *p; *p = old | x; return old; }
static long long __double_as_longlong(double x) { long long k; memcpy(&k, &x, 8); return k; }
static double __longlong_as_double(long long k) { double x; memcpy(&x, &k, 8); return x; }
static unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
"""
HOST_KERNEL = """
extern "C" i4 sums(const i8* codes, const f8* x, i8 n, i8 low, i8* dense, i8* direct) {
  static u4 table[4 * (2 * LIMBS - 1) * 8];
  i4 outside = 0;
  dense_clear<LIMBS, 8>(table, 4);
  for (i8 i = 0; i < n; i++) {
    threadIdx.x = (int)i;
    deposit_dense<LIMBS, 8>(table, low, (int)codes[i], x[i], dense, &outside);
    deposit_global<LIMBS>(direct, low, codes[i], x[i], &outside);
  }
  threadIdx.x = 0;
  dense_flush<LIMBS, 8>(table, 4, dense);
  return outside;
}
"""
PLAIN = {}
exec(compile(TEXT, "plain", "exec"), PLAIN)


@functools.cache
def compiled(name):
    function = load(*compile_object(TEXT, name, SIGNATURES[name]), SIGNATURES[name])
    return lambda *arguments: function(*(a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments))


def plain(name):
    def run(*arguments):
        with np.errstate(over="ignore"):  # integers are modulo 2**64, as machines add them
            return PLAIN[name](*(a.reshape(-1) if isinstance(a, np.ndarray) else a for a in arguments))

    return run


RUNS = (plain, compiled)
WAYS = ("one_by_one", "block")
ordinary = st.floats(1e-4, 1e4) | st.floats(-100, 100) | st.integers(-1000, 1000).map(float)
finite = ordinary | st.floats(-1e300, 1e300, allow_subnormal=True)
anything = finite | st.floats()


def added(values, window, run=compiled, way="block"):
    """The cell of some values; they must fit the window."""
    cells, values = host.new_cells(1, window[1]), np.array(values, np.float64)
    assert run(way)(cells, 0, *window, values, 0, len(values)) == len(values)
    return host.normalise(cells)


def exact(values):
    """The rounded exact sum, by fractions."""
    values = [float(v) for v in values]
    odd = {v if v == v else "nan" for v in values if not math.isfinite(v)}
    if odd:
        return odd.pop() if len(odd) == 1 and "nan" not in odd else math.nan
    return nearest(sum(map(Fraction, values), Fraction()))


def nearest(total):
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def same(a, b):
    """Equal bits, one nan being like another."""
    return a.hex() == b.hex() if a == a else b != b


def read(cells, low, name="rounded", run=compiled):
    out = np.empty(len(cells))
    run(name)(cells, len(cells), low, cells.shape[1] - 2, out)
    return out


@settings(max_examples=200, deadline=None)
@given(st.lists(anything, max_size=30))
def test_the_sum_is_exact_and_rounded_once(values):
    total = exact(values)
    for run in RUNS:
        for way in WAYS:
            assert same(float(read(added(values, host.WIDEST, run, way), 0, run=run)[0]), total)


@settings(max_examples=200, deadline=None)
@given(st.lists(anything, max_size=30))
def test_all_ways_of_adding_leave_the_same_cell(values):
    cell = added(values, host.WIDEST)
    many = host.new_cells(1, host.WIDEST[1])
    assert host.deposit_many(many, *host.WIDEST, np.zeros(len(values), np.int64), values)
    for other in (many, *(added(values, host.WIDEST, run, way) for run in RUNS for way in WAYS)):
        assert np.array_equal(cell, other)


@settings(max_examples=100, deadline=None)
@given(st.lists(finite, min_size=1, max_size=40), st.randoms(use_true_random=False), st.integers(0, 40))
def test_order_and_parts_do_not_show(values, random, cut):
    window = host.window_of(values)
    whole = added(values, window)
    shuffled = random.sample(values, len(values))
    parts = host.merge(added(shuffled[:cut], window), added(shuffled[cut:], window))
    assert np.array_equal(whole, parts)


@settings(max_examples=100, deadline=None)
@given(st.lists(finite, min_size=1, max_size=20), st.lists(finite, min_size=1, max_size=20))
def test_a_wider_window_holds_the_same_sum(values, more):
    window = host.window_of(values)
    wider = host.covering(*window, more)
    cells = host.widen(added(values, window), window[0], *wider)
    assert np.array_equal(cells, added(values, wider))
    both = host.merge(cells, added(more, wider))
    assert same(float(read(both, wider[0])[0]), exact(values + more))


@settings(max_examples=100, deadline=None)
@given(st.lists(ordinary, min_size=1, max_size=20), finite)
def test_a_value_outside_changes_nothing_and_says_where(values, stray):
    window = host.window_of(values)
    together = np.array([*values, stray, *values])
    for run in RUNS:
        for way in WAYS:
            cells = host.new_cells(1, window[1])
            done = run(way)(cells, 0, *window, together, 0, len(together))
            assert done in (len(values), len(together))
            assert np.array_equal(host.normalise(cells), added(together[:done], window))


def test_a_window_at_either_end_of_the_range_takes_zeros():
    """There no rung is a normal number, so that even a zero goes the long way."""
    for values in ([1.7e308, 0.0, -1.7e308, -0.0], [5e-324, 0.0, 5e-324]):
        window = host.window_of(values)
        for run in RUNS:
            for way in WAYS:
                assert read(added(values, window, run, way), window[0])[0] == math.fsum(values)


def test_a_window_that_is_too_small_is_found_by_all_ways():
    values = np.array([1.0, 1.5, 1e200])
    window = host.window_of(values[:2])
    for run in RUNS:
        for way in WAYS:
            assert run(way)(host.new_cells(1, window[1]), 0, *window, values, 0, 3) == 2
    assert not host.deposit_many(host.new_cells(1, window[1]), *window, [0, 0, 0], values)
    masked = compiled("block_masked")
    assert masked(host.new_cells(1, window[1]), 0, *window, values, np.array([1, 1, 0], np.uint8), 0, 3) == 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(anything, st.booleans()), max_size=30))
def test_a_mask_chooses_rows(rows):
    values, mask = np.array([v for v, _ in rows], float), np.array([m for _, m in rows], np.uint8)
    chosen = added(values[mask == 1], host.WIDEST)
    for run in RUNS:
        cells = host.new_cells(1, host.WIDEST[1])
        assert run("block_masked")(cells, 0, *host.WIDEST, values, mask, 0, len(values)) == len(values)
        assert np.array_equal(host.normalise(cells), chosen)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 5e-324, 1e300])
@pytest.mark.parametrize("spread", [0, 20, 300])
def test_long_columns(scale, spread):
    rng = np.random.default_rng(7)
    values = rng.normal(size=20_000) * 2.0 ** rng.integers(-spread, 1, 20_000) * scale
    values[5_000:9_000] *= 0.001
    window = host.window_of(values)
    for way in WAYS:
        assert read(added(values, window, way=way), window[0])[0] == math.fsum(values)


def test_carries_are_settled_before_they_overflow():
    """A million of the largest value of a window, of either sign."""
    low, limbs = host.window_of([1.0])
    for sign in (1.0, -1.0):
        values = np.full(1_000_000, sign * math.nextafter(2.0 ** (low + 44 * (limbs - 2) - 1074 + 51), 0.0))
        for way in WAYS:
            assert read(added(values, (low, limbs), way=way), low)[0] == math.fsum(values)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=10))
def test_float32_is_rounded_once(values):
    total = sum(map(Fraction, values), Fraction())
    cells = added(values, host.WIDEST)
    for run in RUNS:
        found = float(read(cells, 0, "rounded_f4", run)[0])
        assert same(found, nearest_float32(total))


def nearest_float32(total):
    """The nearest float32 to a fraction: the neighbour with the smaller error, or the even one."""
    middle = np.float32(np.clip(nearest(total), -3.4028234663852886e38, 3.4028234663852886e38))
    if abs(total) >= Fraction(2) ** 128 - Fraction(2) ** 103:
        return math.copysign(math.inf, total)
    around = [np.nextafter(middle, np.float32(s) * np.finfo(np.float32).max) for s in (-1, 1)]
    candidates = [c for c in (middle, *around) if np.isfinite(c)]
    best = min(candidates, key=lambda c: (abs(Fraction(float(c)) - total), int(c.view(np.int32)) & 1))
    return float(best) + 0.0


@pytest.mark.parametrize("run", RUNS)
def test_means(run):
    cells = host.new_cells(3, 3)
    window = host.window_of([1.0])
    assert host.deposit_many(cells, *window, [0, 0, 2, 2, 2], [1.0, 2.0, 0.1, 0.1, 0.1])
    means = read(cells, window[0], "mean", run)
    assert np.array_equal(means, [1.5, math.nan, math.fsum([0.1] * 3) / 3], equal_nan=True)
    assert np.array_equal(host.means(cells, window[0]), means, equal_nan=True)


def test_nothing_and_zeros_sum_to_positive_zero():
    for values in ([], [-0.0], [0.0, -0.0], [1.0, -1.0]):
        assert float(read(added(values, (986, 3)), 986)[0]).hex() == "0x0.0p+0"


def test_counts_include_all_deposits():
    cells = added([0.0, -0.0, math.nan, math.inf, 1.0], host.WIDEST)
    assert cells[0, :2].tolist() == [5, ac.NAN | ac.PLUS_INFINITY]


def test_many_groups():
    rng = np.random.default_rng(3)
    codes, values = rng.integers(0, 50, 30_000), rng.normal(size=30_000)
    low, limbs = host.window_of(values)
    cells = host.new_cells(50, limbs)
    assert host.deposit_many(cells, low, limbs, codes, values)
    assert host.sums(cells, low).tolist() == [math.fsum(values[codes == g]) for g in range(50)]


@functools.cache
def device_on_the_host(limbs):
    """The device functions compiled as C++ for one thread."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler here")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "device.cpp"), Path(folder, "device.so")
        sums = PRELUDE.read_text().split("// -- segments")[0]
        source.write_text(HOST_SHIM + sums + HOST_KERNEL.replace("LIMBS", str(limbs)))
        flags = ["-std=c++17", "-O1", "-fwrapv", "-ffp-contract=off", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, "-o", library, source], check=True)
        return ctypes.CDLL(library).sums


@pytest.mark.parametrize("limbs", [3, 5, 49])
@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), anything), max_size=30), st.integers(-40, 2_000))
def test_the_device_form_leaves_the_same_cells(limbs, rows, low):
    low = 0 if limbs == 49 else low
    codes, values = np.array([c for c, _ in rows], np.int64), np.array([v for _, v in rows], np.float64)
    dense, direct, cells = host.new_cells(4, limbs), host.new_cells(4, limbs), host.new_cells(4, limbs)
    addresses = [ctypes.c_void_p(a.ctypes.data) for a in (codes, values, dense, direct)]
    run = device_on_the_host(limbs)
    outside = run(*addresses[:2], ctypes.c_int64(len(rows)), ctypes.c_int64(low), *addresses[2:])
    fits = [bool(ac.deposit(cells.reshape(-1), c * (limbs + 2), low, limbs, v)) for c, v in rows]
    assert bool(outside) == (not all(fits))
    assert np.array_equal(host.normalise(dense), host.normalise(cells))
    assert np.array_equal(host.normalise(direct), cells)


def test_global_limbs_carry_when_they_wrap():
    """Limbs a step short of 2**63, of either sign: what wraps goes into the next one."""
    low = 992
    for sign in (1, -1):
        cells, codes, values = host.new_cells(4, 3), np.zeros(2, np.int64), np.full(2, sign * 2.0**-9 * (1 + 2.0**-52))
        cells[0, 2] = cells[0, 3] = sign * (2**63 - 1)
        before = worth(cells[0], low)
        addresses = [ctypes.c_void_p(a.ctypes.data) for a in (codes, values, host.new_cells(4, 3), cells)]
        run = device_on_the_host(3)
        assert not run(*addresses[:2], ctypes.c_int64(2), ctypes.c_int64(low), *addresses[2:])
        assert worth(cells[0], low) == before + 2 * Fraction(values[0])
        assert host.sums(host.normalise(cells), low)[0] == float(before + 2 * Fraction(values[0]))


def worth(cell, low):
    """The exact sum that a cell stands for."""
    return sum(Fraction(int(limb)) * Fraction(2) ** (low + 44 * k - 1074) for k, limb in enumerate(cell[2:]))


@pytest.mark.parametrize("limbs", [3, 4, 49])
def test_the_device_form_compiles(limbs):
    """NVRTC needs no GPU; the bits are checked where there is one (bench/notes/accumulator_gpu.py)."""
    found = glob.glob(sysconfig.get_path("purelib") + "/nvidia/*/lib/libnvrtc.so*")
    if not found:
        pytest.skip("no NVRTC here")
    library, program = ctypes.CDLL(found[0]), ctypes.c_void_p()
    source = PRELUDE.read_text() + DEVICE_KERNEL.replace("LIMBS", str(limbs))
    library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernel.cu", 0, None, None)
    options = (ctypes.c_char_p * 3)(b"--fmad=false", b"--std=c++17", b"-arch=sm_90")
    failed, size = library.nvrtcCompileProgram(program, 3, options), ctypes.c_size_t()
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    assert (failed, log.value) == (0, b"")


@pytest.mark.parametrize("seed", range(20))
def test_sums_of_a_few_values_are_those_of_fsum(seed):
    random = np.random.default_rng(seed)
    values = random.normal(size=300) * 2.0 ** random.integers(-40 * seed, 40 * seed + 1, 300)
    values = np.concatenate([values, -values[::2], [5e-324, -0.0]])
    groups = random.integers(0, 7, len(values))
    assert host.total(values) == math.fsum(values)
    assert host.totals(values, groups, 8).tolist() == [math.fsum(values[groups == n]) for n in range(8)]


def test_sums_of_a_few_values_at_the_edges():
    assert host.total(np.array([])) == 0.0
    assert math.copysign(1, host.total(np.array([-0.0]))) == 1
    for odd in (np.inf, np.nan, 1e300):
        assert host.total(np.array([odd, 1.0])) is None
        assert host.totals(np.array([odd, 1.0]), np.array([0, 1]), 2) is None
    assert host.totals(np.array([]), np.array([], int), 2).tolist() == [0.0, 0.0]
