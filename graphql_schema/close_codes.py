"""How a connection of graphql-transport-ws is ended. Source: PROTOCOL.md of graphql-ws; RFC 6455 §7.4."""

from graphql_schema.faults import RequestRefused
from identity.live_sessions import SessionEnd

GOODBYE, RESTART = 1000, 1012
BAD_MESSAGE, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
INIT_TIMEOUT, SAME_ID, TWICE = 4408, 4409, 4429


class Closed(Exception):
    """The server ends the connection with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        """Say which and why."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


def at_refused_entry(refusal: RequestRefused) -> Closed:
    """Return how a connection ends whose token is not taken; 1012 where it only cannot be told now."""
    is_later = refusal.retry_after_ms is not None
    return Closed(RESTART, "Try again") if is_later else Closed(FORBIDDEN, "Forbidden")


def at_session_end(end: SessionEnd) -> Closed:
    """Return how a connection ends with its session; after 1012 the client may come again at once."""
    return Closed(FORBIDDEN, "Session ended") if end is SessionEnd.ENDED else Closed(RESTART, "Session not known")
