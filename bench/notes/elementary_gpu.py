"""Elementary functions and draws on a GPU: are the bits those of the NumPy reference, and what do they cost?

Run on a GPU from the repository: `PYTHONPATH=src python bench/notes/elementary_gpu.py` (CuPy); `--compile` only
compiles, by NVRTC. The kernels are printed from symbols that run through the reference's code.
"""

import ctypes
import glob
import statistics
import sys
import sysconfig
from pathlib import Path

import numpy as np

from tenfold.primitives import elementary as el
from tenfold.primitives import philox

PRELUDE = Path(el.__file__).parents[1] / "target" / "prelude.cu"
INFIX = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "lshift": "<<", "rshift": ">>", "and": "&", "or": "|",
    "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "==", "ne": "!=",
}  # fmt: skip


class Symbol:
    """A value that writes down what is done to it, a line of CUDA C++ each."""

    def __init__(self, lines, text):
        self.lines, self.name = lines, f"v{len(lines)}"
        lines.append(f"auto {self.name} = {text};")

    def of(self, text):
        return Symbol(self.lines, text)

    def __neg__(self):
        return self.of(f"-{self.name}")

    def __invert__(self):
        return self.of(f"!{self.name}")

    __hash__ = None


def operand(x):
    if isinstance(x, Symbol):
        return x.name
    if isinstance(x, int):
        return f"(i8){x & philox.MASK64:#x}ULL"
    return repr(float(x)) if abs(x) < el.INFINITY else f"bits_f8({operand(int(np.float64(x).view(np.int64)))})"


for name, sign in INFIX.items():
    setattr(Symbol, f"__{name}__", lambda a, b, s=sign: a.of(f"{a.name} {s} {operand(b)}"))
    if name in ("add", "sub", "mul", "truediv", "and", "or"):
        setattr(Symbol, f"__r{name}__", lambda a, b, s=sign: a.of(f"{operand(b)} {s} {a.name}"))


class Printing:
    """The algebra of symbols."""

    def __init__(self, lines):
        self.of = lambda text: Symbol(lines, text)

    def where(self, condition, a, b):
        return self.of(f"{condition.name} ? {operand(a)} : {operand(b)}")

    def rarely(self, condition, name, x, otherwise):
        return self.of(f"{condition.name} ? {name}({x.name}) : {otherwise.name}")

    def __getattr__(self, name):
        call = {"to_float": "(f8)", "mulhi": "__umul64hi", "bits": "f8_bits", "from_bits": "bits_f8"}.get(name, name)
        return lambda *arguments: self.of(f"{call}({', '.join(operand(a) for a in arguments)})")


KERNEL = """
extern "C" __global__ void run({inputs}, f8* out, i8 n) {{
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x) {{
    {body}
  }}
}}
"""


def function_text(name, count):
    lines = []
    algebra = Printing(lines)
    result = el.FUNCTIONS[name](algebra, *(algebra.of(f"in{k}[i]") for k in range(count)))
    inputs = ", ".join(f"const f8* in{k}" for k in range(count))
    return KERNEL.format(inputs=inputs, body="\n    ".join([*lines, f"out[i] = {operand(result)};"]))


def draws_text(name):
    lines = ["u8 c[4]; block_words(key0, key1, i + 1, c);"]
    algebra = Printing(lines)
    words = [algebra.of(f"(i8)c[{k}]") for k in range(4)]
    if name == "normal":
        results = [*philox.normal_pair(algebra, *words[:2]), *philox.normal_pair(algebra, *words[2:])]
    else:
        results = [philox.DRAWS[name](algebra, w) for w in words]
    lines += [f"out[4 * i + {k}] = {r.name};" for k, r in enumerate(results)]
    return KERNEL.format(inputs="u8 key0, u8 key1", body="\n    ".join(lines))


TEXTS = {name: function_text(name, 2 if name == "power" else 1) for name in el.FUNCTIONS}
TEXTS |= {f"draw {name}": draws_text(name) for name in ("random", "exponential", "normal")}


def compile_all():
    library = ctypes.CDLL(glob.glob(sysconfig.get_path("purelib") + "/nvidia/*/lib/libnvrtc.so*")[0])
    options = (ctypes.c_char_p * 3)(b"--fmad=false", b"--std=c++17", b"-arch=sm_90")
    for name, text in TEXTS.items():
        program, size = ctypes.c_void_p(), ctypes.c_size_t()
        source = (PRELUDE.read_text() + text).encode()
        library.nvrtcCreateProgram(ctypes.byref(program), source, b"run.cu", 0, None, None)
        failed = library.nvrtcCompileProgram(program, 3, options)
        library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        library.nvrtcGetProgramLog(program, log)
        print(f"{name:20} {'FAILED' if failed else 'ok'} {log.value.decode()[:2000]}")


def main():
    import cupy as cp

    rng = np.random.default_rng(0)
    curious = [
        np.nan,
        np.inf,
        -np.inf,
        0.0,
        -0.0,
        1.0,
        -1.0,
        5e-324,
        1e-310,
        1.7e308,
        3.2e298,
        -745.2,
        709.9,
        2.5,
        1e22,
        1e300,
    ]
    x = [rng.uniform(-3, 3, 100_000), rng.uniform(-750, 750, 100_000), 10.0 ** rng.uniform(-320, 308, 20_000), curious]
    x = np.concatenate(x)
    x[200_000:210_000] *= -1
    y = rng.permutation(np.concatenate([x[:150_000] * 20, rng.integers(-9, 9, len(x) - 150_000)]))
    big = cp.asarray(rng.uniform(0.1, 10, 1 << 27))
    out, key = cp.empty_like(big), philox.key_of(5)
    for name, text in TEXTS.items():
        module = cp.RawModule(code=PRELUDE.read_text() + text, options=("--fmad=false", "--std=c++17"))
        kernel = module.get_function("run")
        if name.startswith("draw"):
            wanted = philox.draw(name[5:], key, np.arange(400_000))
            arguments, parts = [np.uint64(k) for k in key], 4
        else:
            given = [x, y] if name == "power" else [x]
            wanted, parts = el.evaluate(name, *given), 1
            here = cp.empty(len(x))
            kernel((1000,), (256,), (*map(cp.asarray, given), here, np.int64(len(x))))
            found, arguments = cp.asnumpy(here), [big] * len(given)
        work = lambda: kernel((132 * 16,), (256,), (*arguments, out, np.int64(len(big) // parts)))  # noqa: E731, B023
        work()
        if parts == 4:
            found = cp.asnumpy(out[: len(wanted)])
        same = (found.view(np.int64) == wanted.view(np.int64)) | (np.isnan(found) & np.isnan(wanted))
        different = np.flatnonzero(~same)
        times = []
        for _ in range(5):
            start, stop = cp.cuda.Event(), cp.cuda.Event()
            start.record()
            work()
            stop.record()
            stop.synchronize()
            times.append(cp.cuda.get_elapsed_time(start, stop) / 1e3)
        rate = len(big) / statistics.median(times) / 1e9
        print(
            f"{name:20} {rate:7.1f} G/s  {len(different)} of {len(wanted)} differ  {kernel.num_regs} regs", flush=True
        )
        for k in different[:3]:
            print("   ", x[k] if parts == 1 else k, found[k], wanted[k])


if "--compile" in sys.argv:
    compile_all()
else:
    main()
