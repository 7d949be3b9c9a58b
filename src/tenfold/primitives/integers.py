"""Integer arithmetic of kernels: what Python's operators leave open in compiled code, or compile to more than it takes.

Compiled, `+ - *` of int64 must not overflow, since the compiler goes by that: `x + 1 > x` is true to it. `add`, `sub`
and `mul` wrap. `floor_div`, `floor_mod` and the shifts are defined for all operands, as in `kernel/ops.py`; what they
make of narrow integers may be wider, and is brought back by who calls.
"""

from tenfold.primitives.intrinsics import i8, u8


def add(a, b):
    """`a + b` of int64, modulo 2**64."""
    return i8(u8(a) + u8(b))


def sub(a, b):
    """`a - b` of int64, modulo 2**64."""
    return i8(u8(a) - u8(b))


def mul(a, b):
    """`a * b` of int64, modulo 2**64."""
    return i8(u8(a) * u8(b))


def floor_div(a, b):
    """`a // b` of int64. By 0 it is 0; by -1, which the processor does not divide the least by, the product."""
    return mul(a, b) if b == 0 or b == -1 else a // b


def floor_mod(a, b):
    """`a % b` of int64; by 0 it is 0."""
    return 0 if b == 0 or b == -1 else a % b


def floor_div_by(a, c):
    """`a // c` of int64 by a constant `c` > 0: one unsigned multiplication, by floor(a/c) = ~(~a / c)."""
    sign = a >> 63
    return i8(u8(a ^ sign) // u8(c)) ^ sign


def floor_mod_by(a, c):
    """`a % c` of int64 by a constant `c` > 0."""
    return sub(a, mul(floor_div_by(a, c), c))


def shift_left(a, distance):
    """`a << distance`; 0 where no bit stays."""
    distance = int(i8(distance))
    return a << distance if 0 <= distance < 64 else a - a


def shift_right(a, distance):
    """`a >> distance`; where no bit stays, as many signs as there were bits."""
    distance = int(i8(distance))
    return a >> distance if 0 <= distance < 64 else a >> 63 >> 1
