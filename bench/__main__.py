"""The command line of the benchmarks: `python -m bench [--only WORKLOAD,...] [--engines ENGINE,...] [--rounds N]`.

An engine may be written `tenfold@16` to run it with that many threads: `--engines tenfold@2,tenfold@16`.
"""

import argparse
import sys

from bench import data, measure, report
from bench.workloads import WORKLOADS


def main():
    options = parser().parse_args()
    if options.page:
        report.write_page()
        return 0
    chosen = [workload for workload in WORKLOADS if not options.only or workload.name in options.only]
    note(f"making the data: {options.rows:,} rows")
    data.make({workload.data for workload in chosen}, options.rows)
    results, disagreeing = {}, []
    for workload in chosen:
        engines = [engine for engine in options.engines or workload.engines if runs(workload, engine)]
        if not engines:
            continue
        results[workload.name] = found = measure.measure(workload, engines, options.rounds, note)
        disagreeing += [f"{workload.name}: {engine}" for engine in measure.differences(found, workload.tolerance)]
        print(f"\n{workload.name}: {workload.meaning}\n{report.table(workload.name, found)}\n", flush=True)
    print(report.bars(results))
    if not options.no_save:
        report.save(results, {"rounds": options.rounds, "rows": options.rows})
    return verdict(results, disagreeing)


def runs(workload, engine):
    return engine.partition("@")[0] in workload.engines


def verdict(results, disagreeing):
    """Times of engines that answer differently compare nothing, and tenfold has to answer: either is a failure."""
    failed = [(workload, engine) for workload, found in results.items() for engine in found if "error" in found[engine]]
    for line in disagreeing:
        note(f"ANOTHER ANSWER from {line}")
    for workload, engine in failed:
        note(f"FAILED {workload}: {engine}: {results[workload][engine]['error']}")
    return int(bool(disagreeing) or any(engine.startswith("tenfold") for _, engine in failed))


def note(text):
    print(text, file=sys.stderr, flush=True)


def names(text):
    return tuple(text.split(","))


def parser():
    made = argparse.ArgumentParser(prog="python -m bench", description="tenfold beside its peers")
    made.add_argument("--rows", type=int, default=data.ROWS)
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--only", type=names, default=(), help="workloads, comma-separated")
    made.add_argument("--engines", type=names, default=(), help="engines, comma-separated")
    made.add_argument("--no-save", action="store_true", help="print only; write no results and no page")
    made.add_argument("--page", action="store_true", help="write docs/figures.md from the latest results and stop")
    return made


if __name__ == "__main__":
    sys.exit(main())
