"""What the processor's floating-point flags say behind a compiled kernel, beside what NumPy warns of.

python -m bench.notes.error_flags: every element function and operation at the edges of float64.
"""

import ctypes
import itertools

import numpy as real

import tenfold.numpy as np
from tenfold import config
from tenfold.stage import arrays
from tenfold.target import tiers

EDGES = (0.0, -0.0, 0.5, 2.0, -1.0, 1e308, 1e-310, 710.0, -750.0, real.inf, -real.inf, real.nan)
FLAGS = {"invalid value": 1, "divide by zero": 4, "overflow": 8, "underflow": 0}  # of x86; underflow nobody is told
OTHERS = "sqrt divide multiply add subtract floor rint minimum floor_divide remainder"
ALL = 0x3F


def watched(fenv, seen):
    """Kernels, with the flags that they leave gathered in `seen`."""
    run = tiers.Arguments.run

    def watching(self, lo, hi):
        fenv.feclearexcept(ALL)
        run(self, lo, hi)
        seen.append(fenv.fetestexcept(ALL))

    tiers.Arguments.run = watching


def told(function, args):
    """The flags of what NumPy warns of."""
    kinds = set()
    with real.errstate(all="call", call=lambda kind, flag: kinds.add(kind)):
        function(*args)
    return sum(FLAGS[kind] for kind in kinds)


def main():
    fenv, seen = ctypes.CDLL("libm.so.6"), []
    watched(fenv, seen)
    config.set(target="cpu", executor="serial", threads=1, small_bytes=0, progress=False)
    total = false = missed = 0
    names = [name for name in (*arrays.FUNCTIONS, *OTHERS.split()) if hasattr(real, name)]
    for name in names:
        function = getattr(real, name)
        for values in itertools.product(EDGES, repeat=function.nin):
            args = [real.full(64, value) for value in values]
            wanted = told(function, args)
            seen.clear()
            getattr(np, name)(*map(np.array, args)).compute()
            found = seen[-1] & sum(FLAGS.values()) if seen else 0
            total, false, missed = total + 1, false + bool(found & ~wanted), missed + bool(wanted & ~found)
    print(f"{len(names)} functions, {total} calls: {false} with a flag that NumPy does not have, {missed} without one")


if __name__ == "__main__":
    main()
