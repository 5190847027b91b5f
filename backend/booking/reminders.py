"""Reminders of appointments: planned with a booking, planned anew with a change, dropped with a cancellation."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.messages import reminder
from backend.booking.values import Appointment
from notifications import outbox, planning
from notifications.messages import MessageKind

REMINDED_BEFORE = timedelta(days=1)
"""How long before its beginning an appointment is recalled (config)."""

BOOKED_LATELY = timedelta(days=1)
"""Who has booked so short a time before the reminder still knows. Source: our design of notifications."""

_TAKEN_BACK = (MessageKind.APPOINTMENT_BOOKED, MessageKind.APPOINTMENT_MOVED, MessageKind.APPOINTMENT_REMINDER)


def reminder_time(*, starts_at: datetime, booked_at: datetime) -> datetime | None:
    """Return when to recall an appointment, or None when it was booked so lately that nobody needs it."""
    due_at = starts_at - REMINDED_BEFORE
    return due_at if due_at - booked_at >= BOOKED_LATELY else None


async def plan_reminder(session: AsyncSession, appointment: Appointment, *, now: datetime) -> None:
    """Plan the reminder of an appointment that was booked or moved just now, in place of the one before."""
    due_at = reminder_time(starts_at=appointment.slot.starts_at, booked_at=now)
    if due_at is None:
        await planning.drop(session, appointment.person_id, [_key(appointment)])
    else:
        await planning.plan(session, _key(appointment), reminder(appointment), due_at=due_at, now=now)


async def take_back(session: AsyncSession, appointment: Appointment, *, now: datetime) -> None:
    """Drop the reminder, and send no more of what was told of an appointment that is no longer so."""
    await planning.drop(session, appointment.person_id, [_key(appointment)])
    await outbox.take_back(session, appointment.person_id, appointment.id, _TAKEN_BACK, now=now)


def _key(appointment: Appointment) -> str:
    return f"reminder:{appointment.id}"
