"""Index and its kinds: pandas' own classes, whose results are ours."""

import functools
from typing import Any

import pandas as pd

from tenfold.pandas.door import Copied, Twin, adopt, fill, here, inside, plain


class Kind(Copied):
    """What makes a class of pandas' ours: its objects are made as pandas makes them, and are of our class then."""

    _real: type = object

    @classmethod
    def _adopted(cls, real: Any) -> Any:
        return _copied(cls, real)

    def to_pandas(self) -> Any:
        """The real pandas object."""
        return _copied(self._real, self)

    compute = to_pandas


def _copied(cls: type, index: Any) -> Any:
    """An index of another class over the same values, which count it among those that share them."""
    made: Any = object.__new__(cls)
    vars(made).update(vars(index))
    references = vars(made).get("_references")
    if references is not None:  # who writes into the values copies them, as long as somebody else is counted
        references.add_index_reference(made)
    return made


def _new(real: type) -> Any:
    """A kind's constructor."""

    @functools.wraps(real.__new__)
    def new(cls: type, *args: Any, **options: Any) -> Any:
        made = inside(real.__new__, cls, *args, **options)
        return made if here.inside else adopt(made)

    return new


def _equals(real: type) -> Any:
    """Whether a kind's labels are another's, by pandas' own objects: pandas asks whether the other is of our class."""

    @functools.wraps(real.equals)  # type: ignore[attr-defined]
    def equals(self: Any, other: Any) -> bool:
        return bool(self.to_pandas().equals(plain(other)))

    return equals


class Index(Kind, pd.Index, metaclass=Twin):
    """Labels: pandas' own Index."""

    _real = pd.Index
    __new__ = _new(pd.Index)

    OPEN = ("equals",)
    equals = _equals(pd.Index)

    # pandas asks in these whether the class is Index itself

    def _get_engine_target(self) -> Any:
        return self.to_pandas()._get_engine_target()

    @property
    def _can_use_libjoin(self) -> bool:
        return self.to_pandas()._can_use_libjoin

    def _arith_method(self, other: Any, op: Any) -> Any:
        other = other.to_pandas() if isinstance(other, Index) else other
        return self.to_pandas()._arith_method(other, op)


def _kind(real: type, **more: Any) -> type:
    return Twin(
        real.__name__,
        (Index, real),
        {
            "_real": real,
            "__new__": _new(real),
            "equals": _equals(real),
            "__module__": __name__,
            "__doc__": real.__doc__,
            **more,
        },
    )


def _with_plain_levels(self: Any) -> pd.MultiIndex:
    """The real pandas object."""
    made = Kind.to_pandas(self)
    vars(made).update(_cache={}, _levels=type(self._levels)(map(plain, self._levels)))
    return made


RangeIndex = _kind(pd.RangeIndex)
MultiIndex = _kind(pd.MultiIndex, to_pandas=_with_plain_levels, compute=_with_plain_levels)
CategoricalIndex = _kind(pd.CategoricalIndex)
IntervalIndex = _kind(pd.IntervalIndex)
DatetimeIndex = _kind(pd.DatetimeIndex)
TimedeltaIndex = _kind(pd.TimedeltaIndex)
PeriodIndex = _kind(pd.PeriodIndex)

KINDS: tuple[Any, ...] = (
    Index,
    RangeIndex,
    MultiIndex,
    CategoricalIndex,
    IntervalIndex,
    DatetimeIndex,
    TimedeltaIndex,
    PeriodIndex,
)
for _class in KINDS:
    fill(_class, _class._real)
