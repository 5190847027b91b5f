"""Booking several holds together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import strawberry

from backend.booking.errors import BookingRefusal, HoldNotFound, TooManyIds
from backend.booking.sets import MOST_TOGETHER
from backend.booking.values import AppointmentId
from graphql_schema.booking.appointment_presentation import AppointmentWriter
from graphql_schema.booking.inputs import BookAppointmentsInput
from graphql_schema.booking.payloads import BookAppointmentsPayload
from graphql_schema.booking.refusing import refused
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, UserError
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id, encode_id
from graphql_schema.people import person_of
from identity.access import signed_in


@strawberry.type(description="Changes of several appointments at once.")
class SetMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Book what several holds keep, all or none, in whichever clinics. While a clinic with a "
        "registry of its own is asked, the set is PENDING and every place is kept."
    )
    async def book_appointments(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            BookAppointmentsInput, strawberry.argument(description="Which holds.")
        ],
    ) -> BookAppointmentsPayload | None:
        """Book held slots for the signed-in person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            booked = await context.services.appointments.book_appointments(
                actor,
                person_id=person_of(actor, input.person_id),
                hold_ids=_hold_ids(input.hold_ids),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return BookAppointmentsPayload(
                errors=_located(refused(context, refusal, "holdIds"), refusal, input.hold_ids)
            )
        context.mark_replay(replayed=booked.replayed)
        return BookAppointmentsPayload(appointment_set=AppointmentWriter(context).appointment_set(booked.value))


def _hold_ids(given: Sequence[strawberry.ID]) -> list[AppointmentId]:
    if len(given) > MOST_TOGETHER:
        raise TooManyIds
    return [AppointmentId(decode_id(one, "SlotHold", missing=HoldNotFound)) for one in given]


def _located(errors: list[UserError], refusal: Exception, given: Sequence[strawberry.ID]) -> list[UserError]:
    """Say which of the holds is to blame, where one is."""
    about = refusal.about if isinstance(refusal, BookingRefusal) else None
    blamed = encode_id("SlotHold", about) if about is not None else None
    if blamed is None or blamed not in given:
        return errors
    return [replace(one, path=[*(one.path or []), str(given.index(blamed))]) for one in errors]
