"""Normals drawn, one added, all summed on a GPU: billions a second, against what a row costs without its parts.

Run on a GPU from the repository: `PYTHONPATH=src python bench/notes/draws_gpu.py [rows in billions]`.
"""

import statistics
import sys

import numpy as np

from tenfold.kernel import functions
from tenfold.kernel.build import Builder
from tenfold.primitives import philox
from tenfold.target import device, launch
from tenfold.target.index_map import IndexMap

KEY = [np.array([k], "u8").view("i8") for k in philox.key_of(42)]


def fused(name, axes, add=1.0):
    """draw -> + 1 -> sum."""
    build = Builder()
    value = functions.draw(build, name, build.param("i8"), build.param("i8"), build.input(f"@{axes}"))
    return build.kernel(None, [build.fold("sum", value + add)])


def only(axes, what):
    """Parts: the index map with an integer sum, words with an integer sum, a float sum of a cheap value."""
    build = Builder()
    key, index = (build.param("i8"), build.param("i8")), build.input(f"@{axes}")
    value = {"index": index, "word": build.let("word", *key, index), "sum": (index & 1023).cast("f8") * 0.1}[what]
    return build.kernel(None, [build.fold("sum", value)])


def seconds(here, kernel, view, rows):
    launcher = launch.launcher(kernel, here)
    lows, limbs = launcher.windows([view], KEY, rows)
    times = []
    for _ in range(4):
        start, stop = (here.xp.cuda.Event() for _ in range(2))
        start.record()
        launcher.launch([view], KEY, rows, launch.Segments(rows), lows, limbs)
        stop.record()
        stop.synchronize()
        times.append(here.xp.cuda.get_elapsed_time(start, stop) / 1e3)
    return statistics.median(times[1:])


def main():
    here, rows = device.device(0), int(float(sys.argv[1] if len(sys.argv) > 1 else "4") * 1e9)
    side = int(rows**0.5) // 4 * 4  # so that the neighbours of a thread share blocks in every line
    views = {
        "contiguous": IndexMap(0, (1,), (side * side,)),
        "contiguous, from 1": IndexMap(1, (1,), (side * side,)),
        "stride 2": IndexMap(0, (2,), (side * side,)),
        "[::2, ::2]": IndexMap(0, (4 * side, 2), (side, side)),
    }
    for name, make in PROGRAMS.items():
        for title, view in views.items():
            kernel = make(len(view.shape))
            taken = seconds(here, kernel, view, side * side)
            print(f"{name:16} {title:20} {side * side / taken / 1e9:8.1f} G/s", flush=True)


PROGRAMS = {
    "normal": lambda axes: fused("normal", axes),
    "normal_even": lambda axes: fused("normal_even", axes),
    "random": lambda axes: fused("random", axes),
    **{what: lambda axes, what=what: only(axes, what) for what in ("index", "word", "sum")},
}

if __name__ == "__main__":
    main()
