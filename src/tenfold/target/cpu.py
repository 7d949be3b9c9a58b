"""The CPU target: source text -> machine code. All of Numba and llvmlite stands behind this file.

`compile_object(text, entry, signature)` turns the Python text of a kernel or primitive into the bytes of a
self-contained object file; `load(object)` makes it callable without importing Numba. The text is ordinary Python:
its imports from `tenfold.primitives` are answered here with compiled twins of the same sources, and those from
`tenfold.primitives.intrinsics` with LLVM instructions.
"""

import builtins
import ctypes
import functools
import importlib.util
import math
import platform
import re
import sys
import types as pytypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenfold.target import elf as elf_loader

PRIMITIVES = "tenfold.primitives."
INTRINSICS = PRIMITIVES + "intrinsics"
CTYPES: dict[str, Any] = {
    "i1": ctypes.c_int8, "u1": ctypes.c_uint8, "i2": ctypes.c_int16, "u2": ctypes.c_uint16,
    "i4": ctypes.c_int32, "u4": ctypes.c_uint32, "i8": ctypes.c_int64, "u8": ctypes.c_uint64,
    "f4": ctypes.c_float, "f8": ctypes.c_double, "void": None,
}  # fmt: skip


def split_signature(signature: str) -> tuple[list[str], str]:
    """`"u1*,i8->i8"` as (["u1*", "i8"], "i8")."""
    arguments, result = signature.split("->")
    return arguments.split(","), result


# -- compiling: only ever in the helper process --------------------------------------------------------------------


def compile_object(text: str, entry: str, signature: str) -> tuple[bytes, str]:
    """The object file (ELF bytes) and entry symbol of function `entry` of `text`; imports Numba."""
    import numba

    widths = _numba_types()
    arguments, result = split_signature(signature)
    namespace = _native_namespace(entry)
    exec(compile(text, f"<{entry}>", "exec"), namespace)
    _jit_functions(namespace, keep=entry)
    make = numba.cfunc(widths[result](*(widths[a] for a in arguments)), error_model="numpy")
    compiled = make(namespace[entry])
    return compiled._library._get_compiled_object(), compiled._wrapper_name  # type: ignore[attr-defined]


def _numba_types():
    from numba import types

    plain = {
        "i1": types.int8, "u1": types.uint8, "i2": types.int16, "u2": types.uint16, "i4": types.int32,
        "u4": types.uint32, "i8": types.int64, "u8": types.uint64, "f4": types.float32, "f8": types.float64,
    }  # fmt: skip
    pointers = {f"{name}*": types.CPointer(kind) for name, kind in plain.items()}
    return plain | pointers | {"void": types.void}


def _native_namespace(name):
    """A module namespace in which `import` finds the compiled twins."""
    return {"__name__": name, "__builtins__": vars(builtins) | {"__import__": _native_import}}


def _native_import(name, globals=None, locals=None, fromlist=(), level=0):
    if name == INTRINSICS:
        return _intrinsics()
    if name.startswith(PRIMITIVES):
        return _native_module(name)
    return builtins.__import__(name, globals, locals, fromlist, level)


@functools.cache
def _native_module(name):
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    module = pytypes.ModuleType(name)
    vars(module).update(_native_namespace(name))
    exec(compile(Path(spec.origin).read_text(encoding="utf-8"), spec.origin, "exec"), vars(module))
    _jit_functions(vars(module))
    return module


def _jit_functions(namespace, keep=None):
    """Replace the plain functions defined in a namespace by Numba's, which find each other there by name."""
    import numba

    for name, value in list(namespace.items()):
        if isinstance(value, pytypes.FunctionType) and value.__globals__ is namespace and name != keep:
            namespace[name] = numba.njit(error_model="numpy", nogil=True)(value)


@functools.cache
def _intrinsics():
    """The intrinsics as LLVM instructions: generic vector IR, nothing of one processor."""
    found = pytypes.ModuleType(INTRINSICS)
    _define_arithmetic(found)
    _define_memory(found)
    vars(found)["sqrt"] = math.sqrt
    return found


def _define(module, name, result, *arguments):
    """Register an intrinsic with Numba types; the decorated function emits its instructions."""
    from numba.extending import intrinsic

    def register(emit):
        def typing(typingctx, *given):
            return result(*arguments), lambda context, builder, signature, args: emit(builder, *args)

        namespace = {"typing": typing}
        names = ", ".join(f"a{k}" for k in range(len(arguments)))
        exec(f"def {name}(typingctx, {names}): return typing(typingctx, {names})", namespace)
        setattr(module, name, intrinsic(namespace[name]))

    return register


def _define_arithmetic(module):
    """Bits and products of 64-bit integers."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils

    i1, i64, i128, f64 = *map(ir.IntType, (1, 64, 128)), ir.DoubleType()
    u8, i8, f8 = types.uint64, types.int64, types.float64

    def counted(builder, name, x, *extra):
        kind = ir.FunctionType(i64, [i64, *(i1 for _ in extra)])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.i64"), [x, *extra])

    zero_is_defined = ir.Constant(i1, 0)
    _define(module, "ctz", i8, u8)(lambda b, x: counted(b, "cttz", x, zero_is_defined))
    _define(module, "clz", i8, u8)(lambda b, x: counted(b, "ctlz", x, zero_is_defined))
    _define(module, "popcount", i8, u8)(lambda b, x: counted(b, "ctpop", x))
    _define(module, "f8_bits", i8, f8)(lambda b, x: b.bitcast(x, i64))
    _define(module, "bits_f8", f8, u8)(lambda b, x: b.bitcast(x, f64))

    def rounded(builder, name, x):
        kind = ir.FunctionType(f64, [f64])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.f64"), [x])

    for name in ("floor", "ceil", "trunc", "rint"):
        _define(module, name, f8, f8)(lambda b, x, name=name: rounded(b, name, x))
    _define(module, "mullo", u8, u8, u8)(lambda b, x, y: b.mul(x, y))

    @_define(module, "umul", types.UniTuple(u8, 2), u8, u8)
    def _(b, x, y):
        product = b.mul(b.zext(x, i128), b.zext(y, i128))
        return cgutils.pack_array(b, [b.trunc(b.lshr(product, ir.Constant(i128, 64)), i64), b.trunc(product, i64)])

    @_define(module, "mulhi", u8, u8, u8)
    def _(b, x, y):
        return b.trunc(b.lshr(b.mul(b.zext(x, i128), b.zext(y, i128)), ir.Constant(i128, 64)), i64)


def _define_memory(module):
    """Pointers, and many bytes at once."""
    from llvmlite import ir
    from numba import types

    i8, i32, i64 = map(ir.IntType, (8, 32, 64))
    vector = ir.VectorType(i8, 64)
    text, position = types.CPointer(types.uint8), types.int64

    @_define(module, "load64", types.uint64, text, position)
    def _(b, p, i):
        return b.load(b.bitcast(b.gep(p, [i]), i64.as_pointer()), align=1)

    @_define(module, "equal64", types.uint64, text, position, types.uint8)
    def _(b, p, i, byte):
        chunk = b.load(b.bitcast(b.gep(p, [i]), vector.as_pointer()), align=1)
        one = b.insert_element(ir.Constant(vector, ir.Undefined), byte, ir.Constant(i32, 0))
        all_lanes = ir.Constant(ir.VectorType(i32, 64), [0] * 64)
        same = b.icmp_unsigned("==", chunk, b.shuffle_vector(one, ir.Constant(vector, ir.Undefined), all_lanes))
        return b.bitcast(same, i64)

    for name, kind in _numba_types().items():
        if not name.endswith("*") and name != "void":
            width = {"f4": ir.FloatType(), "f8": ir.DoubleType()}.get(name) or ir.IntType(int(name[1]) * 8)
            pointer = _define(module, f"{name}_ptr", types.CPointer(kind), types.int64)
            pointer(lambda b, address, width=width: b.inttoptr(address, width.as_pointer()))
            setattr(module, name, kind)


# -- loading: no Numba needed --------------------------------------------------------------------------------------


# What Numba's wrapper of a function calls when Python code raised. Compiled text does not raise, so these are never
# reached; but an object is linked only if every name in it is known.
NEVER_CALLED = (
    "NRT_Free", "numba_do_raise", "numba_gil_ensure", "numba_gil_release", "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
)  # fmt: skip
_engines: list[Any] = []  # machine code lives as long as its engine


@functools.cache
def host() -> tuple[str, frozenset[str]]:
    """The processor's name and the features that it has: on x86-64 Linux by the kernel's names, else by LLVM's."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        with open("/proc/cpuinfo", "rb", buffering=0) as file:
            first = file.read(1 << 13).decode()
        found = (re.search(rf"^{name}\s*: (.*)$", first, re.MULTILINE) for name in ("model name", "flags"))
        name, flags = (match[1] if match else "" for match in found)
        return name, frozenset(flags.split())
    import llvmlite.binding as llvm

    return llvm.get_host_cpu_name(), frozenset(k for k, on in llvm.get_host_cpu_features().items() if on)


def load(elf: bytes, symbol: str, signature: str) -> Callable[..., int]:
    """A callable for an object file's entry: plain ints and floats in and out, the GIL released while it runs.

    `elf.Broken` for one that is damaged.
    """
    abort = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
    assert abort is not None
    known = dict.fromkeys(NEVER_CALLED, abort)
    try:
        address = elf_loader.load(elf, symbol, known)
    except elf_loader.Unsupported:
        address = _load_by_llvm(elf, symbol, known)
    arguments, result = split_signature(signature)
    kinds = [ctypes.c_void_p if a.endswith("*") else CTYPES[a] for a in arguments]
    return ctypes.CFUNCTYPE(CTYPES[result], *kinds)(address)


def _load_by_llvm(elf, symbol, known):
    llvm, target = _llvm()
    for name, address in known.items():
        llvm.add_symbol(name, address)
    # An engine each: objects of equal function names must not find each other's symbols.
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target.create_target_machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(elf))
    engine.finalize_object()
    _engines.append(engine)
    address = engine.get_function_address(symbol)
    if not address:
        raise elf_loader.Broken(f"there is no function {symbol}")
    return address


@functools.cache
def _llvm():
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm, llvm.Target.from_default_triple()
