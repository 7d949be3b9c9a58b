"""Real NumPy on whole arrays: what no native form takes, with one notice; and answers of NumPy's as arrays of ours."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tenfold import fallback
from tenfold.numpy.array import Scalar, gathered, ndarray, owned
from tenfold.numpy.memory import Memory

_ours: Any = ndarray
NUMBERS = "biufcmM"  # scalars of these kinds are ours; text, records and objects are handed out as they are
Lent = list[tuple[ndarray, Any]]  # arrays, and what NumPy was given for them


def through_numpy(
    name: str,
    function: Callable[..., Any],
    args: Iterable[Any],
    options: dict[str, Any],
    reason: str = "no native form yet",
    writes: tuple[int, ...] = (),
) -> Any:
    """The answer of real NumPy on the whole arrays, with one notice.

    Parameters
    ----------
    name
        The function's, without `numpy.`.
    writes
        Places of arguments that the function writes into, beside `out`: these arrays become memory before.
    """
    args = tuple(args)
    into = {id(args[k]) for k in writes if k < len(args)} | {id(x) for x in _several(options.get("out"))}
    lent: dict[int, tuple[ndarray, Any]] = {}

    def lend(array: ndarray) -> Any:
        if id(array) not in lent:
            lent[id(array)] = array, array._writable() if id(array) in into else readable(array)
        return lent[id(array)][1]

    answer = fallback.call(
        f"numpy.{name}", function, args, options, own=ndarray, real=lend, back=lambda x: x, reason=reason
    )
    unheld = [array for array, real in lent.values() if array._memory is None and _shows(answer, real)]
    if not unheld:
        return ours(answer, list(lent.values()))
    for array in unheld:  # the answer is a view of it: what it shows has to be memory
        array._hold()
    return through_numpy(name, function, args, options, reason, writes)


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def real_values(value: Any) -> Any:
    """A value with all arrays in it real ones."""
    cls: Any = type(value)
    if isinstance(value, ndarray) and cls.__array_ufunc__ is _ours.__array_ufunc__:
        return value.compute()  # a subclass with a protocol of its own goes as it is
    return fallback.each(value, real_values)


def now(name: str) -> Callable[..., Any]:
    """A form that has NumPy answer at once: about shapes and numbers, or about arrays, which are computed."""
    real = getattr(np, name)

    def form(*args: Any, **options: Any) -> Any:
        return ours(real(*real_values(gathered(args)), **real_values(options)), [])

    form.__name__ = name
    form.__doc__ = f"NumPy's `{name}`; computed now."
    return form


def readable(array: ndarray) -> Any:
    """An array's values: who would write into them gets an error, unless they are the array's memory."""
    memory = array._memory
    if type(array) is Scalar:
        return array.compute()
    if memory is not None and not memory.readers.sources:
        return memory.array
    made = (np.asarray(array.compute()) if memory is None else memory.array).view()
    made.flags.writeable = False
    return made


def _shows(answer: Any, real: Any) -> bool:
    """Whether an answer is a view of an array."""
    if isinstance(answer, (tuple, list)):
        return any(_shows(item, real) for item in answer)
    return isinstance(answer, np.ndarray) and answer is not real and np.may_share_memory(answer, real)


def ours(answer: Any, lent: Lent) -> Any:
    """An answer of NumPy's as ours: views of memory as that, and what was handed in as what it was."""
    if type(answer) in (tuple, list):
        return type(answer)(ours(item, lent) for item in answer)
    if isinstance(answer, tuple) and hasattr(answer, "_fields"):
        return type(answer)(*(ours(item, lent) for item in answer))
    if type(answer) not in (np.ndarray, np.memmap):
        return wrap(answer)
    for array, real in lent:
        if answer is real:
            return array
    for array, real in lent:
        memory = array._memory
        if memory is not None and np.may_share_memory(answer, real):
            if memory.array.flags.writeable and not real.flags.writeable:
                answer.flags.writeable = True
            return ndarray(memory.view(answer))
    return wrap(answer)


def wrap(value: Any) -> Any:
    """An array or a number of NumPy's that nobody else has, as ours; anything else as it is."""
    if type(value) in (np.ndarray, np.memmap):
        return owned(np.asarray(value))
    return owned(value) if isinstance(value, np.generic) and value.dtype.kind in NUMBERS else value


def shared(array: Any) -> ndarray:
    """An array over memory of somebody else's, which both go on using."""
    return ndarray(Memory(array.view()))
