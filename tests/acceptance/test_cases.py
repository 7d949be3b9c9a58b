"""What went wrong in public bug reports: `tenfold.pandas` and `tenfold.numpy` answer what the real libraries do.

Each case runs with the settings that users have, and with every frame an expression.
"""

import inspect
import warnings

import numpy
import pandas
import pandas.errors
import pytest

import tenfold.numpy
import tenfold.pandas
from tenfold import config
from tests.acceptance.cases import array_types, arrays, csv, frames, futures, grouping, making, meeting, parquet
from tests.acceptance.strictly import compare, computed

GROUPS = [csv, parquet, grouping, frames, arrays, array_types, futures, meeting]
CASES = {
    f"{group.__name__.rpartition('.')[2]}-{name[5:]}": case
    for group in GROUPS
    for name, case in inspect.getmembers(group, inspect.isfunction)
    if name.startswith("case_")
}


def outcome(case, pd, np):
    """(value, None), or (None, error)."""
    try:
        return computed(case(pd, np)), None
    except Exception as error:
        return None, error


@pytest.mark.parametrize("small_cells", [0, config.SETTINGS["small_cells"].default], ids=["forms", "small"])
@pytest.mark.parametrize("name", CASES)
def test_a_reported_case_is_answered_as_by_the_real_libraries(name, small_cells, tmp_path):
    case = CASES[name]
    with warnings.catch_warnings(), making.files_in(tmp_path):
        warnings.simplefilter("ignore")
        want, expected = outcome(case, pandas, numpy)
        with config.set(small_cells=small_cells, small_bytes=config.SETTINGS["small_bytes"].default):
            got, error = outcome(case, tenfold.pandas, tenfold.numpy)
    allowed = tuple(getattr(pandas.errors, one) if isinstance(one, str) else one for one in getattr(case, "raises", ()))
    assert isinstance(expected, allowed) if allowed else expected is None
    if error is not None:
        assert isinstance(error, (type(expected), *allowed)), error
        assert not isinstance(error, NotImplementedError)
    else:
        assert expected is None, f"{got!r}, where an error is right"
        compare(got, want)
