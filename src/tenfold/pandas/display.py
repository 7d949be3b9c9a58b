"""Show and keep: the text of a frame or series that may be larger than memory, and `persist`."""

from dataclasses import replace
from typing import Any

import pandas as pd

from tenfold.collect import collect
from tenfold.expr import nodes as ex
from tenfold.io import resident
from tenfold.io.memory import MemorySource
from tenfold.pandas import convert
from tenfold.pandas.convert import Labels

SMALL = 10_000  # rows that are computed whole to be shown


def text(shown: Any) -> str:
    """pandas' own text of the object, made of its first and last rows and the true length."""
    real, total = _ends(shown)
    if total == len(real):
        return repr(real)
    if isinstance(real, pd.Series):
        return repr(real).replace(f"Length: {len(real)}", f"Length: {total}")
    return repr(real).replace(f"[{len(real)} rows x", f"[{total} rows x")


def html(shown: Any) -> str:
    """The same as a table for notebooks."""
    real, total = _ends(shown)
    return real._repr_html_().replace(f"<p>{len(real)} rows ×", f"<p>{total} rows ×")


def _ends(shown: Any) -> tuple[Any, int]:
    keep = max(pd.get_option("display.max_rows") or SMALL, 10) // 2 + 1
    plan = shown._plan()
    if shown._labels.range is not None and not shown._filtered():
        plan = ex.Project(plan.table, plan.columns, shown._labels.scalars)
    result = collect(plan, ends=keep)
    total = result.rows() + result.hidden
    rows = convert.index(result, shown._labels, filtered=True)
    if isinstance(shown, pd.DataFrame):
        return convert.frame(result, shown.columns, rows), total
    return pd.Series(convert.column(result, "column0"), rows, name=shown.name, copy=False), total


def persisted(lazy: Any) -> tuple[ex.Scan, list[ex.Scalar], Labels]:
    """The rows of a lazy object in memory: a scan of them, its columns, its index."""
    result, labels = collect(lazy._plan()), lazy._labels
    rows = lazy._index_of(result) if labels.range is not None else None
    if labels.range is not None and lazy._filtered():
        result = _labelled(result, *labels.range)
    scan = ex.Scan(result, None)
    columns: list[ex.Scalar] = [ex.Column(scan, f"column{n}") for n in range(len(lazy._scalars()))]
    if isinstance(rows, pd.RangeIndex):
        return scan, columns, convert.positions(scan, rows.name, rows.start, rows.step)
    return scan, columns, Labels(tuple((name, ex.Column(scan, f"index{n}")) for n, name in enumerate(labels.names)))


def _labelled(result: MemorySource, start: int, step: int) -> MemorySource:
    """A result with the labels of a range in place of the positions in it."""
    chunks = tuple(chunk | {"index0": resident.scaled(chunk["index0"], start, step)} for chunk in result.chunks)
    return replace(result, chunks=chunks, key=f"{result.key} labelled")
