"""Start one process per engine and round, in turn, watch its memory, and make medians of what the processes report."""

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from bench import data
from bench.memory import Watch

ROOT = Path(__file__).parents[1]
TIMEOUT = 900
TOLERANCE = 1e-9

# Variables that no engine inherits: BLAS chooses for the processor it finds, and a module is compiled to bytecode once,
# as every installation does, the sources of this checkout like the peers'.
LEFT_OUT = ("OPENBLAS_", "PYTHONDONTWRITEBYTECODE")


def measure(workload, engines, rounds, note):
    """`{engine: medians}` of one workload; an engine that fails has `error` instead of times."""
    data.read_once(data.files(workload.data))
    runs = {engine: [] for engine in engines}
    warm_up(workload, engines)
    for number in range(rounds):
        turn = number % len(engines)
        for engine in [*engines[turn:], *engines[:turn]]:  # nobody always follows the same neighbour
            runs[engine].append(run_once(workload, engine))
            note(f"{workload.name} {number + 1}/{rounds} {engine}: {told(runs[engine][-1])}")
    return {engine: summary(found) for engine, found in runs.items()}


def warm_up(workload, engines):
    """Fill the kernel cache: a run may answer before its kernels are compiled, so the second one waits for the rest."""
    for engine in engines:
        if engine.startswith("tenfold") and not workload.first_run:
            run_once(workload, engine)
            run_once(workload, engine)


def run_once(workload, engine):
    """What one fresh process reports, with the seconds of the whole process and its peak of anonymous memory."""
    name, _, threads = engine.partition("@")
    fresh = workload.first_run and name == "tenfold"
    with first_installation() if fresh else usual_installation() as (python, variables):
        chosen = {"TENFOLD_THREADS": threads} if threads else {}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(LEFT_OUT)}
        environment = inherited | variables | chosen
        row = (name, workload.query, workload.data, workload.answer, str(workload.repeats))
        return timed_process([str(python), "-m", "bench.child", *row], environment)


def timed_process(command, environment):
    start = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watch = Watch(child.pid)
    try:
        output, errors = child.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        child.kill()
        output, errors = "", f"stopped after {TIMEOUT} s"
        child.communicate()
    seconds, peak = time.perf_counter() - start, watch.stop()
    if child.returncode or not output.strip():
        return {"error": (errors.strip().splitlines() or ["no output"])[-1]}
    report = json.loads(output.strip().splitlines()[-1])
    return {**report, "process_seconds": seconds, "memory": peak}


@contextmanager
def usual_installation():
    """This environment, the checkout's own sources, and a kernel cache that lives as long as the data."""
    yield (
        sys.executable,
        {
            "PYTHONPATH": str(ROOT / "src"),
            "TENFOLD_CACHE_DIR": str(data.FOLDER / "cache"),
        },
    )


@contextmanager
def first_installation():
    """A new environment with the built wheel in it and nothing run before; dependencies are this environment's."""
    folder = Path(tempfile.mkdtemp(prefix="first-", dir=data.FOLDER))
    try:
        quietly(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
        python = folder / "venv" / "bin" / "python"
        install = ("-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel())
        quietly(sys.executable, *install)
        packages = quietly(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
        yield python, {"PYTHONPATH": "", "TENFOLD_CACHE_DIR": str(folder / "cache")}
    finally:
        shutil.rmtree(folder)


def wheel():
    """The wheel of the sources as they are, built once per run of the benchmarks."""
    folder = data.FOLDER / f"wheel-{os.getpid()}"
    if not folder.exists():
        for old in data.FOLDER.glob("wheel-*"):
            shutil.rmtree(old)
        quietly(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    return next(folder.glob("*.whl"))


def quietly(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def summary(runs):
    """Medians over rounds; within a round, the median of its repeats."""
    good = [run for run in runs if "error" not in run]
    if not good:
        return {"error": runs[-1]["error"]}
    times = [statistics.median(run["times"]) for run in good]
    return {
        "seconds": statistics.median(times),
        "best": min(times),
        "process_seconds": statistics.median(run["process_seconds"] for run in good),
        "import_seconds": statistics.median(run["import_seconds"] for run in good),
        "memory": statistics.median(run["memory"] for run in good),
        "rounds": times,
        "failures": len(runs) - len(good),
        "answer": good[-1]["answer"],
    }


def told(run):
    if "error" in run:
        return run["error"]
    seconds, whole, memory = statistics.median(run["times"]), run["process_seconds"], run["memory"] / 1e6
    return f"{seconds:.4f} s, process {whole:.2f} s, {memory:.0f} MB"


def differences(found, tolerance=TOLERANCE):
    """Engines whose answer is not the first engine's, within the tolerance; to be read before any time is."""
    answers = {engine: flat(result["answer"]) for engine, result in found.items() if result.get("answer") is not None}
    first = next(iter(answers.values()), [])
    return [engine for engine, answer in answers.items() if not same(first, answer, tolerance)]


def flat(answer):
    return [*answer.values()] if isinstance(answer, dict) else answer


def same(left, right, tolerance):
    return len(left) == len(right) and all(close(a, b, tolerance) for a, b in zip(left, right, strict=True))


def close(left, right, tolerance):
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    return math.isclose(left, right, rel_tol=tolerance)
