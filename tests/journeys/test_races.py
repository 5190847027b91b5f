"""Sixty-four phones want one slot."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from typing import Any

from sqlmodel import col, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.states import AppointmentStatus
from backend.entrypoints.demo.named import FIRST_OID
from backend.entrypoints.demo.plan import Plan
from backend.entrypoints.demo.region import demo_id
from backend.entrypoints.demo.seed import seed_region
from backend.entrypoints.tokens import build_tokens, identity_settings
from graphql_schema.node import encode_id
from identity.sessions import Sessions
from notifications.tables import NotificationRow
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.journeys.test_booking_a_doctor import first_slot
from tests.plugins.waiting import pauses_watched

CLIENTS = 64


async def crowd(region: Region, count: int = CLIENTS) -> list[Phone]:
    """So many more citizens with tokens; their sessions are opened as the development command does."""
    issuer = region.settings.identity.esia.issuer
    plan = Plan(people=36 + count, seed=region.settings.demo_seed, now=region.clock(), issuer=issuer, days_ahead=0)
    await seed_region(region.database, plan)
    settings = identity_settings(region.settings)
    sessions = Sessions(
        transaction=region.database.transaction,
        tokens=build_tokens(region.settings, region.clock),
        clock=region.clock,
        settings=settings.tokens,
    )
    grants = [
        await sessions.open_for_development(issuer=issuer, subject=str(FIRST_OID + number), client_id="ios")
        for number in range(30, 30 + count)
    ]
    return [Phone(region, access_token=grant.access_token) for grant in grants]


OF_EVERYBODY = {"specialty": "dentist", "clinicIds": [encode_id("Clinic", demo_id("clinic", 1))]}
"""Slots that are for whoever asks: no attachment, no age."""


async def all_answered(asked: list[Awaitable[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Wait for all, also when one fails, and tell how long each failure took: the seconds say what was waited for.

    Raises:
        AssertionError: Some were not answered as asked; names the time-out of `tests.plugins.engines.PATIENT` or the
            deadline that they ran into, or how long the machine itself stood still.
    """
    began = time.monotonic()

    async def timed(one: Awaitable[dict[str, Any]]) -> tuple[dict[str, Any], str]:
        try:
            return await one, ""
        except Exception as error:  # gathered: the first failure hides the others
            return {}, f"after {time.monotonic() - began:.1f} s: {str(error)[:300]}"

    async with pauses_watched() as pauses:
        answers = await asyncio.gather(*(timed(one) for one in asked))
    failures = [failure for _, failure in answers if failure]
    summary = f"{len(failures)} failed, longest pause of the loop {pauses.longest_seconds:.1f} s"
    assert not failures, "\n".join([summary, *failures])
    return [answer for answer, _ in answers]


async def test_one_slot_goes_to_one_of_sixty_four_and_the_rest_get_alternatives(region: Region) -> None:
    """R53, through HTTP, on both engines."""
    phones = await crowd(region)
    slot = await first_slot(phones[0], **OF_EVERYBODY)

    async def take(phone: Phone) -> dict[str, Any]:
        held = await phone.act("HoldSlot", slotId=slot["id"])
        if held["errors"]:
            return held
        return await phone.act("BookAppointment", holdId=held["hold"]["id"])

    outcomes = await all_answered([take(phone) for phone in phones])
    refused = [outcome["errors"][0] for outcome in outcomes if outcome["errors"]]
    assert Counter(error["code"] for error in refused) == {"SLOT_TAKEN": CLIENTS - 1}
    assert all(error["alternatives"] for error in refused)
    assert [one["appointment"]["status"] for one in outcomes if not one["errors"]] == ["CONFIRMED"]
    async with region.database.reading() as session:
        claims = (await session.exec(select(AppointmentRow.status))).all()
        messages = (await session.exec(select(col(NotificationRow.kind)))).all()
    assert claims == [AppointmentStatus.CONFIRMED]
    assert [str(kind) for kind in messages] == ["appointment_booked"]
