"""Rows of several objects that meet: those of one table as they are, those of equal labels in memory side by side.

pandas aligns what it combines by labels; where these are equal there is nothing to align. Two sources become one then,
and what was written over them is written over that. Labels that differ are brought together by pandas.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.expr.check import leaves
from tenfold.io.memory import MemorySource, single_chunk
from tenfold.pandas.convert import Columns
from tenfold.pandas.rows import Form, Rows
from tenfold.rewrite import substitute

_joined: WeakValueDictionary[Any, MemorySource] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a source is made of: sources by their keys, and what their columns are called in it."""

    sources: dict[str, MemorySource]
    names: dict[tuple[str, Hashable], Hashable]


def match(one: Rows, other: Rows) -> tuple[Form, Form]:
    """The forms of two objects, over the same rows; NotYetError where their labels are not equal."""
    mine, its = one._native(), other._native()
    if mine.rows is its.rows:
        return mine, its
    mine, its = _in_memory(one), _in_memory(other)
    length = mine.rows.source.rows()  # type: ignore[attr-defined]
    labels = [form.labels.kept[: form.rows.source.rows()] for form in (mine, its)]  # type: ignore[attr-defined,index]
    if labels[0] is not labels[1] and not (len(labels[1]) == length and labels[0].equals(labels[1])):
        raise NotYetError("an operation on objects of different rows (alignment)")
    source = _side_by_side(*(form.rows.source for form in (mine, its)))  # type: ignore[attr-defined]
    scan = ex.Scan(source, None)
    for rows, form in ((one, mine), (other, its)):
        vars(rows)["_form"] = _over(form, scan)
    return vars(one)["_form"], vars(other)["_form"]


def match_all(one: Rows, others: Iterable[Rows]) -> None:
    """Have several objects over the rows of one."""
    others = list(others)
    for _ in range(2):  # once all are one source, each is written over that
        for other in others:
            match(one, other)


def _in_memory(rows: Rows) -> Form:
    """The form over all rows of a source in memory: this object's own, once it is computed."""
    form = rows._native()
    if not _is_memory(form):
        rows._ready()
        form = rows._derived()
    return form


def _is_memory(form: Form) -> bool:
    source = form.rows.source if isinstance(form.rows, ex.Scan) else None
    return isinstance(source, MemorySource) and len(source.chunks) == 1 and form.labels.kept is not None


def _parts(source: MemorySource) -> Parts:
    if isinstance(source.owner, Parts):
        return source.owner
    return Parts({source.key: source}, {(source.key, name): name for name, _ in source.schema})


def _side_by_side(one: MemorySource, other: MemorySource) -> MemorySource:
    """A source of the columns of both; one that has those of the other too is that."""
    parts = [_parts(source) for source in (one, other)]
    sources = parts[0].sources | parts[1].sources
    for source, part in zip((one, other), parts, strict=True):
        if len(part.sources) == len(sources):
            return source
    key = frozenset(sources)
    found = _joined.get(key)
    if found is None:
        taken: dict[Hashable, tuple[str, Hashable]] = {}  # name -> (source, its name)
        for number, source in sources.items():
            for name, _ in source.schema:
                taken[name if name not in taken else (name, number)] = number, name
        columns = Columns(lambda name: sources[taken[name][0]].chunks[0][taken[name][1]])
        types = {number: dict(source.schema) for number, source in sources.items()}
        schema = [(name, types[number][own]) for name, (number, own) in taken.items()]
        names = {origin: name for name, origin in taken.items()}
        found = _joined[key] = single_chunk(schema, columns, one.rows(), owner=Parts(sources, names))
    return found


def _over(form: Form, scan: ex.Scan) -> Form:
    """A form over a source that has the columns of its own."""
    source: Any = form.rows.source  # type: ignore[attr-defined]
    if source is scan.source:
        return replace(form, rows=scan)
    parts, names = _parts(source), _parts(scan.source).names
    origins = {name: origin for origin, name in parts.names.items()}
    scalars = (*form.columns, *form.labels.scalars)
    table = {
        leaf: ex.Position(scan) if isinstance(leaf, ex.Position) else ex.Column(scan, names[origins[leaf.name]])
        for leaf in leaves(*scalars)
    }
    columns = tuple(substitute(scalar, table) for scalar in form.columns)  # type: ignore[arg-type]
    labels = replace(form.labels, scalars=tuple(substitute(s, table) for s in form.labels.scalars))  # type: ignore[arg-type]
    return replace(form, rows=scan, columns=columns, labels=labels)
