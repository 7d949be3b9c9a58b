"""Integer arithmetic that compiles to less than Python's operators do."""

from tenfold.primitives.intrinsics import i8, u8


def floor_div(a, c):
    """`a // c` for int64 `a` and a constant `c` > 0: one unsigned multiplication, by floor(a/c) = ~(~a / c)."""
    sign = a >> 63
    return i8(u8(a ^ sign) // u8(c)) ^ sign


def floor_mod(a, c):
    """`a % c` for int64 `a` and a constant `c` > 0."""
    return a - floor_div(a, c) * c
