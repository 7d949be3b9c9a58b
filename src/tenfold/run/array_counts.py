"""Plan a run of arrays and do nothing (the target `null`): kernels, pieces and bytes are counted, nothing is read.

The answer is zeros that take no memory. What depends on values (how many elements pass a mask) is as for zeros.
"""

from typing import Any

import numpy as np

from tenfold import config
from tenfold.expr import arrays as ar
from tenfold.run import arrays, pieces
from tenfold.stage import arrays as sa
from tenfold.target import null


def compute(plan: ar.Array, out: Any = None, *, home: bool = True) -> Any:
    """Zeros in the shape of a plan's answer, also where it was to be written into `out`."""
    run = CountedRun()
    run.finish_all(plan)
    return run.results[plan] if plan in run.results else run.finish(plan)


class CountedRun(arrays.Run):
    """One computation that is only planned."""

    def finish(self, array: ar.Array) -> Any:
        """Count what one array takes."""
        if isinstance(array, ar.Together):
            return tuple(np.broadcast_to(np.zeros((), part.dtype), part.shape) for part in array.arrays)
        loop = sa.fold(array, bool(array.shape)) if isinstance(array, ar.Reduce) else sa.store(array)
        domain = array.array if isinstance(array, ar.Reduce) else array
        kernels, columns, read = self._below([*(loop.leaves if loop else array.children)])
        morsels = pieces.cut(domain.shape, config.get("morsel_rows"))
        null.record(kernels + bool(loop), len(morsels), columns, read + array.nbytes)
        return np.broadcast_to(np.zeros((), array.dtype), array.shape)

    def _below(self, todo: list[Any]) -> tuple[int, int, int]:
        """Kernels that make these arrays out of what lies somewhere; how many arrays that is, and their bytes."""
        kernels, read, seen = 0, [], set()
        while todo:
            array = todo.pop()
            inside = array.array if isinstance(array, ar.View) else array
            if array in seen:
                continue
            seen.add(array)
            if inside in self.results or isinstance(inside, ar.Stored):
                read.append(array.nbytes)
                continue
            loop = sa.store(array)
            kernels += bool(loop)
            todo.extend(loop.leaves if loop else array.children)
        return kernels, len(read), sum(read)
