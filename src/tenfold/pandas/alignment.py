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
from tenfold.node import Node
from tenfold.pandas.convert import Columns
from tenfold.pandas.rows import Form, Rows
from tenfold.rewrite import substitute

_joined: WeakValueDictionary[frozenset[str], MemorySource] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a source is made of: sources by their keys; and of its columns the key of the source and the name there."""

    sources: dict[str, MemorySource]
    origins: dict[Hashable, tuple[str, Hashable]]


def match(*objects: Rows) -> list[Form]:
    """Forms of objects over the same rows; NotYetError where their labels are not equal."""
    forms = [rows._native() for rows in objects]
    if all(form.rows is forms[0].rows for form in forms):
        return forms
    forms = list(map(_in_memory, objects))
    lengths = [_source(form).rows() for form in forms]
    labels = [form.labels.kept[:length] for form, length in zip(forms, lengths, strict=True)]  # type: ignore[index]
    if len(set(lengths)) > 1 or not all(labels[0].equals(other) for other in labels[1:]):
        raise NotYetError("an operation on objects of different rows (alignment)")
    wanted = {key: source for form in forms for key, source in _used(form).items()}
    scans = (form.rows for form in forms if _parts(_source(form)).sources.keys() == wanted.keys())
    scan = next(scans, None) or ex.Scan(_side_by_side(wanted), None)
    return [_over(form, scan) for form in forms]


def match_all(objects: Iterable[Rows]) -> None:
    """Have objects over the same rows from now on."""
    objects = list(objects)
    before, forms = objects[0]._native(), match(*objects)
    for rows, form in zip(objects, forms, strict=True):
        frame, known, place = vars(rows).get("_in_frame", (None, None, 0))
        if frame is objects[0] and known is before:  # its column still
            vars(rows)["_in_frame"] = frame, forms[0], place
        vars(rows)["_form"] = form


def _in_memory(rows: Rows) -> Form:
    """The form over all rows of a source in memory: this object's own, once it is computed."""
    form = rows._native()
    source = _source(form)
    if isinstance(source, MemorySource) and len(source.chunks) == 1 and form.labels.kept is not None:
        return form
    rows._ready()
    return rows._derived()


def _source(form: Form) -> Any:
    """The source whose rows these are, all of them; None of others."""
    return form.rows.source if isinstance(form.rows, ex.Scan) else None


def _parts(source: MemorySource) -> Parts:
    if isinstance(source.owner, Parts):
        return source.owner
    return Parts({source.key: source}, {name: (source.key, name) for name, _ in source.schema})


def _leaves(form: Form) -> list[ex.Column | ex.Position]:
    return leaves(*form.columns, *form.labels.scalars)


def _used(form: Form) -> dict[str, MemorySource]:
    """The sources whose columns a form is made of: others are let go."""
    parts = _parts(_source(form))
    keys = [parts.origins[leaf.name][0] for leaf in _leaves(form) if isinstance(leaf, ex.Column)]
    return {key: parts.sources[key] for key in keys or list(parts.sources)[:1]}


def _side_by_side(sources: dict[str, MemorySource]) -> MemorySource:
    """One source of the columns of several."""
    key = frozenset(sources)
    found = _joined.get(key)
    if found is None:
        origins: dict[Hashable, tuple[str, Hashable]] = {}
        schema = []
        for number, source in sources.items():
            for name, dtype in source.schema:
                own = name if name not in origins else (name, number)
                origins[own] = number, name
                schema.append((own, dtype))

        def column(name: Hashable) -> Any:
            number, own = origins[name]
            return sources[number].chunks[0][own]

        length = next(iter(sources.values())).rows()
        found = _joined[key] = single_chunk(schema, Columns(column), length, owner=Parts(sources, origins))
    return found


def _over(form: Form, scan: Any) -> Form:
    """A form over a source that has the columns of its own."""
    if form.rows is scan:
        return form
    origins = _parts(_source(form)).origins
    names = {origin: name for name, origin in _parts(scan.source).origins.items()}
    table: dict[Node, Node] = {
        leaf: ex.Position(scan) if isinstance(leaf, ex.Position) else ex.Column(scan, names[origins[leaf.name]])
        for leaf in _leaves(form)
    }
    columns = tuple(substitute(scalar, table) for scalar in form.columns)
    labels = replace(form.labels, scalars=tuple(substitute(scalar, table) for scalar in form.labels.scalars))
    return replace(form, rows=scan, columns=columns, labels=labels)
