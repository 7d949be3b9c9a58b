"""Frame programs on devices answer, bit for bit, what the CPU answers: on one fake device, on two, on real ones."""

import warnings

import numpy as np
import pandas as pd
import pytest

import tenfold
import tenfold.pandas as tf
from tenfold import collect, config, errors
from tenfold.errors import DeviceNotice
from tenfold.io import resident
from tenfold.run import device_groups, device_parts
from tenfold.target import device as dv
from tenfold.target import launch
from tests import fake_device, programs


@pytest.fixture(params=fake_device.COUNTS)
def gpu(request, monkeypatch):
    """The devices: so many fake ones, or (0) the real ones; all that is run on them, in morsels of 300 rows."""
    monkeypatch.setattr(errors, "_said", set())
    if request.param:
        fake_device.install(monkeypatch, request.param)
    with tenfold.use("gpu"), config.set(device_rows=300), warnings.catch_warnings():
        warnings.simplefilter("error", DeviceNotice)
        yield dv.devices()


def on_cpu(program, frame):
    with config.set(target="blocks"):
        return program(tf.from_pandas(frame)).compute()


def same(ours, expected):
    compare = pd.testing.assert_frame_equal if isinstance(expected, pd.DataFrame) else pd.testing.assert_series_equal
    compare(ours, expected, check_exact=True)


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_streamed_programs(gpu, name):
    frame = programs.frame()
    same(programs.PROGRAMS[name](tf.from_pandas(frame)).compute(), on_cpu(programs.PROGRAMS[name], frame))


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_programs_on_a_resident_frame(gpu, name):
    frame = programs.frame()
    df = tf.from_pandas(frame).persist()
    same(programs.PROGRAMS[name](df).compute(), on_cpu(programs.PROGRAMS[name], frame))


def test_a_frame_goes_to_the_devices_and_comes_home(gpu):
    frame = programs.frame()
    df = tf.from_pandas(frame).persist()
    source = df._rows.source
    assert source.on_device
    assert len(source.chunks) == len(gpu)
    assert {resident.owner(chunk["column0"]) for chunk in source.chunks} == {device.number for device in gpu}
    same(df.compute(), on_cpu(lambda df: df, frame))


def test_resident_frames_are_used_where_they_are(gpu):
    df = tf.from_pandas(programs.frame()).persist()
    with tenfold.use("auto"):
        assert "cuda (its columns are in device memory)" in df[df.x > 0].explain()
        assert df[df.x > 0].persist()._rows.source.on_device
    with tenfold.use("cpu"):
        lazy = df[df.x > 0]
        assert "not on a GPU: the setting devices allows none" in lazy.explain() or gpu[0].architecture
    with config.set(target="blocks"):
        assert not df[df.x > 0].persist()._rows.source.on_device


def test_small_chunks_go_to_devices_together(gpu):
    frame = programs.frame()
    with config.set(target="blocks", morsel_rows=100):
        df = tf.from_pandas(frame)
        df = df[df.n == df.n].persist()  # a chunk a morsel
    source = df._rows.source
    assert len(source.chunks) == 13
    assert source.open_device(tuple(source.chunks[0]), 300).pieces == 5
    same(df.compute(), on_cpu(lambda df: df, frame))
    grouped = df.groupby("w").x.sum()
    same(grouped.compute(), on_cpu(lambda df: df.groupby("w").x.sum(), frame))
    assert "cuda" in grouped.explain()
    assert "__global__" in grouped.explain("source")


def test_what_a_gpu_cannot_do_is_placed_on_the_cpu(gpu):
    frame = programs.frame()
    df = tf.from_pandas(frame).persist()
    for lazy, why in [
        (df.groupby("b")[["k"]].min(), "min of int8"),
        (df[df.w == df.w], "two text columns"),
        (df.head(3), "first rows"),
    ]:
        assert why in lazy.explain()
    assert df.k.min() == frame.k.min()
    same(df.head(3).compute(), on_cpu(lambda df: df.head(3), frame))


def keyed(kind, rows=5_000):
    rng = np.random.default_rng(1)
    keys = {
        "few": [rng.integers(-3, 4, rows)],
        "spread": [rng.integers(-2_000, 2_000, rows)],
        "wide": [rng.integers(-(1 << 62), 1 << 62, 50)[rng.integers(0, 50, rows)]],
        "extremes": [rng.choice([-(1 << 63), (1 << 63) - 1, 0], rows)],
        "many": [rng.integers(-(1 << 63), (1 << 63) - 1, rows)],
        "floats": [rng.choice([-np.inf, -1.5, -0.0, 0.0, 1e-310, 2.5, np.inf, np.nan], rows)],
        "small floats": [rng.choice([-1.5, -0.0, 0.0, 2.5, np.nan], rows).astype("f4")],
        "unsigned": [np.array([0, 1, 1 << 63, (1 << 64) - 1], "u8")[rng.integers(0, 4, rows)]],
        "dates": [rng.integers(0, 40, rows).astype("M8[D]").astype("M8[us]")],
        "two": [rng.integers(0, 9, rows), rng.normal(size=7)[rng.integers(0, 7, rows)]],
        "three": [rng.integers(-(1 << 63), (1 << 63) - 1, 9)[rng.integers(0, 9, rows)] for _ in range(3)],
    }[kind]
    columns = {f"key{n}": key for n, key in enumerate(keys)}
    return pd.DataFrame(columns | {"x": rng.normal(size=rows), "n": rng.integers(-9, 9, rows)}), list(columns)


def by_keys(keys):
    return lambda df: df.groupby(keys).agg({"x": ["sum", "mean", "min", "count"], "n": ["sum", "max"]})


@pytest.mark.parametrize(
    "way", ["as chosen", "in parts", "in parts of parts", "by hashing", "by division", "by sorting"]
)
@pytest.mark.parametrize(
    "kind", ["few", "spread", "wide", "extremes", "many", "floats", "small floats", "unsigned", "dates", "two", "three"]
)
def test_groups_of_any_keys(gpu, kind, way, monkeypatch):
    frame, keys = keyed(kind)
    if way.startswith("in parts"):
        monkeypatch.setattr(device_parts, "BUCKET_BITS", 5 if way == "in parts of parts" else 9)
        monkeypatch.setattr(launch.Launcher, "shared_groups", lambda self: 4)
        monkeypatch.setattr(device_parts, "LEAST_CHUNK", 300)
    elif way != "as chosen":
        monkeypatch.setattr(device_groups, "LEAST_SPAN", 0)
        monkeypatch.setattr(device_groups, "MOST_SPAN", 0)
    if way == "by division":
        monkeypatch.setattr(device_groups, "LEAST_DIVIDED", 1)
        monkeypatch.setattr(device_groups, "PART_AIM", 16)
    if way in ("by division", "by sorting"):
        monkeypatch.setattr(device_groups, "_hashed", lambda *args: None)
    df = tf.from_pandas(frame).persist()
    same(by_keys(keys)(df).compute(), on_cpu(by_keys(keys), frame))
    if len(gpu) == 1:
        assert by_keys(keys)(df).persist()._rows.source.on_device


def test_a_full_table_gives_way_to_sorting(gpu, monkeypatch):
    monkeypatch.setattr(device_groups, "TABLE_BITS", 4)
    frame, keys = keyed("many")
    same(by_keys(keys)(tf.from_pandas(frame).persist()).compute(), on_cpu(by_keys(keys), frame))


def test_strays_of_many_groups(gpu):
    frame, keys = keyed("wide")
    frame.loc[4_500:4_600, "x"] *= 1e-200
    same(by_keys(keys)(tf.from_pandas(frame).persist()).compute(), on_cpu(by_keys(keys), frame))


def test_no_rows_and_no_rows_that_pass(gpu):
    frame = programs.frame(rows=50)
    for program in (lambda df: df[df.y > 1e9], lambda df: df[df.y > 1e9].groupby("big").y.sum(), programs.taxi):
        for given in (frame, frame[:0]):
            same(program(tf.from_pandas(given).persist()).compute(), on_cpu(program, given))


def test_out_of_memory_halves_the_batch_then_leaves_it_to_the_cpu(gpu, monkeypatch):
    if not isinstance(gpu[0], fake_device.FakeDevice):
        pytest.skip("a real device has memory")
    frame = programs.frame()
    expected = on_cpu(programs.taxi, frame)
    for most, notices in [(200, 0), (0, 1)]:
        for device in gpu:
            monkeypatch.setattr(device, "launch", _limited(type(device).launch.__get__(device), most))
        monkeypatch.setattr("tenfold.run.device.LEAST_ROWS", 10)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            same(programs.taxi(tf.from_pandas(frame)).compute(), expected)
            same(programs.taxi(tf.from_pandas(frame)).compute(), expected)
        assert [w.category for w in said] == [DeviceNotice] * notices
        assert all("memory of GPU" in str(w.message) for w in said)


def _limited(launch, most):
    def limited(code, grid, args, **options):
        if int(args[0]) > most:
            raise MemoryError
        launch(code, grid, args, **options)

    return limited


def test_use_names_the_remedy_where_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(dv, "why_none", lambda: "CuPy is not installed: pip install it")
    with pytest.raises(RuntimeError, match="pip install"):
        tenfold.use("gpu")
    with pytest.raises(ValueError, match='"gpu"'):
        tenfold.use("tpu")
    with config.set(target="cuda"):
        df = tf.DataFrame({"x": [1.0, 2.0]})
        assert "not on a GPU: CuPy is not installed" in df[df.x > 1].explain()
        assert float(df.x.sum()) == 3.0


def test_columns_of_other_libraries_are_taken_in_and_lent_without_copies(gpu):
    frame = programs.frame()[["x", "n", "b", "t", "f"]]
    columns = {name: gpu[0].put(_stored(frame[name])) for name in frame}
    if isinstance(gpu[0], fake_device.FakeDevice):
        columns["t"] = columns["t"].view("M8[us]")
    df = tf.DataFrame(columns)
    source = df._rows.source
    assert [chunk.keys() for chunk in source.chunks] == [columns.keys()]
    assert all(_start(source.chunks[0][name]) == _start(column) for name, column in columns.items())
    assert all(_start(df[name].to_cupy()) == _start(column) for name, column in columns.items())
    assert _start(df.x) == _start(columns["x"])
    given = frame if columns["t"].dtype.kind == "M" else frame.assign(t=_stored(frame.t))
    same(df.compute(), on_cpu(lambda df: df, given))
    same((df.x * 2).compute(), on_cpu(lambda df: df.x * 2, given))
    assert not hasattr(df.x * 2, "__cuda_array_interface__")  # nothing is computed to be lent
    np.testing.assert_array_equal(gpu[0].home((df.x * 2).to_cupy()), frame.x * 2)
    with pytest.raises(ValueError, match="same length"):
        tf.DataFrame({"x": columns["x"], "y": columns["x"][:5]})


def _stored(column):
    return column.to_numpy().view("i8") if column.dtype.kind == "M" else column.to_numpy()


def _start(array):
    return array.__cuda_array_interface__["data"][0]


def test_plans_over_resident_frames_are_lowered_once_for_each_form(gpu):
    frames = [programs.frame(rows=50, seed=seed) for seed in (1, 2)]
    expected = [on_cpu(programs.taxi, frame) for frame in frames]
    lazy = [programs.taxi(tf.from_pandas(frame).persist()) for frame in frames]
    collect._kept.cache_clear()
    for query, known in zip(lazy, expected, strict=True):
        same(query.compute(), known)
    assert collect._kept.cache_info().misses == 1
