"""What earlier runs found out: wider claims, parsed columns, and small answers, within the memory budget."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from tenfold import config
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource
from tenfold.stage import nodes as st

ANSWER_BYTES = 1 << 20  # answers beyond are the user's to persist

_lock = threading.Lock()
_claims: dict[str, Any] = {}
_answers: OrderedDict[ex.Table, MemorySource] = OrderedDict()
_columns: OrderedDict[tuple[str, Hashable], MemorySource] = OrderedDict()


def widest(source: Any) -> Any:
    """The source with the widest claim known of it."""
    return _claims.get(source.key, source)


def widen(source: Any, wider: Any) -> None:
    """Remember a refuted claim."""
    _claims[source.key] = _claims[wider.key] = wider


def known(table: ex.Table) -> MemorySource | None:
    """The answer of a table, if it was kept."""
    return _answers.get(table)


def keep(table: ex.Table, source: Any, answer: MemorySource) -> MemorySource:
    """Keep a small answer that came from files; one from memory is as quickly computed again."""
    if not isinstance(source, MemorySource) and answer.nbytes() <= ANSWER_BYTES:
        with _lock:
            _answers[table] = answer
            while len(_answers) > 100:
                _answers.popitem(last=False)
    return answer


def resident(source: Any, columns: tuple[Hashable, ...], run_stage: Callable[..., MemorySource], *, fill: bool) -> Any:
    """Columns of a file in memory, where they fit the budget: the next query need not read it. Else the source.

    Without `fill`, only those that are there already: who wants the first rows does not wait for all.
    """
    if isinstance(source, MemorySource) or not columns or config.get("target") == "null":
        return source
    types = dict(source.schema)
    missing = tuple(name for name in columns if (source.key, name) not in _columns)
    if missing:
        if not fill or source.rows() * sum(types[name].itemsize for name in columns) > config.get("cache_bytes"):
            return source
        _fill(source, missing, columns, run_stage)
    if len({_columns[source.key, name].lengths for name in columns}) > 1:  # read in other pieces: once more, together
        _fill(source, columns, columns, run_stage)
    parts = [_columns[source.key, name] for name in columns]
    chunks = tuple(
        {name: part[name] for name, part in zip(columns, row, strict=True)}
        for row in zip(*(part.chunks for part in parts), strict=True)
    )
    return MemorySource(tuple((n, types[n]) for n in columns), chunks, parts[0].lengths, source.label)


def _fill(
    source: Any, columns: tuple[Hashable, ...], needed: tuple[Hashable, ...], run_stage: Callable[..., MemorySource]
) -> None:
    """Read columns; the oldest ones make room, but none of those `needed` now."""
    scan = ex.Scan(source, columns)
    stage = st.Stage(scan, "blocks", None, st.Gather(tuple(ex.Column(scan, name) for name in columns), columns, -1))
    table = run_stage(stage, scan.schema, False)
    with _lock:
        for name in columns:
            chunks = tuple({name: chunk[name]} for chunk in table.chunks)
            _columns[source.key, name] = MemorySource(((name, dict(source.schema)[name]),), chunks, table.lengths)
        for name in needed:
            _columns.move_to_end((source.key, name))
        budget = config.get("cache_bytes")
        while sum(column.nbytes() for column in _columns.values()) > budget and len(_columns) > len(needed):
            _columns.popitem(last=False)


def forget() -> None:
    """Drop everything, for tests."""
    for table in (_claims, _answers, _columns):
        table.clear()
