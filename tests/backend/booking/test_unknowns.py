"""R57: many questions that nobody has answered, over real HTTP; each is settled, and each answer is the clinic's own.

`ZDOROVYE_TEST_UNKNOWNS=1000` for as many as the design asks for; fewer in a run of the suite.
"""

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.outside import OutsideBookings
from backend.booking.outside_queries import LONGEST_PAUSE
from backend.booking.ports import OutsideSlot, Patient
from backend.booking.states import UNSETTLED_STATUSES, AppointmentStatus
from backend.booking.tables import ClinicRow, PostRow, SlotRow
from backend.booking.terms import PORTAL_TERMS
from backend.booking.values import Channel, Registry
from backend.database import Database
from backend.integrations.breaker import Breaker
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.integrations.fer_registry.simulated_concentrator import SimulatedSlot
from backend.profile.tables import PersonRow
from backend.profile.values import Sex, Snils
from tests.contracts.fer_line import Line, connected, settings
from tests.factories.booking import EVERY_CHANNEL, Booking, Place
from tests.factories.fer import CLINIC, DENTIST, make_patient
from tests.factories.people import NOW, make_person, snils_for

MANY = int(os.environ.get("ZDOROVYE_TEST_UNKNOWNS", "40"))
VISIT = timedelta(minutes=5)
DAYS = 5
ROUNDS = 60
"""At most; the client rests after failures, and lets one question of a round through then."""

FAULTS = 5
"""So many answers of a kind are spoilt while it is asked again: enough for the client to rest."""


class Crowd:
    """People, each with a question of their own: booked there, never arrived there, or taken by somebody else."""

    def __init__(self, database: Database, line: Line) -> None:
        self.database, self.line = database, line
        self.booking = Booking(database, line.clock)
        self.random = random.Random(20261129)  # noqa: S311 # the same crowd each time
        self.people = [
            make_person(birth_date=date(1950 + n % 50, 1 + n % 12, 1 + n % 28), snils=snils_for(300_000_000 + n))
            for n in range(MANY)
        ]
        start = NOW + timedelta(days=1)
        self.slots = [
            OutsideSlot(f"u-{n}", start + timedelta(days=n % DAYS) + VISIT * (n // DAYS), start, "12")
            for n in range(MANY)
        ]
        self.slots = [OutsideSlot(s.external_id, s.starts_at, s.starts_at + VISIT, "12") for s in self.slots]
        self.sold = {slot.external_id for slot in self.slots if self.random.random() < 0.25}
        self.claims = [uuid7() for _ in range(MANY)]
        line.concentrator.patients = [
            make_patient(self.patient(n), patient_id=f"p-{n}", attached_oids=frozenset({CLINIC})) for n in range(MANY)
        ]
        line.concentrator.slots_of = self.slots_of

    def slots_of(self, day: date) -> Iterator[SimulatedSlot]:
        """Yield every slot of a day, as the concentrator knows them."""
        for slot in self.slots:
            if slot.starts_at.date() == day:
                yield SimulatedSlot(
                    slot.external_id,
                    CLINIC,
                    DENTIST.name,
                    slot.starts_at,
                    slot.ends_at,
                    "12",
                    sold=slot.external_id in self.sold,
                )

    def patient(self, number: int) -> Patient:
        """Return a person as the registry is told of them."""
        row = self.people[number]
        return Patient(
            family_name=row.family_name,
            given_name=row.given_name,
            patronymic=row.patronymic,
            birth_date=row.birth_date,
            sex=Sex.FEMALE,
            snils=Snils(row.snils or ""),
        )

    async def ask_first(self) -> None:
        """Ask the first time: of some the booking stands there, and none of the answers is known here."""
        for number, slot in enumerate(self.slots):
            if slot.external_id not in self.sold and self.random.random() < 0.5:
                await self._book(self.claims[number], number, slot)

    async def _book(self, key: UUID, number: int, slot: OutsideSlot) -> None:
        await self.line.registry.book(
            key=key, patient=self.patient(number), resource=DENTIST.resource, slot=slot, referral_number=None
        )

    async def store(self) -> None:
        """Write everything of ours, as it stands after all answers were lost."""
        place = await self.booking.one_place()
        async with self.database.transaction() as session:
            (await session.get_one(ClinicRow, place.clinic_id)).kept_by = Registry.FER
            (await session.get_one(ClinicRow, place.clinic_id)).oid = CLINIC
            post = (await session.exec(select(PostRow).where(col(PostRow.clinic_id) == place.clinic_id))).one()
            post.resource_key = DENTIST.name.key
            connection = await session.connection()
            await connection.execute(insert(PersonRow), [one.model_dump() for one in self.people])
            slots = [self._slot(place, slot) for slot in self.slots]
            await connection.execute(insert(SlotRow), slots)
            await connection.execute(insert(AppointmentRow), [self._claim(n, slots[n]) for n in range(MANY)])

    def _slot(self, place: Place, slot: OutsideSlot) -> dict[str, object]:
        row = SlotRow(
            schedule_id=place.schedule_id,
            clinic_id=place.clinic_id,
            doctor_id=place.doctor_id,
            specialty_id=place.specialty_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            channels=EVERY_CHANNEL,
            external_id=slot.external_id,
            as_of=NOW,
        )
        return row.model_dump()

    def _claim(self, number: int, slot: dict[str, object]) -> dict[str, object]:
        person = self.people[number].id
        row = AppointmentRow.model_validate(
            {
                "id": self.claims[number],
                "person_id": person,
                "actor_id": person,
                "slot_id": slot["id"],
                "specialty_id": slot["specialty_id"],
                "starts_at": slot["starts_at"],
                "ends_at": slot["ends_at"],
                "status": AppointmentStatus.UNKNOWN,
                "channel": Channel.APP,
                "created_at": NOW,
                "registry_key": self.claims[number],
                "asked_at": NOW,
                "tries": 1,
            }
        )
        return row.model_dump()

    async def statuses(self) -> dict[UUID, AppointmentStatus]:
        """Return how every claim stands."""
        async with self.database.reading() as session:
            found = await session.exec(select(col(AppointmentRow.id), col(AppointmentRow.status)))
            return dict(found.all())


def resting_by(line: Line) -> FerRegistryClient:
    """Return a client whose rests after failures are over when the clock of the test says so."""
    breaker = Breaker(failures_to_open=5, rest_seconds=10, monotonic=lambda: line.clock().timestamp())
    return FerRegistryClient(settings(line.base_url, timeout_seconds=20), clock=line.clock, breaker=breaker)


async def test_every_unknown_is_settled_as_the_clinic_has_it(database: Database) -> None:
    async with connected(timeout_seconds=20) as line, resting_by(line) as registry:
        crowd = Crowd(database, line)
        await crowd.store()
        await crowd.ask_first()
        outside = OutsideBookings(
            database=database,
            clock=line.clock,
            registries={Registry.FER: registry},
            terms=PORTAL_TERMS,
            published=lambda _: None,
        )
        for place in range(ROUNDS):
            line.clock.advance(LONGEST_PAUSE)
            if place < 3:
                await line.spoil(("lost", "garbage", "down")[place % 3], times=FAULTS)
            while await outside.reconcile():
                pass
            if not {*(await crowd.statuses()).values()} & {*UNSETTLED_STATUSES}:
                break
        statuses = await crowd.statuses()
        theirs = {booking.session_id for booking in line.concentrator.bookings.values()}
        assert not {*statuses.values()} & {*UNSETTLED_STATUSES}
        told_yes = {str(one) for one, status in statuses.items() if status is AppointmentStatus.CONFIRMED}
        told_no = {str(one) for one, status in statuses.items() if status is AppointmentStatus.REFUSED}
        assert told_yes <= theirs, "a false yes"
        assert not told_no & theirs, "a false no"
        assert len(told_yes) + len(told_no) == MANY
        assert min(len(told_yes), len(told_no)) > MANY // 10
