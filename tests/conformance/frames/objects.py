"""tenfold.pandas as it is judged, and what the running test makes, compares and takes of it."""

import functools
import importlib
import os
import types

import pandas

MODULE = importlib.import_module(os.environ.get("PUT_MODULE", "tests.conformance.frames.subject"))
PACKAGE = os.environ.get("PUT_PACKAGE", "tenfold")  # the implementation's code


# -- the implementation -----------------------------------------------------------------------------------------------


def hook(name, default=None):
    return getattr(MODULE, f"__put_{name}__", default)


def is_own(value):
    """Is this class (of objects, errors or warnings) defined by the implementation's package?"""
    return (getattr(value, "__module__", None) or "").partition(".")[0] == PACKAGE


def is_function(value):
    return (
        isinstance(value, (types.FunctionType, types.BuiltinFunctionType)) or "cython_function" in type(value).__name__
    )


OWN = {
    name: value
    for name, value in vars(MODULE).items()
    if not name.startswith("_") and callable(value) and value is not getattr(pandas, name, value)
}  # what stands in for a name of pandas
CLASSES = tuple(
    hook("classes")
    or [
        c
        for name, c in OWN.items()
        if isinstance(c, type) and is_own(c) and (name in ("DataFrame", "Series", "Index") or hasattr(c, "to_pandas"))
    ]
)
_root = importlib.import_module(PACKAGE)
SOURCE = os.path.join(os.path.dirname(_root.__file__), "") if hasattr(_root, "__path__") else _root.__file__


def to_pandas(value, count=False):
    """A value with the implementation's objects, also those in containers, as pandas'."""
    if isinstance(value, CLASSES):
        now.compared += count
        convert = hook("to_pandas") or next(
            getattr(type(value), name) for name in ("to_pandas", "_to_pandas", "compute") if hasattr(type(value), name)
        )
        return convert(value)
    if type(value) in (list, tuple):
        return type(value)(to_pandas(item, count) for item in value)
    if type(value) is dict:
        return {key: to_pandas(item, count) for key, item in value.items()}
    return value


def from_pandas(value):
    """A Series, a DataFrame or an Index of pandas as the implementation's, where it has such a class."""
    for name in ("DataFrame", "Series", "Index"):
        if isinstance(value, getattr(pandas, name)) and issubclass(OWN.get(name, object), CLASSES):
            return hook("from_pandas", OWN[name])(value)
    return value


compute = hook("compute", to_pandas)
fallbacks = hook("fallbacks", list)


# -- what happens in the running test ---------------------------------------------------------------------------------


class Test:
    """What the running test made, compared and took of the implementation."""

    collecting = True  # no test runs yet

    def start(self, keeps=True):
        self.keeps = keeps  # may objects be kept until they are computed?
        self.made = self.compared = self.used = 0
        self.objects = []  # made and not computed, in this order
        self.blocks = 0  # how many `with pytest.raises(...)` and the like are open
        self.fallbacks = len(fallbacks())


now = Test()
now.start()


def note(made):
    """Count an object of the implementation; keep it for as long as an error of its computation may matter."""
    now.made += 1
    if now.keeps and not now.collecting and (now.blocks or not now.compared):
        if all(made is not other for other in now.objects[-3:]):
            now.objects.append(made)


def compute_since(start):
    """Compute what was made since, in the order in which pandas would have done it; raises what pandas would have."""
    objects, now.objects[start:] = now.objects[start:], []
    for made in objects:
        compute(made)


class Absent:
    """What could not be made or found while tests were collected. A test that uses it fails with the error of then."""

    def __init__(self, error):
        self.__dict__["_error"] = error

    def __repr__(self):  # part of test ids, which have to be the same in all processes
        return f"Absent({type(self._error).__name__})"

    def fail(self):
        now.used += 1
        raise self._error

    def __call__(self, *args, **options):
        return self if now.collecting else self.fail()

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return self()


for _name in ["add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "neg", "invert", "getitem", "and", "or"]:
    setattr(Absent, f"__{_name}__", Absent.__call__)
Absent.__iter__ = None  # a loop over its items would not end


def attempt(make):
    """What `make` makes. An error while tests are collected must not cost more than the tests that it concerns."""
    try:
        return make()
    except Exception as error:
        if not now.collecting:
            raise
        return Absent(error)


def watch(cls):
    """Note every object that passes the class' __new__ or __init__."""
    new, init = cls.__new__, cls.__init__
    made_whole = []  # while collecting, __new__ calls __init__, so that it can return an Absent if that fails

    def __new__(cls, *args, **options):
        made = new(cls) if new is object.__new__ else new(cls, *args, **options)
        if isinstance(made, CLASSES):
            note(made)
            if now.collecting and (args or options) and cls.__init__ is watched and not made_whole:
                made_whole.append(made)
                made = attempt(lambda: init(made, *args, **options) or made)
                if isinstance(made, Absent):
                    made_whole.clear()
        return made

    @functools.wraps(init)
    def __init__(self, *args, **options):
        if made_whole and made_whole[0] is self:
            return made_whole.clear()
        try:
            init(self, *args, **options)
        except BaseException:  # half an object: nothing to compute
            now.objects[:] = [other for other in now.objects if other is not self]
            raise
        note(self)

    watched = __init__
    if "__new__" in vars(cls) or new is object.__new__:
        cls.__new__ = staticmethod(__new__)
    if "__init__" in vars(cls):
        cls.__init__ = __init__


for _class in CLASSES:
    watch(_class)
hook("made", lambda note: None)(note)


@functools.cache
def counted(function):
    """A function of the implementation that counts its calls and notes what it returns."""

    @functools.wraps(function)
    def call(*args, **options):
        now.used += 1
        result = attempt(lambda: function(*args, **options))
        for item in result if type(result) in (list, tuple) else (result,):
            if isinstance(item, CLASSES):
                note(item)
        return result

    return call


def passes_through_implementation(error):
    """Was it raised in the implementation's code, or while an error raised there was handled?"""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename.startswith(SOURCE):
                return True
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
    return False
