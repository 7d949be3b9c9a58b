"""Targets turn a kernel into something that runs: `blocks` (NumPy), `cpu` (machine code), `cuda`, `null`.

All run kernels in the same way: `run(block, lo, hi) -> next row`, over an argument block (`block.py`) that holds
inputs, parameters and sink states. So a run can move from one target to another between two calls.
"""

from tenfold.later import later

__getattr__ = later(__name__, "cubins", "cuda", "null")
