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

from tenfold.target import elf as elf_loader

PRIMITIVES = "tenfold.primitives."
INTRINSICS = PRIMITIVES + "intrinsics"
CTYPES = {
    "i1": ctypes.c_int8, "u1": ctypes.c_uint8, "i2": ctypes.c_int16, "u2": ctypes.c_uint16,
    "i4": ctypes.c_int32, "u4": ctypes.c_uint32, "i8": ctypes.c_int64, "u8": ctypes.c_uint64,
    "f4": ctypes.c_float, "f8": ctypes.c_double, "void": None,
}  # fmt: skip


def split_signature(signature):
    """`"u1*,i8->i8"` as (["u1*", "i8"], "i8")."""
    arguments, result = signature.split("->")
    return arguments.split(","), result


# -- compiling: only ever in the helper process --------------------------------------------------------------------


def compile_object(text, entry, signature):
    """The object file (ELF bytes) and entry symbol of function `entry` of `text`; imports Numba."""
    import numba

    widths = _numba_types()
    arguments, result = split_signature(signature)
    namespace = _native_namespace(entry)
    exec(compile(text, f"<{entry}>", "exec"), namespace)
    _jit_functions(namespace, keep=entry)
    make = numba.cfunc(widths[result](*(widths[a] for a in arguments)), error_model="numpy")
    compiled = make(namespace[entry])
    return compiled._library._get_compiled_object(), compiled._wrapper_name


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
    module = pytypes.ModuleType(name)
    vars(module).update(_native_namespace(name))
    exec(compile(spec.loader.get_source(name), spec.origin, "exec"), vars(module))
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
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    i1, i8, i32, i64, i128, f64 = *map(ir.IntType, (1, 8, 32, 64, 128)), ir.DoubleType()
    found = pytypes.ModuleType(INTRINSICS)

    def define(name, result, *arguments):
        """Register `name` with a type signature; the decorated function emits its instructions."""

        def register(emit):
            def typing(typingctx, *given):
                pointers = [g if want is None else want for g, want in zip(given, arguments, strict=True)]
                return result(*pointers), lambda context, builder, signature, args: emit(builder, *args)

            namespace = {"typing": typing}
            names = ", ".join(f"a{k}" for k in range(len(arguments)))
            exec(f"def {name}(typingctx, {names}): return typing(typingctx, {names})", namespace)
            setattr(found, name, intrinsic(namespace[name]))

        return register

    def unary(builder, name, x, *extra):
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(i64, [i64, *(i1 for _ in extra)]), f"llvm.{name}.i64"
        )
        return builder.call(function, [x, *extra])

    u8t, i8t, f8t, zero_is_defined = types.uint64, types.int64, types.float64, ir.Constant(i1, 0)
    define("ctz", i8t, u8t)(lambda b, x: unary(b, "cttz", x, zero_is_defined))
    define("clz", i8t, u8t)(lambda b, x: unary(b, "ctlz", x, zero_is_defined))
    define("popcount", i8t, u8t)(lambda b, x: unary(b, "ctpop", x))
    define("f8_bits", i8t, f8t)(lambda b, x: b.bitcast(x, i64))
    define("bits_f8", f8t, u8t)(lambda b, x: b.bitcast(x, f64))
    define("mullo", u8t, u8t, u8t)(lambda b, x, y: b.mul(x, y))

    @define("mulhi", u8t, u8t, u8t)
    def _(b, x, y):
        return b.trunc(b.lshr(b.mul(b.zext(x, i128), b.zext(y, i128)), ir.Constant(i128, 64)), i64)

    bytes_t = types.CPointer(types.uint8)

    @define("load64", u8t, bytes_t, i8t)
    def _(b, p, i):
        return b.load(b.bitcast(b.gep(p, [i]), i64.as_pointer()), align=1)

    @define("equal64", u8t, bytes_t, i8t, types.uint8)
    def _(b, p, i, byte):
        vector = ir.VectorType(i8, 64)
        chunk = b.load(b.bitcast(b.gep(p, [i]), vector.as_pointer()), align=1)
        one = b.insert_element(ir.Constant(vector, ir.Undefined), byte, ir.Constant(i32, 0))
        all_lanes = ir.Constant(ir.VectorType(i32, 64), [0] * 64)
        same = b.icmp_unsigned("==", chunk, b.shuffle_vector(one, ir.Constant(vector, ir.Undefined), all_lanes))
        return b.bitcast(same, i64)

    @define("fetch_add", i8t, types.CPointer(i8t), i8t, i8t)
    def _(b, p, i, x):
        return b.atomic_rmw("add", b.gep(p, [i]), x, "monotonic")

    @define("call", i8t, i8t, types.CPointer(i8t), i8t, i8t)
    def _(b, function, block, lo, hi):
        kernel = ir.FunctionType(i64, [i64.as_pointer(), i64, i64])
        return b.call(b.inttoptr(function, kernel.as_pointer()), [block, lo, hi])

    for name, kind in _numba_types().items():
        if not name.endswith("*") and name != "void":
            width = ir.IntType(int(name[1]) * 8) if name[0] != "f" else {"f4": ir.FloatType(), "f8": f64}[name]
            define(f"{name}_ptr", types.CPointer(kind), i8t)(
                lambda b, address, width=width: b.inttoptr(address, width.as_pointer())
            )
            setattr(found, name, kind)
    found.sqrt = math.sqrt
    return found


# -- loading: no Numba needed --------------------------------------------------------------------------------------


# What Numba's wrapper of a function calls when Python code raised. Compiled text does not raise, so these are never
# reached; but an object is linked only if every name in it is known.
NEVER_CALLED = (
    "NRT_Free", "numba_do_raise", "numba_gil_ensure", "numba_gil_release", "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
)  # fmt: skip
_engines = []  # machine code lives as long as its engine


@functools.cache
def host():
    """The processor's name and the features that it has: on x86-64 Linux by the kernel's names, else by LLVM's."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        with open("/proc/cpuinfo", "rb", buffering=0) as file:
            first = file.read(1 << 13).decode()
        found = (re.search(rf"^{name}\s*: (.*)$", first, re.MULTILINE) for name in ("model name", "flags"))
        name, flags = (match[1] if match else "" for match in found)
        return name, frozenset(flags.split())
    import llvmlite.binding as llvm

    return llvm.get_host_cpu_name(), frozenset(k for k, on in llvm.get_host_cpu_features().items() if on)


def load(elf, symbol, signature):
    """A callable for an object file's entry: plain ints and floats in and out, the GIL released while it runs."""
    abort = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
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
    return engine.get_function_address(symbol)


@functools.cache
def _llvm():
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm, llvm.Target.from_default_triple()
