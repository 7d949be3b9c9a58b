"""Errors of tenfold's own; everything else is of the class pandas or NumPy would raise."""


class NotYetError(NotImplementedError):
    """pandas can do this and tenfold cannot yet; the message names the call and what to do instead."""

    def __init__(self, what: str, remedy: str = "call .compute() and go on in pandas") -> None:
        super().__init__(f"{what} is not in tenfold yet; {remedy}")


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
