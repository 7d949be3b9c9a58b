"""Results as a table, as JSON, as a page of the documentation, and as a chart."""

import datetime
import importlib.metadata
import json
import os
import platform
from pathlib import Path

from bench.workloads import BARS, WORKLOADS, headline

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "results"
LATEST = FOLDER / "latest.json"
PAGE = ROOT / "docs" / "figures.md"
MARKS = ("<!-- benchmarks: begin -->", "<!-- benchmarks: end -->")
PACKAGES = (
    "tenfold",
    "pandas",
    "numpy",
    "pyarrow",
    "polars",
    "duckdb",
    "dask",
    "dask-array",
    "jax",
    "numexpr",
    "numba",
)
COLOURS = {"tenfold": "#c2410c"}


def save(results, settings):
    """Merge with what was measured before (each workload keeps the settings of its own run) and write everything."""
    FOLDER.mkdir(exist_ok=True)
    everything = load()
    for workload, found in results.items():
        engines = {engine: {k: v for k, v in row.items() if k != "answer"} for engine, row in found.items()}
        everything[workload] = {"settings": settings | surroundings(), "engines": engines}
    LATEST.write_text(json.dumps(everything, indent=1) + "\n")
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    (FOLDER / f"{stamp}.json").write_text(json.dumps({name: everything[name] for name in results}, indent=1) + "\n")
    draw(everything, FOLDER / "latest.png")
    write_page()


def load():
    return json.loads(LATEST.read_text()) if LATEST.exists() else {}


def surroundings():
    """What a figure depends on beside the code."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def table(workload, found):
    """One workload as Markdown rows, the fastest first."""
    key = headline(workload)
    reference = next((result.get(key) for engine, result in found.items() if engine.startswith("tenfold")), None)
    lines = [
        "| engine | seconds | times tenfold's | whole process, s | memory, MB |",
        "| --- | --: | --: | --: | --: |",
    ]
    for engine, result in sorted(found.items(), key=lambda item: item[1].get(key, float("inf"))):
        lines.append(row(engine, result, key, reference))
    return "\n".join(lines)


def row(engine, result, key, reference):
    if "error" in result:
        return f"| {engine} | failed: {result['error'][:120]} | | | |"
    times = f"{result[key] / reference:.2f}" if reference else ""
    wall, memory = result["process_seconds"], result["memory"] / 1e6
    return f"| {engine} | {figure(result[key])} | {times} | {wall:.2f} | {memory:,.0f} |"


def figure(seconds):
    return f"{seconds:.2f}" if seconds >= 1 else f"{seconds:.3f}" if seconds >= 0.01 else f"{seconds:.5f}"


def bars(results):
    """Every bar whose results are there: what was reached, what was asked."""
    lines = ["| workload | figure | reached | asked | |", "| --- | --- | --: | --: | --- |"]
    for bar in BARS:
        try:
            reached = bar.figure(results)
        except (KeyError, ValueError):
            continue  # not measured, or it failed
        verdict = "yes" if bar.holds(reached) else "**no**"
        asked = f"{bar.compare} {bar.limit:.3g}{bar.unit}"
        lines.append(f"| {bar.workload} | {bar.meaning} | {reached:.3g}{bar.unit} | {asked} | {verdict} |")
    return "\n".join(lines)


def markdown(everything):
    """All that was measured, in the order of the table of workloads."""
    measured = [workload for workload in WORKLOADS if workload.name in everything]
    results = {name: entry["engines"] for name, entry in everything.items()}
    if not measured:
        return "Nothing measured yet.\n"
    head = circumstances(everything[measured[0].name]["settings"])
    parts = [f"**{row.name}**: {row.meaning}\n\n{table(row.name, results[row.name])}" for row in measured]
    return "\n\n".join([head, *parts, bars(results)]) + "\n"


def circumstances(settings):
    versions = ", ".join(f"{name} {number}" for name, number in settings["versions"].items())
    return (
        f"Medians of {settings['rounds']} interleaved rounds, every run in a process of its own, {settings['rows']:,} "
        f"rows, {settings['cores']} cores ({settings['processor']}), Python {settings['python']}; {versions}. "
        "Memory is the peak of anonymous memory of all processes together."
    )


def write_page():
    """Put the latest figures between the two marks of the page; what is written around them stays."""
    before, _, rest = PAGE.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    picture = "\n![seconds of each engine](../bench/results/latest.png)\n" if load() else ""
    PAGE.write_text(f"{before}{MARKS[0]}\n{markdown(load())}{picture}{MARKS[1]}{after}")


def draw(everything, path):
    """One panel of horizontal bars per workload that compares engines."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    compared = [name for name in everything if len(everything[name]["engines"]) > 1]
    if not compared:
        return
    figure_, panels = plt.subplots(len(compared), figsize=(8, 1.9 * len(compared)), squeeze=False, layout="constrained")
    for name, panel in zip(compared, panels[:, 0], strict=True):
        draw_panel(panel, name, everything[name]["engines"])
    figure_.savefig(path, dpi=110)
    plt.close(figure_)


def draw_panel(panel, name, found):
    key = headline(name)
    good = sorted((item for item in found.items() if "error" not in item[1]), key=lambda item: -item[1][key])
    engines, seconds = [engine for engine, _ in good], [result[key] for _, result in good]
    drawn = panel.barh(engines, seconds, color=[COLOURS.get(engine, "#94a3b8") for engine in engines])
    panel.bar_label(drawn, [figure(value) + " s" for value in seconds], padding=3, fontsize=8)
    panel.set_title(name, loc="left", fontsize=10)
    panel.margins(x=0.15)
    panel.spines[["top", "right"]].set_visible(False)
