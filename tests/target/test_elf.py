"""The loader of object files agrees with LLVM's, and leaves to LLVM what it does not know."""

import ctypes
import platform
import sys

import numpy as np
import pytest

from tenfold.target import cache, cpu, elf, objects

linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="the loader is for x86-64 Linux"
)
TEXT = """
from tenfold.primitives.intrinsics import f8, f8_ptr, i8_ptr, sqrt
from tenfold.primitives.accumulate import deposit

def total(block, lo, hi):
    x = f8_ptr(block[0])
    out = f8_ptr(block[1])
    found = 0.0
    for i in range(lo, hi):
        found += sqrt(x[i]) * 1.5
    out[0] = found
    return hi
"""


@linux
def test_shipped_objects_load():
    known = dict.fromkeys(cpu.NEVER_CALLED, 1)
    for request in objects.requests():
        found = cache._read_shipped(request)
        assert found is not None
        symbol, content = found
        assert elf.load(content, symbol, known) > 0


@linux
def test_same_answer_as_by_llvm():
    content, symbol = cpu.compile_object(TEXT, "total", "i8*,i8,i8->i8")
    known = dict.fromkeys(cpu.NEVER_CALLED, 1)
    values, answers = np.arange(1.0, 1000.0), []
    for load in (elf.load, cpu._load_by_llvm):
        out = np.zeros(1)
        block = np.array([values.ctypes.data, out.ctypes.data])
        call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
        assert call(load(content, symbol, known))(block.ctypes.data, 0, len(values)) == len(values)
        answers.append(out[0])
    assert answers[0] == answers[1] == pytest.approx((np.sqrt(values) * 1.5).sum())


@linux
def test_what_it_does_not_know_is_said():
    content, symbol = cpu.compile_object(TEXT, "total", "i8*,i8,i8->i8")
    with pytest.raises(elf.Broken):
        elf.load(content, "another", dict.fromkeys(cpu.NEVER_CALLED, 1))
    with pytest.raises(elf.Broken):
        elf.load(b"MZ" + content, symbol, {})
    (request, *_) = objects.requests()
    shipped = cache._read_shipped(request)
    assert shipped is not None
    symbol, content = shipped
    with pytest.raises(elf.Unsupported):  # a name that is nowhere in the process
        elf.load(content.replace(b"numba_do_raise", b"numba_do_rules"), symbol, dict.fromkeys(cpu.NEVER_CALLED, 1))


@pytest.fixture(scope="module")
def shipped():
    """A real object, and the one that is quickest to load."""
    return min((cache._read_shipped(request) for request in objects.requests()), key=lambda found: len(found[1]))


HEADERS = 64  # bytes at the beginning; the table of sections is at the end: where a change does most


def changed(content, seed):
    """A cut object, or one with some bytes changed: anywhere, in the header, in the table of sections."""
    rng = np.random.default_rng(seed)
    if seed % 4 == 0:
        return content[: rng.integers(len(content))]
    lo, hi = [(0, len(content)), (0, HEADERS), (len(content) - 64 * 12, len(content))][seed % 4 - 1]
    found = bytearray(content)
    for place in rng.integers(lo, hi, rng.integers(1, 5)):
        found[place] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.integers(256)])
    return bytes(found)


@linux
def test_a_changed_object_is_refused_or_loads(shipped, monkeypatch):
    """Never a crash, whatever an object says of itself; what is called has passed the hash before (see test_cache)."""
    symbol, content = shipped
    monkeypatch.setattr(elf, "_kept", [])
    known, outcomes = dict.fromkeys(cpu.NEVER_CALLED, 1), {"loads": 0, "broken": 0, "unsupported": 0}
    for seed in range(1_500):
        try:
            elf.load(changed(content, seed), symbol, known)
            outcomes["loads"] += 1
        except elf.Broken:
            outcomes["broken"] += 1
        except elf.Unsupported:
            outcomes["unsupported"] += 1
        elf._kept.clear()
    assert min(outcomes.values()) > 20, outcomes


def test_a_changed_object_under_its_name_is_refused(shipped):
    symbol, content = shipped
    whole = cache.pack("name", symbol, content)
    assert cache.unpack("name", whole) == shipped
    for seed in range(300):
        damaged = changed(whole, seed)
        assert cache.unpack("name", damaged) is None or damaged == whole
    assert cache.unpack("another", whole) is None
