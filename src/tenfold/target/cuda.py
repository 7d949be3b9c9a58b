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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.errors import NotYetError
from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import INTEGERS, OPERATIONS, PAIRS, WORDS, WRAPPING, is_plain
from tenfold.kernel.show import show
from tenfold.target import block

OPTIONS = ("--std=c++17", "--fmad=false", "-default-device")
THREADS, ROWS = 256, 4
NO_NVRTC = "NVRTC is not installed: pip install nvidia-cuda-nvrtc"
NO_ATOMICS = frozenset(["?", "i1", "u1", "i2", "u2"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What is made of the accumulators of few rows, by the thread that has them all: a reduction, and its storage."""

    function: str
    storage: str


@functools.cache
def prelude(*more: str) -> str:
    """The device functions that printed kernels call; `more` files of them."""
    folder = importlib.resources.files("tenfold.target")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in ("prelude.cu", *more))


@functools.cache
def routines(name: str, limbs: int = 3) -> str:
    """A file of kernels of its own, behind the prelude, for cells of so many limbs."""
    file = importlib.resources.files("tenfold.target").joinpath(name)
    return f"{prelude('rounding.cu')}\n#define LIMBS {limbs}\n{file.read_text(encoding='utf-8')}"


# -- printing -----------------------------------------------------------------------------------------------------


def text(kernel: kn.Kernel, answer: Answer | None = None) -> str:
    """The CUDA C++ source of a kernel, to stand behind the prelude.

    LIMBS, SHARED (1: accumulators of all groups fit in shared memory) and COLUMNS (copies of them there) are defined
    by who compiles it. Groups are numbered from `origin` on; without groups, each segment of the rows has a result,
    or, if an answer is asked for, that.
    """
    for sink in kernel.sinks if answer is None else ():
        if isinstance(sink, kn.Fold) and sink.function in ("min", "max") and sink.storage in NO_ATOMICS:
            raise NotYetError(f"{sink.function} of {sink.storage} on a GPU")
    listing = "".join(f"// {line}\n" for line in show(kernel).splitlines())
    lines = [*_numbers(kernel), *_signature(kernel, answer), *_start(kernel)]
    lines += [*_loop(kernel), *_end(kernel)] if answer is None else _answering_loop(kernel, answer)
    return f"{listing}#define ROWS {ROWS}\n" + "\n".join([*lines, "}"]) + "\n"


def _numbers(kernel: kn.Kernel) -> list[str]:
    """Constants of more than 32 bits in constant memory, where instructions find them; others they hold themselves."""
    found = [constant.text for constant in _long(kernel)]
    return [f"__constant__ f8 NUMBERS[{len(found)}] = {{{', '.join(found)}}};"] if found else []


@functools.lru_cache(64)
def _long(kernel: kn.Kernel) -> tuple[kn.Const, ...]:
    floats = [s for s in kernel.body if isinstance(s, kn.Const) and s.storage == "f8" and np.isfinite(float(s.text))]
    return tuple(s for s in floats if int(np.float64(s.text).view("i8")) & 0xFFFFFFFF)


def _scheduled(kernel: kn.Kernel) -> tuple[list[int], list[int]]:
    """Statements that every row needs for the guard, and those that only rows behind it need."""
    first = len(kernel.inputs) + len(kernel.params)
    everything = list(range(first, first + len(kernel.body)))
    before = set(block.needed(kernel, [kernel.guard])) if kernel.guard >= 0 else set()
    return [n for n in everything if n in before], [n for n in everything if n not in before]


def _type(storage: str) -> str:
    return "bool" if storage == "?" else storage


def _signature(kernel: kn.Kernel, answer: Answer | None) -> list[str]:
    inputs = len(kernel.inputs)
    args = ["i8 n"]
    if answer:
        args += ["i8 length", "i8 inner", "u8 magic", "i4 shift", f"{_type(answer.storage)}* answers"]
    elif block.is_fold(kernel):
        grouped = ["i4 groups", "i8 origin", "const i8* work"]
        args += grouped if _is_grouped(kernel) else ["i8 length", "i8 inner", "i8 pieces", "i4 lanes"]
    for number, storage in enumerate(kernel.inputs):
        args += _index_map(number, int(storage[1:])) if _is_map(storage) else [_column(number, storage)]
    args += [f"{_type(s)} v{inputs + k}" for k, s in enumerate(kernel.params)]
    for number, sink in enumerate(kernel.sinks if answer is None else ()):
        if isinstance(sink, kn.Compact):
            args += [f"i8* counts{number}", "i4 phase"] if kernel.guard >= 0 else []
            args += [f"{_type(s)}* out{number}_{k}" for k, s in enumerate(sink.storages)]
        elif block.is_exact_sum(sink):
            args += [f"i8* cells{number}", f"i8 low{number}", f"i8* outside{number}"]
        else:
            args.append(f"{_state(sink)}* state{number}")
    head = f'extern "C" __global__ void __launch_bounds__({THREADS}) kernel('
    return [head, *(f"    {arg}," for arg in args[:-1]), f"    {args[-1]}) {{"]


def _column(number: int, storage: str) -> str:
    return f"const {'u1' if storage == '?' else storage}* __restrict__ x{number}"


def _is_map(storage: str) -> bool:
    return storage[0] == "@"


def _index_map(number: int, axes: int) -> list[str]:
    """The arguments of an index map, in the order of `index_map.IndexMap.arguments`."""
    inner = [
        f"{what}{number}_{axis}"
        for axis in range(axes - 1, 0, -1)
        for what in ("i8 stride", "i8 size", "u8 magic", "i4 shift")
    ]
    return [f"i8 base{number}", *inner, f"i8 stride{number}_0"]


def _maps(kernel: kn.Kernel) -> list[int]:
    return [number for number, storage in enumerate(kernel.inputs) if _is_map(storage)]


def _map_arguments(kernel: kn.Kernel, number: int) -> str:
    return ", ".join(argument.split()[1] for argument in _index_map(number, int(kernel.inputs[number][1:])))


def _state(sink: kn.Node) -> str:
    assert isinstance(sink, kn.Fold)
    return "i8" if sink.function == "count" else sink.storage


def tables(kernel: kn.Kernel) -> list[tuple[int, bool]]:
    """The sinks of groups that accumulate in shared memory: exact sums, and counts (in columns, like the sums' own)."""
    folds = [(n, s) for n, s in enumerate(kernel.sinks) if isinstance(s, kn.Fold) and s.group >= 0]
    return [(n, block.is_exact_sum(s)) for n, s in folds if block.is_exact_sum(s) or s.function == "count"]


def draws(kernel: kn.Kernel) -> bool:
    """Whether it draws numbers: neighbouring rows share what that takes."""
    return bool(_draws(kernel))


def _folds(kernel: kn.Kernel) -> list[tuple[int, kn.Fold]]:
    return [(n, s) for n, s in enumerate(kernel.sinks) if isinstance(s, kn.Fold)]


def _start(kernel: kn.Kernel) -> list[str]:
    lines = [f"  Words {draw.name};" for draw in _draws(kernel)]
    lines += [f"  {_type(kernel.storages()[n])} kept{n} = 0;" for draw in _draws(kernel) for n in draw.kept]
    if _is_grouped(kernel):
        lines += _start_groups(kernel) + _start_tables(tables(kernel))
        lines += ["  i8 segment = 0, lanes = blockDim.x < 32 ? 1 : 32;"] if _alone(kernel) else []
        lines += [f"  {line}" for n, s in _alone(kernel) for line in _accumulator(n, s)]
    return lines


def _alone(kernel: kn.Kernel) -> list[tuple[int, kn.Fold]]:
    """Folds of all rows in a kernel whose others are by group."""
    return [(n, s) for n, s in _folds(kernel) if s.group < 0]


def _is_grouped(kernel: kn.Kernel) -> bool:
    return any(s.group >= 0 for _, s in _folds(kernel))


def _start_groups(kernel: kn.Kernel) -> list[str]:
    """The rows of the block, and its states and groups counted from those of its part."""
    lines = ["  Share share = share_of(work, n, (i8)blockDim.x * ROWS);", "  i8 skipped = share.part;"]
    lines += ["  n = share.end, origin += skipped;"]
    for number, sink in ((n, s) for n, s in _folds(kernel) if s.group >= 0):
        if block.is_exact_sum(sink):
            lines.append(f"  cells{number} += skipped * (LIMBS + 2);")
            lines.append(f"  Spill spill{number} = {{outside{number}, skipped}};")
        else:
            lines.append(f"  state{number} += skipped;")
    return lines


def _start_tables(found: list[tuple[int, bool]]) -> list[str]:
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
    lines, found = [], tables(kernel)
    if _is_grouped(kernel):
        lines += [f"  {_flush(n, s)}" for n, s in _alone(kernel)]
    if not found:
        return lines
    lines += ["#if SHARED", "  __syncthreads();"]
    for number, is_sum in found:
        if is_sum:
            lines.append(f"  dense_flush<LIMBS, COLUMNS>(table{number}, groups, cells{number});")
        else:
            lines.append(f"  count_flush<COLUMNS>(table{number}, groups, state{number});")
    return [*lines, "#endif"]


def _loop(kernel: kn.Kernel) -> list[str]:
    if not block.is_fold(kernel):
        return _compacting_loop(kernel) if kernel.guard >= 0 else _row_loop(kernel)
    return _row_loop(kernel) if _is_grouped(kernel) else _segment_loop(kernel)


def _together(kernel: kn.Kernel) -> bool:
    """Whether a thread's rows are neighbours, which share divisions and the words of draws; else warps read runs."""
    return bool(_maps(kernel) or _draws(kernel))


def _row_loop(kernel: kn.Kernel) -> list[str]:
    """The rows of a block's share, or every so many of all."""
    thread, row = ("threadIdx.x * ROWS", "at + r") if _together(kernel) else ("threadIdx.x", "at + r * blockDim.x")
    start, step = ("share.first", "share.step") if _is_grouped(kernel) else ("blockIdx.x * step", "gridDim.x * step")
    return [
        *([] if _is_grouped(kernel) else ["  i8 step = (i8)blockDim.x * ROWS;"]),
        f"  for (i8 at = {start} + {thread}; at < n; at += {step}) {{",
        *_rows(kernel, f"i8 i = {row}; bool inside = i < n;"),
        "  }",
    ]


def _segment_loop(kernel: kn.Kernel) -> list[str]:
    """Rows `start + k * inner`, k below `length`, are a segment; `lanes` threads take every so many of them."""
    thread, row = ("lane * ROWS", "at + r") if _together(kernel) else ("lane", "at + r * lanes")
    lines = [
        "  lanes = blockDim.x < lanes ? 1 : lanes;",
        "  i8 segments = n / length, thread = (i8)blockIdx.x * blockDim.x + threadIdx.x, lane = thread % lanes;",
        "  for (i8 unit = thread / lanes; unit < segments * pieces; unit += (i8)gridDim.x * blockDim.x / lanes) {",
        "    i8 segment = unit % segments, start = segment / inner * inner * length + segment % inner;",
    ]
    for number, sink in _folds(kernel):
        lines += [f"    {line}" for line in _accumulator(number, sink)]
    lines += [
        f"    for (i8 at = unit / segments * lanes * ROWS + {thread}; at < length; at += pieces * lanes * ROWS) {{",
        *(f"  {line}" for line in _rows(kernel, f"i8 k = {row}, i = start + k * inner; bool inside = k < length;")),
        "    }",
    ]
    return [*lines, *(f"    {_flush(n, s)}" for n, s in _folds(kernel)), "  }"]


def _answering_loop(kernel: kn.Kernel, answer: Answer) -> list[str]:
    """Each thread takes whole segments; where it cannot tell an exact sum, it goes over the rows once more."""
    folds = _folds(kernel)
    exact = block.is_exact_sum(folds[0][1])
    lines = [
        "  i8 segments = n / length, threads = (i8)gridDim.x * blockDim.x;",
        "  for (i8 segment = (i8)blockIdx.x * blockDim.x + threadIdx.x; segment < segments; segment += threads) {",
        "    i8 start = divide(segment, magic, shift) * inner * (length - 1) + segment;",
    ]
    for number, sink in folds:
        nothing = _constant(kn.Const(str(block.identity(sink)), _state(sink)))
        lines.append(f"    {_type(_state(sink))} total{number} = {nothing};")
    if exact:
        lines[-1:] = [f"    Few<{answer.storage}> sum0;", "    Wide wide0;", "    do {"]
    place = "i8 k = at + r, i = start + k * inner; bool inside = k < length;"
    lines += ["    for (i8 at = 0; at < length; at += ROWS) {", *_rows(kernel, place, alone=True), "    }"]
    if exact:
        lines += ["    } while (!sum0.is_known(&wide0));"]
    return [*lines, f"    answers[segment] = {_answer(answer, exact, len(folds))};", "  }"]


def _answer(answer: Answer, exact: bool, folds: int) -> str:
    """Out of the accumulators: the twin of `run.arrays.answer_of`."""
    match answer.function:
        case "any":
            return "total0 > 0"
        case "all":
            return "total0 == 0"
        case "min" | "max" if folds > 1:
            return f"total1 > 0 ? not_a_number<{answer.storage}>() : total0"
    return "sum0.answer" if exact else f"({_type(answer.storage)})total0"


def _accumulator(number: int, sink: kn.Fold) -> list[str]:
    """Of a thread, for one segment."""
    if block.is_exact_sum(sink):
        return [
            f"i8* cell{number} = cells{number} + segment * (LIMBS + 2);",
            f"Spill spill{number} = {{outside{number}, segment}};",
            f"Sum<LIMBS> sum{number}(low{number});",
        ]
    start = f"state{number}[segment]" if sink.function in ("min", "max") else "0"
    return [f"{_state(sink)} total{number} = {start};"]


def _flush(number: int, sink: kn.Fold) -> str:
    if block.is_exact_sum(sink):
        return f"sum{number}.flush(cell{number}, lanes);"
    how = sink.function if sink.function in ("min", "max") else "total"
    return f"flush_{how}(state{number} + segment, total{number}, lanes);"


def _rows(kernel: kn.Kernel, place: str, alone: bool = False) -> list[str]:
    """What is done with ROWS rows: `place` says where row r is, and whether it is one; `alone`: the thread has all.

    All inputs come first: so loads of columns are under way together, and neighbours share divisions.
    """
    columns = kernel.storages()[: len(kernel.inputs)]
    lines = [f"    {_type(s)} x{k}_[ROWS];" for k, s in enumerate(columns)]
    lines += _mapped(kernel)
    loads = "".join(f" x{k}_[r] = x{k}[i];" for k, s in enumerate(kernel.inputs) if not _is_map(s))
    if loads:
        lines += ["#pragma unroll", "    for (int r = 0; r < ROWS; r++) {", f"      {place}"]
        lines += [f"      i = inside ? i : 0;{loads}", "    }"]
    lines += ["#pragma unroll", "    for (int r = 0; r < ROWS; r++) {", f"      {place}"]
    lines += [f"      {_type(s)} v{k} = x{k}_[r];" for k, s in enumerate(columns)]
    always, guarded = _scheduled(kernel)
    lines += [f"      {line}" for line in _statements(kernel, always)]
    lines.append(f"      if (inside{f' && v{kernel.guard}' if kernel.guard >= 0 else ''}) {{")
    lines += [f"        {line}" for line in _statements(kernel, guarded)]
    for number, sink in enumerate(kernel.sinks):
        lines += [f"        {line}" for line in _sink(number, sink, alone)]
    return [*lines, "      }", "    }"]


def _mapped(kernel: kn.Kernel) -> list[str]:
    """The values of index maps at ROWS rows; those of a segment may lie apart."""
    maps = {k: _map_arguments(kernel, k) for k in _maps(kernel)}
    if not maps or not block.is_fold(kernel) or _is_grouped(kernel):
        return [f"    index_rows<ROWS>(at, x{k}_, {arguments});" for k, arguments in maps.items()]
    apart = "".join(f" x{k}_[r] = index_map(start + (at + r) * inner, {a});" for k, a in maps.items())
    return [
        "    if (inner == 1) {",
        *(f"      index_rows<ROWS>(start + at, x{k}_, {arguments});" for k, arguments in maps.items()),
        f"    }} else for (int r = 0; r < ROWS; r++) {{{apart} }}",
    ]


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
    for k, storage in enumerate(kernel.inputs):
        value = f"index_map(from, {_map_arguments(kernel, k)})" if _is_map(storage) else f"x{k}[from]"
        lines.append(f"    {_type(kernel.storages()[k])} v{k} = {value};")
    lines += [f"    {line}" for line in _statements(kernel, [*always, *guarded])]
    lines += [
        f"    bool pass = i < end && v{kernel.guard};",
        "    i8 k = block_position(pass, &base);",
        "    if (pass && phase) {",
    ]
    lines += [f"      out{number}_{m}[k] = v{a};" for m, a in enumerate(sink.args)]
    return [*lines, "    }", "  }", f"  if (!phase && threadIdx.x == 0) counts{number}[blockIdx.x] = base;"]


@dataclass(frozen=True, slots=True)
class _Draw:
    """The words at one index under one key: `inside` is what is made of a pair and of nothing else that changes.

    Both elements of a pair share all of that. So a thread computes it where the pair is another than in its last row,
    and remembers what is used outside, `kept`.
    """

    name: str
    index: int
    words: tuple[int, ...]
    inside: frozenset[int]
    kept: tuple[int, ...]


@functools.lru_cache(64)
def _draws(kernel: kn.Kernel) -> tuple[_Draw, ...]:
    first = len(kernel.inputs) + len(kernel.params)
    words: dict[tuple[int, ...], list[int]] = {}
    for number in range(first, first + len(kernel.body)):
        if block.word(kernel, number):
            words.setdefault(block.statement(kernel, number).args, []).append(number)
    return tuple(_draw(kernel, args[2], numbers) for args, numbers in words.items())


def _draw(kernel: kn.Kernel, index: int, words: list[int]) -> _Draw:
    inputs, first = len(kernel.inputs), len(kernel.inputs) + len(kernel.params)
    lets = [(n, s) for n, s in enumerate(kernel.body, start=first) if isinstance(s, kn.Let)]
    fixed = {*range(inputs, first), *(n for n, s in enumerate(kernel.body, start=first) if isinstance(s, kn.Const))}
    inside = {n for n in words if block.word(kernel, n) in PAIRS}
    for number, let in lets:
        if let.op not in WORDS and inside & {*let.args} and {*let.args} <= inside | fixed:
            inside.add(number)
    inside |= {n for n in fixed if n >= first and all(m in inside for m, let in lets if n in let.args)}
    outside = {a for n, let in lets if n not in inside for a in let.args}
    kept = sorted(inside & {*outside, *block.results(kernel), kernel.guard})
    return _Draw(f"words{words[0]}", index, tuple(words), frozenset(inside), tuple(kept))


def _statements(kernel: kn.Kernel, numbers: list[int]) -> list[str]:
    """Statements in order; those of a pair of words together, where the first of them is met."""
    lines: list[str] = []
    draws = list(_draws(kernel))
    for number in numbers:
        draw = next((d for d in _draws(kernel) if number in d.inside), None)
        if draw is None:
            lines.append(_statement(kernel, number))
        elif draw in draws:
            draws.remove(draw)
            lines += _pair(kernel, draw)
    return lines


def _pair(kernel: kn.Kernel, draw: _Draw) -> list[str]:
    words = frozenset(n for n in draw.inside if block.word(kernel, n))
    body = block.needed(kernel, list(draw.kept), words)
    return [
        f"if ({draw.name}.moves(v{draw.index})) {{",
        *(f"  {_statement(kernel, n)}" for n in body),
        *(f"  kept{n} = v{n};" for n in draw.kept),
        "}",
        *(f"{_type(kernel.storages()[n])} v{n} = kept{n};" for n in draw.kept),
    ]


def _statement(kernel: kn.Kernel, number: int) -> str:
    statement = block.statement(kernel, number)
    match statement:
        case kn.Const() if statement in _long(kernel):
            written = f"NUMBERS[{_long(kernel).index(statement)}]"
        case kn.Const():
            written = _constant(statement)
        case kn.Row():
            written = "i"
        case kn.Let(op=op, args=args) if op in WORDS:
            (draw,) = (d for d in _draws(kernel) if number in d.words)
            written = f"{draw.name}.{op}({', '.join(f'v{a}' for a in args)})"
        case kn.Let():
            written = _operation(kernel, statement)
    return f"{_type(statement.storage)} v{number} = {written};"


def _operation(kernel: kn.Kernel, let: kn.Let) -> str:
    """An operation; what leaves the range of signed integers (also of those that C++ makes of narrow ones) is done in
    unsigned ones, which wrap."""
    operation, values = OPERATIONS[let.op], [f"v{a}" for a in let.args]
    second = block.whole_constant(kernel, let.args[1]) if operation.careful else None
    if not is_plain(let.op, let.storage, second):
        return operation.careful.format(*values)
    if let.op not in WRAPPING or let.storage not in INTEGERS or let.storage in ("u4", "u8"):
        return operation.cuda.format(*values, cast=_type(let.storage))
    if let.storage == "i2" and let.op in ("sub", "neg"):
        return f"minus({', '.join(values if let.op == 'sub' else ['0', *values])})"
    word = "u8" if let.storage == "i8" else "u4"
    return f"({let.storage})({operation.cuda.format(*(f'({word}){v}' for v in values))})"


def _constant(constant: kn.Const) -> str:
    if constant.storage[0] == "f":
        odd = {"nan": "bits_f8(0x7ff8000000000000LL)", "inf": "bits_f8(0x7ff0000000000000LL)"}
        return odd.get(constant.text.lstrip("-"), constant.text.lstrip("-")).join(
            ["-" if constant.text.startswith("-") else "", ""]
        )
    value = int(constant.text) if constant.storage != "?" else int(constant.text == "True")
    return "(-9223372036854775807LL - 1)" if value == -(1 << 63) else f"{value}{'ULL' if value >> 63 > 0 else 'LL'}"


def _sink(number: int, sink: kn.Node, alone: bool) -> Iterator[str]:
    if isinstance(sink, kn.Compact):
        yield from (f"out{number}_{m}[i] = v{a};" for m, a in enumerate(sink.args))
        return
    assert isinstance(sink, kn.Fold)
    lines = _grouped(number, sink) if sink.group >= 0 else [_added(number, sink, alone)]
    yield from [f"if (v{sink.valid}) {{", *lines, "}"] if sink.valid >= 0 else lines


def _added(number: int, sink: kn.Fold, alone: bool) -> str:
    """A row into the accumulator of the thread."""
    if block.is_exact_sum(sink):
        if alone:
            return f"sum{number}.add(v{sink.value}, &wide{number});"
        return f"sum{number}.add(v{sink.value}, cell{number}, &spill{number});"
    if sink.function in ("min", "max"):
        value, total = f"v{sink.value}", f"total{number}"
        first, second = (value, total) if sink.function == "min" else (total, value)
        return f"if (precedes({first}, {second})) {total} = {value};"
    if sink.function == "count":
        return f"total{number} += 1;"
    return f"total{number} = ({sink.storage})((u8)total{number} + (u8)v{sink.value});"


def _grouped(number: int, sink: kn.Fold) -> list[str]:
    """A row into the accumulator of its group."""
    group, value = f"v{sink.group} - origin", f"v{sink.value}"
    if block.is_exact_sum(sink):
        rest = f"low{number}, {group}, {value}, "
        return [
            "#if SHARED",
            f"deposit_dense<LIMBS, COLUMNS>(table{number}, {rest}cells{number}, &spill{number});",
            "#else",
            f"deposit_global<LIMBS>(cells{number}, {rest}&spill{number});",
            "#endif",
        ]
    if sink.function == "count":
        return [
            "#if SHARED",
            f"atomicAdd(table{number} + ({group}) * COLUMNS + threadIdx.x % COLUMNS, 1u);",
            "#else",
            f"atomicAdd((u8*)state{number} + {group}, 1ULL);",
            "#endif",
        ]
    if sink.function == "sum":
        return [f"atomicAdd((u8*)state{number} + {group}, (u8){value});"]
    return [f"fold_{sink.function}(state{number} + {group}, {value});"]


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


def answering_source(kernel: kn.Kernel, answer: Answer) -> str:
    """All that is compiled for the answers of segments of few rows."""
    return f"{prelude('rounding.cu')}\n{text(kernel, answer)}"


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
