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
from notifications.tables import NotificationRow

_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One channel: so long after the message was written, unless something came back before."""

    channel: Channel
    after: timedelta = _AT_ONCE
    unless: ReceiptKind | None = None


_RECEIVED, _SEEN = ReceiptKind.DEVICE_RECEIVED, ReceiptKind.SEEN


def _unheard(channel: Channel, after: timedelta, unless: ReceiptKind = _RECEIVED) -> Step:
    return Step(channel, after, unless)


_PUSH = (Step(Channel.PUSH),)
_PUSH_AND_MAIL = (*_PUSH, Step(Channel.EMAIL))
_CREW = (*_PUSH, _unheard(Channel.SMS, timedelta(seconds=90)))
_VISIT = (*_PUSH, _unheard(Channel.SMS, timedelta(hours=2)))
_OFFER = (*_PUSH, _unheard(Channel.SMS, timedelta(minutes=10)))
_ALARM = (*_OFFER, _unheard(Channel.EMAIL, timedelta(hours=1), _SEEN))
_NEWS = (*_PUSH, _unheard(Channel.EMAIL, timedelta(days=1), _SEEN))
_INVITATION = (*_PUSH, _unheard(Channel.SMS, timedelta(days=1)))

STEPS: Mapping[MessageKind, tuple[Step, ...]] = MappingProxyType(
    {
        MessageKind.AMBULANCE_ARRIVED: _CREW,
        MessageKind.AMBULANCE_ASSIGNED: _CREW,
        MessageKind.AMBULANCE_NEAR: _CREW,
        MessageKind.APPOINTMENT_CANCELLED: _VISIT,
        MessageKind.APPOINTMENT_MOVED: _VISIT,
        MessageKind.APPOINTMENT_NOT_CONFIRMED: _VISIT,
        MessageKind.APPOINTMENT_REMINDER: _VISIT,
        MessageKind.APPOINTMENT_REPLACEMENT_OFFERED: _OFFER,
        MessageKind.CALLER_CODE: (*_PUSH, Step(Channel.SMS)),
        MessageKind.CALL_BACK_UNREACHED: _VISIT,
        MessageKind.CHECKUP_DUE: _NEWS,
        MessageKind.CHECKUP_PLAN_READY: _NEWS,
        MessageKind.CHECKUP_RESULT_READY: _NEWS,
        MessageKind.COMPLAINT_ANSWERED: _PUSH_AND_MAIL,
        MessageKind.COMPLAINT_EXTENDED: _PUSH_AND_MAIL,
        MessageKind.COMPLAINT_REGISTERED: _PUSH_AND_MAIL,
        MessageKind.DOCUMENT_ARRIVED: _NEWS,
        MessageKind.EMERGENCY_ACCESS: _ALARM,
        MessageKind.EMERGENCY_ACCESS_OF_WARD: _ALARM,
        MessageKind.ERASURE_REQUESTED: _ALARM,
        MessageKind.EXPORT_FAILED: _NEWS,
        MessageKind.EXPORT_READY: _NEWS,
        MessageKind.INVITATION_TO_CHECKUP: _INVITATION,
        MessageKind.INVITATION_TO_IN_DEPTH_CHECKUP: _INVITATION,
        MessageKind.INVITATION_TO_OBSERVATION: _INVITATION,
        MessageKind.INVITATION_TO_PREVENTIVE_EXAM: _INVITATION,
        MessageKind.POLICY_CHANGED: _NEWS,
        MessageKind.PRESCRIPTION_DEFERRED_DEADLINE: _NEWS,
        MessageKind.PRESCRIPTION_EXPIRING: _NEWS,
        MessageKind.PRESCRIPTION_IN_STOCK: _NEWS,
        MessageKind.PRESCRIPTION_ISSUED: _NEWS,
        MessageKind.REPRESENTATION_BEGUN: _ALARM,
        MessageKind.SIGN_IN_FROM_NEW_DEVICE: _ALARM,
        MessageKind.WAITING_LIST_OFFERED: _OFFER,
        MessageKind.WELCOME: (),
    }
)
"""Kinds that go otherwise than by a push alone."""


def steps_of(message: Message) -> tuple[Step, ...]:
    """Return the steps of a message, in their order; what the person did themself goes no further than to their app."""
    steps = STEPS.get(message.kind, _PUSH)
    return tuple(step for step in steps if step.channel is Channel.PUSH) if message.own_act else steps


def deliveries_of(
    told: NotificationRow, steps: Sequence[Step], devices: Sequence[UUID], *, now: datetime
) -> Iterator[DeliveryRow]:
    """Yield a row for each address of each step.

    Args:
        told: The message as it stands in the inbox.
        steps: As `steps_of` says.
        devices: Those of the person that can be woken. Where there is none, what would wait for a device goes at once.
        now: The instant of the event, aware.
    """
    for step in steps:
        after = _AT_ONCE if step.unless is not None and not devices else step.after
        for address_id in devices if step.channel is Channel.PUSH else (told.person_id,):
            yield DeliveryRow(
                person_id=told.person_id,
                notification_id=told.id,
                kind=told.kind,
                channel=step.channel,
                address_id=address_id,
                priority=PRIORITIES[told.severity],
                state=DeliveryState.WAITING,
                due_at=now + after,
                unless=step.unless,
                expires_at=told.expires_at,
                created_at=now,
            )
