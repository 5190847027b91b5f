"""Every statement of the product gives the same values, sent by itself and joined with another one."""

import asyncio
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.clinic_queries import clinics_page
from backend.booking.entitlement_tables import ReferralRow
from backend.booking.slot_queries import narrowing, search_statement
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import Channel
from backend.database import Database
from backend.inbox.queries import count_unseen
from backend.profile.tables import PersonRow
from backend.reading import Statement
from backend.slot_search.search_queries import count_statement, first_statement, look_statement, page_statement
from notifications.changes import withdraw
from notifications.messages import Message, MessageKind
from notifications.outbox import enqueue
from notifications.tables import NotificationRow
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.journeys.test_booking_a_doctor import first_slot
from tests.journeys.test_statements import trips_of

ALL_OF_A_SEARCH = ("specialty_id", "clinic_id", "doctor_ids", "town", "radius")


OF_OTHER_ROWS = frozenset(
    {
        "inspection_queries",
        "no_show_queries",
        "norm_queries",
        "outside_queries",
        "outside_schedule_queries",
        "quota_queries",
        "release_queries",
        "set_queries",
        "turns",
    }
)
"""Modules whose statements find nothing after one plain booking; most run inside a transaction, unjoined."""


def statements() -> dict[str, Statement[Any]]:
    """Return what stands in the modules of the domains, and searches that narrow by one thing, by all, by nothing."""
    found: dict[str, Statement[Any]] = {}
    for domain in ("booking", "inbox", "policy", "profile", "slot_search"):
        for module in pkgutil.iter_modules(importlib.import_module(f"backend.{domain}").__path__):
            if module.name in OF_OTHER_ROWS:
                continue
            for name, value in vars(importlib.import_module(f"backend.{domain}.{module.name}")).items():
                several = value.values() if isinstance(value, dict) else (value,)
                found |= {f"{name} {n}": one for n, one in enumerate(several) if isinstance(one, Statement)}
    for narrowed in ((), *((name,) for name in ALL_OF_A_SEARCH), ALL_OF_A_SEARCH):
        found[f"search {' '.join(narrowed)}"] = search_statement(narrowing(dict.fromkeys(narrowed)))
    for narrowed in ((), ("clinic_id", "specialty_id")):
        words = frozenset(narrowed)
        found |= {
            f"page {narrowed}": page_statement(words),
            f"counts {narrowed}": count_statement(words),
            f"look {narrowed}": look_statement(words),
            f"firsts {narrowed}": first_statement(words - {"clinic_id"}, by_doctor=False),
        }
    return {name: one for name, one in found.items() if " FOR " not in one.sql("postgresql").sql}


async def parameters_of(database: Database, now: Any) -> list[dict[str, Any]]:
    """Return values for every name of a parameter, of rows that exist; `id` and `after_id` are of several kinds."""
    clinics = await clinics_page(database.read, town=None, after=None, limit=100)
    towns = [clinic.town for clinic in clinics]
    clinic = next(clinic for at, clinic in enumerate(clinics) if clinic.town in towns[at + 1 :])
    async with database.reading() as session:
        latest = select(SlotRow).where(SlotRow.clinic_id == clinic.id).order_by(col(SlotRow.starts_at).desc())
        slot = (await session.exec(latest.limit(1))).one()
        [appointment] = (await session.exec(select(AppointmentRow))).all()
        person = await session.get_one(PersonRow, appointment.person_id)
        [notification] = (await session.exec(select(NotificationRow))).all()
        ids = [(await session.exec(select(table.id))).all() for table in (ClinicRow, DoctorRow, SpecialtyRow)]
    same = {
        "person_id": appointment.person_id,
        "person_ids": [person.id],
        "birth_date": person.birth_date,
        "snils": person.snils,
        "phone": person.phone,
        "ids": [slot.id, appointment.id, notification.id, *(one for several in ids for one in several)],
        "now": now,
        "since": now,
        "until": now + timedelta(days=30),
        "after": now + timedelta(days=1),
        "up_to": 1_000,
        "limit": 20,
        "channel": Channel.APP.bit,
        "through": Channel.APP,
        "offset_minutes": 180,
        "from_minute": 0,
        "to_minute": 1_440,
        "weekdays": 127,
        "group_ids": ids[0],
        "appointment_ids": [appointment.id],
        "appointment_id": appointment.id,
        "schedule_id": slot.schedule_id,
        "after_person": appointment.person_id,
        "after_slot": slot.id,
        "specialty_ids": [slot.specialty_id],
        "slot_ids": [slot.id],
        "specialty_code": "therapist",
        "clinic_ids": [clinic.id],
        "specialty_id": slot.specialty_id,
        "doctor_id": slot.doctor_id,
        "doctor_ids": [slot.doctor_id],
        "clinic_id": clinic.id,
        "town": clinic.town,
        "lost_start": slot.starts_at,
        "latitude": clinic.latitude,
        "longitude": clinic.longitude,
        "shrink": 1.0,
        "radius": 1.0,
        "after_id": slot.id,
    }
    return [
        {**same, "id": one, "after_start": start}
        for one in (slot.id, clinic.id, appointment.id)
        for start in (now, now + timedelta(days=30))
    ]


def chosen(statement: Statement[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the statement names; a page begins after an instant, a clinic, or a change."""
    text = statement.sql("postgresql")
    values = {name: given[name] for name in text.names}
    if "after" in values:
        place = f"${text.names.index('after') + 1}::"
        others = {f"{place}UUID": given["clinic_id"], f"{place}BIGINT": 0}
        values["after"] = next((one for kind, one in others.items() if kind in text.sql), values["after"])
    return values


async def attach_and_refer(database: Database, now: datetime) -> None:
    """Give the one who has booked something a clinic and a referral."""
    async with database.transaction() as session:
        person_id = (await session.exec(select(AppointmentRow.person_id))).one()
        specialty_id = (await session.exec(select(SpecialtyRow.id).limit(1))).one()
        today = now.date()
        session.add(
            ReferralRow(
                person_id=person_id,
                number="1",
                specialty_id=specialty_id,
                issued_on=today,
                expires_on=today,
                source="own",
                as_of=now,
            )
        )


async def lose_a_message(database: Database, now: datetime) -> None:
    """Tell the one who has booked something, and take it back."""
    async with database.transaction() as session:
        person_id = (await session.exec(select(AppointmentRow.person_id))).one()
        welcome = Message(kind=MessageKind.WELCOME, person_id=person_id, dedupe_key="lost", parameters={})
        await withdraw(session, person_id, await enqueue(session, welcome, now=now), now=now)


def written(rows: list[Any]) -> Iterator[str]:
    """Return each value with the types of all its parts."""
    return map(repr, rows)


async def test_each_statement_gives_the_same_joined_and_alone(region: Region, anna: Phone) -> None:
    await anna.ask("HomeScreen")
    slot = await first_slot(anna)
    hold = await anna.act("HoldSlot", slotId=slot["id"])
    await anna.act("BookAppointment", holdId=hold["hold"]["id"])
    await attach_and_refer(region.database, region.clock())
    await lose_a_message(region.database, region.clock())
    await anna.ask("SyncNotifications")
    read = region.app_database.read
    rows_of = dict.fromkeys(statements(), 0)
    for given in await parameters_of(region.database, region.clock()):
        for name, statement in statements().items():
            values = chosen(statement, given)
            alone = await read.rows(statement, **values)
            with trips_of(region) as trips, read.together():
                _, joined = await asyncio.gather(count_unseen(read, given["person_id"]), read.rows(statement, **values))
            assert list(written(joined)) == list(written(alone)), name
            assert joined == alone, name
            assert len(trips) == (0 if region.app_database.is_sqlite else 1), name
            rows_of[name] += len(alone)
    assert [name for name, rows in rows_of.items() if not rows] == []
    assert len(rows_of) > 30
