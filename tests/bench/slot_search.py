"""How long a search takes among ten thousand slots, and among a million: through the service, one at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from backend.booking.values import ClinicId
from backend.clock import SettableClock
from backend.database import Database
from backend.entrypoints.migrations.run import upgrade
from backend.settings import DatabaseSettings
from backend.slot_search.search import Search
from backend.slot_search.service import SlotSearchService
from backend.slot_search.values import HoursOfDay, Order, SearchCriteria, SearchText
from geo.distance import Point
from tests.bench.contests import Engine
from tests.bench.measure import Say
from tests.bench.processes import BenchmarkFailed, Cores, started_on
from tests.bench.report import Spread, percentile
from tests.bench.results import Results
from tests.bench.slot_region import Known, SlotRegion, write
from tests.factories.access import access_control
from tests.plugins.postgresql import PostgresqlServer

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 60
LONGEST_SECONDS = 3.0
"""A work is repeated so often, or for so long."""

_PAGE = 50
_CENTRE = Point(54.5, 36.2)

Work = tuple[Callable[[Known], SearchCriteria], Order, Callable[[Search], Awaitable[object]]]


async def _page(search: Search) -> object:
    return await search.page(after=None, limit=_PAGE)


async def _next_page(search: Search) -> object:
    first = await search.page(after=None, limit=_PAGE)
    return await search.page(after=first.items[-1].place, limit=_PAGE)


async def _screen(search: Search) -> object:
    return await asyncio.gather(
        search.page(after=None, limit=_PAGE), search.facets(), search.next_available(limit=20), search.why_none()
    )


_SPECIALTY = ("therapist",)
WORKS: Mapping[str, Work] = MappingProxyType(
    {
        "specialty": (lambda _: SearchCriteria(specialty_codes=_SPECIALTY), Order.EARLIEST, _page),
        "second page": (lambda _: SearchCriteria(specialty_codes=_SPECIALTY), Order.EARLIEST, _next_page),
        "anything": (lambda _: SearchCriteria(), Order.EARLIEST, _page),
        "text": (lambda _: SearchCriteria(text=SearchText("терапефту в калуге")), Order.EARLIEST, _page),
        "evenings": (
            lambda _: SearchCriteria(specialty_codes=_SPECIALTY, hours=HoursOfDay(17 * 60), weekdays=0b0011111),
            Order.EARLIEST,
            _page,
        ),
        "nearest": (lambda _: SearchCriteria(specialty_codes=_SPECIALTY, near=_CENTRE), Order.NEAREST, _page),
        "by doctor": (lambda _: SearchCriteria(specialty_codes=_SPECIALTY), Order.DOCTOR, _page),
        "one clinic": (lambda known: SearchCriteria(clinic_ids=(ClinicId(known.first_clinic),)), Order.EARLIEST, _page),
        "one clinic's last day": (
            lambda known: SearchCriteria(
                clinic_ids=(ClinicId(known.first_clinic),), starts_from=known.now + timedelta(days=13)
            ),
            Order.EARLIEST,
            _page,
        ),
        "facets": (lambda _: SearchCriteria(specialty_codes=_SPECIALTY), Order.EARLIEST, lambda one: one.facets()),
        "first of each clinic": (
            lambda _: SearchCriteria(specialty_codes=_SPECIALTY),
            Order.EARLIEST,
            lambda one: one.next_available(limit=20),
        ),
        "nothing, and why": (
            lambda _: SearchCriteria(specialty_codes=_SPECIALTY, hours=HoursOfDay(0, 60)),
            Order.EARLIEST,
            lambda one: one.why_none(),
        ),
        "whole screen": (
            lambda _: SearchCriteria(specialty_codes=_SPECIALTY, town="Калуга", near=_CENTRE), Order.EARLIEST, _screen
        ),
    }
)  # fmt: skip
"""By name: what is looked for, in which order, and what is asked of it."""


def measure_search(engine: Engine, folder: Path, cores: Cores, results: Results, *, say: Say) -> None:
    """Measure every work at every size on one engine; the database grows from one to the next."""
    region = SlotRegion(datetime(2026, 11, 22, 6, tzinfo=UTC))
    first: dict[str, float] = {}
    with ExitStack() as stack:
        url = _database(engine, folder, cores, stack)
        upgrade(url)
        write(engine, url, iter([region.reference()]))
        for size in SIZES:
            began = time.perf_counter()
            write(engine, url, region.more(size))
            say(f"{engine}: {region.slots:,} slots, {time.perf_counter() - began:.0f} s")
            found = asyncio.run(_measure(url, region.known))
            for name, took in found.items():
                p50, p99 = percentile(took, 50), percentile(took, 99)
                key = f"search {engine} {name} {size:,} slots"
                results.figures |= {f"{key} p50 ms": round(p50, 2), f"{key} p99 ms": round(p99, 2)}
                ratio = round(first.setdefault(name, p50) / p50, 4)
                if size != SIZES[0]:
                    results.ratios[f"search {engine} {name} {SIZES[0]:,}:{size:,} slots p50"] = Spread(
                        ratio, ratio, ratio
                    )
                say(f"{engine}: {name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def _database(engine: Engine, folder: Path, cores: Cores, stack: ExitStack) -> str:
    if engine is Engine.SQLITE:
        return f"sqlite+aiosqlite:///{folder / 'search.sqlite'}"
    server = PostgresqlServer(durable=True)
    stack.callback(server.stop)
    with started_on(cores.others):
        server.start()
    return server.url()


async def _measure(url: str, known: Known) -> dict[str, list[float]]:
    database, clock = Database(DatabaseSettings(url=url)), SettableClock(known.now)
    service = SlotSearchService(database=database, access=access_control(database, clock), clock=clock)
    try:
        return {name: await _timed(name, work, database, service, known) for name, work in WORKS.items()}
    finally:
        await database.close()


async def _timed(name: str, work: Work, database: Database, service: SlotSearchService, known: Known) -> list[float]:
    """Return how many milliseconds each search took, the first three left out: they prepare statements."""
    criteria, order, ask = work
    took: list[float] = []
    give_up_at = time.perf_counter() + LONGEST_SECONDS
    while len(took) < TIMES + 3 and (len(took) < 8 or time.perf_counter() < give_up_at):
        began = time.perf_counter()
        answer = await asyncio.create_task(_once(database, service, criteria(known), order, ask))
        took.append((time.perf_counter() - began) * 1000)
        if not answer:
            raise BenchmarkFailed(f"the search {name} found nothing")
    return took[3:]


async def _once(
    database: Database,
    service: SlotSearchService,
    criteria: SearchCriteria,
    order: Order,
    ask: Callable[[Search], Awaitable[object]],
) -> object:
    with database.read.together():
        return await ask(await service.prepare(None, criteria=criteria, order=order))
