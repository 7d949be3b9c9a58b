"""Showing a frame keeps only the rows that are shown, whatever its size."""

import numpy as np
import pandas as pd

import tenfold.pandas as tf
from tenfold import config
from tenfold.collect import collect


def real():
    rows = np.arange(1_000)
    return pd.DataFrame({"x": rows * 0.5, "w": [f"w{n % 7}" for n in rows], "t": rows.astype("M8[s]")})


def test_the_text_is_that_of_all_rows():
    frame = real()
    for rows in (7, 100, 10_000):
        with config.set(morsel_rows=rows):
            ours = tf.from_pandas(frame)
            assert repr(ours) == repr(frame)
            assert repr(ours[ours.x > 20]) == repr(frame[frame.x > 20])
            assert repr(ours.x) == repr(frame.x)
            assert repr(ours.t.dt.hour) == repr(frame.t.dt.hour)
            assert ours._repr_html_() == frame._repr_html_()


def test_rows_in_the_middle_are_not_kept():
    frame = tf.from_pandas(real())
    with config.set(morsel_rows=100):
        shown = collect(frame[frame.x > 20]._plan(), ends=3)
    assert (shown.rows(), shown.hidden) == (6, 1_000 - 41 - 6)
    assert shown.nbytes() < 2_000
