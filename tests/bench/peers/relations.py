"""The screens' schema as it is usually written: an own query a relation, batched by data loaders.

Two servers share it: `orm` reads through SQLModel sessions, `loaders` through kept statements, compiled.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from backend.profile.rules import age_in_years
from graphql_schema.connections import encode_cursor
from graphql_schema.fields import field
from graphql_schema.node import encode_id
from graphql_schema.scalars import SCALARS, DateTime
from tests.bench.peers.relation_types import (
    AppointmentConnection,
    Info,
    Insurer,
    NotificationConnection,
    PageInfo,
    Person,
    Policy,
    Record,
    SlotConnection,
    to_appointment,
    to_message,
    to_slot,
)
from tests.bench.peers.rows import SlotRecord


@strawberry.type
class Viewer:
    @field(description="Who.")
    async def person(self, info: Info) -> Person | None:
        one = await info.context.rows.person(info.context.person_id)
        return Person(
            id=encode_id("Person", one.id),
            family_name=one.family_name,
            given_name=one.given_name,
            patronymic=one.patronymic,
            birth_date=one.birth_date,
            age=age_in_years(one.birth_date, now=info.context.clock(), time_zone=one.time_zone),
            source=one.source,
            as_of=one.as_of,
        )

    @field(description="Insured how.")
    async def policy(self, info: Info) -> Policy | None:
        one = await info.context.rows.policy(info.context.person_id)
        policy = one.data["policy"]
        enp, phone = policy["enp"], policy["insurer"]["phone"]
        return Policy(
            kind=policy["kind"].upper(),
            status=policy["status"].upper(),
            enp=enp and enp["digits"],
            valid_from=date.fromisoformat(policy["valid_from"]),
            region=policy["region"],
            as_of=one.as_of,
            is_stale=False,
            insurer=Insurer(name=policy["insurer"]["name"], phone=phone and phone["e164"]),
        )

    @field(description="The coming ones.")
    async def appointments(self, info: Info, first: int) -> AppointmentConnection | None:
        context = info.context
        found = await context.rows.appointments(context.person_id, context.clock(), first + 1)
        page = _page(found, first, lambda last: last.starts_at)
        return AppointmentConnection(nodes=[to_appointment(one) for one in found[:first]], page_info=page)

    @field(description="The newest ones.")
    async def inbox(self, info: Info, first: int) -> NotificationConnection | None:
        found = await info.context.rows.messages(info.context.person_id, first + 1)
        page = _page(found, first, lambda last: last.created_at)
        return NotificationConnection(nodes=[to_message(one) for one in found[:first]], page_info=page)

    @field(description="How many.")
    async def unread_count(self, info: Info) -> int | None:
        return await info.context.rows.unread(info.context.person_id)


@strawberry.input
class SlotFilter:
    specialty: str
    town: str | None = None
    start: DateTime = strawberry.field(name="from")


@strawberry.type
class Query:
    @field(description="Now.")
    def server_time(self, info: Info) -> DateTime | None:
        return info.context.clock()

    @field(description="Whoever asks.")
    def viewer(self) -> Viewer | None:
        return Viewer()

    @field(description="Free ones.")
    async def slots(
        self,
        info: Info,
        filter: SlotFilter,  # noqa: A002 # the public name
        first: int,
        after: str | None = None,  # asked for by the operation, always null
    ) -> SlotConnection | None:
        rows, now = info.context.rows, info.context.clock()
        found = await rows.free_slots(filter.specialty, filter.town, filter.start, now, first + 1)
        return SlotConnection(nodes=[to_slot(one) for one in found[:first]], page_info=_page(found, first, _start))


def build_loader_schema() -> strawberry.Schema:
    """Build the schema anew."""
    return strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))


def _start(slot: SlotRecord) -> datetime:
    return slot.starts_at


def _page(found: Sequence[Record], first: int, instant: Callable[[Any], datetime]) -> PageInfo:
    shown = found[:first]
    cursor = encode_cursor(instant(shown[-1]).isoformat(), shown[-1].id.hex) if shown else None
    return PageInfo(has_next_page=len(found) > first, end_cursor=cursor)
