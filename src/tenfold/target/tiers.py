"""A kernel that can run now: on `blocks` until its machine code is at hand, then on `cpu`, between two calls.

Nothing ever waits for the compiler, unless the setting `target="cpu"` asks for it.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold import config
from tenfold.kernel import nodes as kn
from tenfold.target import block as bl
from tenfold.target import blocks, cache, python
from tenfold.target.block import address

FIRST_ROWS = 256


class Tiers:
    """A kernel and what of it is compiled; one for all threads of a run."""

    def __init__(self, kernel: kn.Kernel, target: str) -> None:
        self.kernel = kernel
        self._request = cache.Request(python.text(kernel), python.ENTRY, python.SIGNATURE)
        self._compiled: Callable[..., int] | None = None
        self._hoped_for = False
        if config.get("target") == "cpu":
            self._compiled = cache.wait(self._request)
        elif config.get("target") in ("auto", "cuda"):
            self._compiled = cache.find(self._request) if target == "cpu" else cache.at_hand(self._request)
            self._hoped_for = self._compiled is None and target == "cpu"
            if self._hoped_for:
                cache.request_all([self._request])

    def compiled(self) -> Callable[..., int] | None:
        """The machine code, if it is there by now."""
        if self._compiled is None and self._hoped_for:
            self._compiled = cache.poll(self._request)
        return self._compiled


class Arguments:
    """The argument block of one thread: inputs change with every batch, sink states stay."""

    def __init__(self, tiers: Tiers, params: list[np.ndarray], states: list[list[np.ndarray]]) -> None:
        self.tiers, self.states = tiers, states
        self._params = params
        self._scratch = bl.new_scratch(tiers.kernel)
        self._inputs: list[np.ndarray] = []
        self._addresses: Any = None  # a C array, so that a batch costs as little as it can
        self._sums = [n for n, sink in enumerate(tiers.kernel.sinks) if bl.is_exact_sum(sink)]

    def bind(self, inputs: list[np.ndarray]) -> None:
        """Take these arrays as inputs."""
        self._inputs = inputs
        if self._addresses is not None:
            for place, array in enumerate(inputs):
                self._addresses[place] = address(array)

    def replace(self, states: list[list[np.ndarray]]) -> None:
        """Go on with other state arrays."""
        self.states, self._addresses = states, None

    def run(self, lo: int, hi: int) -> None:
        """Run rows `lo` to `hi`, widening the windows of sums on the way where the data ask for it."""
        compiled = self.tiers.compiled()
        if compiled is None:
            block = self._block()
            blocks.run(self.tiers.kernel, block, lo, hi)
            self._take_states(block)
            return
        while lo < hi:
            if self._addresses is None:
                self._addresses = (ctypes.c_int64 * len(block := self._block()))(*map(address, block))
            # from a few rows, windows learn what to take; of whole stages, all would be spilled
            new = any(bl.has_no_window(self.states[place]) for place in self._sums)
            lo = compiled(self._addresses, lo, min(lo + FIRST_ROWS, hi) if new else hi)
            for place in self._sums:
                if bl.settle_spill(self.states[place]):
                    self._addresses = None

    def _block(self) -> list[np.ndarray]:
        return [*self._inputs, *self._params, *(array for state in self.states for array in state), *self._scratch]

    def _take_states(self, block: list[np.ndarray]) -> None:
        place = len(self._inputs) + len(self._params)
        for state in self.states:
            state[:] = block[place : place + len(state)]
            place += len(state)
        self._addresses = None
