"""The main flow: a plan in, a table in memory out.

    optimise (plan/) -> split (stage/) -> lower (kernel/) -> run (target/, run/) -> answer

A claim that the data refute widens the source and starts again; what was answered before is not computed twice.
"""

from functools import lru_cache, partial
from typing import Any

from tenfold import config, run, target
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource
from tenfold.io.source import Missplit, Refuted
from tenfold.node import order as nodes_of
from tenfold.plan import optimise
from tenfold.rewrite import substitute
from tenfold.run import answer, executors, forms, order, results
from tenfold.run.progress import Progress
from tenfold.run.worker import Worker, make_plan
from tenfold.stage import nodes as st
from tenfold.stage.lower import lower
from tenfold.stage.split import next_stage, resume
from tenfold.target import cache

BEGINNING = 4096  # rows that tell whether others need to be looked at


def collect(plan: ex.Table, ends: int = 0) -> MemorySource:
    """The rows that a plan answers; with `ends`, only so many of the first and of the last, and how many are hidden."""
    while True:
        try:
            return _stages(verified(plan), ends)
        except Refuted as refuted:
            results.widen(refuted.source, refuted.wider)
        except KeyboardInterrupt:
            cache.stop_helpers()
            raise


def verified(plan: ex.Table) -> ex.Table:
    """The plan over the widest claims known of its sources."""
    scans = [n for n in nodes_of(plan) if isinstance(n, ex.Scan) and results.widest(n.source) is not n.source]
    return substitute(plan, {scan: ex.Scan(results.widest(scan.source), scan.columns) for scan in scans})


def _stages(plan: ex.Table, ends: int) -> MemorySource:
    while True:
        form, sources = forms.of(plan)
        plan, table, stage, program = _kept(form, *map(config.get, SETTINGS)) if sources else _first_stage(plan)
        source = sources.get(stage.scan.source, stage.scan.source)
        if table is plan and ends:
            found = results.known(table) or run_program(stage, program, source, table.schema, ends=ends)
            return answer.ends(found, ends)
        found = results.known(table) or settled(table, sources, run_program(stage, program, source, table.schema))
        result = results.keep(table, source, found)
        if table is plan:
            return result
        plan = forms.filled(resume(plan, table, result), sources)
        named = answer.named(plan)
        if named is not None:
            return answer.ends(named, ends) if ends else named


def settled(form: ex.Table, sources: dict[Any, MemorySource], found: MemorySource) -> MemorySource:
    """An answer with means of float32 in the type that pandas gives them.

    float64 by keys whose rows lie in order, if no value is missing, else float32. The first rows mostly tell.
    """
    if not isinstance(form, ex.Aggregate) or not _float_means(form) or config.get("target") == "null":
        return found
    table = forms.filled(form, sources)
    floats = _float_means(table)
    for rows in (ex.Limit(table.table, BEGINNING), table.table):
        if not table.keys or not order.in_order(collect(ex.Project(rows, table.keys, ()))):
            return order.narrowed(found, list(floats))
    counts = [ex.Reduction("size", None), *(ex.Reduction("count", arg) for arg in floats.values())]
    size, *present = (
        int(column[0]) for column in collect(ex.Aggregate(table.table, (), tuple(counts))).chunks[0].values()
    )
    if all(count < size for count in present):
        return order.narrowed(found, list(floats))
    if any(count < size for count in present):
        what = "the mean by ordered keys of several float32 columns, of which some have missing values,"
        raise NotYetError(what, "call .astype('float64') on them first")
    return found


def _float_means(table: ex.Aggregate) -> dict[str, ex.Scalar]:
    """What is averaged of float32, by the names of the answers."""
    means = [(f"value{n}", r.arg) for n, r in enumerate(table.reductions) if r.function == "mean"]
    return {name: arg for name, arg in means if arg is not None and arg.dtype.storage == "f4"}


def _first_stage(plan: ex.Table, *settings: Any) -> tuple[ex.Table, ex.Table, st.Stage, st.Program]:
    """The optimised plan, the table that is finished first, and how."""
    plan = optimise(plan)
    table, stage = next_stage(plan)
    return plan, table, stage, lower(stage)


SETTINGS = ("target", "devices", "compile_rows", "check")  # what the first stage of a form depends on
_kept = lru_cache(128)(_first_stage)


def run_stage(stage: st.Stage, schema: ex.Schema, reuse: bool = True) -> MemorySource:
    """Run one stage; see `run_program`."""
    return run_program(stage, lower(stage), stage.scan.source, schema, reuse)


def run_program(
    stage: st.Stage, program: st.Program, source: Any, schema: ex.Schema, reuse: bool = True, ends: int = 0
) -> MemorySource:
    """Run a stage with the executor of the settings; `reuse` columns that are in memory, and bring them there."""
    if reuse and not (stage.target == "cuda" and hasattr(source, "open_device")):  # devices read such by themselves
        source = results.resident(source, program.columns, run_stage, fill=program.limit < 0)
    if stage.target == "cuda":
        answered = run.devices.run_stage(stage, program, schema, source)
        if answered is not None:
            return answered
    try:
        workers = _run(stage, program, source, ends)
    except Missplit:
        workers = _run(stage, program, source, ends, careful=True)
    if isinstance(stage.exchange, st.Combine):
        return answer.combined(program, workers, schema)
    return answer.gathered(program, workers, stage.exchange.names)


def _run(stage: st.Stage, program: st.Program, source: Any, ends: int, careful: bool = False) -> list[Worker]:
    """Take a source through a program; what the workers hold then."""
    reader = source.open(program.columns, careful=careful, whole=program.limit >= 0)
    progress = Progress(reader.pieces, source.label)
    try:
        shared = make_plan(program, stage.target, reader.stable, ends)
        if config.get("target") == "null":
            target.null.record(program.kernels, reader.pieces, len(program.columns))
            workers = [Worker(shared)]
        else:
            workers = executors.run(reader, partial(Worker, shared), program.limit, progress)
            if program.limit < 0:
                reader.finish()
    finally:
        progress.close()
        reader.close()
    return workers
