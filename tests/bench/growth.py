"""The home screen and the search in databases with ever more people, loaded in turn.

The larger databases are copies in which PostgreSQL itself makes people out of the rows of the demo region. A server
stands before each of them, and all are loaded in every round: minutes apart the machine is another one.
"""

import asyncio
import os
import shutil
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import asyncpg

from tests.bench.contests import Engine, Server
from tests.bench.facts import check_same_answers
from tests.bench.load import load, write_requests
from tests.bench.measure import Say, load_once
from tests.bench.processes import BenchmarkFailed, Cores
from tests.bench.report import Round, Series, Spread
from tests.bench.results import Results
from tests.bench.stage import Served, Stage, set_stage

SIZES = (20_000, 200_000, 2_000_000)

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


def measure_growth(folder: Path, cores: Cores, results: Results, *, say: Say, seconds: int, rounds: int) -> None:
    """Load the home screen and the search before every size of database in turn, round after round.

    Raises:
        BenchmarkFailed: There is too little room on the disk, or an answer is wrong or another one than the first's.
    """
    with set_stage(Engine.POSTGRESQL, people=SIZES[0], folder=folder, cores=cores) as stage, ExitStack() as servers:
        with stage.started(Server.GRAPHQL) as one:  # every citizen's policy is asked for once, and copied
            check_same_answers(stage, "home", Server.GRAPHQL, (one,))
        served: dict[int, Served] = {}
        for size, name in _databases(say).items():
            own = {"ZDOROVYE_DATABASE__URL": _with_name(os.environ["ZDOROVYE_DATABASE__URL"], name)}
            served[size] = servers.enter_context(stage.started(Server.GRAPHQL, environment=own))
        for work in ("home", "slots"):
            found = _measure(stage, work, served, seconds=seconds, rounds=rounds, say=say)
            for size, series in found.items():
                key = f"growth {work} {size:,} people"
                results.figures |= {
                    f"{key} ms CPU": round(series.median(_cost), 3),
                    f"{key} p50 ms": round(series.median(lambda one: one.p50_ms), 2),
                }
                if size != SIZES[0]:
                    pairs = zip(found[SIZES[0]].rounds, series.rounds, strict=True)
                    name = f"growth {work} {SIZES[0]:,}:{size:,} people cpu"
                    results.ratios[name] = Spread.of(_cost(first) / _cost(one) for first, one in pairs)


def _measure(
    stage: Stage, work: str, served: Mapping[int, Served], *, seconds: int, rounds: int, say: Say
) -> dict[int, Series]:
    shortest = check_same_answers(stage, work, Server.GRAPHQL, tuple(served.values())).shortest
    file = stage.folder / f"{work}-{Server.GRAPHQL}.txt"
    write_requests(list(stage.requests(Server.GRAPHQL, work)), file)
    for one in served.values():
        load(file, port=one.port, seconds=1, shortest=shortest, cores=stage.cores.others, may_be_slow=True)
    found: dict[int, list[Round]] = {size: [] for size in served}
    for number in range(1, rounds + 1):
        turned = deque(served.items())
        turned.rotate(number)  # whoever comes first in a round finds another machine than who comes last
        for size, one in turned:
            done = load_once(stage, Server.GRAPHQL, one, work, seconds=seconds, shortest=shortest)
            found[size].append(done)
            name = f"{work} {size:,} people {number}/{rounds}"
            say(f"{name:<46} {done.requests_per_second:>9,.0f} req/s {_cost(done):>8.3f} ms CPU")
    return {size: Series(stage.engine, work, Server.GRAPHQL, tuple(all_)) for size, all_ in found.items()}


def _cost(one: Round) -> float:
    """Return the milliseconds of CPU of server and PostgreSQL for a request."""
    return one.server_cpu_ms + (one.database_cpu_ms or 0)


def _databases(say: Say) -> dict[int, str]:
    """Make a database for every size; return their names."""
    url = os.environ["BENCH_DATABASE"]
    names = {SIZES[0]: url.rpartition("/")[2]} | {size: f"people_{size}" for size in SIZES[1:]}
    for have, size in pairwise(SIZES):
        free = shutil.disk_usage("/tmp").free  # noqa: S108 # where `PostgresqlServer` keeps its files
        if (needed := 2 * size * BYTES_OF_PERSON) > free:
            raise BenchmarkFailed(f"{needed >> 30} GiB of disk are needed to grow, {free >> 30} are free")
        began = time.perf_counter()
        asyncio.run(_copy(_with_name(url, "template1"), names[have], names[size]))
        asyncio.run(_add_people(_with_name(url, names[size]), have, size))
        say(f"growth: {size:,} people, {time.perf_counter() - began:.0f} s")
    asyncio.run(_settle(url))  # as the others were
    return names


def _with_name(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


async def _copy(url: str, source: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
    finally:
        await connection.close()


async def _add_people(url: str, begin: int, end: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        for start in range(begin, end, _BATCH):
            for copy in _COPIES.values():
                await connection.execute(_NEW + copy, start, min(end, start + _BATCH))
    finally:
        await connection.close()
    await _settle(url)


async def _settle(url: str) -> None:
    """Do at once what PostgreSQL would do by itself in the middle of a round."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
