"""The main flow: a plan in, a table in memory out.

    optimise (plan/) -> split (stage/) -> lower (kernel/) -> run (target/, run/) -> answer

A claim that the data refute widens the source and starts again; what was answered before is not computed twice.
"""

from functools import partial
from typing import Any

from tenfold import config, run, target
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource
from tenfold.io.source import Missplit, Refuted
from tenfold.plan import optimise
from tenfold.rewrite import rewrite
from tenfold.run import answer, executors, results
from tenfold.run.progress import Progress
from tenfold.run.worker import Worker, make_plan
from tenfold.stage import nodes as st
from tenfold.stage.lower import lower
from tenfold.stage.split import next_stage, resume
from tenfold.target import cache


def collect(plan: ex.Table, ends: int = 0) -> MemorySource:
    """The rows that a plan answers; with `ends`, only so many of the first and of the last, and how many are hidden."""
    while True:
        try:
            return _stages(optimise(verified(plan)), ends)
        except Refuted as refuted:
            results.widen(refuted.source, refuted.wider)
        except KeyboardInterrupt:
            cache.stop_helpers()
            raise


def verified(plan: ex.Table) -> ex.Table:
    """The plan over the widest claims known of its sources."""
    return rewrite(plan, lambda n: ex.Scan(results.widest(n.source), n.columns) if isinstance(n, ex.Scan) else None)


def _stages(plan: ex.Table, ends: int) -> MemorySource:
    while True:
        table, stage = next_stage(plan)
        if table is plan and ends:
            return answer.ends(results.known(table) or run_stage(stage, table.schema, ends=ends), ends)
        result = results.known(table) or results.keep(table, stage, run_stage(stage, table.schema))
        if table is plan:
            return result
        plan = resume(plan, table, result)
        named = answer.named(plan)
        if named is not None:
            return answer.ends(named, ends) if ends else named
        plan = optimise(plan)


def run_stage(stage: st.Stage, schema: ex.Schema, reuse: bool = True, ends: int = 0) -> MemorySource:
    """Run one stage with the executor of the settings; `reuse` columns that are in memory, and bring them there."""
    program, source = lower(stage), stage.scan.source
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
