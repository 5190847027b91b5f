"""The root of the search."""

from typing import Annotated

import strawberry

from backend.booking.values import Channel, ClinicId, DoctorId
from backend.slot_search.values import EVERY_DAY, HoursOfDay, Order, SearchCriteria, SearchText
from geo.distance import Point
from graphql_schema.booking.presentation import SlotWriter
from graphql_schema.context import Context, Info
from graphql_schema.fields import field
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from graphql_schema.slot_search.inputs import SlotOrder, SlotSearchFilter
from graphql_schema.slot_search.types import SlotSearch
from identity.access import signed_in


@strawberry.type(description="Searching; open to everybody.")
class SlotSearchQueries:
    """Joined into the root of reading."""

    @field(description="Search for slots in free words, by place, time and person; see docs/guides/booking-search.md.")
    async def search_slots(
        self,
        info: Info,
        filter: Annotated[SlotSearchFilter, strawberry.argument(description="Which.")],  # noqa: A002 # the public name
        order_by: Annotated[SlotOrder, strawberry.argument(description="In which order.")] = SlotOrder.EARLIEST,
    ) -> SlotSearch | None:
        """Prepare a search."""
        context, order = info.context, Order(str(order_by.value))
        search = await context.services.slot_search.prepare(
            context.principal, criteria=_criteria(context, filter), order=order
        )
        return SlotSearch(search=search, order=order, writer=SlotWriter(context.language))


def _criteria(context: Context, given: SlotSearchFilter) -> SearchCriteria:
    near, hours = given.near, given.hours
    weekdays = sum({1 << int(one.value) for one in given.weekdays or ()})
    return SearchCriteria(
        text=SearchText(given.text) if given.text and given.text.strip() else None,
        specialty_codes=tuple(given.specialties or ()),
        clinic_ids=tuple(ClinicId(decode_id(one, "Clinic")) for one in given.clinic_ids or ()),
        doctor_ids=tuple(DoctorId(decode_id(one, "Doctor")) for one in given.doctor_ids or ()),
        town=given.town,
        near=Point(near.latitude, near.longitude) if near else None,
        radius_km=given.radius_km,
        starts_from=given.starts_from,
        starts_before=given.starts_before,
        hours=HoursOfDay.parse(hours.start, hours.end) if hours else HoursOfDay(),
        weekdays=weekdays or EVERY_DAY,
        channel=Channel(str(given.channel.value)),
        person_id=person_of(signed_in(context.principal), given.person_id) if given.person_id is not None else None,
    )
