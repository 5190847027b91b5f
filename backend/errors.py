"""The three kinds of failure of the backend; the leaves have their own bases of the same form.

A *refusal* is expected and becomes data in a payload; an *operational* failure is retryable and becomes a
top-level error; anything else is a bug and is masked for the caller. Only `graphql_schema.errors` maps them.
"""

from typing import ClassVar


class Refusal(Exception):
    """An expected "no". The text never holds personal data; people read the catalogue's message for `code`."""

    code: ClassVar[str]

    def __init__(self, *, replayed: bool = False) -> None:
        """Say the stable code, so that a log line needs no more.

        Args:
            replayed: It was given to an earlier request with the same idempotency key.
        """
        super().__init__(self.code)
        self.replayed = replayed


class Operational(Exception):
    """Something outside did not work this time; the caller may try again."""

    code: ClassVar[str]
    retry_after_ms: ClassVar[int | None] = None

    def __init__(self) -> None:
        """Say the stable code, so that a log line needs no more."""
        super().__init__(self.code)


class NotFound(Refusal):
    """No such object, or one the caller may not know of: both answer alike (S36)."""

    code = "NOT_FOUND"


class DatabaseBusy(Operational):
    """A lock or a connection could not be had in time, or the statement ran out of time."""

    code = "DATABASE_BUSY"
    retry_after_ms = 500


class DatabaseUnavailable(Operational):
    """The database does not answer at all."""

    code = "DATABASE_UNAVAILABLE"
    retry_after_ms = 2000
