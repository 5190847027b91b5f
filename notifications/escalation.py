"""Over which channels each kind goes, and when: pure rules, read by the outbox.

A step is planned at once and cancelled by what comes back, so that nothing has to remember to begin it.
Source: our design of notifications, "Escalation"; the times are (config) of a region.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from notifications.channels.port import Channel
from notifications.delivery_tables import PRIORITIES, DeliveryRow, DeliveryState, ReceiptKind
from notifications.messages import Message, MessageKind

_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One channel: so long after the message was written, unless something came back before."""

    channel: Channel
    after: timedelta = _AT_ONCE
    unless: ReceiptKind | None = None


_PUSH = (Step(Channel.PUSH),)

STEPS: Mapping[MessageKind, tuple[Step, ...]] = MappingProxyType(
    {
        MessageKind.CALLER_CODE: (Step(Channel.PUSH), Step(Channel.SMS)),
        MessageKind.WELCOME: (),
    }
)
"""Kinds that go otherwise than by a push alone."""


def steps_of(kind: MessageKind) -> tuple[Step, ...]:
    """Return the steps of a kind, in their order."""
    return STEPS.get(kind, _PUSH)


def deliveries_of(
    message: Message, notification_id: UUID, devices: Sequence[UUID], *, now: datetime
) -> Iterator[DeliveryRow]:
    """Yield a row for each address of each step.

    Args:
        message: What is told.
        notification_id: As it stands in the inbox.
        devices: Those of the person that can be woken. Where there is none, what would wait for a device goes at once.
        now: The instant of the event, aware.
    """
    for step in steps_of(message.kind):
        after = _AT_ONCE if step.unless is not None and not devices else step.after
        for address_id in devices if step.channel is Channel.PUSH else (message.person_id,):
            yield DeliveryRow(
                person_id=message.person_id,
                notification_id=notification_id,
                kind=message.kind,
                channel=step.channel,
                address_id=address_id,
                priority=PRIORITIES[message.severity],
                state=DeliveryState.WAITING,
                due_at=now + after,
                unless=step.unless,
                expires_at=message.expires_at,
                created_at=now,
            )
