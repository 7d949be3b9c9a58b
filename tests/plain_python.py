"""The third target of the tests: the very text that is compiled, run by the Python interpreter.

`run` stands in for `blocks.run` and has its contract.
"""

import functools

import numpy as np

from tenfold.kernel import nodes as kn
from tenfold.target import block as bl
from tenfold.target import python


@functools.lru_cache(4096)
def _function(kernel):
    namespace = {}
    exec(compile(python.text(kernel), kernel.name, "exec"), namespace)
    return namespace["kernel"]


def run(kernel, block, lo, hi):
    """Run rows `lo` to `hi`, settling spilled values between calls as the host of compiled code does."""
    with np.errstate(all="ignore"):
        while lo < hi:
            lo = int(_function(kernel)([array.reshape(-1) for array in block], lo, hi))
            settle(kernel, block)
    return hi


def settle(kernel, block):
    place = len(kernel.inputs) + len(kernel.params)
    for sink in kernel.sinks:
        size = 1 + len(sink.args) if isinstance(sink, kn.Compact) else 3 if bl.is_exact_sum(sink) else 1
        if bl.is_exact_sum(sink):
            state = block[place : place + size]
            bl.settle_spill(state)
            block[place : place + size] = state
        place += size
