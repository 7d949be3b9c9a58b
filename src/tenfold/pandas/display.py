"""Show and keep: the text of a frame or series that may be larger than memory, and `persist`."""

from dataclasses import replace
from typing import Any

import pandas as pd

from tenfold.collect import collect
from tenfold.expr import nodes as ex
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
    form = shown._native()
    plan = ex.Project(form.rows, convert.planned(form.columns, filtered=True), form.labels.scalars)
    result = collect(plan, ends=keep)
    total = result.rows() + result.hidden
    rows = convert.index(result, form.labels, filtered=True)
    if isinstance(shown, pd.DataFrame):
        return convert.frame(result, form.columns, shown.columns, rows, filtered=True), total
    return convert.series(result, form.columns[0], rows, shown.name, filtered=True), total


def persisted(lazy: Any) -> tuple[ex.Scan, list[ex.Scalar], Labels]:
    """The rows of a lazy object in memory: a scan of them, its columns, its index."""
    form = lazy._native()
    if any(isinstance(column, ex.Carried) for column in form.columns):  # pandas' own arrays are memory
        lazy._ready()
        form = lazy._derived()
        return form.rows, list(form.columns), form.labels
    result = collect(lazy._plan())
    scan = ex.Scan(result, None)
    columns: list[ex.Scalar] = [ex.Column(scan, f"column{n}") for n in range(len(form.columns))]
    if form.labels.kept is not None or lazy._chosen_levels():
        return scan, columns, convert.kept(scan, lazy._index_of(result))
    levels = tuple(ex.Column(scan, f"index{n}") for n in range(len(form.labels.scalars)))
    return scan, columns, replace(form.labels, scalars=levels)
