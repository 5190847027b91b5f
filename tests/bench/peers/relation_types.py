"""The types of the schema with loaders: one a table, each relation a resolver that asks a loader."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeAlias, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry

from backend.clock import Clock
from graphql_schema.fields import field
from graphql_schema.node import encode_id
from graphql_schema.scalars import Date, DateTime
from notifications.templates import Text, templates
from tests.bench.peers.batches import BatchLoader
from tests.bench.peers.rows import (
    AppointmentRecord,
    ClinicRecord,
    DoctorRecord,
    MessageRecord,
    Rows,
    SlotRecord,
    SpecialtyRecord,
)


class Identified(Protocol):
    @property
    def id(self) -> UUID: ...


Record = TypeVar("Record", bound=Identified)
Value = TypeVar("Value")


class LoaderContext:
    """One request's state: who asks, and a loader for each relation, which writes each row once."""

    def __init__(self, rows: Rows, person_id: UUID, clock: Clock) -> None:
        """Begin with nothing loaded."""
        self.rows, self.person_id, self.clock = rows, person_id, clock
        self.slots: BatchLoader[UUID, Slot] = _loader(rows.slots, to_slot)
        self.clinics: BatchLoader[UUID, Clinic] = _loader(rows.clinics, to_clinic)
        self.doctors: BatchLoader[UUID, Doctor] = _loader(rows.doctors, to_doctor)
        self.specialties: BatchLoader[UUID, Specialty] = _loader(rows.specialties, to_specialty)


def _loader(
    read: Callable[[Sequence[UUID]], Awaitable[Sequence[Record]]], write: Callable[[Record], Value]
) -> BatchLoader[UUID, Value]:
    async def load(ids: Sequence[UUID]) -> Mapping[UUID, Value]:
        return {record.id: write(record) for record in await read(ids)}

    return BatchLoader(load)


Info: TypeAlias = strawberry.Info[LoaderContext, None]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Person:
    id: strawberry.ID
    family_name: str
    given_name: str
    patronymic: str | None
    birth_date: Date
    age: int
    source: str
    as_of: DateTime


@strawberry.type
class Insurer:
    name: str
    phone: str | None


@strawberry.type
class Policy:
    kind: str
    status: str
    enp: str | None
    valid_from: Date
    region: str
    as_of: DateTime
    is_stale: bool
    insurer: Insurer


@strawberry.type
class GeoPoint:
    latitude: float
    longitude: float


@strawberry.type
class Clinic:
    id: strawberry.ID
    name: str
    address: str
    town: str
    time_zone: str
    phone: str
    coordinates: GeoPoint


@strawberry.type
class Doctor:
    id: strawberry.ID
    full_name: str


@strawberry.type
class Specialty:
    code: str
    name: str


@strawberry.type
class Slot:
    id: strawberry.ID
    starts_at: DateTime
    ends_at: DateTime
    time_zone: str
    room: str | None
    record: strawberry.Private[SlotRecord]

    @field(description="Where.")
    def clinic(self, info: Info) -> Clinic:
        return cast("Clinic", info.context.clinics.load(self.record.clinic_id))

    @field(description="With whom.")
    def doctor(self, info: Info) -> Doctor:
        return cast("Doctor", info.context.doctors.load(self.record.doctor_id))

    @field(description="As what.")
    def specialty(self, info: Info) -> Specialty:
        return cast("Specialty", info.context.specialties.load(self.record.specialty_id))


@strawberry.type
class Appointment:
    id: strawberry.ID
    status: str
    channel: str
    slot_id: strawberry.Private[UUID]

    @field(description="When and where.")
    def slot(self, info: Info) -> Slot:
        return cast("Slot", info.context.slots.load(self.slot_id))


@strawberry.type
class Notification:
    id: strawberry.ID
    kind: str
    severity: str
    created_at: DateTime
    seen_at: DateTime | None
    record: strawberry.Private[MessageRecord]

    @field(description="One line.")
    def title(self) -> str:
        return self._text.title

    @field(description="The whole text.")
    def body(self) -> str:
        return self._text.body

    @cached_property
    def _text(self) -> Text:
        one = self.record
        return templates().render(one.kind, one.template_version, one.parameters, language="ru")


@strawberry.type
class AppointmentConnection:
    nodes: list[Appointment]
    page_info: PageInfo


@strawberry.type
class NotificationConnection:
    nodes: list[Notification]
    page_info: PageInfo


@strawberry.type
class SlotConnection:
    nodes: list[Slot]
    page_info: PageInfo


def to_slot(one: SlotRecord) -> Slot:
    zone = ZoneInfo(one.time_zone)
    return Slot(
        id=encode_id("Slot", one.id),
        starts_at=one.starts_at.astimezone(zone),
        ends_at=one.ends_at.astimezone(zone),
        time_zone=one.time_zone,
        room=one.room,
        record=one,
    )


def to_clinic(one: ClinicRecord) -> Clinic:
    return Clinic(
        id=encode_id("Clinic", one.id),
        name=one.name,
        address=one.address,
        town=one.town,
        time_zone=one.time_zone,
        phone=one.phone,
        coordinates=GeoPoint(latitude=one.latitude, longitude=one.longitude),
    )


def to_doctor(one: DoctorRecord) -> Doctor:
    full_name = " ".join(filter(None, (one.family_name, one.given_name, one.patronymic)))
    return Doctor(id=encode_id("Doctor", one.id), full_name=full_name)


def to_specialty(one: SpecialtyRecord) -> Specialty:
    return Specialty(code=one.code, name=one.name_ru)


def to_appointment(one: AppointmentRecord) -> Appointment:
    return Appointment(
        id=encode_id("Appointment", one.id),
        status=one.status.upper(),
        channel=one.channel.upper(),
        slot_id=one.slot_id,
    )


def to_message(one: MessageRecord) -> Notification:
    return Notification(
        id=encode_id("Notification", one.id),
        kind=one.kind.name,
        severity=one.severity.name,
        created_at=one.created_at,
        seen_at=one.seen_at,
        record=one,
    )
