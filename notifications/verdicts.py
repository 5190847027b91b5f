"""What becomes of a delivery by its provider's verdict, and of what hangs on it: pure rules, and their writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.carriers import REST_SECONDS
from notifications.channels.port import Channel, Outcome, Provider, Verdict
from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.devices import retire_device
from notifications.gate import PARKED_FOR
from notifications.parcels import ToSend
from notifications.parking import REFUSALS_TO_PARK, ParkedText, park
from notifications.queue import Settlement, hasten, settle
from notifications.receipts import keep
from notifications.retries import MOST_TRIES, next_try
from notifications.suppression import Refusal, refusal_of, suppress

_log = structlog.get_logger("notifications")


@dataclass(frozen=True, slots=True)
class Decided:
    """What a delivery comes to, the text that is to rest because of it and why, and the address that takes no more."""

    settlement: Settlement
    parks: ParkedText | None = None
    refused_for: str = ""
    refusal: Refusal | None = None


def left_for(one: ToSend, *, now: datetime, is_resting: bool) -> Settlement:
    """Return what becomes of a delivery that nobody can carry now: it waits for a provider that rests, or fails."""
    if not is_resting:
        return Settlement(one.claimed, DeliveryState.FAILED, "no_provider", counts=False)
    return Settlement(
        one.claimed,
        DeliveryState.WAITING,
        "provider_resting",
        due_at=now + timedelta(seconds=REST_SECONDS),
        provider=one.claimed.provider,
        counts=False,
    )


def decided(one: ToSend, provider: Provider, outcome: Outcome, *, now: datetime) -> Decided:
    """Return what an outcome makes of a delivery.

    Args:
        one: What was sent.
        provider: Who was to carry it.
        outcome: What came of it.
        now: When; aware.
    """
    claimed, verdict = one.claimed, outcome.verdict
    reason = outcome.reason or verdict.value
    match verdict:
        case Verdict.ACCEPTED:
            sent = Settlement(
                claimed, DeliveryState.SENT, None, provider=provider,
                provider_message_id=outcome.provider_message_id, verdict=verdict,
            )  # fmt: skip
            return Decided(sent)
        case Verdict.CONTENT_REFUSED:
            if REFUSALS_TO_PARK[claimed.channel] > 1:  # it may be this recipient alone
                failed = Settlement(claimed, DeliveryState.FAILED, reason, provider=provider, verdict=verdict)
                return Decided(failed, parks=one.text, refused_for=reason)
            rests = Settlement(claimed, DeliveryState.WAITING, "text_parked", due_at=now + PARKED_FOR, verdict=verdict)
            return Decided(rests, parks=one.text, refused_for=reason)
        case Verdict.ADDRESS_DEAD | Verdict.RECIPIENT_REFUSES:
            failed = Settlement(claimed, DeliveryState.FAILED, reason, provider=provider, verdict=verdict)
            return Decided(failed, refusal=refusal_of(one.address_hash, verdict))
        case _:
            return Decided(_again(one, provider, outcome, reason, now))


def _again(one: ToSend, provider: Provider, outcome: Outcome, reason: str, now: datetime) -> Settlement:
    """Return when to try again; after an end that nobody knows, only by the one who would know it for the same."""
    claimed = one.claimed
    due_at = next_try(
        claimed.id,
        claimed.channel,
        attempt=claimed.attempt,
        now=now,
        retry_after_seconds=outcome.retry_after_seconds,
        expires_at=claimed.expires_at,
    )
    by = provider if outcome.verdict is Verdict.UNCLEAR else None
    if due_at is not None:
        return Settlement(claimed, DeliveryState.WAITING, reason, due_at=due_at, provider=by, verdict=outcome.verdict)
    is_last = claimed.attempt >= MOST_TRIES[claimed.channel]
    state = DeliveryState.FAILED if is_last else DeliveryState.EXPIRED
    return Settlement(claimed, state, reason, provider=provider, verdict=outcome.verdict)


async def write(session: AsyncSession, ended: Sequence[Decided], *, now: datetime) -> None:
    """Write what came of deliveries: their states, receipts, addresses that are dead, texts that rest, next steps."""
    await settle(session, [one.settlement for one in ended], now=now)
    accepted = [one.settlement.claimed for one in ended if one.settlement.verdict is Verdict.ACCEPTED]
    await keep(
        session,
        [(one.person_id, one.notification_id, one.id, ReceiptKind.PROVIDER_ACCEPTED) for one in accepted],
        now=now,
    )
    await suppress(session, [one.refusal for one in ended if one.refusal is not None], now=now)
    for one in ended:
        if one.parks is not None:
            kind, version, channel = one.parks
            reason = one.refused_for
            _log.error("text_refused", kind=kind.value, version=version, channel=channel.value, reason=reason)
            await park(session, one.parks, reason=reason, now=now)
        if _ended_without(one.settlement):
            await _go_on(session, one.settlement, now=now)


def _ended_without(settlement: Settlement) -> bool:
    """Return whether a push has come to nothing, so that what waits behind it may go."""
    is_over = settlement.state in {DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED}
    return is_over and settlement.claimed.channel is Channel.PUSH


async def _go_on(session: AsyncSession, settlement: Settlement, *, now: datetime) -> None:
    claimed = settlement.claimed
    if settlement.verdict is Verdict.ADDRESS_DEAD:
        reason = settlement.reason or "address_dead"
        await retire_device(session, claimed.person_id, claimed.address_id, reason=reason, now=now)
    await hasten(session, claimed.person_id, claimed.notification_id, now=now)
