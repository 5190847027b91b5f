"""When a delivery is tried again: pure rules.

Source: GOV.UK Notify tries an SMS 48 times, 300 s apart; what is urgent begins with shorter waits here, since a code of
five minutes would never see a second try.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from notifications.channels.port import Channel

MOST_TRIES: Mapping[Channel, int] = MappingProxyType({Channel.PUSH: 24, Channel.SMS: 48, Channel.EMAIL: 48})
LONGEST_WAIT_SECONDS = 300.0
LONGEST_ASKED_SECONDS = 3_600.0
"""A provider that asks for a longer rest is asked again after this one."""

_FIRST_WAIT_SECONDS = 5.0
_JITTER = 0.2


def next_try(
    delivery_id: UUID,
    channel: Channel,
    *,
    attempt: int,
    now: datetime,
    retry_after_seconds: float | None = None,
    expires_at: datetime | None = None,
) -> datetime | None:
    """Return when to try again, or None when there is no more use in it.

    Args:
        delivery_id: Spreads the tries of many over time, the same way at each run.
        channel: Over which.
        attempt: How many tries there were, from 1.
        now: When the last one ended.
        retry_after_seconds: What the provider asked for; never undercut, up to an hour.
        expires_at: When nobody wants it any more.
    """
    if attempt >= MOST_TRIES[channel]:
        return None
    wait = min(_FIRST_WAIT_SECONDS * 2.0 ** min(attempt - 1, 16), LONGEST_WAIT_SECONDS)
    wait *= 1 + _JITTER * (delivery_id.int % 1_000) / 1_000
    asked = min(max(retry_after_seconds or 0.0, 0.0), LONGEST_ASKED_SECONDS)
    again = now + timedelta(seconds=max(wait, asked))
    return None if expires_at is not None and again >= expires_at else again
