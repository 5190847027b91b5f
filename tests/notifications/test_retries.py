"""When a delivery is tried again: never too early, never too late, and not for ever."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.port import Channel
from notifications.retries import LONGEST_ASKED_SECONDS, LONGEST_WAIT_SECONDS, MOST_TRIES, next_try
from tests.factories.people import NOW

ATTEMPTS = st.integers(1, 60)
WAITS = st.none() | st.floats(-10, 1e9, allow_nan=False)


@given(st.uuids(), st.sampled_from(Channel), ATTEMPTS, WAITS, st.none() | st.integers(-10, 10_000))
def test_the_next_try_keeps_every_limit(
    delivery_id: UUID, channel: Channel, attempt: int, asked: float | None, lasts: int | None
) -> None:
    expires_at = None if lasts is None else NOW + timedelta(seconds=lasts)
    again = next_try(delivery_id, channel, attempt=attempt, now=NOW, retry_after_seconds=asked, expires_at=expires_at)
    if attempt >= MOST_TRIES[channel]:
        assert again is None
        return
    if again is None:
        assert expires_at is not None
        return
    waited = (again - NOW).total_seconds()
    assert waited >= min(max(asked or 0, 0), LONGEST_ASKED_SECONDS)
    assert 5 <= waited <= max(LONGEST_WAIT_SECONDS * 1.2, LONGEST_ASKED_SECONDS)
    assert expires_at is None or again < expires_at


@given(st.uuids())
def test_48_tries_of_an_sms_last_about_four_hours(delivery_id: UUID) -> None:
    """GOV.UK Notify: 48 x 300 s."""
    now = NOW
    tries = 1
    while again := next_try(delivery_id, Channel.SMS, attempt=tries, now=now):
        now, tries = again, tries + 1
    assert tries == 48
    assert timedelta(hours=3.3) < now - NOW < timedelta(hours=4.6)


@given(st.uuids())
def test_a_code_of_five_minutes_is_tried_several_times(delivery_id: UUID) -> None:
    now, tries = NOW, 1
    ends = NOW + timedelta(minutes=5)
    while again := next_try(delivery_id, Channel.SMS, attempt=tries, now=now, expires_at=ends):
        now, tries = again, tries + 1
    assert tries >= 5
