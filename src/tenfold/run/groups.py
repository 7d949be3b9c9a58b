"""Number the groups of a hashed group-by as their keys are met, each thread for itself, then over all threads."""

from typing import Any

import numpy as np

from tenfold.primitives import hash as hashing
from tenfold.stage import nodes as st
from tenfold.target import cache
from tenfold.target.block import address


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
    """Distinct 64-bit integers, numbered as they come: by `primitives/hash.py`, or else by a dictionary."""

    def __init__(self) -> None:
        self._compiled = cache.shipped_primitive("hash", "number", hashing.SIGNATURE)
        self._dictionary: dict[int, int] = {}
        self._known = np.zeros(1, "i8")
        self._allocate(10)

    def _allocate(self, bits: int) -> None:
        self._bits, self._table = bits, np.zeros(1 << bits, "i8")
        self._keys = np.empty(1 << (bits - 1), "i8")

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self._known[0]) if self._compiled else len(self._dictionary)

    def values(self) -> np.ndarray:
        """The integers by number."""
        return self._keys[: self.count] if self._compiled else np.array([*self._dictionary], "i8")

    def of(self, keys: np.ndarray) -> np.ndarray:
        """The number of each key; new ones get the next."""
        if self._compiled is None:
            return self._by_dictionary(keys)
        keys, numbers, done = np.ascontiguousarray(keys), np.empty(len(keys), "i8"), 0
        while True:
            done += self._number(keys[done:], numbers[done:])
            if done == len(keys):
                return numbers
            self._grow()

    def _number(self, keys: np.ndarray, numbers: np.ndarray) -> int:
        assert self._compiled is not None
        table, by_number, known = address(self._table), address(self._keys), address(self._known)
        return self._compiled(address(keys), len(keys), table, self._bits, by_number, known, address(numbers))

    def _grow(self) -> None:
        """Four times the room, the keys entered again in their order."""
        keys = self.values()
        self._allocate(self._bits + 2)
        self._known[0] = 0
        self._number(keys, np.empty(len(keys), "i8"))

    def _by_dictionary(self, keys: np.ndarray) -> np.ndarray:
        found, first, codes = np.unique(keys, return_index=True, return_inverse=True)
        numbers = np.empty(len(found), "i8")
        for place in np.argsort(first):
            numbers[place] = self._dictionary.setdefault(int(found[place]), len(self._dictionary))
        return numbers[codes]


def bits_of(column: np.ndarray) -> np.ndarray:
    """A key column as 64-bit integers, equal exactly where pandas' groups are."""
    if column.dtype.kind == "f":
        return (column.astype("f8") + 0.0).view("i8")  # -0.0 groups with 0.0
    return column.astype("i8", copy=False)


def from_bits(bits: np.ndarray, storage: str) -> np.ndarray:
    """The key values again."""
    return bits.view("f8").astype(storage) if storage[0] == "f" else bits.astype(storage)
