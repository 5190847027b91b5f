"""From a kiosk to the phone of the same person: by a code that signs nobody in, once, for minutes."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.booking.values import AppointmentId, Channel
from backend.database import Database
from backend.idempotency import IdempotencyKeyRow
from graphql_schema.node import encode_id
from identity.audit_tables import AuditOutcome
from identity.handover_tables import HandoverRow
from identity.handovers import purge
from identity.principal import ActorKind, PersonId, Principal, SessionId
from identity.tables import Session
from tests.factories.access import entries_of
from tests.factories.booking import Booking
from tests.factories.kiosks import stand_at_kiosk
from tests.factories.people import NOW, make_principal
from tests.factories.sessions import add_account, add_session
from tests.graphql_schema.own_corner import HANDOVERS, MACHINE, OwnCorner

CREATE = """mutation ($input: CreateHandoverInput!) {
  createHandover(input: $input) { handover { code link expiresAt serverTime } errors { code path } } }"""
ACCEPT = """mutation ($input: AcceptHandoverInput!) {
  acceptHandover(input: $input) { acceptedAt about { __typename ... on SlotHold { id expiresAt }
    ... on Appointment { id status } } errors { code path message } } }"""
INVALID = [{"code": "HANDOVER_CODE_INVALID", "path": ["input", "code"]}]


@dataclass
class Hall:
    """Anna at a kiosk, her phone, and Boris with his."""

    corner: OwnCorner
    anna: PersonId
    kiosk: Principal
    row: Session
    phone: Principal
    boris: Principal
    booking: Booking = field(init=False)

    def __post_init__(self) -> None:
        """Book in the same place and time."""
        self.booking = Booking(self.corner.database, self.corner.clock)

    async def act(self, actor: Principal | None, query: str, *, key: UUID | None = None, **given: Any) -> Any:
        answer = await self.corner.ask(actor, query, input={"idempotencyKey": str(key or uuid4()), **given})
        assert answer.codes == {}
        self.extensions = answer.extensions
        payload: Any = next(iter(answer.data.values()))
        return payload

    async def code(self, **given: Any) -> str:
        made = await self.act(self.kiosk, CREATE, **given)
        assert made["errors"] == []
        code: str = made["handover"]["code"]
        return code

    async def hold(self, actor: Principal | None = None) -> AppointmentId:
        channel = Channel.INFOMAT if actor is None else Channel.APP
        return await self.booking.hold(actor or self.kiosk, await self.booking.one_slot(), channel=channel)

    async def is_standing(self) -> bool:
        async with self.corner.database.reading() as session:
            row = await session.get(Session, (self.anna, self.row.id))
        return row is not None and row.revoked_at is None

    async def handovers(self) -> list[HandoverRow]:
        async with self.corner.database.reading() as session:
            return list((await session.exec(select(HandoverRow))).all())


@pytest.fixture
async def hall(database: Database) -> Hall:
    anna, boris = [await add_account(database, now=NOW) for _ in range(2)]
    kiosk, row = await stand_at_kiosk(database, anna, MACHINE, now=NOW)
    phone = await add_session(database, anna, now=NOW, client_id="ios", key_thumbprint="p" * 43)
    return Hall(
        OwnCorner(database),
        anna,
        kiosk,
        row,
        replace(make_principal(anna), session_id=SessionId(phone.id)),
        make_principal(boris),
    )


def plain(errors: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: one[name] for name in ("code", "path")} for one in errors]


async def test_a_held_slot_goes_over_to_the_phone_and_the_kiosk_is_out(hall: Hall) -> None:
    held = await hall.hold()
    hold_id = encode_id("SlotHold", held)
    made = await hall.act(hall.kiosk, CREATE, about=hold_id)
    shown = made["handover"]
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", shown["code"])
    assert shown["link"] == f"{HANDOVERS}#{shown['code']}"
    assert (shown["expiresAt"], shown["serverTime"]) == ("2026-11-22T06:05:00+00:00", "2026-11-22T06:00:00+00:00")
    assert await hall.is_standing()
    taken = await hall.act(hall.phone, ACCEPT, code=f" {shown['code'].lower().replace('-', ' ')} ")
    assert taken["errors"] == []
    assert taken["acceptedAt"] == "2026-11-22T06:00:00+00:00"
    assert taken["about"] == {"__typename": "SlotHold", "id": hold_id, "expiresAt": "2026-11-22T06:05:00+00:00"}
    assert not await hall.is_standing()
    assert await hall.booking.book_held(hall.phone, held) == "confirmed"


async def test_about_is_told_as_it_stands_when_the_phone_asks(hall: Hall) -> None:
    hold_id = await hall.hold()
    code, key = await hall.code(about=encode_id("SlotHold", hold_id)), uuid4()
    await hall.booking.book_held(hall.kiosk, hold_id)
    taken = await hall.act(hall.phone, ACCEPT, key=key, code=code)
    appointment = encode_id("Appointment", hold_id)
    assert taken["about"] == {"__typename": "Appointment", "id": appointment, "status": "CONFIRMED"}
    await hall.booking.cancel(hall.phone, hold_id)
    again = await hall.act(hall.phone, ACCEPT, key=key, code=code)
    assert (again["about"], again["acceptedAt"]) == (None, taken["acceptedAt"])


async def test_a_hold_that_ended_meanwhile_is_not_told_and_nothing_need_be(hall: Hall) -> None:
    hold_id = encode_id("SlotHold", await hall.hold())
    hall.corner.clock.advance(timedelta(minutes=1))
    code = await hall.code(about=hold_id)
    hall.corner.clock.advance(timedelta(minutes=4))
    taken = await hall.act(hall.phone, ACCEPT, code=code)
    assert (taken["about"], taken["errors"]) == (None, [])


async def test_repeated_requests_answer_the_same_and_the_database_knows_no_code(hall: Hall) -> None:
    key, taking = uuid4(), uuid4()
    first = await hall.act(hall.kiosk, CREATE, key=key)
    second = await hall.act(hall.kiosk, CREATE, key=key)
    assert (first, hall.extensions) == (second, {"replayed": True})
    code = first["handover"]["code"]
    accepted = [await hall.act(hall.phone, ACCEPT, key=taking, code=code) for _ in range(2)]
    assert accepted[0] == accepted[1]
    assert accepted[0]["errors"] == []
    reused = await hall.act(hall.phone, ACCEPT, key=taking, code="0000-0000")
    assert plain(reused["errors"]) == [{"code": "IDEMPOTENCY_KEY_REUSED", "path": ["input", "idempotencyKey"]}]
    bare = code.replace("-", "")
    async with hall.corner.database.reading() as session:
        kept = [*(await session.exec(select(IdempotencyKeyRow))).all(), *await hall.handovers()]
    assert [one for one in kept if code in repr(one) or bare in repr(one)] == []


async def test_the_last_code_of_a_session_is_the_only_good_one(hall: Hall) -> None:
    first, second = await hall.code(), await hall.code()
    assert first != second
    assert len(await hall.handovers()) == 1
    assert plain((await hall.act(hall.phone, ACCEPT, code=first))["errors"]) == INVALID
    assert (await hall.act(hall.phone, ACCEPT, code=second))["errors"] == []


async def test_wrong_over_used_and_another_s_code_are_one_answer_and_stand_in_the_log(hall: Hall) -> None:
    code = await hall.code()
    theirs = await hall.act(hall.boris, ACCEPT, code=code)
    wrong = [await hall.act(hall.phone, ACCEPT, code=text) for text in ("0000-0000", "", "код", "x" * 5_000, "\0")]
    assert await hall.is_standing()
    hall.corner.clock.advance(timedelta(minutes=5))
    late = await hall.act(hall.phone, ACCEPT, code=code)
    assert await hall.is_standing()
    good = await hall.code()
    assert (await hall.act(hall.phone, ACCEPT, code=good))["errors"] == []
    used = await hall.act(hall.phone, ACCEPT, code=good)
    for refused in (theirs, *wrong, late, used):
        assert refused == theirs
        assert plain(refused["errors"]) == INVALID
    denied = await entries_of(hall.corner.database, hall.anna)
    assert {(one.actions, one.outcome) for one in denied} == {("accept_handover", AuditOutcome.DENIED)}
    assert len(denied) == len(wrong) + 2
    assert len(await entries_of(hall.corner.database, hall.boris.person_id)) == 1


async def test_a_wrong_code_that_is_repeated_is_one_try(hall: Hall) -> None:
    key = uuid4()
    answers = [await hall.act(hall.phone, ACCEPT, key=key, code="0000-0000") for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(await entries_of(hall.corner.database, hall.anna)) == 1


async def test_a_hundred_guesses_are_throttled_whatever_they_would_be_answered(hall: Hall) -> None:
    code = await hall.code()
    answers = [await hall.act(hall.phone, ACCEPT, code=f"0000-00{number:02}") for number in range(100)]
    codes = [one["errors"][0]["code"] for one in answers]
    assert codes == ["HANDOVER_CODE_INVALID"] * 10 + ["TOO_MANY_ATTEMPTS"] * 90
    right = await hall.act(hall.phone, ACCEPT, code=code)
    assert plain(right["errors"]) == [{"code": "TOO_MANY_ATTEMPTS", "path": None}]
    assert await hall.is_standing()


async def test_codes_that_are_over_are_swept(hall: Hall) -> None:
    await hall.code()
    for seconds, swept in ((299, 0), (1, 1)):
        hall.corner.clock.advance(timedelta(seconds=seconds))
        async with hall.corner.database.transaction() as session:
            assert await purge(session, hall.corner.clock()) == swept
    assert await hall.handovers() == []


async def test_of_two_phones_one_takes_over(hall: Hall) -> None:
    code = await hall.code()
    other = replace(hall.phone, session_id=make_principal().session_id)
    taken = await asyncio.gather(*(hall.act(one, ACCEPT, code=code) for one in (hall.phone, other)))
    assert sorted(len(one["errors"]) for one in taken) == [0, 1]
    assert not await hall.is_standing()


@pytest.mark.parametrize("about", ["", "x", "U2xvdA==", "\0", "x" * 200])
async def test_a_malformed_id_is_as_good_as_a_missing_one(hall: Hall, about: str) -> None:
    refused = await hall.act(hall.kiosk, CREATE, about=about)
    assert refused == {
        "handover": None,
        "errors": [{"code": "HANDOVER_SUBJECT_NOT_FOUND", "path": ["input", "about"]}],
    }
    assert await hall.handovers() == []


async def test_only_what_is_one_s_own_and_stands_can_be_handed_over(hall: Hall) -> None:
    foreign = encode_id("SlotHold", await hall.hold(hall.boris))
    over = encode_id("SlotHold", await hall.hold())
    hall.corner.clock.advance(timedelta(minutes=5))
    given_up = await hall.booking.book(hall.phone, await hall.booking.one_slot())
    await hall.booking.cancel(hall.phone, given_up)
    mistyped, missing = encode_id("Slot", given_up), encode_id("Appointment", uuid7())
    for about in (foreign, over, encode_id("Appointment", given_up), mistyped, missing):
        refused = await hall.act(hall.kiosk, CREATE, about=about)
        assert [one["code"] for one in refused["errors"]] == ["HANDOVER_SUBJECT_NOT_FOUND"]
    assert await hall.handovers() == []


@pytest.mark.parametrize("kind", [one for one in ActorKind if one is not ActorKind.KIOSK])
async def test_only_a_kiosk_hands_over(hall: Hall, kind: ActorKind) -> None:
    refused = await hall.act(make_principal(hall.anna, kind=kind), CREATE)
    assert [one["code"] for one in refused["errors"]] == ["ACCESS_REFUSED"]
    assert await hall.handovers() == []


@pytest.mark.parametrize("kind", [one for one in ActorKind if one is not ActorKind.CITIZEN])
async def test_only_a_phone_takes_over(hall: Hall, kind: ActorKind) -> None:
    code = await hall.code()
    refused = await hall.act(make_principal(hall.anna, kind=kind), ACCEPT, code=code)
    assert [one["code"] for one in refused["errors"]] == ["ACCESS_REFUSED"]
    assert await hall.is_standing()
    assert (await hall.act(hall.phone, ACCEPT, code=code))["errors"] == []


async def test_nobody_takes_over_without_being_signed_in(hall: Hall) -> None:
    code = await hall.code()
    answer = await hall.corner.ask(None, ACCEPT, input={"code": code, "idempotencyKey": str(uuid4())})
    assert answer.codes == {"acceptHandover": "UNAUTHENTICATED"}
    assert await hall.is_standing()
