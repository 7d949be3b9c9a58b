"""The taxi query on a GPU with exact sums: how the table in shared memory is best added to.

Run on a GPU from the repository: `PYTHONPATH=src python bench/notes/accumulator_gpu.py [rows]` (CuPy). Without a GPU,
`... --compile` compiles every variant by NVRTC; `--many` measures global cells by the number of groups. Each variant's kernel is the printed one: rows in flight, `deposit`,
flush. All exact variants must leave the same cells, whatever the launch, and those of the CPU on a part of the rows.
"""

import ctypes
import glob
import math
import statistics
import sys
import sysconfig
from pathlib import Path

import numpy as np

from tenfold.primitives import accumulate as ac
from tenfold.primitives import exact

GROUPS = 24
PRELUDE = Path(ac.__file__).parents[1] / "target" / "prelude.cu"
KERNEL = """
#define GROUPS 24
#define LIMBS %(limbs)s
#define ROWS %(rows)s
%(table)s
extern "C" __global__ void __launch_bounds__(%(threads)s) taxi(const i8* __restrict__ pickup, const f8* __restrict__ fare,
    const f8* __restrict__ tip, i8 n, i8 low, i8* cells, i4* outside) {
  extern __shared__ i8 table[];
  clear(table);
  __syncthreads();
  for (i8 at = (i8)blockIdx.x * blockDim.x * ROWS + threadIdx.x; at < n; at += (i8)gridDim.x * blockDim.x * ROWS) {
    i8 when[ROWS]; f8 fares[ROWS], tips[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      i8 i = at + r * blockDim.x; bool in = i < n; i = in ? i : n - 1;
      when[r] = pickup[i]; fares[r] = fare[i]; tips[r] = in ? tip[i] : 0.0;
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++)
      if (tips[r] > 0.0 && fares[r] > 0.0)
        deposit(table, low, (int)(when[r] / 3600000000LL %% 24), tips[r] / fares[r], cells, outside);
  }
  __syncthreads();
  flush(table, cells);
}
"""
CLEAR = """
__device__ void clear(i8* table) { for (int i = threadIdx.x; i < BYTES / 8; i += blockDim.x) table[i] = 0; }
"""
# sums of one limb's columns, split so that they cannot overflow, by one thread for each (group, limb)
FLUSH = """
__device__ void flush(i8* table, i8* cells) {
  for (int w = threadIdx.x; w < GROUPS * LIMBS; w += blockDim.x) {
    int group = w / LIMBS, k = w % LIMBS - 1;
    i8* cell = cells + group * (LIMBS + 2); i8 below = 0, above = 0;
    for (int c = 0; c < COLS; c++) { i8 v = word(table, group, k, c); below += v & ((1LL << BITS) - 1); above += v >> BITS; }
    if (k < 0) atomicAdd((u8*)cell, (u8)(below + (above << BITS)));
    else { add_limb(cell + 2 + k, cell + LIMBS + 1, below); add_limb(cell + 3 + k, cell + LIMBS + 1, above); }
  }
}
"""
DEPOSIT = """
__device__ __forceinline__ void deposit(i8* table, i8 low, int group, f8 x, i8* cells, i4* outside) {
  i8 step[LIMBS - 1];
  if (!%(steps)s<LIMBS>(x, low, step)) { deposit_rare<LIMBS>(cells, low, group, x, outside); return; }
  %(add)s
}
"""
PLAIN = """
#define BYTES (GROUPS * 32 * 12)
__device__ __forceinline__ void deposit(i8* table, i8 low, int group, f8 x, i8* cells, i4* outside) {
  int at = group * 32 + (threadIdx.x & 31);
  atomicAdd((f8*)table + at, x); atomicAdd((u4*)(table + GROUPS * 32) + at, 1u);
}
__device__ void flush(i8* table, i8* cells) {
  if (threadIdx.x < GROUPS) {
    f8 sum = 0; u8 count = 0;
    for (int c = 0; c < 32; c++) { int at = threadIdx.x * 32 + c; sum += ((f8*)table)[at]; count += ((u4*)(table + GROUPS * 32))[at]; }
    atomicAdd((f8*)cells + threadIdx.x * (LIMBS + 2) + 2, sum); atomicAdd((u8*)cells + threadIdx.x * (LIMBS + 2), count);
  }
}
"""
# [group][limb][column] of i8, then [group][column] of u4 counts
WIDE = """
#define COLS %(cols)s
#define BYTES (GROUPS * COLS * (8 * (LIMBS - 1) + 4))
__device__ __forceinline__ u4* counts(i8* table) { return (u4*)(table + GROUPS * COLS * (LIMBS - 1)); }
__device__ __forceinline__ i8 word(i8* table, int group, int k, int c) {
  return k < 0 ? (i8)counts(table)[group * COLS + c] : table[(group * (LIMBS - 1) + k) * COLS + c];
}
"""
# [group][count, low and high half of each limb][column] of u4
HALVES = """
#define COLS %(cols)s
#define BYTES (GROUPS * COLS * 4 * (2 * LIMBS - 1))
__device__ __forceinline__ i8 word(i8* table, int group, int k, int c) {
  u4* row = (u4*)table + group * (2 * LIMBS - 1) * COLS + c;
  return k < 0 ? (i8)row[0] : (i8)((u8)row[(2 * k + 2) * COLS] << 32 | row[(2 * k + 1) * COLS]);
}
"""
ATOMIC64 = """int column = threadIdx.x %% COLS;
  #pragma unroll
  for (int k = 0; k < LIMBS - 1; k++) atomicAdd((u8*)table + (group * (LIMBS - 1) + k) * COLS + column, (u8)step[k]);
  atomicAdd(counts(table) + group * COLS + column, 1u);"""
ATOMIC32 = """u4* row = (u4*)table + group * (2 * LIMBS - 1) * COLS + threadIdx.x %% COLS;
  atomicAdd(row, 1u);
  #pragma unroll
  for (int k = 0; k < LIMBS - 1; k++) {
    u4 lo = (u4)step[k], old = atomicAdd(row + (2 * k + 1) * COLS, lo), carry = old + lo < old;
    atomicAdd(row + (2 * k + 2) * COLS, (u4)(step[k] >> 32) + carry);
  }"""
PRIVATE = """
  #pragma unroll
  for (int k = 0; k < LIMBS - 1; k++) table[(group * (LIMBS - 1) + k) * COLS + threadIdx.x] += step[k];
  counts(table)[group * COLS + threadIdx.x] += 1;"""
# the significand shifted to its place, without floating point
SHIFTED = """
template <int L> __device__ __forceinline__ bool shifted(f8 x, i8 low, i8* step) {
  i8 bits = f8_bits(x), exponent = bits >> 52 & 2047, position = exponent - 1 - low;
  i8 significand = (bits & ((1LL << 52) - 1)) | 1LL << 52;
  int limb = (u4)position * 1490u >> 16, shift = (int)position - limb * BITS;
  significand = bits < 0 ? -significand : significand;
  for (int k = 0; k < L - 1; k++)
    step[k] = k == limb ? (significand << shift) & ((1LL << BITS) - 1) : k == limb + 1 ? significand >> (BITS - shift) : 0;
  return exponent > 0 && exponent < 2047 && position >= 0 && position < BITS * (L - 2);
}
"""


def private(threads, rows, limbs=3):
    return dict(table=WIDE % dict(cols=threads) + CLEAR + DEPOSIT % dict(steps="steps", add=PRIVATE) + FLUSH,
                threads=threads, rows=rows, limbs=limbs)  # fmt: skip


def shared(layout, add, rows, threads=256, steps="steps", limbs=3):
    before = SHIFTED if steps == "shifted" else ""
    body = DEPOSIT % dict(steps=steps, add=add % ())
    return dict(table=before + layout % dict(cols=32) + CLEAR + body + FLUSH, threads=threads, rows=rows, limbs=limbs)


VARIANTS = {
    "plain float atomics, 1 row": dict(table=PLAIN + CLEAR, threads=256, rows=1, limbs=3),
    "plain float atomics, 4 rows": dict(table=PLAIN + CLEAR, threads=256, rows=4, limbs=3),
    "64-bit atomics, 1 row": shared(WIDE, ATOMIC64, 1),
    "64-bit atomics, 4 rows": shared(WIDE, ATOMIC64, 4),
    "64-bit atomics, shifts, 4 rows": shared(WIDE, ATOMIC64, 4, steps="shifted"),
    "32-bit atomics, 1 row": shared(HALVES, ATOMIC32, 1),
    "32-bit atomics, 2 rows": shared(HALVES, ATOMIC32, 2),
    "32-bit atomics, 4 rows": shared(HALVES, ATOMIC32, 4),
    "32-bit atomics, 8 rows": shared(HALVES, ATOMIC32, 8),
    "32-bit atomics, 4 rows, 512 threads": shared(HALVES, ATOMIC32, 4, threads=512),
    "32-bit atomics, shifts, 4 rows": shared(HALVES, ATOMIC32, 4, steps="shifted"),
    "32-bit atomics, 4 rows, 4 limbs": shared(HALVES, ATOMIC32, 4, limbs=4),
    "32-bit atomics, 4 rows, 8 limbs": shared(HALVES, ATOMIC32, 4, limbs=8),
    "private columns, 128 threads, 1 row": private(128, 1),
    "private columns, 128 threads, 4 rows": private(128, 4),
    "private columns, 128 threads, 8 rows": private(128, 8),
    "private columns, 256 threads, 4 rows": private(256, 4),
    "prelude's dense table, 4 rows": dict(
        table="#define BYTES (4 * GROUPS * (2 * LIMBS - 1) * 32)\n" + """
__device__ void clear(i8* table) { dense_clear<LIMBS, 32>((u4*)table, GROUPS); }
__device__ __forceinline__ void deposit(i8* table, i8 low, int group, f8 x, i8* cells, i4* outside) {
  deposit_dense<LIMBS, 32>((u4*)table, low, group, x, cells, outside);
}
__device__ void flush(i8* table, i8* cells) { dense_flush<LIMBS, 32>((u4*)table, GROUPS, cells); }
""", threads=256, rows=4, limbs=3),
    "global atomics, 4 rows": dict(
        table="#define BYTES 8\n" + CLEAR + """
__device__ __forceinline__ void deposit(i8* table, i8 low, int group, f8 x, i8* cells, i4* outside) {
  deposit_global<LIMBS>(cells, low, group, x, outside);
}
__device__ void flush(i8* table, i8* cells) {}
""", threads=256, rows=4, limbs=3),
}  # fmt: skip


def text(variant):
    return PRELUDE.read_text() + KERNEL % variant


def table_bytes(name, variant):
    columns, limbs = variant["threads"] if "private" in name else 32, variant["limbs"]
    if "plain" in name or "global" in name:
        return GROUPS * 32 * 12
    return GROUPS * columns * (4 * (2 * limbs - 1) if "32-bit" in name or "prelude" in name else 8 * (limbs - 1) + 4)


def compile_all():
    """Every variant through NVRTC, without a GPU; the sizes of the machine code."""
    library = ctypes.CDLL(glob.glob(sysconfig.get_path("purelib") + "/nvidia/*/lib/libnvrtc.so*")[0])
    options = [b"--fmad=false", b"--std=c++17", b"-arch=sm_90"]
    for name, variant in VARIANTS.items():
        program, size = ctypes.c_void_p(), ctypes.c_size_t()
        source = text(variant).encode()
        library.nvrtcCreateProgram(ctypes.byref(program), source, b"taxi.cu", 0, None, None)
        failed = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
        library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        library.nvrtcGetProgramLog(program, log)
        library.nvrtcGetCUBINSize(program, ctypes.byref(size))
        print(f"{name:40} {'FAILED' if failed else 'ok'} {size.value} bytes {log.value.decode()}")


def main(rows):
    import cupy as cp

    cp.random.seed(0)
    pickup = cp.random.randint(0, 365 * 86400, rows, dtype=cp.int64) * 1_000_000
    fare = cp.round(cp.random.random(rows) * 40 - 0.4, 2)
    tip = cp.where(cp.random.random(rows) < 0.4, 0, fare * 0.2 * (1 + cp.random.random(rows)))
    sample = cp.asnumpy(tip[:1000] / fare[:1000])
    low, _ = exact.window_of(sample[(sample > 0) & np.isfinite(sample)])
    low += 8  # the device's first rung is 8 bits shorter
    target = cp.empty_like(pickup)
    bandwidth = 2 * pickup.nbytes / seconds_of(lambda: cp.copyto(target, pickup))
    print(f"copy {bandwidth / 1e12:.2f} TB/s; window low {low}")
    processors = cp.cuda.runtime.getDeviceProperties(0)["multiProcessorCount"]
    part = 10_000_000
    wanted = on_the_cpu(*(cp.asnumpy(a[:part]) for a in (pickup, fare, tip)))
    built, times, notes = {}, {}, {}
    for name, variant in VARIANTS.items():
        kernel = cp.RawModule(code=text(variant), options=("--fmad=false", "--std=c++17")).get_function("taxi")
        kernel.max_dynamic_shared_size_bytes = max(table_bytes(name, variant), 1024)
        built[name] = kernel

    def run(name, n, per_processor):
        variant, kernel = VARIANTS[name], built[name]
        lower = low - ac.BITS * (variant["limbs"] - 3)
        cells, outside = cp.zeros((GROUPS, variant["limbs"] + 2), cp.int64), cp.zeros(1, cp.int32)
        shared_bytes = table_bytes(name, variant)
        fit = per_processor or max(min(2048 // variant["threads"], 227 * 1024 // (shared_bytes + 1024)), 1)
        kernel((processors * fit,), (variant["threads"],), (pickup, fare, tip, np.int64(n), np.int64(lower), cells, outside),
               shared_mem=shared_bytes)  # fmt: skip
        return cells, outside, lower

    for name in VARIANTS:
        is_exact = "plain" not in name
        cells, outside, lower = run(name, part, 0)
        if is_exact:
            sums = exact.sums(exact.normalise(cp.asnumpy(cells)), lower)
            whole = [exact.sums(exact.normalise(cp.asnumpy(run(name, rows, fit)[0])), lower).tolist() for fit in (0, 1)]
            right = sums.tolist() == wanted and int(outside[0]) == 0 and whole[0] == whole[1]
            notes[name] = f"{'right' if right else 'WRONG'} {hash(tuple(whole[0])) & 0xFFFF:04x}"
    for _ in range(3):
        for name in VARIANTS:
            times.setdefault(name, []).append(seconds_of(lambda name=name: run(name, rows, 0), 5))
    for name, measured in times.items():
        middle = statistics.median(measured)
        kernel = built[name]
        share = rows * 24 / middle / bandwidth
        print(f"{name:40} {middle * 1e3:7.3f} ms {rows * 24 / middle / 1e12:5.2f} TB/s {share:4.0%} of copy  "
              f"{kernel.num_regs:3} regs {notes.get(name, '')}")  # fmt: skip


MANY = """
extern "C" __global__ void exact(const i4* codes, const f8* x, i8 n, i8 low, i8* cells, i4* outside) {
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x)
    deposit_global<LIMBS>(cells, low, codes[i], x[i], outside);
}
extern "C" __global__ void plain(const i4* codes, const f8* x, i8 n, i8 low, i8* cells, i4* outside) {
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x) {
    atomicAdd((f8*)cells + 2 * codes[i], x[i]);
    atomicAdd((u8*)cells + 2 * codes[i] + 1, 1ULL);
  }
}
"""


def many_groups(rows):
    """Straight into global cells, by the number of groups: sum and count of random codes."""
    import cupy as cp

    x = cp.random.normal(size=rows)
    # The window of all of them: among so many normals, some are as small as 1e-8.
    low, limbs = exact.window_of([float(abs(x).max()) * 256, float(abs(x).min())])
    text = PRELUDE.read_text() + f"#define LIMBS {limbs}" + MANY
    module = cp.RawModule(code=text, options=("--fmad=false", "--std=c++17"))
    for groups in (1_000, 100_000, 1_000_000, 10_000_000):
        codes, taken = cp.random.randint(0, groups, rows, dtype=cp.int32), {}
        for name, words in (("plain", 2), ("exact", limbs + 2)):
            kernel, cells, outside = (
                module.get_function(name),
                cp.zeros((groups, words), cp.int64),
                cp.zeros(1, cp.int32),
            )
            arguments = (codes, x, np.int64(rows), np.int64(low), cells, outside)
            taken[name] = seconds_of(lambda k=kernel, a=arguments: k((132 * 8,), (256,), a), 3)
        cells[:] = 0
        kernel((132 * 8,), (256,), arguments)
        some = cp.asnumpy(cells[:100])
        where = cp.asnumpy(cp.flatnonzero(codes < 100))
        few, values = cp.asnumpy(codes[where]), cp.asnumpy(x[where])
        wanted = [math.fsum(values[few == g]) for g in range(100)]
        right = exact.sums(exact.normalise(some), low).tolist() == wanted and int(outside[0]) == 0
        rates = {name: f"{rows / seconds / 1e9:.2f} G rows/s" for name, seconds in taken.items()}
        print(f"{groups:9} groups: {rates} x {taken['exact'] / taken['plain']:.2f} {'right' if right else 'WRONG'}")


def on_the_cpu(pickup, fare, tip):
    kept = (tip > 0) & (fare > 0)
    ratios, hours = tip[kept] / fare[kept], pickup[kept] // 3_600_000_000 % GROUPS
    return [math.fsum(ratios[hours == hour]) for hour in range(GROUPS)]


def seconds_of(work, repeats=9):
    import cupy as cp

    work()
    measured = []
    for _ in range(repeats):
        start, stop = cp.cuda.Event(), cp.cuda.Event()
        start.record()
        work()
        stop.record()
        stop.synchronize()
        measured.append(cp.cuda.get_elapsed_time(start, stop) / 1e3)
    return statistics.median(measured)


if "--compile" in sys.argv:
    compile_all()
elif "--many" in sys.argv:
    many_groups(100_000_000)
else:
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000_000)
