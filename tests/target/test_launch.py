"""Kernels launched on a device (here one of NumPy and C++) leave the states of `blocks`, whatever the windows."""

import numpy as np
import pytest

import tenfold.pandas as tf
from tenfold.plan import optimise
from tenfold.primitives import exact
from tenfold.run.worker import param_array
from tenfold.stage.lower import lower
from tenfold.stage.split import next_stage
from tenfold.target import block, blocks, launch
from tests import fake_device, programs

pytestmark = pytest.mark.skipif(fake_device.COMPILER is None, reason="no C++ compiler here")
SCALES = [[1.0], [1e-200], [1e200], [1e-300, 1e300], [1e300, 1e-300], [1.0, 1e-300, 1e300]]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.gpu)])
def device(request):
    if request.param == "fake":
        return fake_device.FakeDevice(processors=2)
    from tenfold.target import device

    return device.device(0)


def taxi_loop(df):
    """The loop of the taxi query, and how many groups it has."""
    _, stage = next_stage(optimise(programs.taxi(df)._plan()))
    program = lower(stage)
    return program.loop, program.keys[0].size


def inputs_of(frame, loop):
    return [
        frame[name].to_numpy() if frame[name].dtype.kind != "M" else frame[name].to_numpy().view("i8")
        for name in loop.inputs
    ]


def shifted(scales, rows=20_000):
    """The frame with values of one scale after the other, each in hours of the day of its own."""
    frame = programs.frame(rows=rows).sort_values("t", key=lambda t: t.dt.hour, ignore_index=True)
    steps = np.arange(len(frame)) * len(scales) // len(frame)
    return frame.assign(x=frame.x * np.array(scales)[steps])


def states_of_blocks(loop, groups, inputs, params):
    states = [block.start(sink, groups) for sink in loop.kernel.sinks]
    arguments = [*inputs, *params, *(array for state in states for array in state)]
    blocks.run(loop.kernel, arguments, 0, len(inputs[0]))
    place = len(inputs) + len(params)
    for number, state in enumerate(states):
        states[number] = arguments[place : place + len(state)]
        place += len(state)
    return states


def read(sink, state):
    """The numbers that a state stands for."""
    return np.array(exact.sums(state[0], int(state[1][0]))) if block.is_exact_sum(sink) else state[0]


@pytest.mark.parametrize("scales", SCALES)
def test_the_taxi_kernel_leaves_the_states_of_the_cpu(device, scales):
    frame = shifted(scales)
    loop, groups = taxi_loop(tf.from_pandas(frame))
    inputs, params = inputs_of(frame, loop), [param_array(*param) for param in loop.params]
    expected = states_of_blocks(loop, groups, inputs, params)
    launcher, columns = launch.launcher(loop.kernel, device), [device.put(array) for array in inputs]
    for _ in range(2):  # the second run knows the first one's windows
        answer = launcher.states(columns, params, len(frame), groups)
        for sink, ours, state in zip(loop.kernel.sinks, answer, expected, strict=True):
            np.testing.assert_array_equal(read(sink, ours), read(sink, state))


@pytest.mark.parametrize("strays", [0, 50, 30_000])
def test_values_outside_of_the_window_are_spilled_or_ask_for_a_wider_one(device, strays):
    frame = programs.frame(rows=40_000)
    small = (frame.index >= launch.SAMPLE_ROWS) & (frame.index < launch.SAMPLE_ROWS + strays)
    frame = frame.assign(x=frame.x * np.where(small, 1e-150, 1.0))
    loop, groups = taxi_loop(tf.from_pandas(frame))
    inputs, params = inputs_of(frame, loop), [param_array(*param) for param in loop.params]
    folded = launch.Launcher(loop.kernel, device).fold([device.put(a) for a in inputs], params, len(frame), groups)
    cells = next(state for state in folded if isinstance(state, launch.Cells))
    (number,) = (n for n, sink in enumerate(loop.kernel.sinks) if block.is_exact_sum(sink))
    expected = read(loop.kernel.sinks[number], states_of_blocks(loop, groups, inputs, params)[number])
    whole = cells.states()
    np.testing.assert_array_equal(exact.sums(whole[0], int(whole[1][0])), expected)
    some = cells.of(cells.strays)
    np.testing.assert_array_equal(exact.sums(some[0], int(some[1][0])), expected[cells.strays])
    assert (cells.spill[0] > 0, cells.limbs > 5) == (strays == 50, strays > launch.SPILL)


def test_rows_that_pass_are_compacted_in_their_order(device):
    frame = programs.frame(rows=5_000)
    _, stage = next_stage(optimise(programs.filtered(tf.from_pandas(frame[["n", "x", "b"]]))._plan()))
    loop = lower(stage).loop
    inputs = inputs_of(frame, loop)
    params = [param_array(*param) for param in loop.params]
    outs = launch.launcher(loop.kernel, device).compact([device.put(a) for a in inputs], params, len(frame))
    passed = np.flatnonzero((frame.n % 7 == 3) | frame.x.isna())
    np.testing.assert_array_equal(device.home(outs[-1]), passed)
    assert all(len(out) == len(passed) for out in outs)
