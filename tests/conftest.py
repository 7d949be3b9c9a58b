"""What all tests share: strict settings, a cache of kernels for the session, and the targets and executors to choose.

A test that takes the fixture `target` or `executor` runs once for each. Hypothesis repeats the same examples in every
run; `pytest --hypothesis-profile=explore` looks for new ones, many more of them.
"""

import importlib.util
import os

os.environ.setdefault("TENFOLD_SMALL_CELLS", "0")  # frames are expressions, also those made before a test starts

import pytest
from hypothesis import HealthCheck, settings

from tenfold import config
from tenfold.run import results
from tenfold.target import cache, tiers
from tests import plain_python
from tests.warm_compiler import warm_compiler

_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_COMMON = {"deadline": None, "suppress_health_check": _CHECKS, "print_blob": True}
settings.register_profile("default", max_examples=50, derandomize=True, database=None, **_COMMON)
settings.register_profile("explore", max_examples=1_000, **_COMMON)
settings.load_profile("default")


@pytest.fixture(scope="session")
def kernel_folder(tmp_path_factory):
    """The cache of compiled kernels: one for the whole run, since compiling takes most of the time."""
    base = tmp_path_factory.getbasetemp()
    yield str((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache")  # workers share theirs
    cache.stop_helpers()


@pytest.fixture(scope="session", autouse=True)
def helpers():
    """Kernels are compiled by one process that stays; it answers what starts the real helpers."""
    real = cache.start_helper
    with warm_compiler() as start, pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "start_helper", start)
        yield real


@pytest.fixture(autouse=True)
def _settings(kernel_folder):
    """Plans are checked after every pass, and no test knows what an earlier one answered."""
    with config.set(cache_dir=kernel_folder, check=True, progress=False, threads=2, small_bytes=0, small_cells=0):
        results.forget()
        yield
        results.forget()


@pytest.fixture(params=["blocks", "cpu", "python"])
def target(request, monkeypatch):
    """NumPy on blocks, machine code, and the text of kernels run as plain Python."""
    with use_target(request.param, monkeypatch):
        yield request.param


@pytest.fixture(params=["blocks", "python"])
def quick_target(request, monkeypatch):
    """The targets that need no compiler: for tests of many kernels."""
    with use_target(request.param, monkeypatch):
        yield request.param


def use_target(name, monkeypatch):
    """Settings under which kernels run on a target."""
    if name == "python":
        monkeypatch.setattr(tiers.blocks, "run", plain_python.run)
        return config.set(target="blocks")
    return config.set(target=name)


@pytest.fixture(params=[0, 65_536], ids=["lazy", "small"])
def small_bytes(request):
    """Small arrays as expressions, as everything else in the tests; and as the memory that they are to users."""
    with config.set(small_bytes=request.param):
        yield request.param


@pytest.fixture(params=["serial", "threads"])
def executor(request):
    """One thread, and three that share the pieces."""
    with config.set(executor=request.param, threads=3):
        yield request.param


def pytest_collection_modifyitems(items):
    reason = why_no_gpu() if any(item.get_closest_marker("gpu") for item in items) else ""
    for item in items:
        if reason and item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason=reason))


def why_no_gpu():
    """What keeps kernels from running on a device; empty where nothing does."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed"
    import cupy

    try:
        return "" if cupy.cuda.runtime.getDeviceCount() else "there is no GPU"
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no GPU: {error}"
