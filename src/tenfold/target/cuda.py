"""The CUDA target: the same kernels as header-free CUDA C++, compiled by NVRTC.

`text` prints; `compile_cubin` needs no GPU (only NVRTC, from PyPI), so every kernel can be compiled in tests;
`launch.py` runs them. All of NVRTC stands behind this file. Compiled without contraction to fused multiply-adds: the
same bits as on the CPU.
"""

import ctypes
import functools
import importlib.resources
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenfold.errors import NotYetError
from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS
from tenfold.kernel.show import show
from tenfold.target import block

OPTIONS = ("--std=c++17", "--fmad=false", "-default-device")
THREADS, ROWS = 256, 4
NO_NVRTC = "NVRTC is not installed: pip install nvidia-cuda-nvrtc"
NO_ATOMICS = frozenset(["?", "i1", "u1", "i2", "u2"])


@functools.cache
def prelude() -> str:
    """The device functions that printed kernels call."""
    return importlib.resources.files("tenfold.target").joinpath("prelude.cu").read_text(encoding="utf-8")


# -- printing -----------------------------------------------------------------------------------------------------


def text(kernel: kn.Kernel) -> str:
    """The CUDA C++ source of a kernel, to stand behind the prelude.

    LIMBS, SHARED (1: accumulators of all groups fit in shared memory) and COLUMNS (copies of them there) are defined
    by who compiles it.
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
            args += [f"i8* cells{number}", f"i8 low{number}", f"i8* outside{number}"]
        else:
            args.append(f"{_state(sink)}* state{number}")
    head = f'extern "C" __global__ void __launch_bounds__({THREADS}) kernel(i4 groups'
    return [head, *(f"    , {arg}" for arg in args), ") {"]


def _state(sink: kn.Node) -> str:
    assert isinstance(sink, kn.Fold)
    return "i8" if sink.function == "count" else sink.storage


def tables(kernel: kn.Kernel) -> list[tuple[int, bool]]:
    """The sinks that accumulate in shared memory: exact sums, and counts (in columns, like the sums' own)."""
    folds = [(n, s) for n, s in enumerate(kernel.sinks) if isinstance(s, kn.Fold)]
    return [(n, block.is_exact_sum(s)) for n, s in folds if block.is_exact_sum(s) or s.function == "count"]


def _start(kernel: kn.Kernel) -> list[str]:
    found = tables(kernel)
    if not found:
        return []
    lines, place = ["#if SHARED", "  extern __shared__ u4 table[];"], "table"
    for number, is_sum in found:
        lines.append(f"  u4* table{number} = {place};")
        words = "dense_words(groups, LIMBS, COLUMNS)" if is_sum else "groups * COLUMNS"
        clear = "dense_clear<LIMBS, COLUMNS>" if is_sum else "count_clear<COLUMNS>"
        lines.append(f"  {clear}(table{number}, groups);")
        place = f"table{number} + {words}"
    return [*lines, "  __syncthreads();", "#endif"]


def _end(kernel: kn.Kernel) -> list[str]:
    found = tables(kernel)
    if not found:
        return []
    lines = ["#if SHARED", "  __syncthreads();"]
    for number, is_sum in found:
        if is_sum:
            lines.append(f"  dense_flush<LIMBS, COLUMNS>(table{number}, groups, cells{number});")
        else:
            lines.append(f"  count_flush<COLUMNS>(table{number}, groups, state{number});")
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
        yield f"deposit_dense<LIMBS, COLUMNS>(table{number}, {rest}cells{number}, outside{number});"
        yield "#else"
        yield f"deposit_global<LIMBS>(cells{number}, {rest}outside{number});"
        yield "#endif"
    elif sink.function == "count":
        yield "#if SHARED"
        yield f"atomicAdd(table{number} + {group} * COLUMNS + threadIdx.x % COLUMNS, 1u);"
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


@functools.cache
def nvrtc_version() -> str:
    """The compiler's version, `13.5`."""
    library = nvrtc()
    if library is None:
        raise ModuleNotFoundError(NO_NVRTC)
    major, minor = ctypes.c_int(), ctypes.c_int()
    _checked(library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)))
    return f"{major.value}.{minor.value}"


def source(kernel: kn.Kernel, limbs: int, columns: int) -> str:
    """All that is compiled: prelude, definitions, kernel. Accumulators stand in shared memory unless `columns` is 0."""
    definitions = f"#define LIMBS {limbs}\n#define SHARED {int(columns > 0)}\n#define COLUMNS {columns}"
    return f"{prelude()}\n{definitions}\n{text(kernel)}"


def compile_cubin(code: str, architecture: str = "sm_90") -> bytes:
    """Machine code for a GPU; RuntimeError with the compiler's log where the code is wrong."""
    library = nvrtc()
    if library is None:
        raise ModuleNotFoundError(NO_NVRTC)
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
