"""Random programs over random frames: devices answer, bit for bit and type for type, what the CPU answers."""

import warnings

import pandas as pd
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

import tenfold
import tenfold.pandas as tf
from tenfold import config
from tenfold.collect import collect
from tenfold.errors import DeviceNotice
from tenfold.pandas import convert
from tenfold.pandas.rows import Rows
from tenfold.run import device_groups, device_parts, results
from tenfold.target import launch
from tests import fake_device
from tests.frames import frames, programs
from tests.test_differential import assert_same_bits

EXAMPLES = settings(max_examples=max(settings().max_examples // 8, 1))  # a kernel takes the C++ compiler a while


@pytest.fixture(params=[1, 2])
def fakes(request, monkeypatch):
    """Fake devices, and data so small that they meet every way to number groups."""
    if fake_device.COMPILER is None:
        pytest.skip("no C++ compiler here")
    monkeypatch.setattr(device_groups, "LEAST_SPAN", 8)
    monkeypatch.setattr(device_parts, "BUCKET_BITS", 2)
    monkeypatch.setattr(device_groups, "LEAST_DIVIDED", 20)
    monkeypatch.setattr(device_groups, "PART_AIM", 4)
    monkeypatch.setattr(device_groups, "TABLE_BITS", 4)
    monkeypatch.setattr(launch.Launcher, "shared_groups", lambda self: 4)
    devices = fake_device.install(monkeypatch, request.param)
    yield devices
    assert any(device.launches for device in devices)  # which of them, the threads decide


def outcome(lines, frame, persist):
    """The schema and columns of the answer as a list; or what else it is, or the class of what was raised."""
    names = {"df": persist(tf.from_pandas(frame)), "persist": lambda df: df.persist()}
    try:
        exec("\n".join(lines), names)
        out = names["out"]
        if not isinstance(out, Rows):
            return out
        result = collect(out._plan())
        return [result.schema, *(convert.column(result, name) for name, _ in result.schema)]
    except Exception as error:
        return type(error)


@EXAMPLES
@given(data=st.data())
def test_devices_answer_what_the_cpu_answers(data, fakes):
    frame = data.draw(frames())
    lines = data.draw(programs(frame))
    persist = data.draw(st.sampled_from([lambda df: df, lambda df: df.persist()]))
    note("\n".join(lines))
    with config.set(target="blocks", morsel_rows=7, strict=True):
        expected = outcome(lines, frame, lambda df: df)
    results.forget()
    with warnings.catch_warnings(), tenfold.use("gpu"), config.set(device_rows=7, strict=True):
        warnings.simplefilter("ignore", DeviceNotice)
        ours = outcome(lines, frame, persist)
    if not isinstance(expected, list) or not isinstance(ours, list):
        assert repr(ours) == repr(expected)
        return
    assert ours[0] == expected[0]
    for mine, column in zip(ours[1:], expected[1:], strict=True):
        if column.dtype.kind in "biufM":
            assert_same_bits(series(mine), series(column))
        else:
            assert mine.tolist() == column.tolist()


def series(column):
    return pd.Series(column)
