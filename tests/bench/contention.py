"""256 clients on 32 slots through 4 processes on PostgreSQL: is anything given out twice, and how long does it take?"""

import asyncio
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from statistics import quantiles
from uuid import UUID

import orjson
from sqlmodel import col, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.history_check import Kind, Operation, Told, unexplained
from backend.booking.inspection import inspect
from backend.booking.inspection_rules import Flaw, Limits
from backend.booking.states import AppointmentStatus
from backend.booking.values import SlotId
from backend.clock import system_clock
from backend.entrypoints.bootstrap import Parts, open_parts
from backend.entrypoints.development import completed
from backend.settings import Settings
from graphql_schema.node import decode_id, encode_id
from tests.bench.contenders import Contended, Plan, load_history
from tests.bench.contests import Server
from tests.bench.measure import Say
from tests.bench.processes import BenchmarkFailed, started_on
from tests.bench.region import CITIZENS, citizens, sign_in
from tests.bench.results import Results
from tests.bench.stage import Stage
from tests.factories.booking import Registry

CLIENTS, SLOTS, STEPS = 256, 32, 10
PAUSE_SECONDS = 12.0
"""The longest pause of a client; people read what they are shown."""

CUT = 0.01
WARMING = 64
"""So many of the clients act twice on slots of another doctor first: workers that have just started prepare their
statements, which is measured by itself."""

_SPECIALTY, _WARMING = "contention", "warming up"
_START_SECONDS, _PATIENCE_SECONDS = 120, 240


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    doubles: int
    unexplained: int
    flaws: int
    seconds: float
    answers: int
    booking_ms: tuple[float, float]
    holding_ms: tuple[float, float]
    unanswered: int
    retries: int


def measure_contention(stage: Stage, results: Results, say: Say) -> None:
    """Let the clients contend and look through what they were told, and what is in the database afterwards.

    Raises:
        BenchmarkFailed: An answer was missing or wrong, a slot was given out twice, or no order explains the answers.
    """
    if reason := stage.can_start(Server.FOUR_WORKERS):
        say(f"contention is left out: {reason}")
        return
    settings = completed(Settings(), system_clock)
    tokens, slots, others = asyncio.run(_prepare(settings, stage))
    everywhere = stage.cores.server | stage.cores.others
    with stage.started(Server.FOUR_WORKERS, cores=everywhere, patience_seconds=_START_SECONDS) as served:
        plan = Plan(
            port=served.port,
            tokens=tokens,
            slots=[encode_id("Slot", one) for one in slots],
            filter={"specialty": _SPECIALTY},
            steps=STEPS,
            pause_seconds=PAUSE_SECONDS,
            cut=CUT,
            seed=1,
        )
        warming = replace(
            plan,
            tokens=tokens[:WARMING],
            slots=[encode_id("Slot", one) for one in others],
            filter={"specialty": _WARMING},
            steps=2,
            pause_seconds=1.0,
            cut=0,
        )
        cold = _contend(stage, warming)
        contended = _contend(stage, plan)
    results.figures["contention first booking p99 ms"] = round(judge(cold, 0, 0).booking_ms[1], 1)
    outcome = judge(contended, *asyncio.run(_inspect(settings, slots, contended)))
    _tell(outcome, results, say)


def judge(contended: Contended, doubles: int, flaws: int) -> Outcome:
    """Return what a history came to, beside what was found in the database."""
    operations = contended.operations
    answered = [one for one in operations if one.ended is not None]
    requests = {(one.client, one.began) for one in answered}  # a look is one of each slot
    began, ended = min(one.began for one in operations), max(one.ended or 0 for one in operations)
    return Outcome(
        doubles=doubles,
        unexplained=len(unexplained(operations)),
        flaws=flaws,
        seconds=(ended - began) / 1e9,
        answers=len(requests),
        booking_ms=_times(one for one in answered if one.kind is Kind.BOOK),
        holding_ms=_times(one for one in answered if one.kind is Kind.HOLD),
        unanswered=len({(one.client, one.began) for one in operations if one.told is Told.NOTHING}),
        retries=contended.retries,
    )


def _times(operations: Iterable[Operation]) -> tuple[float, float]:
    """Return the median and the 99th of a hundred of how long operations took, in milliseconds."""
    cuts = quantiles([(one.ended - one.began) / 1e6 for one in operations if one.ended is not None], n=100)
    return cuts[49], cuts[98]


def _tell(outcome: Outcome, results: Results, say: Say) -> None:
    (booking_p50, booking_p99), (holding_p50, holding_p99) = outcome.booking_ms, outcome.holding_ms
    rate = outcome.answers / outcome.seconds
    results.figures |= {
        "contention doubles": outcome.doubles,
        "contention slots unexplained": outcome.unexplained,
        "contention faults in the database": outcome.flaws,
        "contention booking p50 ms": round(booking_p50, 1),
        "contention booking p99 ms": round(booking_p99, 1),
        "contention holding p50 ms": round(holding_p50, 1),
        "contention holding p99 ms": round(holding_p99, 1),
        "contention requests/s": round(rate),
        "contention answers cut off": outcome.unanswered,
        "contention asked again": outcome.retries,
    }
    say(
        f"contention: {outcome.doubles} doubles, {outcome.unexplained} slots unexplained, booking p50 "
        f"{booking_p50:.1f} ms, p99 {booking_p99:.1f} ms, holding p50 {holding_p50:.1f} ms, p99 {holding_p99:.1f} ms, "
        f"{rate:,.0f} requests/s, {outcome.unanswered} answers cut off, {outcome.retries} asked again"
    )
    if outcome.doubles or outcome.unexplained or outcome.flaws:
        raise BenchmarkFailed(f"slots were given out wrongly: {outcome}")


def _contend(stage: Stage, plan: Plan) -> Contended:
    file = stage.folder / "contention.plan"
    file.write_bytes(orjson.dumps(asdict(plan)))
    with started_on(stage.cores.server | stage.cores.others):
        done = subprocess.run(  # noqa: S603 # our own words
            [sys.executable, "-m", "tests.bench.contenders", str(file)],
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    if done.returncode != 0:
        raise BenchmarkFailed(f"the contenders failed: {done.stderr.decode()[-1500:]}")
    return load_history(file.with_suffix(".history"))


async def _prepare(settings: Settings, stage: Stage) -> tuple[tuple[str, ...], list[SlotId], list[SlotId]]:
    """Sign the clients in, who have nothing booked yet, and give two doctors 32 slots each, at other hours."""
    async with open_parts(settings, system_clock) as parts:
        tokens = await sign_in(parts, citizens(stage.region.plan, CLIENTS, first=CITIZENS))
        registry = Registry(parts.database)
        clinic = await registry.add_clinic()
        place, other = [await registry.add_place(clinic, specialty=one) for one in (_SPECIALTY, _WARMING)]
        starts = [stage.region.tomorrow + timedelta(hours=6, minutes=15 * number) for number in range(SLOTS)]
        later = [one + timedelta(hours=12) for one in starts]
        return tokens, await registry.add_slots(place, starts), await registry.add_slots(other, later)


async def _inspect(settings: Settings, slots: Sequence[UUID], contended: Contended) -> tuple[int, int]:
    """Return how many slots have more than one owner, by the clients or by the rows, and what the doctor finds."""
    booked = {decode_id(slot, "Slot"): clients for slot, clients in contended.booked.items()}
    async with open_parts(settings, system_clock) as parts:
        claims = await _claims(parts, slots)
        async with parts.database.snapshot() as session:
            found = [one async for one in inspect(session, now=system_clock(), limits=Limits())]
    doubles = sum(len(booked.get(slot, ())) > 1 or claims.count(slot) > 1 for slot in slots)
    lost = sum(slot not in claims for slot in booked)
    return doubles, lost + sum(isinstance(one, Flaw) for one in found)


async def _claims(parts: Parts, slots: Sequence[UUID]) -> list[UUID]:
    wanted = select(col(AppointmentRow.slot_id)).where(
        col(AppointmentRow.slot_id).in_(slots), col(AppointmentRow.status) == AppointmentStatus.CONFIRMED
    )
    async with parts.database.reading() as session:
        return list(await session.exec(wanted))
