"""What sessions mean for devices: one whose session is over is not woken; a new one is told to the others."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.devices import messages
from identity.ports import BegunSession, People
from identity.principal import PersonId, SessionId
from identity.settings import AppSettings
from identity.tables import Session
from notifications.delivery_tables import DeviceRow
from notifications.devices import retire_where, touch_device
from notifications.outbox import enqueue

_SIGNED_OUT = "signed_out"


class DeviceWatcher:
    """Implements `identity.ports.SessionWatcher`."""

    def __init__(self, *, people: People, apps: Iterable[AppSettings], told: Callable[[PersonId], None]) -> None:
        """Know where people live, and what apps are called; `told` wakes who watches an inbox, after the commit."""
        self._people = people
        self._apps = {app.client_id: app for app in apps}
        self._told = told

    async def begun(self, session: AsyncSession, begun: BegunSession) -> None:
        """Tell the person, in their inbox and on their other devices, of a sign-in on one that is new."""
        if not begun.is_new_device:
            return
        birth = await self._people.birth_of(session, begun.person_id)
        if birth is None:
            return
        app = self._apps.get(begun.client_id)
        name = begun.client_id if app is None else app.shown_name
        await enqueue(session, messages.signed_in(begun, app_name=name, zone=birth.time_zone), now=begun.at)

    async def went_on(self, session: AsyncSession, person_id: PersonId, session_id: SessionId, now: datetime) -> None:
        """Note that the device is in use."""
        await touch_device(session, person_id, session_id, now=now)

    async def ended(self, session: AsyncSession, person_id: PersonId, now: datetime) -> None:
        """Wake no device of the person any more whose session is over."""
        await retire_signed_out(session, person_id, now)

    def signed_in(self, person_id: PersonId) -> None:
        """Wake who watches the person's inbox."""
        self._told(person_id)


async def retire_signed_out(session: AsyncSession, person_id: PersonId, now: datetime) -> int:
    """Retire the devices of a person whose sessions are over; to be called in the transaction that ends one.

    Returns:
        How many there were.
    """
    return await retire_where(
        session, (col(DeviceRow.person_id) == person_id) & _is_over(now), reason=_SIGNED_OUT, now=now
    )


async def retire_all_signed_out(session: AsyncSession, now: datetime) -> int:
    """Retire the devices of everybody whose sessions have run out by themselves; return how many there were."""
    return await retire_where(session, _is_over(now), reason=_SIGNED_OUT, now=now)


def _is_over(now: datetime) -> ColumnElement[bool]:
    return ~exists().where(
        col(Session.person_id) == col(DeviceRow.person_id),
        col(Session.id) == col(DeviceRow.session_id),
        col(Session.revoked_at).is_(None),
        col(Session.expires_at) > now,
    )
