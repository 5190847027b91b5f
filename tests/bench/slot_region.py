"""A region with any number of slots, written by the drivers themselves: a million in a minute."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url

from backend.booking.values import Channel, channel_mask
from backend.entrypoints.demo.region import SPECIALTIES
from tests.bench.contests import Engine

DAYS, A_DAY = 14, 28
"""Receptions of a doctor, and slots of each, 20 minutes long."""

CLINICS = 50
IN_ONE_CLINIC = 0.1
"""The share of all slots that the first clinic has: 100,000 of a million."""

TAKEN = 0.3
_FAMILIES = ("Орлова", "Белов", "Серова", "Яковлев", "Абрамова", "Ёлкин", "Гаврилова", "Жуков", "Никитина", "Тихонов")
_TOWNS = ("Калуга", "Обнинск", "Износки", "Мятлево", "Малоярославец")
_EVERY_CHANNEL = channel_mask(tuple(Channel))

_INDEXES = """
SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('slots', 'appointments')
"""

Rows = dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]
"""By table, in the order of writing: columns and rows."""


@dataclass(frozen=True, slots=True)
class Known:
    """What searches are made of."""

    first_clinic: UUID
    now: datetime


class SlotRegion:
    """Makes doctors until there are so many slots; what was made before stays."""

    def __init__(self, now: datetime, *, in_one_clinic: float = IN_ONE_CLINIC) -> None:
        """Begin with clinics and specialties, and no doctor; the first clinic gets that share of all slots."""
        self._every = round(1 / in_one_clinic)
        self._random = random.Random(7)  # noqa: S311 # the same region each time
        self.known = Known(self._id(), now)
        self._clinics = [self.known.first_clinic, *(self._id() for _ in range(CLINICS - 1))]
        self._specialties = [self._id() for _ in SPECIALTIES]
        self.slots = 0
        self._doctors = 0

    def reference(self) -> Rows:
        """Return the rows without which there are no doctors."""
        organisation = self._id()
        clinic_columns = (
            "id",
            "organisation_id",
            "oid",
            "name",
            "address",
            "town",
            "latitude",
            "longitude",
            "time_zone",
        )
        return {
            "medical_organisations": (("id", "oid", "name"), [(organisation, "1.2", "Больница")]),
            "specialties": (
                ("id", "code", "name_ru", "name_en", "direct_booking"),
                [
                    (one, known.code, known.name_ru, known.name_en, known.direct)
                    for one, known in zip(self._specialties, SPECIALTIES, strict=True)
                ],
            ),
            "clinics": (
                (*clinic_columns, "phone"),
                [
                    (one, organisation, f"1.2.{number}", f"Поликлиника № {number}", "улица Ленина, 1",
                     _TOWNS[number % len(_TOWNS)], 54.0 + number / 50, 35.0 + number % 7 / 3, "Europe/Moscow",
                     "+74842000000")
                    for number, one in enumerate(self._clinics)
                ],
            ),
        }  # fmt: skip

    def more(self, size: int) -> Iterator[Rows]:
        """Yield rows, some doctors at a time, until there are `size` slots."""
        while self.slots < size:
            rows: Rows = {
                "doctors": (("id", "family_name", "given_name"), []),
                "posts": (("id", "doctor_id", "clinic_id", "specialty_id"), []),
                "schedules": (("id", "post_id", "day", "opens", "closes", "slot_minutes"), []),
                "slots": (
                    ("id", "schedule_id", "clinic_id", "doctor_id", "specialty_id", "starts_at", "ends_at", "channels"),
                    [],
                ),
                "appointments": (
                    ("id", "person_id", "actor_id", "slot_id", "specialty_id", "starts_at", "ends_at", "status",
                     "channel", "created_at", "confirmed_at"),
                    [],
                ),
            }  # fmt: skip
            while self.slots < size and len(rows["slots"][1]) < 50_000:
                self._doctor({name: into for name, (_, into) in rows.items()})
            yield rows

    def _doctor(self, into: dict[str, list[tuple[Any, ...]]]) -> None:
        number, self._doctors = self._doctors, self._doctors + 1
        is_first = number % self._every == 0
        clinic = self._clinics[0 if is_first else 1 + number % (CLINICS - 1)]
        specialty = self._specialties[number // 3 % len(self._specialties)]
        doctor, post = self._id(), self._id()
        family = f"{_FAMILIES[number % len(_FAMILIES)]}"
        into["doctors"].append((doctor, family, f"Имя{number // len(_FAMILIES)}"))
        into["posts"].append((post, doctor, clinic, specialty))
        first: date = self.known.now.date() + timedelta(days=1)
        for ahead in range(DAYS):
            day, schedule = first + timedelta(days=ahead), self._id()
            into["schedules"].append((schedule, post, day, time(8), time(18), 20))
            for place in range(A_DAY):
                self._slot(into, (schedule, clinic, doctor, specialty), day, place)

    def _slot(
        self, into: dict[str, list[tuple[Any, ...]]], parts: tuple[UUID, UUID, UUID, UUID], day: date, place: int
    ) -> None:
        start = datetime.combine(day, time(5), UTC) + timedelta(minutes=20 * place)
        slot, end = self._id(), start + timedelta(minutes=20)
        into["slots"].append((slot, *parts, start, end, _EVERY_CHANNEL))
        self.slots += 1
        if self._random.random() < TAKEN:
            person, now = self._id(), self.known.now
            claim = (self._id(), person, person, slot, parts[3], start, end, "confirmed", "app", now, now)
            into["appointments"].append(claim)

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128))


def write(engine: Engine, url: str, batches: Iterator[Rows]) -> None:
    """Write rows past all services, and let the database look at what it has."""
    if engine is Engine.SQLITE:
        _write_sqlite(str(make_url(url).database), batches)
    else:
        asyncio.run(_write_postgresql(url.replace("postgresql+asyncpg", "postgresql"), batches))


def _write_sqlite(file: str, batches: Iterator[Rows]) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -524288")  # KiB: the indexes are filled in any order
        indexes = connection.execute(_INDEXES).fetchall()  # made anew by sorting, in a fifth of the time
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for tables in batches:
            for table, (columns, rows) in tables.items():
                places = ", ".join("?" * len(columns))
                words = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 # our own words
                connection.executemany(words, ([_to_sqlite(value) for value in row] for row in rows))
        for _, words in indexes:
            connection.execute(words)
        connection.commit()
        connection.execute("ANALYZE")


def _to_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date | time) else value


async def _write_postgresql(url: str, batches: Iterator[Rows]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        for tables in batches:
            for table, (columns, rows) in tables.items():
                await connection.copy_records_to_table(table, records=rows, columns=columns)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")  # not in the middle of a round
    finally:
        await connection.close()
