"""A queue with devices, contacts and a sender that remembers, for tests."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from prometheus_client import CollectorRegistry
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from notifications.carriers import Carriers
from notifications.channels.port import AddressKind, Channel, Outcome, Parcel, Provider, Sender, Verdict
from notifications.circumstances import Advisers
from notifications.courier import Courier, Ground
from notifications.delivery_tables import PRIORITIES, DeliveryRow, DeliveryState, DeviceRow, ReceiptKind, ReceiptRow
from notifications.examples import example_of
from notifications.kinds import KINDS
from notifications.messages import Message, MessageKind, Severity
from notifications.metrics import Metrics
from notifications.outbox import enqueue
from notifications.parcels import Packer
from notifications.ports import Contact
from notifications.preference_settings import PreferenceSettings
from notifications.settings import DeliverySettings
from notifications.suppression import AddressHashes
from notifications.tables import NotificationRow
from notifications.templates import templates
from notifications.unsubscribing import UnsubscribeLinks
from tests.factories.people import NOW

PHONE = "+79000000001"
SECRET = b"s" * 32
UNSUBSCRIBE_URL = "https://zdorovye.example/unsubscribe"


@dataclass
class Book:
    """Implements `notifications.ports.AddressBook`: everybody has this contact, but for who is missing."""

    contact: Contact = field(default_factory=lambda: Contact(PHONE, "anna@example.org", "Europe/Moscow"))
    missing: set[UUID] = field(default_factory=set)

    async def contacts(self, _session: AsyncSession, person_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        return {one: self.contact for one in person_ids if one not in self.missing}


@dataclass
class Register:
    """Implements `notifications.ports.Permissions`: everybody has agreed, but for who has refused."""

    refused: set[UUID] = field(default_factory=set)

    async def informed(
        self, _session: AsyncSession, person_ids: Collection[UUID], *, now: datetime
    ) -> Collection[UUID]:
        assert now.tzinfo is not None
        return set(person_ids) - self.refused


@dataclass
class RememberingSender:
    """Implements `notifications.channels.port.Sender`: answers as told, and accepts when nothing more was told."""

    provider: Provider = Provider.SMS_GATEWAY
    answers: list[Outcome] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    async def send(self, parcel: Parcel) -> Outcome:
        self.parcels.append(parcel)
        if self.answers:
            return self.answers.pop(0)
        return Outcome(Verdict.ACCEPTED, provider_message_id=f"at-provider-{len(self.parcels)}")

    async def close(self) -> None:
        """Nothing is open."""


class Post:
    """A queue, its clock, and couriers made on demand."""

    def __init__(self, database: Database, **given: float) -> None:
        self.database = database
        self.clock = SettableClock(NOW)
        self.monotonic = 0.0
        self.book = Book()
        self.register = Register()
        self.hashes = AddressHashes(SECRET)
        self.links = UnsubscribeLinks(UNSUBSCRIBE_URL, [SECRET])
        self.preferences = PreferenceSettings()
        self.settings = DeliverySettings.model_validate({"per_second": 10_000, **given})
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)

    def courier(
        self,
        *senders: Sender,
        channel: Channel = Channel.SMS,
        monotonic: Callable[[], float] | None = None,
    ) -> Courier:
        """Return a courier of a channel, as one process has it; time stands still for it unless it is given one."""
        monotonic = monotonic or (lambda: self.monotonic)
        ground = replace(self.ground(), monotonic=monotonic)
        return Courier(channel, Carriers(senders, monotonic=monotonic), self.packer(), ground)

    def packer(self) -> Packer:
        """Return what asks whether a batch may go."""
        return Packer(Advisers(self.book, self.register, self.hashes, self.links, self.preferences))

    def ground(self) -> Ground:
        """Return what couriers stand on."""
        return Ground(
            transaction=self.database.transaction,
            reading=self.database.reading,
            clock=self.clock,
            monotonic=lambda: self.monotonic,
            settings=self.settings,
            metrics=self.metrics,
        )

    async def tell(self, person_id: UUID | None = None, **given: Any) -> UUID:
        """Write a caller's code, which goes by push and by SMS, unless told otherwise."""
        message = Message(
            **{
                "kind": MessageKind.CALLER_CODE,
                "person_id": person_id or uuid7(),
                "dedupe_key": str(uuid7()),
                "parameters": {"code": "123456"},
                "severity": Severity.CRITICAL,
                "expires_at": self.clock() + timedelta(days=30),
                **given,
            }
        )
        async with self.database.transaction() as session:
            return await enqueue(session, message, now=self.clock())

    async def put(
        self,
        person_id: UUID,
        *channels: Channel,
        kind: MessageKind = MessageKind.INVITATION_TO_CHECKUP,
        severity: Severity | None = None,
        expires_at: datetime | None = None,
    ) -> UUID:
        """Write a message of any kind, due now over these channels and no other, whatever its escalation is."""
        parameters = example_of(kind)
        message = NotificationRow(
            person_id=person_id,
            dedupe_key=str(uuid7()),
            kind=kind,
            severity=severity or KINDS[kind].severity,
            parameters=dict(parameters),
            template_version=templates().check(kind, parameters),
            created_at=self.clock(),
            expires_at=expires_at,
        )
        async with self.database.transaction() as session:
            session.add(message)
            session.add_all(
                DeliveryRow(
                    person_id=person_id,
                    notification_id=message.id,
                    kind=kind,
                    channel=channel,
                    address_id=person_id,
                    priority=PRIORITIES[message.severity],
                    state=DeliveryState.WAITING,
                    due_at=self.clock(),
                    expires_at=expires_at,
                    created_at=self.clock(),
                )
                for channel in channels
            )
        return message.id

    async def add_device(self, person_id: UUID, address: str = "token-1", **given: Any) -> UUID:
        """Register a device of a person."""
        row = DeviceRow(
            **{
                "person_id": person_id,
                "session_id": uuid7(),
                "provider": Provider.FCM,
                "address_kind": AddressKind.TOKEN,
                "address": address,
                "address_hash": address,
                "app": "ios",
                "app_version": "7.4.0",
                "locale": "ru-RU",
                "time_zone": "Europe/Moscow",
                "registered_at": self.clock(),
                "last_seen_at": self.clock(),
                **given,
            }
        )
        async with self.database.transaction() as session:
            session.add(row)
        return row.id

    async def rows(self, channel: Channel = Channel.SMS) -> list[DeliveryRow]:
        """Return every delivery of a channel, the oldest first."""
        query = select(DeliveryRow).where(col(DeliveryRow.channel) == channel).order_by(col(DeliveryRow.id))
        async with self.database.reading() as session:
            return list(await session.exec(query))

    async def receipts(self) -> list[ReceiptKind]:
        """Return the kinds of every receipt, sorted."""
        async with self.database.reading() as session:
            return sorted(row.kind for row in await session.exec(select(ReceiptRow)))

    async def devices(self) -> dict[UUID, datetime | None]:
        """Return when each device was retired."""
        async with self.database.reading() as session:
            return {row.id: row.retired_at for row in await session.exec(select(DeviceRow))}
