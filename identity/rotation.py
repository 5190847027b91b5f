"""What a shown refresh token means: the pure decision, apart from storage and time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

REPEAT_WINDOW = timedelta(seconds=30)
"""How long after its use a token is answered with its successor again. Source: our requirements (S27)."""


class Verdict(Enum):
    """What is done."""

    ROTATE = "rotate"
    """Use it up and give the next one."""
    REPEAT = "repeat"
    """Give the same successor again: the answer was lost, or two parts of an app refreshed at once."""
    REUSED = "reused"
    """End the session: somebody else may hold the token."""
    ENDED = "ended"
    """The session is over; nothing changes."""
    KEY_REFUSED = "key_refused"
    """Not the device's key; nothing changes, so that who found a token cannot end the session."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A refresh token and its session, as stored; instants are aware UTC.

    `bound_to` is the thumbprint of the session's key (None: it has none), `ends_at` the earlier of the token's end and
    the session's.
    """

    used_at: datetime | None
    ends_at: datetime
    is_revoked: bool
    bound_to: str | None


def judge(shown: Shown, *, key: str | None, now: datetime) -> Verdict:
    """Say what becomes of a refresh token.

    Args:
        shown: The token.
        key: Thumbprint of the key whose proof came with it; None without a proof.
        now: The present.

    Source: RFC 9700 §4.14.2, RFC 9449 §5 (S27, S28, S29).
    """
    is_over = shown.is_revoked or now >= shown.ends_at
    has_key = shown.bound_to is not None and key == shown.bound_to
    if shown.used_at is not None:
        is_repeat = has_key and not is_over and timedelta(0) <= now - shown.used_at < REPEAT_WINDOW
        return Verdict.REPEAT if is_repeat else Verdict.REUSED
    if is_over:
        return Verdict.ENDED
    return Verdict.ROTATE if has_key or shown.bound_to is None else Verdict.KEY_REFUSED
