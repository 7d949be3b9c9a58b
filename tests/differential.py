"""One program on real pandas and on tenfold: the same answer, the same error, or an error that says "not yet"."""

import warnings

from tenfold.errors import NotYetError
from tests.assert_same import assert_same


def outcome(program, *args):
    """(answer, None) or (None, error); a lazy answer is computed, since some errors wait for that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answer = program(*args)
            return answer.compute() if hasattr(answer, "compute") else answer, None
        except Exception as error:
            return None, error


def assert_like_pandas(program, ours, real, may_refuse=True, **tolerance):
    """Whether there is an answer: `program(ours)` gives what `program(real)` gives, or fails as that does."""
    expected, refused = outcome(program, real)
    answer, error = outcome(program, ours)
    if may_refuse and isinstance(error, NotYetError):
        assert "is not in tenfold yet; " in str(error)
        return False
    if refused is not None:
        assert type(error) is type(refused), f"{error!r} or {answer!r}, pandas raises {refused!r}"
    elif error is not None:
        raise AssertionError(f"raises {error!r}, pandas answers {expected!r}") from error
    else:
        assert_same(answer, expected, **tolerance)
    return refused is None
