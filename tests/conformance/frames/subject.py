"""tenfold.pandas under its judge: the names, what is made, and what ran in pandas on the whole."""

import tenfold.pandas
from tenfold import fallback
from tenfold.pandas import *  # noqa: F403
from tenfold.pandas.door import adopt
from tenfold.pandas.rows import Rows

_taken = []


def _announce(name, reason, total, once=None):
    _taken.append((name, "whole"))


fallback.announce = _announce  # the judge counts in place of the notice
fallback.count = lambda name, level: level == "native" or _taken.append((name, level))
__put_classes__ = (Rows, tenfold.pandas.Index)
__put_from_pandas__ = adopt


def __put_fallbacks__():
    return _taken


def __put_to_pandas__(made):
    return made.compute()


def __put_made__(note):
    for cls, name in ((Rows, "_made"), (Rows, "_adopted"), (tenfold.pandas.Index, "_adopted")):

        def noting(cls, given, real=getattr(cls, name).__func__):
            made = real(cls, given)
            note(made)
            return made

        setattr(cls, name, classmethod(noting))
