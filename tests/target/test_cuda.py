"""The taxi kernel on a real GPU: the states that the CPU leaves, bit for bit."""

import numpy as np
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.collect import collect
from tenfold.plan import optimise
from tenfold.primitives import exact
from tenfold.run.worker import param_array
from tenfold.stage.lower import lower
from tenfold.stage.split import next_stage
from tenfold.target import block, blocks, cuda
from tests import programs


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


def shifted(scales):
    """The frame with values of one scale after the other, each in hours of the day of its own."""
    frame = programs.frame(rows=200_000).sort_values("t", key=lambda t: t.dt.hour, ignore_index=True)
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


@pytest.mark.gpu
@pytest.mark.parametrize("scales", [[1.0], [1e-200], [1e200], [1e-300, 1e300], [1e300, 1e-300], [1.0, 1e-300, 1e300]])
def test_the_taxi_kernel_leaves_the_states_of_the_cpu(scales):
    import cupy

    frame = shifted(scales)
    loop, groups = taxi_loop(tf.from_pandas(frame))
    inputs, params = inputs_of(frame, loop), [param_array(*param) for param in loop.params]
    expected = states_of_blocks(loop, groups, inputs, params)
    launcher = cuda.Launcher(loop.kernel, groups)
    answer = launcher.run([cupy.asarray(array) for array in inputs], params, len(frame))
    for sink, ours, state in zip(loop.kernel.sinks, answer, expected, strict=True):
        np.testing.assert_array_equal(read(sink, ours), read(sink, state))


def test_the_taxi_query_is_one_dense_kernel():
    loop, groups = taxi_loop(tf.from_pandas(programs.frame(rows=10)))
    assert groups == 24
    assert [block.is_exact_sum(sink) for sink in loop.kernel.sinks] == [False, True]
    with config.set(target="blocks"):
        assert collect(programs.taxi(tf.from_pandas(programs.frame(rows=10)))._plan()).rows() <= 24
