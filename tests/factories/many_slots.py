"""So many slots that a database has to choose how to read them; written by the database itself."""

from sqlalchemy import text

from backend.database import Database
from tests.factories.booking import Place
from tests.factories.people import NOW

_WRITE = {
    True: """
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
INSERT INTO slots (id, schedule_id, clinic_id, doctor_id, specialty_id, starts_at, ends_at, channels)
SELECT printf('%016x%016x', n * 7919 % 65521, :place * 1000000 + n), schedules.id, clinic_id, doctor_id, specialty_id,
  datetime(:first + n * 40, 'unixepoch') || '.000000', datetime(:first + n * 40 + 900, 'unixepoch') || '.000000', 31
FROM numbers, schedules JOIN posts ON posts.id = post_id WHERE doctor_id = :doctor_id""",
    False: """
INSERT INTO slots (id, schedule_id, clinic_id, doctor_id, specialty_id, starts_at, ends_at, channels)
SELECT md5(:place || ' ' || n)::uuid, schedules.id, clinic_id, doctor_id, specialty_id,
  to_timestamp(:first + n * 40), to_timestamp(:first + n * 40 + 900), 31
FROM generate_series(0, CAST(:last AS integer)) AS n, schedules JOIN posts ON posts.id = post_id
WHERE doctor_id = :doctor_id""",
}
"""By whether it is SQLite: slots of one doctor, 40 seconds apart."""


async def add_many_slots(database: Database, place: Place, number: int, *, count: int) -> None:
    """Write slots of one place, from now on; `number` tells the places apart."""
    doctor_id = place.doctor_id.hex if database.is_sqlite else place.doctor_id
    given = {"place": str(number), "first": NOW.timestamp() + 40, "last": count - 1, "doctor_id": doctor_id}
    async with database.transaction() as session:
        await (await session.connection()).execute(text(_WRITE[database.is_sqlite]), given)


async def gather_statistics(database: Database) -> None:
    """Let the database look at what it has, as it does by itself in time."""
    async with database.transaction() as session:
        await (await session.connection()).execute(text("ANALYZE"))
