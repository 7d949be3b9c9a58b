"""Number distinct 64-bit keys in the order in which they are met: open addressing with linear probing.

A table of `1 << bits` words holds number + 1 of the key whose probe sequence passes there, 0 where there is none; the
keys themselves stand in `keys_by_number`, which holds half as many, so the table is never more than half full. The
hash is Fibonacci's (Knuth, The Art of Computer Programming 3, 6.4): the high bits of a product.
"""

from tenfold.primitives.intrinsics import i8, mullo, u8

SIGNATURE = "i8*,i8,i8*,i8,i8*,i8*,i8*->i8"
GOLDEN = 0x9E3779B97F4A7C15


def number(keys, count, table, bits, keys_by_number, known, numbers):
    """Write the number of each key; how many were done before `keys_by_number` was full. `known[0]` counts keys."""
    mask, room = (1 << bits) - 1, 1 << (bits - 1)
    for row in range(count):
        key = keys[row]
        slot = i8(mullo(u8(key), u8(GOLDEN)) >> u8(64 - bits))
        while table[slot] != 0 and keys_by_number[table[slot] - 1] != key:
            slot = (slot + 1) & mask
        if table[slot] == 0:
            if known[0] == room:
                return row
            keys_by_number[known[0]] = key
            known[0] += 1
            table[slot] = known[0]
        numbers[row] = table[slot] - 1
    return count
