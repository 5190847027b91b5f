"""Scenes of the registry desk: who sends what so that it goes well."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from uuid_utils.compat import uuid7

from backend.booking.values import AppointmentId
from backend.clock import SettableClock
from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import Principal
from tests.factories.booking import Booking, Place
from tests.factories.people import NOW, add_person, make_principal
from tests.factories.reception import Reception, make_staff, make_template

Ready = tuple[Principal, Mapping[str, Any]]

TEMPLATE = {
    "weekday": 1,
    "opens": "08:00",
    "closes": "09:00",
    "slotMinutes": 20,
    "channels": ["APP", "REGISTRY"],
    "releaseDaysBefore": 1,
    "releaseAt": "07:00",
    "validFrom": "2026-11-01",
}
DAYS = {"first": "2026-11-23", "last": "2026-11-30"}
HOURS = {"from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}


def make_reception(database: Database) -> Reception:
    """Return a desk with a clock of its own."""
    return Reception(Booking(database, SettableClock(NOW)))


async def _place(reception: Reception) -> tuple[Place, Mapping[str, str]]:
    """Store a clinic with one post."""
    place = await reception.own_place()
    return place, {"postId": encode_id("Post", await reception.post_of(place))}


async def planning(reception: Reception) -> Ready:
    """Somebody is about to add a template."""
    _, post = await _place(reception)
    return make_staff(), {**post, **TEMPLATE}


async def ending(reception: Reception) -> Ready:
    """Somebody is about to end one."""
    place, _ = await _place(reception)
    added = await reception.schedules.add_template(
        make_staff(), post_id=await reception.post_of(place), template=make_template(), idempotency_key=uuid7()
    )
    return make_staff(), {"templateId": encode_id("ScheduleTemplate", added.value), "last": "2026-12-01"}


async def publishing(reception: Reception) -> Ready:
    """Somebody is about to publish days."""
    _, post = await _place(reception)
    return make_staff(), {**post, **DAYS}


async def closing(reception: Reception) -> Ready:
    """Somebody is about to close a reception."""
    _, post = await _place(reception)
    return make_staff(), {**post, **HOURS}


async def switching(reception: Reception) -> Ready:
    """Somebody is about to let people queue."""
    _, post = await _place(reception)
    return make_staff(), {**post, "isOn": True}


async def proposing(reception: Reception) -> Ready:
    """Somebody is about to propose a cancellation."""
    place, _ = await _place(reception)
    ids = {"clinicId": encode_id("Clinic", place.clinic_id), "doctorId": encode_id("Doctor", place.doctor_id)}
    return make_staff(), {**ids, **HOURS, "cause": "DOCTOR_AWAY"}


async def confirming(reception: Reception) -> Ready:
    """Somebody is about to confirm one."""
    place, _ = await _place(reception)
    view = await reception.propose(make_staff(), place, starts_from=NOW + timedelta(days=1))
    return make_staff(), {"proposalId": encode_id("CancellationProposal", view.proposal.id)}


async def _visited(reception: Reception) -> tuple[Principal, AppointmentId]:
    """Let somebody book a visit that has begun, an hour ago by the corner's clock."""
    place, _ = await _place(reception)
    anna = make_principal(await add_person(reception.booking.database))
    reception.booking.clock.set(NOW - timedelta(days=1))
    (slot,) = await reception.booking.registry.add_slots(place, [NOW - timedelta(hours=1)])
    booked = await reception.booking.book(anna, slot)
    reception.booking.clock.set(NOW)
    return anna, booked


async def visited(reception: Reception) -> Ready:
    """Somebody is about to say whether the person came."""
    _, booked = await _visited(reception)
    return make_staff(), {"appointmentId": encode_id("Appointment", booked), "attended": True}


async def missed(reception: Reception) -> Ready:
    """The person is about to appeal."""
    anna, booked = await _visited(reception)
    await reception.visits.close_visit(make_staff(), appointment_id=booked, attended=False, idempotency_key=uuid7())
    return anna, {"appointmentId": encode_id("Appointment", booked), "text": "Я была на приёме"}


async def appealed(reception: Reception) -> Ready:
    """Somebody is about to answer."""
    anna, booked = await _visited(reception)
    await reception.visits.close_visit(make_staff(), appointment_id=booked, attended=False, idempotency_key=uuid7())
    await reception.visits.appeal(
        anna, person_id=anna.person_id, appointment_id=booked, words="Я была", idempotency_key=uuid7()
    )
    return make_staff(), {"appointmentId": encode_id("Appointment", booked), "accepted": True}
