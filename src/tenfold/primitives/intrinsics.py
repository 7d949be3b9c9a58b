"""The few machine operations that Python has no word for, and what they mean.

Primitives and generated kernels import these names. Run as plain Python (with NumPy arrays for pointers) they are
the definitions below; `target/cpu.py` gives each its LLVM form when it compiles the very same source text.
All take and return NumPy scalars or Python ints of the width their name says.
"""

import struct

import numpy as np

MASK64 = (1 << 64) - 1


def u8(x):
    """`x` modulo 2**64, as an unsigned 64-bit integer."""
    return np.uint64(int(x) & MASK64)


def i8(x):
    """`x` modulo 2**64, as a signed 64-bit integer."""
    x = int(x) & MASK64
    return np.int64(x - (1 << 64) if x >> 63 else x)


def f8_bits(x):
    """The 64 bits of a float64, as a signed integer."""
    return np.int64(struct.unpack("<q", struct.pack("<d", x))[0])


def bits_f8(x):
    """The float64 whose bits are the integer `x`."""
    return np.float64(struct.unpack("<d", struct.pack("<Q", int(x) & MASK64))[0])


def ctz(x):
    """Number of zero bits below the lowest one of a 64-bit `x`; 64 for 0."""
    x = int(x) & MASK64
    return np.int64((x & -x).bit_length() - 1 if x else 64)


def clz(x):
    """Number of zero bits above the highest one of a 64-bit `x`; 64 for 0."""
    return np.int64(64 - (int(x) & MASK64).bit_length())


def popcount(x):
    """Number of ones in a 64-bit `x`."""
    return np.int64((int(x) & MASK64).bit_count())


def mulhi(x, y):
    """The high 64 bits of the unsigned product of two 64-bit integers."""
    return np.uint64(((int(x) & MASK64) * (int(y) & MASK64)) >> 64)


def mullo(x, y):
    """The low 64 bits of the product of two 64-bit integers."""
    return np.uint64((int(x) * int(y)) & MASK64)


def umul(x, y):
    """The high and the low 64 bits of the unsigned product of two 64-bit integers, by one multiplication."""
    return mulhi(x, y), mullo(x, y)


def load64(p, i):
    """Eight bytes of the byte pointer `p` from `i`, little end first, as an unsigned integer."""
    return np.uint64(int.from_bytes(bytes(bytearray(int(b) for b in p[i : i + 8])), "little"))


def equal64(p, i, byte):
    """A bit for each of the 64 bytes of `p` from `i`: is it `byte`?"""
    mask = 0
    for k in range(64):
        mask |= (int(p[i + k]) == int(byte)) << k
    return np.uint64(mask)


def _pointer(address):
    """The array that stands for a pointer where no machine address is meant."""
    return address


i1_ptr = u1_ptr = i2_ptr = u2_ptr = i4_ptr = u4_ptr = i8_ptr = u8_ptr = f4_ptr = f8_ptr = _pointer

i1, u1, i2, u2, i4, u4, f4, f8 = np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.float32, np.float64
sqrt, floor, ceil, trunc, rint = np.sqrt, np.floor, np.ceil, np.trunc, np.rint
