"""The door of everything that users call on frames: who answers.

1. Called by pandas' own code: pandas.
2. Small frames: pandas, at once; but sums, whose answers are the exact ones (`exact`).
3. The native form, which is a method as `frame.py`, `series.py` and `groupby.py` have it.
4. pandas on the whole, where there is no form or it raises NotYetError: said once for each method and line of the
   program, and an error under `strict`.

The classes are subclasses of pandas' own, whose memory comes when pandas' code asks for it (`rows.py`); `fill` puts a
door before every name that pandas' class has. So a name that nobody has written a form for is there, with pandas'
signature, errors and answer, and its results are objects of ours again.
"""

import abc
import copy
import functools
import inspect
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
from pandas.compat._constants import REF_COUNT, REF_COUNT_METHOD
from pandas.core.indexes.frozen import FrozenList
from pandas.errors import ChainedAssignmentError
from pandas.errors.cow import _chained_assignment_msg

from tenfold import config, fallback
from tenfold.errors import NotYetError
from tenfold.pandas import batches
from tenfold.pandas.capabilities import Row, capability


class _Here(threading.local):
    """Whether this thread runs pandas' own code, which calls methods of our objects too."""

    inside = False


here = _Here()
NOTHING: Mapping[str, Any] = types.MappingProxyType({})
OURS: dict[type, Any] = {}  # pandas' class -> ours
TITLES: dict[type, str] = {}  # ours -> what the capability table calls it
FUNCTIONS: dict[str, Any] = {}  # pandas' functions of the top level, as ours
_by_id: dict[int, Any] = {}  # the same by identity, which is quicker, and ours -> ours
_OPERATORS = """
    add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow divmod rdivmod matmul rmatmul
    and rand or ror xor rxor eq ne lt le gt ge neg pos invert abs iadd isub imul itruediv ifloordiv imod ipow iand ior
    ixor iter next getitem setitem delitem contains len bool int float complex index round array array_ufunc
    array_function copy deepcopy call enter exit arrow_c_stream dataframe repr
"""
OPERATORS = frozenset(_OPERATORS.split())
LOOKS_UP = ("query", "eval")  # pandas looks for variables in the frames of its callers
SEES_CLASS = ("info",)  # pandas writes the name of the class
DESCRIPTORS = ("CachedProperty", "Accessor")
NEVER_OURS = frozenset(f"__{name}__" for name in ["len", "contains", "bool", "int", "float", "complex", "index"])


class Twin(abc.ABCMeta):
    """The class of our classes: one equals pandas' own, since pandas' code compares types with `==`."""

    def __instancecheck__(cls, value: object) -> bool:  # that of abstract classes remembers, and would mix up the two
        if type.__instancecheck__(cls, value):
            return True
        # pandas' code asks whether labels that it has made are of the class of ours
        return here.inside and issubclass(cls, pd.Index) and isinstance(value, vars(cls).get("_real", ()))

    __subclasscheck__ = type.__subclasscheck__

    def __eq__(cls, other: object) -> bool:
        return other is cls or ("_real" in vars(cls) and other is vars(cls)["_real"])

    def __hash__(cls) -> int:
        return type.__hash__(vars(cls).get("_real", cls))


class Copied:
    """An object of ours that is made of pandas' by its attributes."""

    @classmethod
    def _adopted(cls, real: Any) -> Any:
        made = object.__new__(cls)
        vars(made).update(vars(real))
        return made


def adopt(value: Any) -> Any:
    """What pandas answered, with its objects as ours."""
    cls = type(value)
    own = _by_id.get(id(cls))
    if own is not None:
        return value if own is cls else own._adopted(value)
    if cls in (tuple, FrozenList) or (cls is list and value and (type(value[0]) in OURS or type(value[0]) is tuple)):
        return cls(map(adopt, value))
    return _adopting(value) if isinstance(value, types.GeneratorType) else value


def plain(value: Any) -> Any:
    """An object of ours as pandas' own; anything else as it is."""
    return value.to_pandas() if type(value) in OURS and hasattr(value, "to_pandas") else value


def _adopting(values: Iterator[Any]) -> Iterator[Any]:
    """What a generator of pandas' makes; each step runs in its code, and what is done between them does not."""
    end = object()
    while (value := within(next, (values, end))) is not end:
        yield value


def within(function: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any] = NOTHING) -> Any:
    """What pandas' own code answers."""
    here.inside = True
    try:
        answer = function(*args, **options)
    finally:
        here.inside = False
    return adopt(answer)


def inside(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What pandas' own code answers, as it is; wherever we are."""
    before, here.inside = here.inside, True
    try:
        return function(*args, **options)
    finally:
        here.inside = before


def subject(value: Any) -> Any:
    """The frame or series that an object of pandas' works on: a group-by's, an accessor's, an indexer's."""
    while True:
        held = getattr(value, "__dict__", {})
        if "_form" in held or "_mgr" in held:
            return value
        parent = next((held[name] for name in ("obj", "_orig", "_parent", "data", "_data") if name in held), None)
        parent = getattr(value, "obj", None) if parent is None and hasattr(type(value), "obj") else parent
        if parent is None or parent is value:
            return value
        value = parent


def small(value: Any) -> bool:
    """Whether what an object works on is memory, and little enough to be left to pandas."""
    held = getattr(value, "__dict__", {})
    if "_mgr" not in held:
        if "_form" in held:
            return False
        found = subject(value)
        return found is value or small(found)  # labels are memory, and what nobody works on is nothing
    cells = 1
    for axis in held["_mgr"].axes:
        cells *= len(axis)
    return cells <= config.get("small_cells")


def nbytes(value: Any) -> int:
    """Bytes of a frame's or series' memory."""
    return sum(block.values.nbytes for block in vars(value)["_mgr"].blocks)


def floats(value: Any) -> bool:
    """Whether small memory has floating-point numbers in it."""
    blocks = vars(subject(value))["_mgr"].blocks
    return any(block.dtype.kind == "f" for block in blocks)


def is_plain(value: Any) -> bool:
    """Whether an object is of our own class, not of one that a user made of it, and its labels may repeat."""
    flags = vars(value).get("_flags")
    return id(type(value)) in _by_id and (flags is None or flags._allows_duplicate_labels)


def finished(made: Any, source: Any, is_small: bool) -> Any:
    """What a form made: with the attributes that its source has, and in memory, if that is small."""
    held = getattr(made, "__dict__", {})
    if "_form" in held:
        attrs = getattr(subject(source), "__dict__", {}).get("_attrs")
        if attrs:
            held["_attrs"] = copy.deepcopy(attrs)
        if is_small:
            made._ready()
    return made


def exact(form: Callable[..., Any], brief: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Mark a form whose answers are exact where pandas' are not: of small frames too.

    `brief` is the same for small memory, where plan and kernel take longer than the sum; it may answer None.
    """
    form.is_exact, form.brief = True, brief  # type: ignore[attr-defined]
    return form


def announce(name: str, why: str | None, subjects: tuple[Any, ...]) -> None:
    """Say that pandas works on the whole, where that is not small; NotYetError under `strict`."""
    held = [ready(value) for value in subjects]
    if why is not None and not all(map(small, held)):
        fallback.announce(f"pandas.{name}", why, lambda: sum(nbytes(value) for value in held if not small(value)))


def ready(value: Any) -> Any:
    """The frame or series that an object works on, in memory."""
    found = subject(value)
    if hasattr(found, "_ready"):
        found._ready()
    return found


def door(name: str, real: Callable[..., Any], form: Callable[..., Any] | None = None) -> Any:
    """A method of ours: pandas' signature and text, the form where there is one and it takes the call."""
    takes = _taken_by(form) if form else None
    tail = name.rpartition(".")[2]
    row = capability(name)
    called = f"pandas.{name}"
    is_exact, why, looks_up = getattr(form, "is_exact", False), row.why, tail in LOOKS_UP
    watched, brief = _watched(real, tail), getattr(form, "brief", None)

    if tail in SEES_CLASS:
        real = _of_twin(real)

    def answered(self: Any, *args: Any, **options: Any) -> Any:
        if watched and not here.inside and sys.getrefcount(self) <= watched and _is_chained(self, tail, options):
            warnings.warn(_chained_assignment_msg, ChainedAssignmentError, stacklevel=2)
        if looks_up:
            options["level"] = options.get("level", 0) + (1 if here.inside else 2)
        if here.inside:
            return real(self, *args, **options)
        asked, is_small = why, small(self)
        native = form is not None and (not is_small or (is_exact and floats(self))) and takes(args, options)  # type: ignore[misc]
        if native and is_plain(self):
            try:
                made = brief(self, *args, **options) if brief and is_small else None
                made = form(self, *args, **options) if made is None else made  # type: ignore[misc]
                if not is_small:
                    fallback.count(called, "native")
                return finished(made, self, is_small)
            except NotYetError as later:
                asked = why and later.what
            except Exception as error:
                if "_mgr" not in vars(subject(self)):
                    raise
                answer = within(real, (self, *args), options)  # the error is pandas' to raise
                announce(name, str(error), (self,))
                return answer
        if not is_small:
            if config.get("strict"):
                signature_of(real).bind(self, *args, **options)  # what pandas refuses has no fallback
            answer = _by_batch(name, real, self, args, options) if row.level == "by batch" else None
            if answer is not None:
                fallback.count(called, "batch")
                return adopt(answer)
            if row.level == "moved" and "_mgr" in vars(subject(self)):
                fallback.count(called, "moved")
            else:
                announce(name, asked, (self,))
        return within(real, (self, *args), options)

    method: Any = functools.wraps(real)(answered)
    method.is_door, method.is_native = True, form is not None
    if name.startswith("DataFrame.") and "axis" in _parameters(real):
        method.__signature__ = inspect.signature(real)  # pandas looks whether there is an axis
    method.__doc__ = f"{_how(form, row)}\n\n{real.__doc__}"
    return method


def _by_batch(name: str, real: Callable[..., Any], value: Any, args: Any, options: Any) -> Any:
    """What pandas answers on some rows after others; None if it has to be on the whole."""
    rows = ready(value)
    if not is_plain(rows) or not hasattr(rows, "_as_pandas"):
        return None
    whole = rows._as_pandas()
    given = tuple(whole if arg is rows else plain(arg) for arg in args)
    return batches.run(name, real, whole, given, {option: plain(arg) for option, arg in options.items()})


def _how(form: Any, row: Row) -> str:
    """The line over pandas' text."""
    level = row.how + (f": {row.reason}" if row.level == "whole" and not form else "")
    return f"Native where tenfold can, {level} where not." if form else f"{level[0].upper()}{level[1:]}."


def _parameters(real: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters; a signature, of each of a thousand methods, would be felt at the start."""
    code = inspect.unwrap(real).__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _watched(real: Callable[..., Any], tail: str) -> int:
    """How many references a frame has that nobody holds, where pandas warns of writing into it; 0: it does not."""
    if not real.__module__.startswith(("pandas.core.frame", "pandas.core.series", "pandas.core.generic")):
        return 0
    if tail == "__setitem__":
        return REF_COUNT
    return REF_COUNT_METHOD + 1 if tail == "update" or "inplace" in _parameters(real) else 0


def _is_chained(value: Any, tail: str, options: dict[str, Any]) -> bool:
    """Whether a frame that nobody holds is written into."""
    if tail not in ("__setitem__", "update") and not options.get("inplace"):
        return False
    caller = sys._getframe(2)
    return not any(held is value for held in caller.f_locals.values())


def _of_twin(real: Callable[..., Any]) -> Callable[..., Any]:
    """A method of pandas' on the real object."""

    @functools.wraps(real)
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return real(self.to_pandas(), *args, **options)

    return method


@functools.cache
def signature_of(real: Callable[..., Any]) -> inspect.Signature:
    """A method's signature; only asked for where time does not matter."""
    return inspect.signature(inspect.unwrap(real))


def _taken_by(form: Callable[..., Any], first: int = 1) -> Callable[[Any, Any], bool]:
    """Whether a form has the parameters that a call gives; what pandas takes beside is pandas' to honour."""
    parameters = list(inspect.signature(form).parameters.values())[first:]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        names = None
    else:
        names = {p.name for p in parameters}
    most = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    most = 1 << 30 if any(p.kind is p.VAR_POSITIONAL for p in parameters) else most
    needed = [p.name for p in parameters if p.default is p.empty and p.kind in (0, 1, 3)]

    def takes(args: Any, options: Any) -> bool:
        if len(args) > most or (options and names is not None and not options.keys() <= names):
            return False
        given = {p.name for p in parameters[: len(args)]}
        return given.isdisjoint(options) and all(name in given or name in options for name in needed)

    return takes


def fill(own: type, real: type, title: str | None = None) -> None:
    """Put a door before every name of pandas' class."""
    title = title or real.__name__
    OURS[real], TITLES[own] = own, title
    _by_id[id(real)] = _by_id[id(own)] = own
    for name in dir(real):
        if name.startswith("_") and not (name.startswith("__") and name.strip("_") in OPERATORS):
            continue
        if name in getattr(own, "OPEN", ()):
            continue
        theirs, form = inspect.getattr_static(real, name), _own(own, name)
        path = f"{title}.{name}"
        if form is None and name in NEVER_OURS:
            continue
        if isinstance(theirs, types.FunctionType):
            setattr(own, name, door(path, theirs, form))
        elif isinstance(theirs, classmethod):
            setattr(own, name, classmethod(_entering(theirs.__func__)))
        elif isinstance(theirs, property) or type(theirs).__name__ in DESCRIPTORS:
            getter: Any = theirs.fget if isinstance(theirs, property) else _getter(theirs, name)
            setter = getattr(form, "fset", None) or getattr(theirs, "fset", None)
            made = door(path, getter, getattr(form, "fget", None))
            kind = functools.partial(Opening, theirs._accessor) if hasattr(theirs, "_accessor") else property
            setattr(own, name, kind(made, setter and _entering(setter), getattr(theirs, "fdel", None), made.__doc__))


class Opening(property):
    """An accessor: of an object its work on it, of the class the accessor's class."""

    def __init__(self, accessor: type, *parts: Any) -> None:
        super().__init__(*parts)
        self._accessor = accessor

    def __get__(self, value: Any, owner: type | None = None) -> Any:
        return OURS.get(self._accessor, self._accessor) if value is None else super().__get__(value, owner)


def _own(own: type, name: str) -> Any:
    """What our classes have under a name, before pandas' own."""
    for cls in own.__mro__:
        if name in vars(cls) and cls.__module__.startswith("tenfold"):
            found = vars(cls)[name]
            return None if hasattr(getattr(found, "fget", found), "is_door") else found
    return None


def _getter(descriptor: Any, name: str) -> Callable[..., Any]:
    def get(self: Any) -> Any:
        return descriptor.__get__(self, type(self))

    get.__name__ = name
    get.__doc__ = getattr(descriptor, "__doc__", None)
    return get


def _entering(real: Callable[..., Any]) -> Callable[..., Any]:
    """A function of pandas' as ours: called by users it enters pandas' code, called by that it is in there already."""

    @functools.wraps(real)
    def call(*args: Any, **options: Any) -> Any:
        return real(*args, **options) if here.inside else within(real, args, options)

    return call


def function(name: str, real: Callable[..., Any], form: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A function of pandas' top level; of a reader the form, if it has one, makes what it reads."""
    row = capability(name)
    why, takes = row.why, _taken_by(form, 0) if form else None

    @functools.wraps(real)
    def call(*args: Any, **options: Any) -> Any:
        if here.inside:
            return real(*args, **options)
        asked: str | None = why
        if form is not None:
            try:
                if takes(args, options):  # type: ignore[misc]
                    made = form(*args, **options)
                    fallback.count(f"pandas.{name}", "native")
                    return made
                asked = "one of its arguments has no native form"
            except NotYetError as later:
                asked = later.what
        given = tuple(_rows_in((args, options)))
        if row.level == "moved" and all("_mgr" in vars(value) for value in given):
            if not all(map(small, given)):
                fallback.count(f"pandas.{name}", "moved")
        else:
            announce(name, asked, given)
        if name in LOOKS_UP:
            options["level"] = options.get("level", 0) + 2
        answer = within(real, args, options)
        if name.startswith("read_") and hasattr(answer, "_ready"):
            announce(name, asked, (answer,))  # now that its size is known
        return answer

    found: Any = call
    found.is_native = form is not None
    FUNCTIONS[name] = found
    return call


def reader(real: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """The decorator of a native form of one of pandas' readers."""
    return lambda form: function(real.__name__, real, form)


def _rows_in(value: Any) -> Iterator[Any]:
    """Our objects among arguments."""
    if type(value) in (list, tuple):
        for item in value:
            yield from _rows_in(item)
    elif type(value) is dict:
        yield from _rows_in(list(value.values()))
    elif hasattr(value, "_ready"):
        yield value
