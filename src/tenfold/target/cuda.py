"""The CUDA target: the same kernels as header-free CUDA C++, compiled by NVRTC, launched through CuPy.

`text` prints; `compile_cubin` needs no GPU (only NVRTC, from PyPI), so every kernel can be compiled in tests; `launch`
runs a kernel over columns in device memory and answers the very states that `blocks` and `cpu` leave. All of NVRTC
and CuPy stands behind this file. Compiled without contraction to fused multiply-adds: the same bits as on the CPU.
"""

import ctypes
import functools
import importlib.resources
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.errors import NotYetError
from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS
from tenfold.kernel.show import show
from tenfold.primitives import accumulate, exact
from tenfold.target import block, blocks

OPTIONS = ("--std=c++17", "--fmad=false", "-default-device")
THREADS, ROWS, COLUMNS = 256, 4, 32
SHARED_BYTES = 96 << 10  # of accumulators in shared memory, which leaves room for two blocks a multiprocessor
ROWS_PER_BLOCK = 1 << 20  # what a table in shared memory can take (prelude.cu)
SAMPLE_ROWS = 1 << 14  # whose values choose the first windows
WIDEST = 49  # limbs that hold every float64
FIRST_RUNG = 8  # bits by which a device's first rung is shorter (prelude.cu): its window starts so much higher
NO_ATOMICS = frozenset(["?", "i1", "u1", "i2", "u2"])


@functools.cache
def prelude() -> str:
    """The device functions that printed kernels call."""
    return importlib.resources.files("tenfold.target").joinpath("prelude.cu").read_text(encoding="utf-8")


# -- printing -----------------------------------------------------------------------------------------------------


def text(kernel: kn.Kernel) -> str:
    """The CUDA C++ source of a kernel, to stand behind the prelude.

    LIMBS and SHARED (1: accumulators of all groups fit in shared memory) are defined by who compiles it.
    """
    for sink in kernel.sinks:
        if isinstance(sink, kn.Fold) and sink.function in ("min", "max") and sink.storage in NO_ATOMICS:
            raise NotYetError(f"{sink.function} of {sink.storage} on a GPU")
    listing = "".join(f"// {line}\n" for line in show(kernel).splitlines())
    lines = [*_signature(kernel), *_start(kernel), *_loop(kernel), *_end(kernel), "}"]
    return f"{listing}#define ROWS {ROWS}\n" + "\n".join(lines) + "\n"


def _scheduled(kernel: kn.Kernel) -> tuple[list[int], list[int]]:
    """Statements that every row needs for the guard, and those that only rows behind it need."""
    first = len(kernel.inputs) + len(kernel.params)
    everything = list(range(first, first + len(kernel.body)))
    before = set(block.needed(kernel, [kernel.guard])) if kernel.guard >= 0 else set()
    return [n for n in everything if n in before], [n for n in everything if n not in before]


def _type(storage: str) -> str:
    return "bool" if storage == "?" else storage


def _signature(kernel: kn.Kernel) -> list[str]:
    inputs = len(kernel.inputs)
    args = ["i8 n"]
    args += [f"const {'u1' if s == '?' else s}* __restrict__ x{k}" for k, s in enumerate(kernel.inputs)]
    args += [f"{_type(s)} v{inputs + k}" for k, s in enumerate(kernel.params)]
    for number, sink in enumerate(kernel.sinks):
        if isinstance(sink, kn.Compact):
            args += [f"i8* counts{number}", "i4 phase"]
            args += [f"{_type(s)}* out{number}_{k}" for k, s in enumerate(sink.storages)]
        elif block.is_exact_sum(sink):
            args += [f"i8* cells{number}", f"i8 low{number}", f"i4* outside{number}"]
        else:
            args.append(f"{_state(sink)}* state{number}")
    head = f'extern "C" __global__ void __launch_bounds__({THREADS}) kernel(i4 groups'
    return [head, *(f"    , {arg}" for arg in args), ") {"]


def _state(sink: kn.Node) -> str:
    assert isinstance(sink, kn.Fold)
    return "i8" if sink.function == "count" else sink.storage


def _tables(kernel: kn.Kernel) -> list[tuple[int, bool]]:
    """The sinks that accumulate in shared memory: exact sums, and counts (in columns, like the sums' own)."""
    folds = [(n, s) for n, s in enumerate(kernel.sinks) if isinstance(s, kn.Fold)]
    return [(n, block.is_exact_sum(s)) for n, s in folds if block.is_exact_sum(s) or s.function == "count"]


def _start(kernel: kn.Kernel) -> list[str]:
    tables = _tables(kernel)
    if not tables:
        return []
    lines, place = ["#if SHARED", "  extern __shared__ u4 table[];"], "table"
    for number, is_sum in tables:
        lines.append(f"  u4* table{number} = {place};")
        words = f"dense_words(groups, LIMBS, {COLUMNS})" if is_sum else f"groups * {COLUMNS}"
        clear = f"dense_clear<LIMBS, {COLUMNS}>" if is_sum else f"count_clear<{COLUMNS}>"
        lines.append(f"  {clear}(table{number}, groups);")
        place = f"table{number} + {words}"
    return [*lines, "  __syncthreads();", "#endif"]


def _end(kernel: kn.Kernel) -> list[str]:
    tables = _tables(kernel)
    if not tables:
        return []
    lines = ["#if SHARED", "  __syncthreads();"]
    for number, is_sum in tables:
        if is_sum:
            lines.append(f"  dense_flush<LIMBS, {COLUMNS}>(table{number}, groups, cells{number});")
        else:
            lines.append(f"  count_flush<{COLUMNS}>(table{number}, groups, state{number});")
    return [*lines, "#endif"]


def _loop(kernel: kn.Kernel) -> list[str]:
    if any(isinstance(sink, kn.Compact) for sink in kernel.sinks):
        return _compacting_loop(kernel)
    lines = [
        "  i8 step = (i8)blockDim.x * ROWS;",
        "  for (i8 at = blockIdx.x * step + threadIdx.x; at < n; at += gridDim.x * step) {",
    ]
    lines += [f"    {_type(s)} x{k}_[ROWS];" for k, s in enumerate(kernel.inputs)]
    loads = "".join(f" x{k}_[r] = x{k}[i];" for k in range(len(kernel.inputs)))
    lines += [
        "#pragma unroll",
        "    for (int r = 0; r < ROWS; r++) {",
        f"      i8 i = at + r * blockDim.x; i = i < n ? i : n - 1;{loads}",
        "    }",
        "#pragma unroll",
        "    for (int r = 0; r < ROWS; r++) {",
        "      i8 i = at + r * blockDim.x;",
    ]
    lines += [f"      {_type(s)} v{k} = x{k}_[r];" for k, s in enumerate(kernel.inputs)]
    always, guarded = _scheduled(kernel)
    lines += [f"      {_statement(kernel, n)}" for n in always]
    lines.append(f"      if (i < n{f' && v{kernel.guard}' if kernel.guard >= 0 else ''}) {{")
    lines += [f"        {_statement(kernel, n)}" for n in guarded]
    for number, sink in enumerate(kernel.sinks):
        lines += [f"        {line}" for line in _fold(number, sink)]
    return [*lines, "      }", "    }", "  }"]


def _compacting_loop(kernel: kn.Kernel) -> list[str]:
    """Each block owns a run of rows. Phase 0 counts those that pass; phase 1 knows where its rows go."""
    ((number, sink),) = enumerate(kernel.sinks)
    assert isinstance(sink, kn.Compact)
    always, guarded = _scheduled(kernel)
    lines = [
        "  i8 run = (n + gridDim.x - 1) / gridDim.x, first = blockIdx.x * run;",
        "  i8 end = first + run < n ? first + run : n;",
        f"  i8 base = phase ? counts{number}[blockIdx.x] : 0;",
        "  for (i8 start = first; start < end; start += blockDim.x) {",
        "    i8 i = start + threadIdx.x, from = i < end ? i : end - 1;",
    ]
    lines += [f"    {_type(s)} v{k} = x{k}[from];" for k, s in enumerate(kernel.inputs)]
    lines += [f"    {_statement(kernel, n)}" for n in (*always, *guarded)]
    guard = f"v{kernel.guard}" if kernel.guard >= 0 else "true"
    lines += [
        f"    bool pass = i < end && {guard};",
        "    i8 k = block_position(pass, &base);",
        "    if (pass && phase) {",
    ]
    lines += [f"      out{number}_{m}[k] = v{a};" for m, a in enumerate(sink.args)]
    return [*lines, "    }", "  }", f"  if (!phase && threadIdx.x == 0) counts{number}[blockIdx.x] = base;"]


def _statement(kernel: kn.Kernel, number: int) -> str:
    statement: Any = kernel.body[number - len(kernel.inputs) - len(kernel.params)]
    match statement:
        case kn.Const():
            written = _constant(statement)
        case kn.Row():
            written = "i"
        case kn.Let(op=op, args=args, storage=storage):
            written = OPERATIONS[op].cuda.format(*(f"v{a}" for a in args), cast=_type(storage))
    return f"{_type(statement.storage)} v{number} = {written};"


def _constant(constant: kn.Const) -> str:
    if constant.storage[0] == "f":
        odd = {"nan": "bits_f8(0x7ff8000000000000LL)", "inf": "bits_f8(0x7ff0000000000000LL)"}
        return odd.get(constant.text.lstrip("-"), constant.text.lstrip("-")).join(
            ["-" if constant.text.startswith("-") else "", ""]
        )
    value = int(constant.text) if constant.storage != "?" else int(constant.text == "True")
    return "(-9223372036854775807LL - 1)" if value == -(1 << 63) else f"{value}{'ULL' if value >> 63 > 0 else 'LL'}"


def _fold(number: int, sink: kn.Node) -> Iterator[str]:
    assert isinstance(sink, kn.Fold)
    group, value = (f"v{sink.group}" if sink.group >= 0 else "0"), f"v{sink.value}"
    if sink.valid >= 0:
        yield f"if (v{sink.valid}) {{"
    if block.is_exact_sum(sink):
        rest = f"low{number}, {group}, {value}, "
        yield "#if SHARED"
        yield f"deposit_dense<LIMBS, {COLUMNS}>(table{number}, {rest}cells{number}, outside{number});"
        yield "#else"
        yield f"deposit_global<LIMBS>(cells{number}, {rest}outside{number});"
        yield "#endif"
    elif sink.function == "count":
        yield "#if SHARED"
        yield f"atomicAdd(table{number} + {group} * {COLUMNS} + threadIdx.x % {COLUMNS}, 1u);"
        yield "#else"
        yield f"atomicAdd((u8*)state{number} + {group}, 1ULL);"
        yield "#endif"
    elif sink.function == "sum":
        yield f"atomicAdd((u8*)state{number} + {group}, (u8){value});"
    else:
        yield f"fold_{sink.function}(state{number} + {group}, {value});"
    if sink.valid >= 0:
        yield "}"


# -- compiling without a GPU --------------------------------------------------------------------------------------


@functools.cache
def nvrtc() -> Any:
    """NVRTC, from the wheel `nvidia-cuda-nvrtc`; None where it is not installed."""
    found = importlib.util.find_spec("nvidia")
    for folder in found.submodule_search_locations or [] if found else []:
        for path in sorted(Path(folder).rglob("libnvrtc.so.*")):
            if "builtins" not in path.name:
                return ctypes.CDLL(str(path))
    return None


def source(kernel: kn.Kernel, limbs: int, shared: bool) -> str:
    """All that is compiled: prelude, definitions, kernel."""
    return f"{prelude()}\n#define LIMBS {limbs}\n#define SHARED {int(shared)}\n{text(kernel)}"


def compile_cubin(code: str, architecture: str = "sm_90") -> bytes:
    """Machine code for a GPU; RuntimeError with the compiler's log where the code is wrong."""
    library = nvrtc()
    if library is None:
        raise ModuleNotFoundError("NVRTC is not installed: pip install nvidia-cuda-nvrtc")
    program = ctypes.c_void_p()
    _checked(library.nvrtcCreateProgram(ctypes.byref(program), code.encode(), b"kernel.cu", 0, None, None))
    options = [o.encode() for o in (*OPTIONS, f"--gpu-architecture={architecture}")]
    failed = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    try:
        if failed:
            raise RuntimeError(_fetch(library, program, "ProgramLog").decode())
        return _fetch(library, program, "CUBIN")
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _fetch(library: Any, program: ctypes.c_void_p, what: str) -> bytes:
    size = ctypes.c_size_t()
    _checked(getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)))
    content = ctypes.create_string_buffer(size.value)
    _checked(getattr(library, f"nvrtcGet{what}")(program, content))
    return content.raw


def _checked(status: int) -> None:
    if status:
        raise RuntimeError(f"NVRTC failed with status {status}")


# -- running ------------------------------------------------------------------------------------------------------


class Launcher:
    """A kernel of folds on the current device; `run` adds rows to its states."""

    def __init__(self, kernel: kn.Kernel, groups: int) -> None:
        import cupy

        self._cupy, self.kernel, self.groups = cupy, kernel, groups
        self._processors = cupy.cuda.Device().attributes["MultiProcessorCount"]
        self._compiled: dict[int, Any] = {}

    def run(self, inputs: list[Any], params: list[np.ndarray], rows: int) -> list[list[np.ndarray]]:
        """The states after all rows of device columns, as `block.start` lays them out; windows widen where needed."""
        lows, limbs = self.windows(inputs, params, rows)
        while True:
            states, outside = self.launch(inputs, params, rows, lows, limbs)
            if not int(outside[0]) or limbs >= WIDEST:
                return self._answer(states, lows, limbs)
            more = min(limbs, WIDEST - limbs)
            limbs += more
            down = accumulate.BITS * (more // 2)
            lows = [max(low - down, low % accumulate.BITS) if limbs < WIDEST else 0 for low in lows]

    def windows(self, inputs: list[Any], params: list[np.ndarray], rows: int) -> tuple[list[int], int]:
        """Where the windows of the sums start, and their width, by the first rows on the host."""
        sample = [self._cupy.asnumpy(array[: min(rows, SAMPLE_ROWS)]) for array in inputs]
        states = [block.start(sink, self.groups) for sink in self.kernel.sinks]  # type: ignore[arg-type]
        arguments = [*sample, *params, *(array for state in states for array in state)]
        blocks.run(self.kernel, arguments, 0, len(sample[0]))
        place, windows = len(inputs) + len(params), []
        for sink, state in zip(self.kernel.sinks, states, strict=True):
            if block.is_exact_sum(sink):
                windows.append(tuple(map(int, arguments[place + 1])))
            place += len(state)
        windows = [w if w != exact.NOTHING else exact.window_of([1.0]) for w in windows]
        limbs = max((limbs for _, limbs in windows), default=3)
        return [low + FIRST_RUNG - accumulate.BITS * (limbs - own) for low, own in windows], limbs

    def launch(
        self, inputs: list[Any], params: list[np.ndarray], rows: int, lows: list[int], limbs: int
    ) -> tuple[Any, Any]:
        """One launch with these windows: device states and the flag that one did not hold a value."""
        cupy, outside = self._cupy, self._cupy.zeros(1, "i4")
        states: list[Any] = []
        args: list[Any] = []
        starts = iter(lows)
        for sink in self.kernel.sinks:
            if block.is_exact_sum(sink):
                states.append(cupy.zeros((self.groups, limbs + 2), "i8"))
                args += [states[-1], np.int64(next(starts)), outside]
            else:
                states.append(cupy.asarray(block.start(sink, self.groups)[0]))  # type: ignore[arg-type]
                args.append(states[-1])
        shared = self._shared_bytes(limbs)
        fits = shared <= SHARED_BYTES
        blocks_ = max(self._processors * 8, -(-rows // ROWS_PER_BLOCK))
        scalars = [p[0] for p in params]
        arguments = (np.int32(self.groups), np.int64(rows), *inputs, *scalars, *args)
        self._function(limbs, fits)((blocks_,), (THREADS,), arguments, shared_mem=shared if fits else 0)
        return states, outside

    def _shared_bytes(self, limbs: int) -> int:
        words = sum((2 * limbs - 1 if is_sum else 1) * self.groups * COLUMNS for _, is_sum in _tables(self.kernel))
        return 4 * words

    def _function(self, limbs: int, shared: bool) -> Any:
        if limbs not in self._compiled:
            options = tuple(o for o in OPTIONS if o != "-default-device")
            module = self._cupy.RawModule(code=source(self.kernel, limbs, shared), options=options)
            function = module.get_function("kernel")
            if shared:
                function.max_dynamic_shared_size_bytes = SHARED_BYTES
            self._compiled[limbs] = function
        return self._compiled[limbs]

    def _answer(self, states: list[Any], lows: list[int], limbs: int) -> list[list[np.ndarray]]:
        answer, starts = [], iter(lows)
        for sink, state in zip(self.kernel.sinks, states, strict=True):
            host = self._cupy.asnumpy(state)
            if block.is_exact_sum(sink):
                window = np.array([next(starts), limbs])
                answer.append([exact.normalise(host), window, np.zeros(1, "i8")])
            else:
                answer.append([host])
        return answer
