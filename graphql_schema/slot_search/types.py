"""What the search answers."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, TypeAlias

import strawberry

from backend.slot_search.search import Search
from backend.slot_search.values import Found, Order, Place
from graphql_schema.booking.presentation import SlotWriter, to_organisation
from graphql_schema.booking.types import Clinic, MedicalOrganisation, Slot, Specialty
from graphql_schema.connections import Connection, connect, page_size
from graphql_schema.fields import field
from graphql_schema.scalars import Date, DateTime
from graphql_schema.slot_search.cursors import read_place, write_place
from graphql_schema.slot_search.presentation import message_of

First: TypeAlias = Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")]


@strawberry.enum(description="Why nothing was found. New reasons may appear.")
class SlotAbsenceReason(Enum):
    """Reason."""

    AGE = strawberry.enum_value("age", description="The person is too young or too old: `ageFrom`, `ageUntil`.")
    ALL_TAKEN = strawberry.enum_value("all_taken", description="There are receptions, and every place is taken.")
    ATTACHMENT = strawberry.enum_value(
        "attachment", description="Only people who are attached there are seen; `organisation` is the person's own."
    )
    BEYOND_HORIZON = strawberry.enum_value(
        "beyond_horizon", description="There are places later than this door sees; `at`: when the first one opens."
    )
    CHANNEL = strawberry.enum_value("channel", description="The places are given out through other doors only.")
    NOTHING_MATCHES = strawberry.enum_value(
        "nothing_matches", description="No doctor, clinic or specialty is so called; perhaps `suggestion` was meant."
    )
    NOT_RELEASED = strawberry.enum_value(
        "not_released", description="The places are not given out yet; `at`: when the next ones are."
    )
    QUOTA = strawberry.enum_value("quota", description="This door's share is given out; other doors may have some.")
    REFERRAL = strawberry.enum_value(
        "referral", description="A referral is needed, and the person has none that is valid; `specialty`: to whom."
    )
    SCHEDULE = strawberry.enum_value("schedule", description="Nobody receives at these times.")
    SEX = strawberry.enum_value("sex", description="People of this sex are not seen there.")


@strawberry.type(description="One reason why nothing was found, with what it is about.")
class SlotAbsence:
    """A reason."""

    reason: SlotAbsenceReason = strawberry.field(description="Why.")
    message: str = strawberry.field(description="A text for the person, in the language of `Accept-Language`.")
    at: DateTime | None = strawberry.field(description="NOT_RELEASED, BEYOND_HORIZON: from when on to look again.")
    organisation: MedicalOrganisation | None = strawberry.field(
        description="ATTACHMENT: where the person is attached; null for nowhere."
    )
    specialty: Specialty | None = strawberry.field(description="REFERRAL: to whom; null where it is several.")
    age_from: int | None = strawberry.field(description="AGE: from how many full years, where one limit decides.")
    age_until: int | None = strawberry.field(description="AGE: until how many full years, inclusive.")
    suggestion: str | None = strawberry.field(
        description="NOTHING_MATCHES: a word that is very like one that was not found; mostly null."
    )


@strawberry.type(description="How many of the counted slots are of one specialty.")
class SpecialtyCount:
    """Count."""

    specialty: Specialty = strawberry.field(description="Which specialty.")
    count: int = strawberry.field(description="How many slots.")


@strawberry.type(description="How many of the counted slots are in one clinic.")
class ClinicCount:
    """Count."""

    clinic: Clinic = strawberry.field(description="Which clinic.")
    count: int = strawberry.field(description="How many slots.")


@strawberry.type(description="How many of the counted slots are in one town.")
class TownCount:
    """Count."""

    town: str = strawberry.field(description="Which town.")
    count: int = strawberry.field(description="How many slots.")


@strawberry.type(description="How many of the counted slots are on one day.")
class DayCount:
    """Count."""

    day: Date = strawberry.field(description="Which day, by each clinic's own calendar.")
    count: int = strawberry.field(description="How many slots.")


@strawberry.type(description="What the found slots are like, for choosing further; of the first 2,000 at most.")
class SlotFacets:
    """Counts."""

    specialties: list[SpecialtyCount] = strawberry.field(description="By specialty, most first.")
    clinics: list[ClinicCount] = strawberry.field(description="By clinic, most first; 50 at most.")
    towns: list[TownCount] = strawberry.field(description="By town, most first; 50 at most.")
    days: list[DayCount] = strawberry.field(description="By day, in order.")
    counted: int = strawberry.field(description="How many slots were counted.")
    is_complete: bool = strawberry.field(description="Whether these are all; else only the soonest were counted.")


@strawberry.type(
    description="A search, whose answers are asked for by name and come in one round trip; nothing else is looked up."
)
class SlotSearch:
    """A prepared search."""

    search: strawberry.Private[Search]
    order: strawberry.Private[Order]
    writer: strawberry.Private[SlotWriter]

    @field(description="Slots that can be taken now, in the order that was asked for.")
    async def slots(
        self,
        first: First = None,
        after: Annotated[
            str | None, strawberry.argument(description="`endCursor` of the page before, in the same order.")
        ] = None,
    ) -> Connection[Slot] | None:
        """Return a page."""
        page = await self.search.page(after=self._place(after), limit=page_size(first))
        return self._connected(page.items, has_next=page.has_next)

    @field(description="How many slots there are by specialty, clinic, town and day.")
    async def facets(self) -> SlotFacets | None:
        """Count."""
        found, write = await self.search.facets(), self.writer
        return SlotFacets(
            specialties=[
                SpecialtyCount(specialty=write.specialty(one.of), count=one.count) for one in found.specialties
            ],
            clinics=[ClinicCount(clinic=write.clinic(one.of), count=one.count) for one in found.clinics],
            towns=[TownCount(town=one.of, count=one.count) for one in found.towns],
            days=[DayCount(day=one.of, count=one.count) for one in found.days],
            counted=found.counted,
            is_complete=found.is_complete,
        )

    @field(description="The first slot of each clinic that has one: by distance where `near` is given, else by time.")
    async def next_available(self, first: First = None) -> list[Slot] | None:
        """Return one slot a clinic."""
        return [self.writer.slot(one) for one in await self.search.next_available(limit=page_size(first))]

    @field(description="Why there is nothing, when there is nothing at all; empty otherwise.")
    async def why_none(self) -> list[SlotAbsence] | None:
        """Explain an empty answer."""
        write = self.writer
        return [
            SlotAbsence(
                reason=SlotAbsenceReason(one.reason.value),
                message=message_of(one, write.language),
                at=one.at,
                organisation=to_organisation(one.organisation) if one.organisation else None,
                specialty=write.specialty(one.specialty) if one.specialty else None,
                age_from=one.age_from,
                age_until=one.age_until,
                suggestion=one.suggestion,
            )
            for one in await self.search.why_none()
        ]

    def _place(self, cursor: str | None) -> Place | None:
        return None if cursor is None else read_place(cursor, self.order)

    def _connected(self, items: Sequence[Found], *, has_next: bool) -> Connection[Slot]:
        return connect(
            [self.writer.slot(one.slot) for one in items],
            write_cursor=lambda place: write_place(items[place].place, self.order),
            has_next=has_next,
        )
