"""A device made of NumPy and a C++ compiler: kernels of one thread a block, blocks one after the other.

The very text that NVRTC compiles runs here, through a shim for what the language of CUDA adds to C++; so what a device
run does, but for concurrency and speed, is tested without one. Device arrays refuse to meet NumPy's, as CuPy's do.
"""

import atexit
import contextlib
import ctypes
import functools
import shutil
import subprocess
import tempfile
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tenfold.target import device

COMPILER = shutil.which("g++") or shutil.which("clang++")
NO_COMPILER = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler here")
# how many to `install`; none: the real ones
COUNTS = [
    pytest.param(1, marks=NO_COMPILER),
    pytest.param(2, marks=NO_COMPILER),
    pytest.param(0, marks=pytest.mark.gpu),
]
SHIM = """
#include <cmath>
#include <cstring>
#define __device__
#define __global__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__
#define __restrict__
#define __launch_bounds__(n)
#define __shared__ static
struct Place { int x, y, z; };
extern "C" { Place blockIdx, gridDim; }
static Place threadIdx = {0, 0, 0}, blockDim = {1, 1, 1};
template <class T> T atomicAdd(T* p, T x) { T old = *p; *p = old + x; return old; }
template <class T> T atomicOr(T* p, T x) { T old = *p; *p = old | x; return old; }
template <class T> T atomicMin(T* p, T x) { T old = *p; *p = x < old ? x : old; return old; }
template <class T> T atomicMax(T* p, T x) { T old = *p; *p = x > old ? x : old; return old; }
template <class T> T atomicCAS(T* p, T seen, T x) { T old = *p; if (old == seen) *p = x; return old; }
template <class To, class From> static To as(From x) { To y; memcpy(&y, &x, sizeof y); return y; }
static long long __double_as_longlong(double x) { return as<long long>(x); }
static double __longlong_as_double(long long x) { return as<double>(x); }
static unsigned __float_as_uint(float x) { return as<unsigned>(x); }
static float __uint_as_float(unsigned x) { return as<float>(x); }
static unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
static double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
static int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
static int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static int __popc(unsigned x) { return __builtin_popcount(x); }
static unsigned __ballot_sync(unsigned, bool x) { return x; }
template <class T> static T __shfl_down_sync(unsigned, T x, int, int = 32) { return x; }
static void __syncthreads() {}
"""
LAUNCHING = threading.Lock()
CURRENT = threading.local()  # the number of a thread's current device
COPIERS, SLOT = ThreadPoolExecutor(3), 1000
FLAGS = ["-std=c++17", "-O0", "-fwrapv", "-ffp-contract=off", "-fno-strict-aliasing", "-w", "-shared", "-fPIC"]


class DeviceArray(np.ndarray):
    """An array that lies on a fake device, the one of its `number`."""

    number = 0

    def __array_finalize__(self, parent):
        self.number = getattr(parent, "number", 0)

    @property
    def __cuda_array_interface__(self):
        return self.__array_interface__

    @property
    def device(self):
        return types.SimpleNamespace(id=self.number)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        number, out = _place_of([*inputs, *options.get("out", ())], works=True), options.get("out", ())
        options |= {"out": tuple(map(_plain, out))} if out else {}
        result = getattr(ufunc, method)(*map(_plain, inputs), **options)
        return out[0] if out else _on_device(result, number)

    def __array_function__(self, function, types, args, options):
        return _on_device(function(*map(_plain, args), **options), _place_of(_flat(args), works=True))

    def __getitem__(self, key):
        _place_of([self, key], works=isinstance(key, np.ndarray))
        return _on_device(_plain(self)[_plain(key)], self.number)

    def __setitem__(self, key, value):
        _place_of([self, key, value], works=True)
        _plain(self)[_plain(key)] = _plain(value)


def _plain(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(_plain, value))
    return value.view(np.ndarray) if isinstance(value, DeviceArray) else value


def _flat(values):
    return [a for x in values for a in (_flat(x) if isinstance(x, (list, tuple)) else [x])]


def _on_device(value, number):
    if isinstance(value, tuple):  # of factors
        return tuple(_on_device(part, number) for part in value)
    made = np.asarray(value).view(DeviceArray)
    made.number = number
    return made


def _place_of(values, works=False):
    """The device of arrays that may meet: not those of the host, nor those of two devices.

    Where a device works, it has to be the current one: for another, CuPy warns, and what is made lies on the current.
    """
    arrays = [v for v in values if isinstance(v, np.ndarray) and (v.ndim or isinstance(v, DeviceArray))]
    places = {getattr(array, "number", "the host") for array in arrays}
    if len(places) > 1:
        raise TypeError(f"arrays of {places} meet")
    current = getattr(CURRENT, "number", 0)
    if works and places - {current, "the host"}:
        raise RuntimeError(f"an array of device {places} while {current} is the current one")
    return places.pop() if places else 0


class Functions:
    """NumPy's functions over the arrays of a device, as CuPy has them; what NumPy makes lies there."""

    def __init__(self, number):
        self.number = number

    def __getattr__(self, name):
        function = getattr(np, name)

        def on_device(*args, **options):
            nested = [a for x in args for a in (x if isinstance(x, (list, tuple)) else [x])]
            if name not in ("asarray", "array"):
                _place_of(nested)
            if self.number != getattr(CURRENT, "number", 0):
                raise RuntimeError(f"device {self.number} is asked for {name}, but is not the current one")
            plain = [[_plain(a) for a in x] if isinstance(x, (list, tuple)) else _plain(x) for x in args]
            return _on_device(function(*plain, **options), self.number)

        return on_device


class FakeDevice:
    """What `target.device.Device` offers."""

    architecture, out_of_memory = "sm_90", MemoryError

    def __init__(self, number=0, processors=1):
        self.number, self.processors, self.xp = number, processors, Functions(number)
        self.launches = 0

    @contextlib.contextmanager
    def current(self):
        before, CURRENT.number = getattr(CURRENT, "number", 0), self.number
        try:
            yield
        finally:
            CURRENT.number = before

    def limit(self):
        pass

    free = limit

    def wait(self, event):
        self.waited = event

    def truths(self, packed, first, count):
        return _on_device(
            np.unpackbits(_plain(packed), bitorder="little")[first : first + count].view("?"), self.number
        )

    def put(self, array):
        here = isinstance(array, DeviceArray) and array.number == self.number
        return array if here else _on_device(np.array(_plain(array)), self.number)

    def home(self, array):
        return np.array(_plain(array))

    def fill(self, out, read):
        return [COPIERS.submit(self._fill_slot, out, read, at) for at in range(0, out.nbytes, SLOT)]

    def _fill_slot(self, out, read, at):
        buffer = np.full(min(SLOT, out.nbytes - at), 0xAA, "u1")
        read(buffer, at)
        with self.current():
            out[at : at + SLOT] = self.put(buffer)

    def launch(self, code, grid, args, *, shared=0, entry="kernel"):
        self.launches += 1
        library = _library(code)
        places = [Place.in_dll(library, name) for name in ("blockIdx", "gridDim")]
        assert {a.number for a in args if isinstance(a, DeviceArray)} <= {self.number}
        plain = [_argument(arg) for arg in args]
        with LAUNCHING:  # a library has one place where its thread is
            places[1].x = grid
            for number in range(grid):
                places[0].x = number
                getattr(library, entry)(*plain)


def install(monkeypatch, count=1):
    """Put so many fake devices in the place of real ones; they are answered."""
    devices = [FakeDevice(number) for number in range(count)]
    monkeypatch.setattr(device, "why_none", lambda: "")
    monkeypatch.setattr(device, "count", lambda: count)
    monkeypatch.setattr(device, "device", devices.__getitem__)
    monkeypatch.setattr(device, "adopt", _adopt)
    return devices


def _adopt(foreign):
    if not isinstance(foreign, np.ndarray):  # lent by its address
        interface = foreign.__cuda_array_interface__
        foreign = _on_device(np.asarray(types.SimpleNamespace(__array_interface__=interface, owner=foreign)), 0)
    unit = np.datetime_data(foreign.dtype)[0] if foreign.dtype.kind == "M" else ""
    return (foreign.view("i8") if unit else foreign), unit


class Place(ctypes.Structure):
    """Where a thread is."""

    _fields_ = [(axis, ctypes.c_int) for axis in "xyz"]


def _argument(arg):
    if isinstance(arg, np.ndarray):
        assert isinstance(arg, DeviceArray), "a kernel was handed an array of the host"
        assert arg.flags.c_contiguous
        return ctypes.c_void_p(arg.ctypes.data)
    return np.ctypeslib.as_ctypes_type(arg.dtype)(arg.item())


@functools.cache
def _shim(flags):
    """A folder with the shim, read by the compiler once: its headers take longer than most kernels."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    header = Path(folder, "shim.h")
    header.write_text(SHIM)
    subprocess.run([COMPILER, *flags, "-x", "c++-header", "-o", f"{header}.gch", header], check=True)
    return folder


@functools.cache
def _library(code):
    folder = Path(tempfile.mkdtemp())
    source, library = folder / "kernel.cpp", folder / "kernel.so"
    code = code.replace("extern __shared__ u4 table[];", "static u4 table[1 << 20];")
    source.write_text(f'#include "shim.h"\n{code}')
    subprocess.run([COMPILER, *FLAGS, f"-I{_shim(tuple(FLAGS))}", "-o", library, source], check=True)
    loaded = ctypes.CDLL(library)
    shutil.rmtree(folder)
    return loaded
