from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlmodel import SQLModel, col, func, select

from backend.booking.tables import ClinicRow, DoctorRow, SlotRow
from backend.database import Database
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.people import generate_people
from backend.entrypoints.demo.plan import DAYS_AHEAD, Plan
from backend.entrypoints.demo.region import CLINICS
from backend.entrypoints.demo.seed import seed_region
from backend.profile.directory import Directory
from backend.profile.tables import FamilyLinkRow, PersonRow
from identity.capacities import Capacity
from identity.known_children import children_of
from identity.principal import PersonId
from identity.representation import Representations
from identity.representation_tables import RepresentationDocumentRow, RepresentationRow
from identity.tables import Account
from tests.factories.people import make_principal

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WHOLE = Plan(people=40, seed=40, now=NOW, issuer="http://esia.gosuslugi.ru/")
PLAN = replace(WHOLE, days_ahead=2)
"""As long as no test is about the days, two of them are enough."""


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_the_region_stands_whole_and_a_second_run_adds_nothing(database: Database) -> None:
    seen: list[int] = []
    await seed_region(database, PLAN, progress=seen.append)
    tables = (ClinicRow, DoctorRow, SlotRow, PersonRow, Account, FamilyLinkRow, RepresentationRow)
    first = [await count(database, table) for table in tables]
    await seed_region(database, PLAN)
    assert [await count(database, table) for table in tables] == first
    assert first[0] == 12
    assert first[1] == 120
    assert first[3:5] == [40, 40]
    assert first[5] >= 2
    assert first[6] == 2
    assert seen == [40]


async def test_anna_acts_for_a_child_and_a_teenager_by_documents(database: Database) -> None:
    await seed_region(database, PLAN)
    anna, mitya, sonya = list(generate_people(40, seed=40, today=PLAN.today))[:3]
    source = Representations(Directory(clock=lambda: NOW))
    actor = make_principal(PersonId(anna.person_id))
    async with database.reading() as session:
        found = [
            [one.capacity for one in await source.find(session, actor, PersonId(child.person_id), NOW)]
            for child in (mitya, sonya)
        ]
        assert len((await session.exec(select(RepresentationDocumentRow))).all()) == 2
        known = await children_of(session, actor.person_id)
    assert found == [[Capacity.PARENT_OF_CHILD], [Capacity.PARENT_OF_TEENAGER]]
    assert {one.told.snils for one in known} == {mitya.snils, sonya.snils}


async def test_slots_reach_fourteen_days_from_today_in_every_run(database: Database) -> None:
    async def last_start() -> datetime:
        async with database.reading() as session:
            return (await session.exec(select(func.max(col(SlotRow.starts_at))))).one()

    await seed_region(database, WHOLE)
    first = await last_start()
    await seed_region(database, replace(WHOLE, people=len(NAMED), now=NOW + timedelta(days=3)))
    assert NOW + timedelta(days=DAYS_AHEAD - 2) < first < NOW + timedelta(days=DAYS_AHEAD)
    assert timedelta(days=2) <= await last_start() - first <= timedelta(days=4)


async def test_a_later_run_agrees_with_the_simulators_about_birth_dates(database: Database) -> None:
    """The registry of policies is asked by SNILS and birth date: a year later nobody would be found."""
    await seed_region(database, PLAN)
    later = replace(PLAN, now=NOW + timedelta(days=200))
    await seed_region(database, later)
    async with database.reading() as session:
        kept = {row.id: row for row in await session.exec(select(PersonRow))}
    told = {one.person_id: one.birth_date for one in generate_people(40, seed=40, today=later.today)}
    assert {person_id: row.birth_date for person_id, row in kept.items()} == told
    assert {row.as_of for row in kept.values()} == {NOW}


async def test_slots_begin_by_the_clinics_own_clock(database: Database) -> None:
    await seed_region(database, PLAN)
    for clinic in CLINICS[-2:]:
        async with database.reading() as session:
            starts = (await session.exec(select(SlotRow.starts_at).where(col(SlotRow.clinic_id) == clinic.id))).all()
        hours = {
            (start + timedelta(hours={"Kaliningrad": 2, "Kamchatka": 12}[clinic.time_zone.split("/")[1]])).hour
            for start in starts
        }
        assert hours == set(range(8, 20))
