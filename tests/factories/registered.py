"""People with sessions whose devices can be registered."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col, select

from backend.clock import SettableClock
from backend.database import Database
from backend.devices.service import DeviceService
from backend.devices.values import Device, Install
from backend.profile.directory import Directory
from identity.principal import ActorKind, PersonId, Principal, SessionId
from notifications.channels.port import AddressKind, Channel, Provider
from notifications.delivery_tables import DeliveryRow, DeviceRow
from notifications.messages import MessageKind
from notifications.outbox import enqueue
from notifications.tables import NotificationRow
from tests.factories.access import access_control
from tests.factories.messages import make_message
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.factories.sessions import add_account, add_session


def make_install(address: str = "fcm-token:1", **given: Any) -> Install:
    """Return what an app tells of a phone, unless told otherwise."""
    return Install(
        **{
            "provider": Provider.FCM,
            "address_kind": AddressKind.TOKEN,
            "address": address,
            "app_version": "7.4.0",
            "locale": "ru-RU",
            "time_zone": "Asia/Kamchatka",
            "public_key": None,
            **given,
        }
    )


def make_public_key() -> str:
    """Return a public key of P-256 as JSON text. Source: RFC 7515, A.3."""
    x, y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    return json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y})


class Phones:
    """Devices of people, over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SettableClock(NOW)
        self.told: list[PersonId] = []
        self.people = 0
        self.devices = DeviceService(
            database=database,
            access=access_control(database, self.clock),
            clock=self.clock,
            people=Directory(clock=self.clock),
            published=self.told.append,
        )

    async def add(self, person_id: PersonId | None = None, **given: Any) -> Principal:
        """Sign somebody in on a phone: somebody new, unless told who."""
        if person_id is None:
            self.people += 1
            person_id = await add_person(self.database, snils=snils_for(112_233_000 + self.people))
            await add_account(self.database, now=self.clock(), person_id=person_id)
        row = await add_session(self.database, person_id, now=self.clock(), **{"client_id": "ios", **given})
        return replace(make_principal(person_id), session_id=SessionId(row.id))

    async def register(self, actor: Principal, address: str = "fcm-token:1", **given: Any) -> UUID:
        """Register the phone of an actor; return the device."""
        outcome = await self.devices.register(actor, make_install(address, **given), idempotency_key=uuid4())
        assert outcome.value is not None
        return outcome.value.id

    async def listed(self, actor: Principal) -> list[Device]:
        """Return what a person sees."""
        return await self.devices.list_devices(actor, actor.person_id)

    async def rows(self) -> dict[UUID, DeviceRow]:
        """Return every row by its id."""
        async with self.database.reading() as session:
            return {row.id: row for row in await session.exec(select(DeviceRow).order_by(col(DeviceRow.id)))}

    async def reasons(self) -> dict[UUID, str | None]:
        """Return why each device was retired; None for one that can be woken."""
        return {one: row.retired_reason for one, row in (await self.rows()).items()}

    async def tell(self, person_id: UUID, key: str = "a", **given: Any) -> UUID:
        """Tell somebody of a booking."""
        async with self.database.transaction() as session:
            return await enqueue(session, make_message(person_id, key, **given), now=self.clock())

    async def inbox(self, person_id: UUID) -> Sequence[tuple[MessageKind, dict[str, str]]]:
        """Return what stands in an inbox, the oldest first."""
        query = select(NotificationRow).where(col(NotificationRow.person_id) == person_id)
        async with self.database.reading() as session:
            rows = await session.exec(query.order_by(col(NotificationRow.created_at), col(NotificationRow.id)))
            return [(row.kind, row.parameters) for row in rows]

    async def waiting(self) -> dict[UUID, UUID]:
        """Return to which device each message goes."""
        pushes = select(DeliveryRow).where(col(DeliveryRow.channel) == Channel.PUSH)
        async with self.database.reading() as session:
            return {row.notification_id: row.address_id for row in await session.exec(pushes)}


def in_background(actor: Principal) -> Principal:
    """Return the weak side of a phone's session."""
    return replace(actor, kind=ActorKind.DEVICE)
