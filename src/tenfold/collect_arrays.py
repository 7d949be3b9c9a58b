"""The main flow of arrays: a plan in, an array out.

    optimise (plan/) -> what has to be finished, in order (stage/) -> run (run/, target/)

Apart from the flow of frames (`collect.py`), so that who needs one of them does not wait for the other to be imported.
"""

from typing import Any

import numpy as np

from tenfold import config, run
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray, new_store, npy_file
from tenfold.node import Node, order
from tenfold.plan import optimise
from tenfold.run import arrays, blocks, memory
from tenfold.run.schedule import scheduled
from tenfold.target import cache, device

SLAB = 1 << 18  # elements that are selected at once


def collect_array(plan: ar.Array, *, home: bool = True) -> Any:
    """The array that a plan stands for, in memory; unless it comes `home`, on the device where it was made."""
    try:
        runner = _runner(plan)
        if runner is arrays:
            return arrays.answer(*scheduled(plan, optimise))
        return runner.compute(optimise(plan), home=home)
    except KeyboardInterrupt:
        cache.stop_helpers()
        raise


def collect_arrays(plans: tuple[ar.Array, ...]) -> tuple[Any, ...]:
    """The arrays that several plans stand for, at home; what they share is computed once."""
    made: list[Any] = []
    for answer in map(device.home, collect_array(ar.Together(plans))):
        shared = any(np.may_share_memory(answer, other) for other in made)
        made.append(answer.copy() if shared else answer)
    return tuple(made)


def collect_beside(plans: tuple[ar.Array, ...]) -> tuple[list[Any], bool]:
    """What several plans stand for, side by side: on a device, if all is made there; and whether it is."""
    made = [collect_array(plan, home=False) for plan in plans]
    there = bool(made) and all(map(device.is_resident, made))
    return made if there else [device.home(array) for array in made], there


def collect_selection(values: ar.Array, mask: ar.Array) -> Any:
    """The elements of one array where another of its shape holds, in the order of rows; beyond the budget in a file."""
    (array, chosen), there = collect_beside((values, mask))
    if there or array.size <= SLAB:
        return array[chosen]
    out = memory.allocate((int(np.count_nonzero(chosen)),), array.dtype)
    rows, at = max(SLAB * len(array) // array.size, 1), 0
    for start in range(0, len(array), rows):
        found = array[start : start + rows][chosen[start : start + rows]]
        out[at : at + len(found)] = found
        at += len(found)
    return out


def save_array(path: Any, plan: ar.Array) -> None:
    """Write the array that a plan stands for to a .npy file, piece by piece; it is there when it is whole."""
    with npy_file(path, plan.shape, plan.dtype) as out:
        plan = optimise(plan)
        _runner(plan).compute(plan, out)


def store_array(kind: str, path: Any, name: str, plan: ar.Array, chunks: ar.Shape) -> None:
    """Write the array that a plan stands for into a new Zarr or HDF5 store, chunk by chunk."""
    with new_store(kind, path, name, plan.shape, plan.dtype, chunks) as out:
        plan = optimise(plan)
        if _runner(plan) is run.array_devices:
            plan = ar.Stored(MemoryArray(run.array_devices.compute(plan)))
        blocks.write(arrays.Run(), plan, out, chunks)


def _runner(plan: ar.Array) -> Any:
    """What runs arrays: the CPU; devices, by the setting or because of where data lie; or nobody."""
    target = config.get("target")
    if target == "null":
        return run.array_counts
    there = target == "cuda" or (target == "auto" and any(map(_is_resident, order(plan))))
    return run.array_devices if there and device.count() else arrays


def _is_resident(node: Node) -> bool:
    match node:
        case ar.Stored(source=MemoryArray(array=array)):
            return device.is_resident(array)
    return False
