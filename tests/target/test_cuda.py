"""The taxi kernel on a real GPU: the states that the CPU leaves, bit for bit."""

import numpy as np
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.collect import collect
from tenfold.plan import optimise
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
    return [frame[name].to_numpy() if frame[name].dtype.kind != "M" else frame[name].to_numpy().view("i8") for name in loop.inputs]


@pytest.mark.gpu
@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
def test_the_taxi_kernel_leaves_the_states_of_the_cpu(scale):
    import cupy

    frame = programs.frame(rows=200_000).assign(x=lambda df: df.x * scale)
    loop, groups = taxi_loop(tf.from_pandas(frame))
    inputs, params = inputs_of(frame, loop), [param_array(*param) for param in loop.params]
    states = [block.start(sink, groups) for sink in loop.kernel.sinks]
    arguments = [*inputs, *params, *(array for state in states for array in state)]
    blocks.run(loop.kernel, arguments, 0, len(frame))
    launcher = cuda.Launcher(loop.kernel, groups)
    answer = launcher.run([cupy.asarray(array) for array in inputs], params, len(frame))
    place = len(inputs) + len(params)
    for sink, state in zip(loop.kernel.sinks, answer, strict=True):
        ours = arguments[place : place + len(state)]
        place += len(state)
        np.testing.assert_array_equal(read(sink, state), read(sink, ours))


def read(sink, state):
    """The numbers that a state stands for; sums are read through a merge, since windows may differ."""
    if not block.is_exact_sum(sink):
        return state[0]
    fresh = block.start(sink, len(state[0]))
    block.merge(sink, fresh, [np.array(array) for array in state], np.arange(len(state[0])))
    block.merge(sink, fresh, block.start(sink, len(state[0])), np.arange(len(state[0])))
    from tenfold.primitives import accumulate

    out = np.empty(len(fresh[0]))
    low, limbs = map(int, fresh[1])
    with np.errstate(over="ignore"):
        accumulate.round_cells(fresh[0].reshape(-1), len(out), low, limbs, out)
    return out


def test_the_taxi_query_is_one_dense_kernel():
    loop, groups = taxi_loop(tf.from_pandas(programs.frame(rows=10)))
    assert groups == 24
    assert [block.is_exact_sum(sink) for sink in loop.kernel.sinks] == [False, True]
    with config.set(target="blocks"):
        assert collect(programs.taxi(tf.from_pandas(programs.frame(rows=10)))._plan()).rows() <= 24
