"""A compiler that stays: one process compiles for all tests of a worker, in the place of a helper for each request.

Starting Python and Numba takes a helper a second, a kernel then a tenth of one. The code that compiles is the helper's;
how helpers start, fail and end is shown by `target/test_cache.py` and by tests that run processes of their own.
"""

import contextlib
import json
import signal
import subprocess
import sys
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tenfold import config
from tenfold.target import cache

SERVE = """
import json
for line in sys.stdin:
    print(int(compiler.compile_all(json.loads(line))), flush=True)
"""


class Job:
    """Requests under way: what `cache` asks of a helper process."""

    def __init__(self, answer):
        self._answer, self.returncode = answer, None

    def wait(self):
        try:
            self.returncode = self._answer.result()
        except CancelledError:
            self.returncode = -signal.SIGTERM
        return self.returncode

    def poll(self):
        return self.wait() if self._answer.done() else None

    def terminate(self):
        self._answer.cancel()


@contextlib.contextmanager
def warm_compiler():
    """A function in the place of `cache.start_helper`; the process starts with the first request."""
    processes = []

    def compiled(work):
        if not processes:
            package = Path(config.__file__).parent.absolute()
            code = cache.HELPER.replace("compiler.main()", SERVE)
            command = [sys.executable, "-P", "-Wignore", "-c", code, str(package)]
            environment, pipe = config.environment(), subprocess.PIPE
            options = {"cwd": package, "env": environment, "start_new_session": True, "text": True}
            processes.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, **options))
        (process,) = processes
        process.stdin.write(json.dumps(work) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    def start(requests, paths, errors=None):
        work = [{"request": asdict(r), "path": str(p)} for r, p in zip(requests, paths, strict=True)]
        return Job(thread.submit(compiled, work))

    with ThreadPoolExecutor(1) as thread:
        yield start
        thread.shutdown(cancel_futures=True)
    for process in processes:
        with process:
            process.stdin.close()
