"""Errors and warnings of tenfold's own; every other error is of the class pandas or NumPy would raise."""

import warnings


class NotYetError(NotImplementedError):
    """pandas can do this and tenfold cannot yet; the message names the call and what to do instead."""

    def __init__(self, what: str, remedy: str = "call .compute() and go on in pandas") -> None:
        super().__init__(f"{what} is not in tenfold yet; {remedy}")
        self.what = what


class NotNative(NotYetError):
    """A native form does not take this call: who called it asks the real library, for the reason given."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OverBudgetError(MemoryError):
    """A function of whole arrays would need more memory than the setting `memory_bytes` leaves; nothing has run."""

    def __init__(self, operation: str, wanted: int, free: int) -> None:
        super().__init__(
            f"{operation} works on whole arrays and would need {wanted:,} bytes of memory, of which {free:,} are free: "
            "apply it to less at once, or raise the setting memory_bytes"
        )


class PlanError(AssertionError):
    """A pass broke a promise of the plan (schema, order); names the pass. A bug of tenfold's, never of the user's."""


class DeviceNotice(UserWarning):
    """A GPU was asked to do what it cannot, and the CPU did it; said once for each reason."""


class CompilerNotice(UserWarning):
    """Kernels cannot be compiled, or not kept, and run uncompiled: right, and slower; said once for each reason."""


_said: set[str] = set()


def say_once(reason: str, category: type[Warning]) -> None:
    """Warn of something, unless that was said before."""
    if reason not in _said:
        _said.add(reason)
        warnings.warn(reason, category, stacklevel=3)
