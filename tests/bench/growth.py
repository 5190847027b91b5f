"""More people in a database that has some: made by PostgreSQL itself out of the rows of the demo region."""

import asyncio
import os
import shutil
import time
from collections.abc import Mapping
from types import MappingProxyType

import asyncpg

from tests.bench.processes import BenchmarkFailed

BYTES_OF_PERSON = 6_000
"""Room for one person with everything below, indexes and the write-ahead log included."""

_BATCH = 100_000

_NEW = """
WITH source AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY id) - 1 AS place, *
  FROM (SELECT * FROM persons ORDER BY created_at, id LIMIT 20000) AS first
), new AS MATERIALIZED (
  SELECT number, md5('bench-person-' || number)::uuid AS person_id FROM generate_series($1::int, $2::int - 1) AS number
)
"""

_COPIES: Mapping[str, str] = MappingProxyType(
    {
        "persons": """
INSERT INTO persons (id, family_name, given_name, patronymic, birth_date, sex, snils, phone, email, source, as_of,
  time_zone, created_at)
SELECT person_id, family_name, given_name, patronymic, birth_date, sex, snils, phone, email, source, as_of, time_zone,
  created_at
FROM new JOIN source ON place = number % (SELECT count(*) FROM source)
""",
        "policy_snapshots": """
INSERT INTO policy_snapshots (person_id, data, as_of, fetched_at)
SELECT new.person_id, data, as_of, fetched_at
FROM new, (SELECT data, as_of, fetched_at FROM policy_snapshots LIMIT 1) AS one
""",
        "notifications": """
INSERT INTO notifications (id, person_id, dedupe_key, kind, severity, parameters, template_version, created_at)
SELECT md5(new.person_id::text || 'message' || copy)::uuid, new.person_id, 'bench:' || copy, kind, severity, parameters,
  template_version, created_at - copy * interval '1 day'
FROM new, generate_series(1, 3) AS copy,
  (SELECT kind, severity, parameters, template_version, created_at FROM notifications LIMIT 1) AS one
""",
        "appointments": """
INSERT INTO appointments (id, person_id, actor_id, slot_id, specialty_id, starts_at, ends_at, status, channel,
  created_at, confirmed_at, cancelled_at, cancel_reason, cancelled_by)
SELECT md5(new.person_id::text || 'appointment' || copy)::uuid, new.person_id, new.person_id, one.slot_id,
  one.specialty_id, starts_at - copy * interval '30 days', ends_at - copy * interval '30 days', 'cancelled', channel,
  created_at, confirmed_at, created_at, 'patient_decline', new.person_id
FROM new, generate_series(1, 2) AS copy, (SELECT * FROM appointments WHERE status = 'confirmed' LIMIT 1) AS one
""",
    }
)
"""By table: what a person of many has, three messages and two appointments that were given up among it."""


def grow(size: int, *, have: int) -> float:
    """Add people to the database of the stage until there are so many.

    Args:
        size: How many people there shall be.
        have: How many there are.

    Returns:
        How many seconds it took.

    Raises:
        BenchmarkFailed: There is too little room on the disk.
    """
    free = shutil.disk_usage("/tmp").free  # noqa: S108 # where `PostgresqlServer` keeps its files
    if (needed := 2 * (size - have) * BYTES_OF_PERSON) > free:
        raise BenchmarkFailed(f"{needed >> 30} GiB of disk are needed to grow, {free >> 30} are free")
    began = time.perf_counter()
    asyncio.run(_add_people(os.environ["BENCH_DATABASE"], have, size))
    return time.perf_counter() - began


async def _add_people(url: str, begin: int, end: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        for start in range(begin, end, _BATCH):
            for copy in _COPIES.values():
                await connection.execute(_NEW + copy, start, min(end, start + _BATCH))
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")  # not in the middle of a round
    finally:
        await connection.close()
