"""What stops a delivery, and which reason is told when there are several."""

from dataclasses import replace
from datetime import time, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from notifications.channels.port import Channel
from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.gate import PARKED_FOR, Known, stopped
from notifications.messages import MessageKind, Severity
from notifications.preference_tables import RefusalReason
from notifications.queue import Claimed
from notifications.quiet_hours import QuietHours
from tests.factories.people import NOW

NIGHT = QuietHours(time(21), time(10))
CLAIMED = Claimed(
    person_id=uuid7(),
    id=uuid7(),
    notification_id=uuid7(),
    kind=MessageKind.INVITATION_TO_CHECKUP,
    channel=Channel.SMS,
    address_id=uuid7(),
    unless=ReceiptKind.DEVICE_RECEIVED,
    expires_at=NOW + timedelta(days=1),
    provider=None,
    attempt=1,
    fence=1,
)
FREE = Known(severity=Severity.CAMPAIGN, zone=ZoneInfo("Europe/Moscow"))  # 09:00 there

REASONS: tuple[tuple[dict[str, Any], DeliveryState, str], ...] = (
    ({"is_seen": True}, DeliveryState.CANCELLED, "seen"),
    ({"is_received": True}, DeliveryState.CANCELLED, "received"),
    ({"is_permitted": False}, DeliveryState.SUPPRESSED, "no_consent"),
    ({"is_wanted": False}, DeliveryState.SUPPRESSED, "switched_off"),
    ({"refusal": RefusalReason.REFUSES}, DeliveryState.SUPPRESSED, "address_refuses"),
    ({"is_parked": True}, DeliveryState.WAITING, "text_parked"),
    ({"quiet": NIGHT}, DeliveryState.WAITING, "quiet_hours"),
)
"""In the order in which they are told."""


def test_nothing_stops_what_is_wanted_by_day() -> None:
    assert stopped(CLAIMED, FREE, now=NOW) is None


@pytest.mark.parametrize(
    ("said", "state", "reason"), REASONS, ids=lambda given: given if isinstance(given, str) else ""
)
def test_each_reason_has_its_state(said: dict[str, Any], state: DeliveryState, reason: str) -> None:
    found = stopped(CLAIMED, replace(FREE, **said), now=NOW)
    assert found is not None
    assert (found.state, found.reason, found.counts) == (state, reason, False)


@pytest.mark.parametrize(("first", "second"), list(combinations(REASONS, 2)), ids=lambda given: given[2])
def test_of_two_reasons_the_first_of_the_order_is_told(
    first: tuple[dict[str, Any], DeliveryState, str], second: tuple[dict[str, Any], DeliveryState, str]
) -> None:
    found = stopped(CLAIMED, replace(FREE, **first[0], **second[0]), now=NOW)
    assert found is not None
    assert found.reason == first[2]


def test_what_is_too_late_is_so_whatever_else_holds() -> None:
    known = replace(FREE, is_permitted=False, is_parked=True, quiet=NIGHT)
    found = stopped(replace(CLAIMED, expires_at=NOW), known, now=NOW)
    assert found is not None
    assert (found.state, found.reason) == (DeliveryState.EXPIRED, "too_late")


def test_what_the_night_would_outlast_is_dropped_and_says_so() -> None:
    """It is 09:00, and quiet until 10:00: at its very end it is of no use, a moment later it waits."""
    known, ends_at = replace(FREE, quiet=NIGHT), NOW + timedelta(hours=1)
    dropped = stopped(replace(CLAIMED, expires_at=ends_at), known, now=NOW)
    assert dropped is not None
    assert (dropped.state, dropped.reason) == (DeliveryState.EXPIRED, "quiet_past_expiry")
    waits = stopped(replace(CLAIMED, expires_at=ends_at + timedelta(seconds=1)), known, now=NOW)
    assert waits is not None
    assert (waits.state, waits.due_at) == (DeliveryState.WAITING, ends_at)


@given(severity=st.sampled_from(Severity), refusal=st.sampled_from([None, *RefusalReason]), permitted=st.booleans())
def test_what_is_critical_goes_at_night_to_any_address(
    severity: Severity, refusal: RefusalReason | None, permitted: bool
) -> None:
    known = replace(FREE, severity=severity, refusal=refusal, is_permitted=permitted, quiet=NIGHT)
    found = stopped(CLAIMED, known, now=NOW)
    assert (found is None) == (severity is Severity.CRITICAL)
    if severity is Severity.TRANSACTIONAL:
        assert found is not None
        assert found.reason == (f"address_{refusal}" if refusal else "quiet_hours")  # a consent is of campaigns only


def test_a_parked_text_rests_a_while() -> None:
    found = stopped(CLAIMED, replace(FREE, is_parked=True, quiet=NIGHT), now=NOW)
    assert found is not None
    assert found.due_at == NOW + PARKED_FOR
