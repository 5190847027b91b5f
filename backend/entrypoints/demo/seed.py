"""Writes the demo region into a database; running it again adds only what is missing."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from backend.booking.entitlement_tables import AttachmentRow, ReferralRow
from backend.booking.profile_tables import ClinicProfileRow, DoctorProfileRow
from backend.booking.tables import ClinicRow, DoctorRow, OrganisationRow, PostRow, ScheduleRow, SlotRow, SpecialtyRow
from backend.database import Database
from backend.entrypoints.demo import entitlements, families, profiles, region_rows
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.people import DemoPerson, generate_people
from backend.entrypoints.demo.plan import Plan, Row
from backend.entrypoints.demo.region import CLINICS, demo_id, generate_doctors
from backend.profile.tables import FamilyLinkRow, PersonRow
from backend.profile.values import FamilyKind
from identity.representation_tables import KnownChildRow, RepresentationDocumentRow, RepresentationRow
from identity.tables import Account

SOURCE = "demo"

_CHUNK = 1_000

Progress = Callable[[int], None]


async def seed_region(database: Database, plan: Plan, *, progress: Progress = lambda _done: None) -> None:
    """Write clinics, doctors, slots for fourteen days from today, and people with their families and accounts.

    Safe to run again, also while the server runs: rows that exist are kept as they are, and each chunk commits.

    Args:
        database: Migrated to the newest shape.
        plan: How much of what.
        progress: Told how many people have been written so far.
    """
    await _write(database, OrganisationRow, region_rows.organisations())
    await _write(database, SpecialtyRow, region_rows.specialties())
    await _write(database, ClinicRow, region_rows.clinics())
    await _write(database, DoctorRow, region_rows.doctors(plan))
    await _write(database, ClinicProfileRow, map(profiles.of_clinic, CLINICS))
    await _write(
        database,
        DoctorProfileRow,
        (profiles.of_doctor(one, plan.today.year) for one in generate_doctors(seed=plan.seed)),
    )
    await _write(database, PostRow, region_rows.posts(plan))
    await _write(database, ScheduleRow, region_rows.schedules(plan))
    await _write(database, SlotRow, region_rows.slots(plan))
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
