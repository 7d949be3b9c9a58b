"""Cubins are compiled once, kept in the user's cache, and loaded from there only if they are what was written."""

import os

import pytest

from tenfold import config
from tenfold.target import cache, cubins, cuda

CODE = 'extern "C" __global__ void kernel(int* x) { *x = 1; }'
pytestmark = pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path):
    with config.set(cache_dir=str(tmp_path)):
        cubins.cubin.cache_clear()
        yield
        cubins.cubin.cache_clear()


def compilations(*requests):
    """How many of these a process that knows nothing yet compiles; and what the last one is."""
    before = cubins.compilations
    for request in requests:
        cubins.cubin.cache_clear()
        made = cubins.cubin(*request)
    return cubins.compilations - before, made


def files(tmp_path):
    return sorted((tmp_path / "kernels").glob("*.cubin"))


def test_one_compilation_serves_later_processes():
    count, made = compilations((CODE, "sm_90"), (CODE, "sm_90"))
    assert count == 1
    assert made.startswith(b"\x7fELF")


def test_source_architecture_and_options_each_have_their_own(tmp_path, monkeypatch):
    assert compilations((CODE, "sm_90"), (CODE + " ", "sm_90"), (CODE, "sm_80"))[0] == 3
    monkeypatch.setattr(cuda, "OPTIONS", (*cuda.OPTIONS, "-DX=1"))
    assert compilations((CODE, "sm_90"))[0] == 1
    monkeypatch.setattr(cuda, "nvrtc_version", lambda: "0.0")
    assert compilations((CODE, "sm_90"))[0] == 1
    assert len(files(tmp_path)) == 5


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", None])
def test_a_harmed_cubin_is_compiled_anew(tmp_path, damage):
    _, made = compilations((CODE, "sm_90"))
    (path,) = files(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if damage is None else damage)
    assert compilations((CODE, "sm_90")) == (1, made)
    assert path.read_bytes() == content


def test_another_users_cubin_is_not_loaded(tmp_path, monkeypatch):
    compilations((CODE, "sm_90"))
    real, user = os.fstat, os.getuid()
    other = os.stat_result([*real(0)[:4], user + 1, *real(0)[5:10]])
    monkeypatch.setattr(cache.os, "fstat", lambda handle: other)
    assert compilations((CODE, "sm_90"))[0] == 1


def test_without_a_folder_cubins_are_compiled_all_the_same(monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda **options: None)
    assert compilations((CODE, "sm_90"), (CODE, "sm_90"))[0] == 2
