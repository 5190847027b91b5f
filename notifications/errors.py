"""Refusals and operational failures of notifications; mapped to the wire by the face."""

from typing import ClassVar


class NotificationRefusal(Exception):
    """An expected "no" with a stable code; its text never holds personal data."""

    code: ClassVar[str]

    def __init__(self) -> None:
        """Say the stable code, so that a log line needs no more."""
        super().__init__(self.code)


class NotificationOperational(Exception):
    """Something outside notifications did not work this time; the caller may try again."""

    code: ClassVar[str]
    retry_after_ms: ClassVar[int | None] = None

    def __init__(self) -> None:
        """Say the stable code, so that a log line needs no more."""
        super().__init__(self.code)
