"""Run one workload on one engine in this process and print what it took as one line of JSON.

python -m bench.child ENGINE QUERY KIND-OF-DATA KIND-OF-ANSWER REPEATS
"""

import importlib
import json
import sys
import time


def seconds_of(action):
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def import_over_pandas():
    """Seconds that `import tenfold.pandas` adds to `import pandas`, in a process that has imported neither."""
    importlib.import_module("pandas")
    return seconds_of(lambda: importlib.import_module("tenfold.pandas"))[0]


def run(engine, query, paths, answer, repeats):
    import_seconds, module = seconds_of(lambda: importlib.import_module(f"bench.engines.{engine.replace('-', '_')}"))
    action = module.QUERIES[query](paths)
    timed = [seconds_of(action) for _ in range(repeats)]
    times, result = [seconds for seconds, _ in timed], timed[-1][1]
    found = getattr(module, f"{answer}_answer")(result) if answer else None
    return {"times": times, "import_seconds": import_seconds, "answer": found}


def main():
    engine, query, kind, answer, repeats = sys.argv[1:]
    if query == "import":
        report = {"times": [import_over_pandas()], "import_seconds": 0.0, "answer": None}
    else:
        from bench import data

        report = run(engine, query, data.files(kind), answer, int(repeats))
    print(json.dumps(report, default=float))


if __name__ == "__main__":
    main()
