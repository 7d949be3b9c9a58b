"""Errors of tenfold's own; everything else is of the class pandas or NumPy would raise."""


class NotYetError(NotImplementedError):
    """pandas can do this and tenfold cannot yet; the message names the call and what to do instead."""

    def __init__(self, what: str, remedy: str = "call .compute() and go on in pandas") -> None:
        super().__init__(f"{what} is not in tenfold yet; {remedy}")


class PlanError(AssertionError):
    """A pass broke a promise of the plan (schema, order); names the pass. A bug of tenfold's, never of the user's."""


class DeviceNotice(UserWarning):
    """A GPU was asked to do what it cannot, and the CPU did it; said once for each reason."""
