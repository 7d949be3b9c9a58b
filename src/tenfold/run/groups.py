"""Number the groups of a hashed group-by as their keys are met, each thread for itself, then over all threads."""

from typing import Any

import numpy as np
import pandas as pd

from tenfold.stage import nodes as st


class GroupNumbers:
    """Maps key tuples to 0, 1, 2, ... in the order met; text keys come as codes of a dictionary kept here."""

    def __init__(self, keys: tuple[st.Key, ...]) -> None:
        self.keys = keys
        self.count = 0
        self.words: dict[Any, dict[str, int]] = {key.text: {} for key in keys if key.text is not None}
        self._levels = [Numbers() for _ in range(2 * len(keys) - 1)]

    def of(self, columns: list[np.ndarray]) -> np.ndarray:
        """The group number of each row."""
        groups = self._levels[0].of(bits_of(columns[0]))
        for n, column in enumerate(columns[1:]):
            other = self._levels[2 * n + 1].of(bits_of(column))
            groups = self._levels[2 * n + 2].of(groups << 32 | other)
        self.count = self._levels[-1].count
        return groups

    def uniques(self) -> list[np.ndarray]:
        """Each key's value in every group, text as codes."""
        numbers = np.arange(self.count)
        columns = []
        for n in range(len(self.keys) - 1, 0, -1):
            pairs = self._levels[2 * n].values()[numbers]
            columns.append(self._levels[2 * n - 1].values()[pairs & 0xFFFFFFFF])
            numbers = pairs >> 32
        columns.append(self._levels[0].values()[numbers])
        return columns[::-1]


class Numbers:
    """Distinct 64-bit integers, numbered as they come."""

    def __init__(self) -> None:
        self._known = pd.Index(np.empty(0, "i8"))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._known)

    def values(self) -> np.ndarray:
        """The integers by number."""
        return self._known.to_numpy()

    def of(self, keys: np.ndarray) -> np.ndarray:
        """The number of each key; new ones get the next."""
        codes, uniques = pd.factorize(keys)
        places = self._known.get_indexer(uniques)
        new = places < 0
        if new.any():
            places[new] = np.arange(new.sum()) + self.count
            self._known = self._known.append(pd.Index(uniques[new]))
        return places[codes]


def bits_of(column: np.ndarray) -> np.ndarray:
    """A key column as 64-bit integers, equal exactly where pandas' groups are."""
    if column.dtype.kind == "f":
        return (column.astype("f8") + 0.0).view("i8")  # -0.0 groups with 0.0
    return column.astype("i8", copy=False)


def from_bits(bits: np.ndarray, storage: str) -> np.ndarray:
    """The key values again."""
    return bits.view("f8").astype(storage) if storage[0] == "f" else bits.astype(storage)
