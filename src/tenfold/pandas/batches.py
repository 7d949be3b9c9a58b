"""What looks at one row at a time runs in pandas on some rows after others, on all threads.

The answer is that of pandas on the whole, so what could differ is not taken: functions of users, which are called as
often and in the order that pandas calls them; arguments that are no part of the same rows. And what batches disagree
about (a type that depends on the values, an error) is found out on the whole.
"""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tenfold import config
from tenfold.pandas.operators import METHODS, WORDS

BESIDE = {name.strip("_") for name in (*METHODS, *WORDS)} | {"pow", "rpow", "where", "mask", "array_ufunc"}
FEW = 1 << 15  # values that are computed in the time that threads take to start
MOST = 1 << 12  # batches: each costs a tenth of a millisecond
MANY = 1 << 10  # values to look others up in: that is prepared again for each batch
AWARE = ("ambiguous", "limit", "axis", "inplace")  # options that make rows matter to each other, or to their object


def run(name: str, real: Callable[..., Any], whole: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """The answer of a method on an object of pandas', by batches; None where it has to be found on the whole.

    `name` is as in the capability table: `Series.str.len` is a method of the accessor `str`.
    """
    types = list(whole.dtypes) if whole.ndim > 1 else [whole.dtype]
    if not all(_is_alike(name, dtype) for dtype in types) or not _is_row_by_row(name, args, options):
        return None
    length = len(whole)
    step = max(config.get("morsel_rows"), length // MOST + 1)
    cut = _cuts(name, whole, (args, options))
    if cut is None:
        return None
    accessor = name.split(".")[1] if name.count(".") == 2 else None

    def batch(start: int) -> Any:
        part = whole.iloc[start : start + step]
        given, named = cut(part, start, start + step)
        return part, real(getattr(part, accessor) if accessor else part, *given, **named)

    try:
        starts = range(0, max(length, 1), step)
        parts = _each(batch, starts) if whole.size > FEW else list(map(batch, starts))
    except Exception:  # pandas' own, of a part: on the whole it may be none, or another
        return None
    return _joined(whole, parts)


def _is_alike(name: str, dtype: Any) -> bool:
    """Whether pandas does the same with a value whatever the others are."""
    if isinstance(dtype, pd.ArrowDtype):  # a number within a value becomes a float if another is missing
        return not pa.types.is_nested(dtype.pyarrow_dtype)
    return dtype != "object" or not name.startswith("Series.str.")  # one that is no text changes what others become


def _is_row_by_row(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> bool:
    """Whether a call's arguments are values: no functions, and nothing that makes rows matter to each other."""
    values = [*args, *options.values()]
    if any(options.get(option) is not None and options[option] is not False for option in AWARE):
        return False
    if any(map(_calls, values)) or (name.startswith("Series.dt.") and len(args) > 1):
        return False
    tail = name.rpartition(".")[2]
    if tail == "astype":
        types = [t for v in values for t in (v.values() if isinstance(v, dict) else [v])]
        return not any(isinstance(t, pd.CategoricalDtype) or (isinstance(t, str) and t == "category") for t in types)
    if tail == "map":
        return all(type(v) is dict for v in values[:1])
    if tail == "__array_ufunc__":
        ufunc, method = args[:2]
        return method == "__call__" and ufunc.signature is None and ufunc.nout == 1 and not options
    return True


def _calls(value: Any) -> bool:
    """Whether there is a function in a value, which may do anything."""
    if isinstance(value, (list, tuple)):
        return any(map(_calls, value))
    if isinstance(value, dict):
        return any(map(_calls, value.values()))
    return callable(value) and not isinstance(value, (type, np.ufunc))


def _cuts(name: str, whole: Any, given: Any) -> Callable[[Any, int, int], Any] | None:
    """How the arguments of some rows are found; None where that cannot be known."""
    tail = name.rpartition(".")[2].strip("_")
    beside = tail in BESIDE
    length = len(whole)
    rows: set[int] = set()

    def look(value: Any) -> bool:
        """Whether a value can be given to each batch, or be cut like the rows."""
        if isinstance(value, (pd.Series, pd.DataFrame)):
            rows.add(id(value))
            return beside and type(value) is type(whole) and value.index.equals(whole.index)
        if isinstance(value, (np.ndarray, pd.api.extensions.ExtensionArray, pd.Index)) and np.ndim(value):
            rows.add(id(value))
            return beside and whole.ndim == 1 == np.ndim(value) and len(value) == length
        if isinstance(value, (list, tuple, set, dict)) and len(value) > max(config.get("morsel_rows"), MANY):
            return False
        return not (beside and pd.api.types.is_list_like(value))

    args, options = given
    if not all(map(look, [*args, *options.values()])):
        return None

    def cut(part: Any, start: int, stop: int) -> Any:
        def of_part(value: Any) -> Any:
            if value is whole:  # pandas asks whether it is the very object
                return part
            if id(value) not in rows:
                return value
            return value.iloc[start:stop] if isinstance(value, (pd.Series, pd.DataFrame)) else value[start:stop]

        return tuple(map(of_part, args)), {name: of_part(value) for name, value in options.items()}

    return cut


def _each(call: Callable[[int], Any], starts: range) -> list[Any]:
    """What a call returns for each start, in order; made by all threads, under the settings that hold here."""
    with ThreadPoolExecutor(min(config.get("threads"), len(starts))) as pool:
        running = [pool.submit(contextvars.copy_context().run, call, start) for start in starts]
        try:
            return [made.result() for made in running]
        finally:
            pool.shutdown(cancel_futures=True)


def _joined(whole: Any, parts: list[Any]) -> Any:
    """The answer of all rows, of those of batches; None where they do not fit together."""
    _, first = parts[0]
    if not isinstance(first, (pd.Series, pd.DataFrame)):
        return None
    for part, answer in parts:
        if type(answer) is not type(first) or not (answer.index is part.index or answer.index.equals(part.index)):
            return None
        if isinstance(first, pd.Series):
            alike = answer.dtype == first.dtype
        else:
            alike = answer.columns.equals(first.columns) and list(answer.dtypes) == list(first.dtypes)
        if not alike:
            return None
    if len(parts) > 1:
        answers = [answer for _, answer in parts]
        if isinstance(first, pd.Series):  # whose names pandas would compare
            answers = [answer.rename(None) for answer in answers]
        made = pd.concat(answers, ignore_index=True)
        made.index = whole.index
        return made.__finalize__(first)
    return first
