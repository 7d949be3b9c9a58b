"""The door of every function: who answers a call.

1. An operand of another library's that knows NumPy's protocols, or carries masks or labels: it does, in real NumPy.
2. Small memory, and a function with NumPy's bits: NumPy, at once.
3. The native form; of small memory, computed at once.
4. Real NumPy on the whole arrays, where the native form says that it does not take the call (`NotNative`).

So a native form is written for the arguments that it takes, and every other one is honoured all the same.
"""

import functools
import inspect
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tenfold import config, fallback
from tenfold.errors import NotNative
from tenfold.numpy.array import Scalar, ndarray
from tenfold.numpy.through import ours, readable, real_values, through_numpy, wrap
from tenfold.numpy.warned import raising, told, warned

SMALL, LAZY, KIN, FOREIGN = range(4)
# functions whose native forms have NumPy's bits: small memory is left to NumPy
_SAME = """
    where clip min max amin amax any all count_nonzero ptp argmin argmax nanmin nanmax cumsum cumprod nancumsum
    nancumprod cumulative_sum cumulative_prod quantile percentile nanquantile nanpercentile median nanmedian
    bincount ndim shape size zeros_like ones_like empty_like full_like transpose permute_dims matrix_transpose
    swapaxes moveaxis rollaxis reshape ravel squeeze expand_dims broadcast_to broadcast_arrays flip flipud fliplr
    rot90 concatenate concat stack vstack hstack dstack column_stack atleast_1d atleast_2d atleast_3d array_split
    split vsplit hsplit dsplit roll tile repeat pad take take_along_axis diagonal sort argsort partition
    argpartition searchsorted digitize nonzero flatnonzero argwhere diff tril triu real imag round around isclose
    allclose array_equal array_equiv isposinf isneginf iscomplex isreal iscomplexobj isrealobj unique unique_all
    unique_counts unique_inverse unique_values union1d intersect1d setdiff1d setxor1d isin append insert delete
    resize trim_zeros select copyto putmask place put put_along_axis fill_diagonal unstack nan_to_num diag kron
    outer diagflat tri geomspace block lexsort fix real_if_close gradient ediff1d interp cross histogram
    histogram_bin_edges nanargmin nanargmax bartlett blackman hamming hanning kaiser convolve correlate sinc i0
    unwrap poly polyadd polysub polymul polydiv polyder polyint roots polyval polyfit vander tril_indices
    triu_indices tril_indices_from triu_indices_from diag_indices diag_indices_from mask_indices ix_ unravel_index
    ravel_multi_index choose compress extract piecewise apply_along_axis histogram2d histogramdd loadtxt genfromtxt
    fromregex savetxt savez savez_compressed
"""
SAME = frozenset(_SAME.split())
LOOKED_AT = 32  # elements of a list that are looked at for arrays
PLAIN, OURS, REAL, SEVERAL, OTHERS, DEVICE, SUBCLASS = range(7)
_kinds: dict[type, int] = {
    ndarray: OURS, Scalar: OURS, np.ndarray: REAL, np.memmap: REAL, list: SEVERAL, tuple: SEVERAL, dict: SEVERAL,
}  # fmt: skip


def kind_of(cls: type) -> int:
    """What values of a class are to us."""
    found = _kinds.get(cls)
    if found is None:
        protocols = ("__array_ufunc__", "__array_function__", "__array_wrap__")
        if getattr(cls, "__array_ufunc__", cls) is None:
            found = OTHERS  # NumPy tells it that it refuses
        elif issubclass(cls, ndarray):
            found = SUBCLASS if all(getattr(cls, n) is getattr(ndarray, n) for n in protocols[:2]) else OTHERS
        elif issubclass(cls, np.generic):
            found = PLAIN
        elif hasattr(cls, "__cuda_array_interface__") and not hasattr(cls, "index"):  # memory, and no labels
            found = DEVICE
        elif issubclass(cls, np.ndarray) or any(getattr(cls, name, None) is not None for name in protocols):
            found = OTHERS
        else:
            found = PLAIN
        _kinds[cls] = found
    return found


def state_of(values: Iterable[Any], limit: int) -> int:
    """SMALL: all arrays among the values are memory of at most `limit` bytes; else LAZY, or FOREIGN."""
    state = SMALL if limit else LAZY
    for value in values:
        kind = _kinds.get(type(value))
        if kind is None:
            kind = kind_of(type(value))
        if kind == PLAIN:
            continue
        if kind == OURS:
            memory = value._memory
            if memory is None or memory.array.nbytes > limit:
                state = state or LAZY
        elif kind == REAL:
            if value.nbytes > limit:
                state = state or LAZY
        elif kind == SEVERAL:
            value = list(value.values()) if type(value) is dict else value
            part = value if len(value) <= LOOKED_AT else (*value[:2], *value[-2:])
            inside = state_of(part, limit)
            if inside == FOREIGN:
                return FOREIGN
            state = max(state, inside)
        elif kind == SUBCLASS:
            state = KIN
        elif kind == OTHERS:
            return FOREIGN
        else:
            state = state or LAZY
    return state


def as_kin(array: ndarray, cls: type, like: Any = None) -> Any:
    """A view of an array as a subclass of ours, which may finish it as it is `like` another one."""
    view = array[...]
    made: Any = object.__new__(cls)
    for slot in ("_own", "_base", "_lens", "_pending", "_under"):
        if hasattr(view, slot):
            setattr(made, slot, getattr(view, slot))
    finish = getattr(made, "__array_finalize__", None)
    if finish is not None:
        finish(array if like is None else like)
    return made


def kin(function: Callable[..., Any], args: Any, options: Any, *, kept: bool = True) -> Any:
    """What a function of ours makes of subclasses of ours: if `kept`, results are of the one that comes first."""
    given: dict[int, Any] = {}
    plainly: Any = ndarray.__array_wrap__

    def plain(value: Any) -> Any:
        if kind_of(type(value)) != SUBCLASS:
            return fallback.each(value, plain)
        view = ndarray.__getitem__(value, ...)
        given[id(view)] = value
        return view

    args, options = tuple(map(plain, args)), {name: plain(value) for name, value in options.items()}
    first = max(given.values(), key=lambda value: value.__array_priority__)

    def back(value: Any) -> Any:
        if id(value) in given:
            return given[id(value)]
        if type(value) is not ndarray or not kept:
            return fallback.each(value, back) if isinstance(value, (tuple, list)) else value
        if type(first).__array_wrap__ is plainly:
            return as_kin(value, type(first), first)
        return first.__array_wrap__(value, (function, args, 0), False)

    return back(function(*args, **options))


def foreign(function: Callable[..., Any], args: Any, options: Any) -> Any:
    """What a real function makes of another library's objects: they answer, ours being real arrays to them."""
    out = options.get("out")
    if isinstance(out, ndarray):
        function(*real_values(args), **real_values(options) | {"out": out._writable()})
        return out
    answer = function(*real_values(args), **real_values(options))
    return wrap(answer) if type(answer) is np.ndarray else answer


def at_once(function: Callable[..., Any], args: Any, options: Any, quiet: bool = False) -> Any:
    """What a real function makes of small memory; a `quiet` one knows no floating-point errors."""
    lent: list[tuple[ndarray, Any]] = []

    def lend(value: Any) -> Any:
        kind = _kinds.get(type(value))
        if kind == OURS:
            lent.append((value, readable(value)))
            return lent[-1][1]
        return fallback.each(value, lend) if kind == SEVERAL else value

    given = [lend(x) for x in args]
    more = {name: lend(x) for name, x in options.items()} if options else {}
    return ours(function(*given, **more) if quiet else warned(function, given, more), lent)


def settled(value: Any, limit: int) -> Any:
    """A lazy result that is small, computed."""
    if isinstance(value, ndarray):
        if value._memory is None and value._base is None and value._form.nbytes <= limit:
            value._hold()
        return value
    return fallback.each(value, lambda item: settled(item, limit)) if isinstance(value, (tuple, list)) else value


def door(
    path: str,
    form: Callable[..., Any],
    *,
    same: bool = False,
    takes: bool = False,
    tells: bool = False,
    quiet: bool = False,
    writes: tuple[int, ...] = (),
    real: Any = None,
) -> Callable[..., Any]:
    """A function of ours, from its native form.

    Parameters
    ----------
    path
        The function's name in NumPy, as `linalg.svd`.
    same
        Whether its results have NumPy's bits, so that NumPy may answer for small memory.
    takes
        Whether it makes an array of ours of anything, other libraries' objects too.
    quiet
        Whether NumPy knows no floating-point errors of it.
    tells
        Whether NumPy has warnings or floating-point errors for it: asked of NumPy, of small memory.
    writes
        Places of arguments that it writes into.
    """
    real = _named(path) if real is None else real
    accepted = accepted_by(form)

    def function(*args: Any, **options: Any) -> Any:
        limit = config.get("small_bytes")
        state = state_of(args, limit)
        if options and state != FOREIGN:
            state = max(state, state_of(options.values(), limit))
        if state == FOREIGN and real is not None and not takes:
            return foreign(real, args, options)
        if state == KIN:
            return kin(function, args, options, kept=not takes)
        if state == SMALL and same:
            return at_once(real, args, options, quiet)
        try:
            if options and accepted and not options.keys() <= accepted:
                raise NotNative(f"its argument {min(options.keys() - accepted)}")
            if tells and (state == SMALL or raising()):
                told(real, args, options)
            made = form(*args, **options)
        except NotNative as why:
            if real is None:
                raise
            if state == SMALL and not any(kind_of(type(x)) in (OURS, REAL) for x in (*args, *options.values())):
                return ours(real(*args, **options), [])  # nothing but numbers and names: nothing is brought together
            return through_numpy(path, real, args, options, why.reason, writes)
        return settled(made, limit) if state == SMALL else made

    return _named_as(path, function, form, real)


def _named_as(path: str, function: Any, form: Any, real: Any) -> Callable[..., Any]:
    """A door with the name, the text and the signature that users look for."""
    function.__name__ = function.__qualname__ = path.rpartition(".")[2]
    function.__doc__, function.__wrapped__, function.__module__ = form.__doc__, form, "tenfold.numpy"
    function.__signature__ = signature_of(real, form)
    made: Callable[..., Any] = function
    return _unbound(made, real) if isinstance(real, (types.BuiltinFunctionType, np.ufunc)) else made


UFUNC = ("nin", "nout", "nargs", "ntypes", "types", "identity", "signature", "at", "reduce", "accumulate", "reduceat",
         "outer", "resolve_dtypes")  # fmt: skip


def _unbound(function: Callable[..., Any], real: Any) -> Callable[..., Any]:
    """A function that is no method of a class that it is put into, as those of NumPy's that are written in C."""
    made = functools.partial(function)
    functools.update_wrapper(made, function)
    made.__wrapped__, made.__signature__ = function.__wrapped__, function.__signature__  # type: ignore[attr-defined]
    for name in UFUNC if isinstance(real, np.ufunc) else ():
        setattr(made, name, getattr(real, name))
    return made


def accepted_by(form: Callable[..., Any]) -> frozenset[str]:
    """The names of a form's parameters; none, if it takes any."""
    parameters = inspect.signature(form).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return frozenset()
    return frozenset(p.name for p in parameters)


def signature_of(real: Any, form: Callable[..., Any]) -> inspect.Signature:
    """NumPy's, where it has one."""
    try:
        return inspect.signature(real)
    except (TypeError, ValueError):
        return inspect.signature(form)


def _named(path: str) -> Any:
    found: Any = np
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def unknown(path: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """A function that has no native form: NumPy answers, on whole arrays; without any, there is nothing to say."""

    def form(*args: Any, **options: Any) -> Any:
        if _holds_arrays((args, options)):
            raise NotNative("no native form yet")
        return ours(real(*args, **options), [])

    function = door(path, form, same=path in SAME, real=real)
    function.__doc__ = real.__doc__
    return function


def _holds_arrays(value: Any) -> bool:
    if isinstance(value, (tuple, list, dict)):
        return any(map(_holds_arrays, value.values() if isinstance(value, dict) else value))
    return kind_of(type(value)) != PLAIN


def doors(space: str, names: dict[str, Any], chosen: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """The functions of a namespace behind doors."""
    return {name: door(f"{space}.{name}", names[name], tells=True) for name in chosen}
