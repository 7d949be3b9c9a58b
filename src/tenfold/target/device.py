"""A GPU behind one door: its memory, copies to and from it, launches. All of CuPy stands here.

Nothing of CuPy is imported before a device is asked for. `Device.xp` is CuPy as a module of array functions, for those
that need no kernel of ours (sorting, scans, taking rows). Work of one device is in the order of its default stream.
"""

import functools
import importlib.util
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from tenfold import config, target

SLOT_BYTES, SLOTS = 8 << 20, 12  # pinned memory that large copies go through, each slot with a thread of its own

CUDA = 2  # the device type of DLPack


class Unable(Exception):
    """A device cannot do what it was asked for (its memory ran out, say); the CPU can."""


def is_resident(array: Any) -> bool:
    """Whether an array's values lie in device memory."""
    return hasattr(type(array), "__cuda_array_interface__")


@functools.cache
def why_none() -> str:
    """What keeps tenfold from using a GPU here, and the remedy; empty where nothing does."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed: pip install 'tenfold[cuda]'"
    import cupy

    try:
        found = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no GPU answers ({error}): check the driver with nvidia-smi"
    return "" if found else "CUDA sees no GPU: check CUDA_VISIBLE_DEVICES"


def use(where: str) -> config.set:
    """Choose where tenfold computes, for good or for a `with` block.

    Parameters
    ----------
    where : {"gpu", "cpu", "auto"}
        `"gpu"`: on all GPUs that are visible, wherever the data are; what a GPU cannot do yet runs on the CPU, and
        `explain()` says why. `"cpu"`: on the CPU, wherever the data are. `"auto"`, as at the start: where the data
        are, in device memory or not.

    Examples
    --------
    >>> import tenfold
    >>> with tenfold.use("cpu"):
    ...     tenfold.config.get("devices")
    0
    """
    settings = {"gpu": ("cuda", -1), "cpu": ("auto", 0), "auto": ("auto", -1)}
    if where not in settings:
        raise ValueError(f'use({where!r}): give "gpu", "cpu" or "auto"')
    if where == "gpu" and why_none():
        raise RuntimeError(f"no GPU can be used: {why_none()}")
    target, devices_ = settings[where]
    return config.set(target=target, devices=devices_)


def count() -> int:
    """GPUs that may be used."""
    limit = config.get("devices")
    if limit == 0 or why_none():
        return 0
    import cupy

    visible = cupy.cuda.runtime.getDeviceCount()
    return visible if limit < 0 else min(limit, visible)


def devices() -> tuple["Device", ...]:
    """The GPUs that may be used."""
    return tuple(map(device, range(count())))


@functools.cache
def device(number: int) -> "Device":
    """The GPU of a number, as CUDA counts them."""
    return Device(number)


def number_of(array: Any) -> int:
    """The number of the GPU that an array lies on."""
    return int(array.device.id)


def home(array: Any) -> Any:
    """A device array as a NumPy array; any other as it is."""
    return device(number_of(array)).home(array) if is_resident(array) else array


def is_foreign(values: Any) -> bool:
    """Whether an object of another library offers values in device memory."""
    if is_resident(values):
        return True
    return hasattr(values, "__dlpack_device__") and int(values.__dlpack_device__()[0]) == CUDA


def adopt(foreign: Any) -> tuple[Any, str]:
    """Another library's device array, not copied unless strided, and its datetime unit (empty for numbers).

    TypeError for what is no column of numbers, or has missing values in a mask.
    """
    import cupy

    if not is_resident(foreign):
        return cupy.ascontiguousarray(cupy.from_dlpack(foreign)), ""
    interface = dict(foreign.__cuda_array_interface__)
    if interface.get("mask") is not None or len(interface["shape"]) != 1:
        raise TypeError("a device column must have one axis and no mask; fill its missing values first")
    dtype: Any = np.dtype(interface["typestr"])
    if dtype.kind == "M":
        interface["typestr"] = "<i8"
    view = type("View", (), {"__cuda_array_interface__": interface, "owner": foreign})()
    array = cupy.ascontiguousarray(cupy.asarray(view))
    return array, np.datetime_data(dtype)[0] if dtype.kind == "M" else ""


class Device:
    """One GPU. Its methods work on it whatever the current device is."""

    def __init__(self, number: int) -> None:
        import cupy

        self.number, self.xp = number, cupy
        self.out_of_memory: type[Exception] = cupy.cuda.memory.OutOfMemoryError
        here = cupy.cuda.Device(number)
        self.architecture = f"sm_{here.compute_capability}"
        self.processors = int(here.attributes["MultiProcessorCount"])
        self._functions: dict[tuple[str, str, int], Any] = {}
        self._lock = threading.Lock()

    def current(self) -> Any:
        """A context in which arrays are made on this device."""
        return self.xp.cuda.Device(self.number)

    def limit(self) -> None:
        """Keep to the memory budget of the settings."""
        with self.current():
            self.xp.get_default_memory_pool().set_limit(size=config.get("device_bytes"))

    def free(self) -> None:
        """Give unused memory back to the driver."""
        with self.current():
            self.xp.get_default_memory_pool().free_all_blocks()

    def wait(self, event: int) -> None:
        """Let later work wait for a CUDA event of another library's."""
        with self.current():
            self.xp.cuda.runtime.streamWaitEvent(self.xp.cuda.get_current_stream().ptr, event, 0)

    def truths(self, packed: Any, first: int, count: int) -> Any:
        """So many bits of bytes here, the lowest of a byte first, as booleans."""
        with self.current():
            return self.xp.unpackbits(packed, bitorder="little")[first : first + count].view("?")

    # -- copies -----------------------------------------------------------------------------------------------------

    def put(self, array: np.ndarray) -> Any:
        """An array's values here: through pinned memory, by several threads, where they are many."""
        if is_resident(array):
            return self._fetched(array)
        with self.current():
            if array.nbytes < SLOT_BYTES:
                return self.xp.asarray(array)
            source = np.ascontiguousarray(array).view("u1").reshape(-1)
            out = self.xp.empty(array.shape, array.dtype)
        for part in self.fill(out, lambda buffer, at: np.copyto(buffer, source[at : at + len(buffer)])):
            part.result()
        return out

    def fill(self, out: Any, read: Callable[[np.ndarray, int], None]) -> list[Future[None]]:
        """Start to fill an array, on threads: `read(buffer, at)` makes its bytes from `at` on, as many as fit."""
        with self.current():
            self.xp.cuda.get_current_stream().synchronize()  # `out` may be memory that earlier work still reads
        return [
            self._copiers.submit(self._fill_slot, out.data.ptr + at, min(SLOT_BYTES, out.nbytes - at), read, at)
            for at in range(0, out.nbytes, SLOT_BYTES)
        ]

    def _fetched(self, array: Any) -> Any:
        if number_of(array) == self.number:
            return array
        with self.current():
            return self.xp.array(array)  # a copy from its peer

    @functools.cached_property
    def _copiers(self) -> ThreadPoolExecutor:
        self._slots = threading.local()
        pool = ThreadPoolExecutor(SLOTS, thread_name_prefix=f"tenfold-copy-{self.number}")
        started = threading.Barrier(SLOTS)
        try:  # all of them now: a pool that cannot grow refuses work, and does it all the same
            for _ in range(SLOTS):
                pool.submit(started.wait)
        except BaseException:
            started.abort()
            pool.shutdown()
            raise
        return pool

    def _fill_slot(self, target: int, size: int, read: Callable[[np.ndarray, int], None], at: int) -> None:
        """One slot's share, with a pinned buffer and a stream of the thread's own.

        Every call of the system's or CUDA's hands the interpreter on to another thread, which costs; hence so few.
        """
        runtime = self.xp.cuda.runtime
        if not hasattr(self._slots, "buffer"):
            self.current().use()
            self._slots.memory = self.xp.cuda.alloc_pinned_memory(SLOT_BYTES)
            self._slots.buffer = np.frombuffer(self._slots.memory, "u1", SLOT_BYTES)
            self._slots.stream = self.xp.cuda.Stream(non_blocking=True)
        read(self._slots.buffer[:size], at)
        stream = self._slots.stream.ptr
        runtime.memcpyAsync(target, self._slots.memory.ptr, size, runtime.memcpyHostToDevice, stream)
        runtime.streamSynchronize(stream)

    def home(self, array: Any) -> np.ndarray:
        """The values as a NumPy array."""
        with self.current():
            copied: np.ndarray = self.xp.asnumpy(array)
        return copied

    # -- launches ---------------------------------------------------------------------------------------------------

    def launch(self, code: str, grid: int, args: Sequence[Any], *, shared: int = 0, entry: str = "kernel") -> None:
        """Run a kernel of a source on so many blocks; `shared` bytes of dynamic shared memory each."""
        with self.current():
            function = self._function(code, entry, shared)
            function((grid,), (target.cuda.THREADS,), tuple(args), shared_mem=shared)

    def _function(self, code: str, entry: str, shared: int) -> Any:
        with self._lock:
            found = self._functions.get((code, entry, shared))
            if found is None:
                module = self.xp.cuda.function.Module()
                module.load(target.cubins.cubin(code, self.architecture))
                found = self._functions[code, entry, shared] = module.get_function(entry)
                if shared:
                    driver = self.xp.cuda.driver
                    attribute = driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
                    driver.funcSetAttribute(found.ptr, attribute, shared)
        return found
