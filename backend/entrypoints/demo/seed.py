"""Writes the demo region into a database; running it again adds only what is missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from backend.booking.entitlement_tables import AttachmentRow, ReferralRow
from backend.booking.profile_tables import ClinicProfileRow, DoctorProfileRow
from backend.booking.rules import slot_times
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    ScheduleRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import Channel, Registry, channel_mask
from backend.database import Database
from backend.entrypoints.demo import entitlements, families, fer, profiles
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.organisations import OGRN_OF
from backend.entrypoints.demo.people import DemoPerson, generate_people
from backend.entrypoints.demo.region import (
    CLINICS,
    OID_BRANCH,
    SLOT_MINUTES,
    SPECIALTIES,
    DemoDoctor,
    demo_id,
    generate_doctors,
)
from backend.profile.tables import FamilyLinkRow, PersonRow
from backend.profile.values import FamilyKind
from identity.representation_tables import KnownChildRow, RepresentationDocumentRow, RepresentationRow
from identity.tables import Account

DAYS_AHEAD = 14
SOURCE = "demo"

_CHUNK = 1_000
_EVERY_CHANNEL = channel_mask(tuple(Channel))

Row = Mapping[str, Any]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: how many people, from which seed number, seen from which instant (aware), how many days."""

    people: int
    seed: int
    now: datetime
    issuer: str
    days_ahead: int = DAYS_AHEAD

    @property
    def today(self) -> date:
        """Return the day in Moscow's reckoning, which the region keeps."""
        return (self.now + timedelta(hours=3)).date()


async def seed_region(database: Database, plan: Plan, *, progress: Progress = lambda _done: None) -> None:
    """Write clinics, doctors, slots for fourteen days from today, and people with their families and accounts.

    Safe to run again, also while the server runs: rows that exist are kept as they are, and each chunk commits.

    Args:
        database: Migrated to the newest shape.
        plan: How much of what.
        progress: Told how many people have been written so far.
    """
    await _write(database, OrganisationRow, _organisations())
    await _write(database, SpecialtyRow, _specialties())
    await _write(database, ClinicRow, _clinics())
    await _write(database, DoctorRow, _doctors(plan))
    await _write(database, ClinicProfileRow, map(profiles.of_clinic, CLINICS))
    await _write(
        database,
        DoctorProfileRow,
        (profiles.of_doctor(one, plan.today.year) for one in generate_doctors(seed=plan.seed)),
    )
    await _write(database, PostRow, _posts(plan))
    await _write(database, ScheduleRow, _schedules(plan))
    await _write(database, SlotRow, _slots(plan))
    await _write_people(database, plan, progress)
    named = list(generate_people(min(plan.people, len(NAMED)), seed=plan.seed, today=plan.today))
    await _write(database, KnownChildRow, families.known_children(named, now=plan.now))
    await _write(database, RepresentationRow, families.representations(named, now=plan.now))
    await _write(database, RepresentationDocumentRow, families.documents(named, now=plan.now))
    await _write(database, ReferralRow, entitlements.referrals(named, now=plan.now, today=plan.today))


def chunked(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield the rows in lists of a thousand at most."""
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


async def _write(database: Database, table: type[SQLModel], rows: Iterable[Row]) -> None:
    for chunk in chunked(rows):
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.execute(_insert_missing(database, table), chunk)


async def _write_people(database: Database, plan: Plan, progress: Progress) -> None:
    people = generate_people(plan.people, seed=plan.seed, today=plan.today)
    done = 0
    while chunk := list(islice(people, _CHUNK)):
        links = [link for person in chunk for link in _family_links(person, plan)]
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.execute(_insert_people(database), [_person(one, plan) for one in chunk])
            await connection.execute(_insert_missing(database, Account), [_account(one, plan) for one in chunk])
            attached = list(entitlements.attachments(chunk, now=plan.now))
            await connection.execute(_insert_missing(database, AttachmentRow), attached)
            if links:
                await connection.execute(_insert_missing(database, FamilyLinkRow), links)
        done += len(chunk)
        progress(done)


def _insert_missing(database: Database, table: type[SQLModel]) -> Insert:
    target: Table = SQLModel.metadata.tables[str(table.__tablename__)]
    if database.is_sqlite:
        return sqlite.insert(target).on_conflict_do_nothing()
    return postgresql.insert(target).on_conflict_do_nothing()


def _insert_people(database: Database) -> Insert:
    """Keep those who exist, but for the birth date: the simulators count it from the same day, and must agree."""
    target: Table = SQLModel.metadata.tables[str(PersonRow.__tablename__)]
    insert = (sqlite.insert if database.is_sqlite else postgresql.insert)(target)
    born = insert.excluded["birth_date"]
    return insert.on_conflict_do_update(
        index_elements=["id"], set_={"birth_date": born}, where=target.c["birth_date"] != born
    )


def _organisations() -> Iterator[Row]:
    names = sorted({clinic.organisation for clinic in CLINICS})
    for number, name in enumerate(names, 1):
        yield {
            "id": demo_id("organisation", name),
            "oid": f"{OID_BRANCH}.{900 + number}",
            "name": name,
            "ogrn": OGRN_OF.get(name),
        }


def _specialties() -> Iterator[Row]:
    for one in SPECIALTIES:
        yield {
            "id": demo_id("specialty", one.code),
            "code": one.code,
            "name_ru": one.name_ru,
            "name_en": one.name_en,
            "direct_booking": one.direct,
            "needs_attachment": one.attached,
            "age_from": one.ages[0],
            "age_until": one.ages[1],
            "sex": one.sex,
        }


def _clinics() -> Iterator[Row]:
    for clinic in CLINICS:
        yield {
            "id": clinic.id,
            "organisation_id": demo_id("organisation", clinic.organisation),
            "oid": clinic.oid,
            "name": clinic.name,
            "address": clinic.address,
            "town": clinic.town,
            "latitude": clinic.latitude,
            "longitude": clinic.longitude,
            "time_zone": clinic.time_zone,
            "phone": clinic.phone,
            "age_until": 17 if clinic.for_children else None,
            "kept_by": clinic.kept_by,
        }


def _doctors(plan: Plan) -> Iterator[Row]:
    for doctor in generate_doctors(seed=plan.seed):
        yield {
            "id": doctor.id,
            "family_name": doctor.family_name,
            "given_name": doctor.given_name,
            "patronymic": doctor.patronymic,
        }


def _posts(plan: Plan) -> Iterator[Row]:
    for doctor in generate_doctors(seed=plan.seed):
        yield {
            "id": doctor.post_id,
            "doctor_id": doctor.id,
            "clinic_id": doctor.clinic.id,
            "specialty_id": demo_id("specialty", doctor.specialty.code),
            "room": doctor.room,
            "resource_key": fer.resource_key(doctor, seed=plan.seed),
        }


@dataclass(frozen=True, slots=True)
class _Reception:
    """One doctor's hours of one day, by the clinic's clock."""

    doctor: DemoDoctor
    day: date
    opens: time
    closes: time

    @property
    def schedule_id(self) -> UUID:
        return demo_id("schedule", f"{self.doctor.number}:{self.day}")


def _receptions(plan: Plan) -> Iterator[_Reception]:
    """Yield the receptions whose times we keep ourselves; the others come by asking."""
    ours = (doctor for doctor in generate_doctors(seed=plan.seed) if doctor.clinic.kept_by is Registry.OWN)
    for doctor in ours:
        for ahead in range(plan.days_ahead):
            day = plan.today + timedelta(days=ahead)
            if hours := doctor.reception(day):
                yield _Reception(doctor, day, *hours)


def _schedules(plan: Plan) -> Iterator[Row]:
    for one in _receptions(plan):
        yield {
            "id": one.schedule_id,
            "post_id": one.doctor.post_id,
            "day": one.day,
            "opens": one.opens,
            "closes": one.closes,
            "slot_minutes": SLOT_MINUTES,
        }


def _slots(plan: Plan) -> Iterator[Row]:
    specialties = {one.code: demo_id("specialty", one.code) for one in SPECIALTIES}
    for one in _receptions(plan):
        doctor = one.doctor
        schedule: Row = {
            "schedule_id": one.schedule_id,
            "clinic_id": doctor.clinic.id,
            "doctor_id": doctor.id,
            "specialty_id": specialties[doctor.specialty.code],
            "room": doctor.room,
            "channels": _EVERY_CHANNEL,
        }
        for starts_at, ends_at in slot_times(
            day=one.day,
            opens=one.opens,
            closes=one.closes,
            slot_minutes=SLOT_MINUTES,
            time_zone=doctor.clinic.time_zone,
        ):
            slot_id = demo_id("slot", f"{doctor.number}:{starts_at.isoformat()}")
            yield {**schedule, "id": slot_id, "starts_at": starts_at, "ends_at": ends_at}


def _person(person: DemoPerson, plan: Plan) -> Row:
    return {
        "id": person.person_id,
        "family_name": person.family_name,
        "given_name": person.given_name,
        "patronymic": person.patronymic,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "snils": person.snils,
        "phone": person.phone,
        "email": person.email,
        "source": SOURCE,
        "as_of": plan.now,
        "time_zone": "Europe/Moscow",
        "created_at": plan.now,
    }


def _account(person: DemoPerson, plan: Plan) -> Row:
    return {
        "person_id": person.person_id,
        "issuer": plan.issuer,
        "subject": str(person.oid),
        "kind": person.kind,
        "assurance": person.assurance,
        "created_at": plan.now,
        "signed_in_at": None,
    }


def _family_links(parent: DemoPerson, plan: Plan) -> Iterator[Row]:
    for number in parent.children:
        yield {
            "id": demo_id("family-link", f"{parent.number}:{number}"),
            "person_id": parent.person_id,
            "relative_id": demo_id("person", number),
            "kind": FamilyKind.CHILD,
            "source": SOURCE,
            "as_of": plan.now,
        }
