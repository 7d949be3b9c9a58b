"""Frames that are lent by Arrow's C device interface: a batch of the host's memory that says it lies on a device."""

import ctypes

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tenfold.pandas as tf
from tenfold.errors import NotYetError
from tenfold.io import arrow_device
from tests import fake_device

pytestmark = fake_device.NO_COMPILER
BATCH = pa.record_batch(
    {
        "i": pa.array(range(20), pa.int16()),
        "x": np.linspace(0, 1, 20),
        "b": [n % 3 == 0 for n in range(20)],
        "t": pa.array(range(20), pa.timestamp("us")),
    }
)


class Lender:
    """What lends a batch as if it lay on the first device, behind an event."""

    def __init__(self, batch, kind=2):
        self.batch, self.kind, self.event = batch, kind, ctypes.c_void_p(0xE)

    def __arrow_c_device_array__(self, requested_schema=None, **options):
        schema, capsule = self.batch.__arrow_c_device_array__()
        address = ctypes.pythonapi.PyCapsule_GetPointer
        address.restype, address.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        lent = arrow_device._DeviceArray.from_address(address(capsule, b"arrow_device_array"))
        lent.device_type, lent.device_id, lent.sync_event = self.kind, 0, ctypes.pointer(self.event)
        return schema, capsule


@pytest.fixture
def gpu(monkeypatch):
    return fake_device.install(monkeypatch, 1)[0]


@pytest.mark.parametrize("rows", [slice(None), slice(3, 17), slice(9, 10)])
def test_columns_are_read_where_they_lie(gpu, rows):
    batch = BATCH.slice(rows.start or 0, (rows.stop or 20) - (rows.start or 0))
    df = tf.DataFrame(Lender(batch))
    assert gpu.waited == 0xE
    pd.testing.assert_frame_equal(df.compute(), batch.to_pandas())
    pd.testing.assert_series_equal(df[df.b].x.compute(), batch.to_pandas().query("b").x)
    lent = arrow_device.columns(Lender(batch))["x"]
    assert lent.pointer == batch.column("x").buffers()[1].address + 8 * batch.column("x").offset


def test_what_cannot_be_read_is_named(gpu):
    with pytest.raises(NotYetError, match=r"string in device memory \(column 's'\).*to_arrow"):
        tf.DataFrame(Lender(pa.record_batch({"s": ["a"]})))
    with pytest.raises(TypeError, match="'x' has missing values"):
        tf.DataFrame(Lender(pa.record_batch({"x": pa.array([1, None])})))


def test_memory_of_the_host_is_not_a_devices(gpu):
    assert arrow_device.columns(Lender(BATCH, kind=1)) == {}
