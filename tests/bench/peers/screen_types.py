"""The types of home's facts over one JSON of the database: no resolvers but the root's, every field is read as an item.

Ids and the names of enums are texts already; Mercurius passes them through likewise. Instants are written as everywhere
in our schema: by the encoder of the answer.
"""

import operator
from datetime import datetime
from typing import TypeAlias, cast

import strawberry
from strawberry.schema.config import StrawberryConfig

from graphql_schema.fields import field
from tests.bench.peers.screen import Screen

Info: TypeAlias = strawberry.Info[Screen, None]


@strawberry.type
class Person:
    id: strawberry.ID
    family_name: str
    given_name: str
    patronymic: str | None
    birth_date: str
    age: int
    as_of: datetime
    source: str


@strawberry.type
class Insurer:
    name: str
    phone: str | None


@strawberry.type
class Policy:
    kind: str
    status: str
    enp: str | None
    valid_from: str
    region: str
    as_of: str
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
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room: str | None
    doctor: Doctor
    specialty: Specialty
    clinic: Clinic


@strawberry.type
class Appointment:
    id: strawberry.ID
    status: str
    channel: str
    slot: Slot


@strawberry.type
class Notification:
    id: strawberry.ID
    kind: str
    severity: str
    created_at: datetime
    seen_at: datetime | None


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class AppointmentConnection:
    nodes: list[Appointment]
    page_info: PageInfo


@strawberry.type
class NotificationConnection:
    nodes: list[Notification]
    page_info: PageInfo


@strawberry.type
class Viewer:
    person: Person | None
    policy: Policy | None
    unread_count: int | None

    @field(description="The coming ones; the root has read as many as the operation asks for.")
    def appointments(self, first: int) -> AppointmentConnection | None:
        return cast("AppointmentConnection", self["appointments"])  # type: ignore[index] # the source is a mapping

    @field(description="The newest ones; likewise.")
    def inbox(self, first: int) -> NotificationConnection | None:
        return cast("NotificationConnection", self["inbox"])  # type: ignore[index] # the source is a mapping


@strawberry.type
class Query:
    @field(description="Whoever asks.")
    async def viewer(self, info: Info) -> Viewer | None:
        return cast("Viewer", await info.context.read())


def build_screen_schema() -> strawberry.Schema:
    """Build the schema anew."""
    return strawberry.Schema(query=Query, config=StrawberryConfig(default_resolver=operator.getitem))
