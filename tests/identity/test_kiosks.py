"""Kiosks: only a known machine, only for minutes, one person at a time, and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from backend.clock import SettableClock
from backend.database import Database
from backend.sign_ins.queries import read_live
from identity.access import RULES, Action
from identity.capacities import Capacity
from identity.errors import KioskUnknown
from identity.kiosk_settings import KioskSettings
from identity.kiosks import require_machine
from identity.principal import ActorKind, PersonId, SessionId
from identity.settings import AppSettings, IdentitySettings, TokenSettings
from identity.tables import Session
from tests.factories.devices import DeviceKey
from tests.factories.identity import ANNA, APP_REDIRECT, BORIS, NOW, STANDARD, House, Pkce, open_house, query_of
from tests.factories.kiosks import CLINIC, KIOSK_APP, kiosk_of
from tests.identity.rows import NOTHING, callback, count_rows

WIPES = '"cache", "cookies", "storage"'
MACHINE, OTHER_MACHINE = DeviceKey(SettableClock(NOW)), DeviceKey(SettableClock(NOW))


@pytest.fixture
async def hall(database: Database) -> AsyncIterator[House]:
    """A house with a kiosk's app and two machines."""
    kiosks = (kiosk_of(MACHINE), kiosk_of(OTHER_MACHINE, clinic="Поликлиника № 4"))
    async with open_house(database, apps=(*IdentitySettings().apps, KIOSK_APP), kiosks=kiosks) as house:
        yield house


def machine(hall: House, key: DeviceKey = MACHINE) -> DeviceKey:
    """The machine with the clock of the house."""
    return DeviceKey(hall.clock, key.key)


async def redeem(
    hall: House, person: int, *, named: DeviceKey = MACHINE, shown: DeviceKey = MACHINE
) -> httpx2.Response:
    """Sign in at a machine as somebody; `named` is the key at the start, `shown` that at the token endpoint."""
    pkce = Pkce()
    code = await hall.code_for(pkce, str(person), client_id="kiosk", dpop_jkt=named.thumbprint)
    return await hall.redeem(code, pkce, device=machine(hall, shown), client_id="kiosk", device_name="чей-то телефон")


async def stand(hall: House, person: int, key: DeviceKey = MACHINE) -> dict[str, Any]:
    answered = await redeem(hall, person, named=key, shown=key)
    assert answered.status_code == 200, answered.text
    tokens: dict[str, Any] = answered.json()
    return tokens


async def touch(hall: House, tokens: dict[str, Any], key: DeviceKey = MACHINE, **form: str) -> httpx2.Response:
    return await hall.refresh(tokens["refresh_token"], device=machine(hall, key), client_id="kiosk", **form)


async def is_live(hall: House, tokens: dict[str, Any]) -> bool:
    """Ask the database as every worker does."""
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    key = PersonId(UUID(claims["sub"])), SessionId(UUID(claims["sid"]))
    ends_at = (await read_live(hall.database.read, [key])).get(key)
    return ends_at is not None and hall.clock() < ends_at


async def test_a_person_stands_at_a_known_machine_for_minutes(hall: House) -> None:
    tokens = await stand(hall, ANNA.oid)
    assert (tokens["token_type"], tokens["expires_in"]) == ("DPoP", 180)
    principal = hall.tokens.verify(tokens["access_token"])
    assert (principal.kind, principal.organization) == (ActorKind.KIOSK, None)
    assert principal.key_thumbprint == MACHINE.thumbprint
    async with hall.database.reading() as session:
        row = (await session.exec(select(Session))).one()
    assert (row.kind, row.device_name) == (ActorKind.KIOSK, CLINIC)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dpop_jkt": DeviceKey(SettableClock(NOW)).thumbprint},
        {"dpop_jkt": MACHINE.thumbprint, "client_id": "ios"},
    ],
    ids=["no key", "unknown machine", "a machine in a phone's app"],
)
async def test_nobody_reaches_esia_from_another_machine(hall: House, changes: dict[str, str]) -> None:
    async with hall.browser() as browser:
        started = await hall.start(browser, Pkce(), **{"client_id": "kiosk", **changes})
    answer = query_of(started.headers["location"])
    assert started.headers["location"].startswith(APP_REDIRECT)
    assert (answer["error"], answer["error_code"]) == ("unauthorized_client", "KIOSK_UNKNOWN")
    assert await count_rows(hall.database) == NOTHING


async def test_a_code_is_worth_nothing_with_another_key(hall: House) -> None:
    foreign = await redeem(hall, ANNA.oid, shown=DeviceKey(hall.clock))
    assert (foreign.status_code, foreign.json()["error"]) == (400, "unauthorized_client")
    assert foreign.json()["code"] == "KIOSK_UNKNOWN"
    assert foreign.headers["clear-site-data"] == WIPES
    hall.clock.advance(timedelta(seconds=1))
    other = await redeem(hall, ANNA.oid, shown=OTHER_MACHINE)
    assert other.json()["code"] == "AUTHORIZATION_CODE_INVALID"
    assert (await count_rows(hall.database))["sessions"] == 0


async def test_a_machine_signs_nobody_in_for_weeks_through_another_app(hall: House) -> None:
    pkce = Pkce()
    refused = await hall.redeem(await hall.code_for(pkce), pkce, device=machine(hall))
    assert refused.json()["code"] == "KIOSK_UNKNOWN"
    assert "clear-site-data" not in refused.headers
    assert (await count_rows(hall.database))["sessions"] == 0


async def test_an_account_that_is_not_confirmed_is_refused_and_nothing_is_stored(hall: House) -> None:
    async with hall.browser() as browser:
        url = await hall.reach_callback(
            browser, Pkce(), str(STANDARD.oid), client_id="kiosk", dpop_jkt=MACHINE.thumbprint
        )
        answer = await callback(hall, browser, url)
    assert (answer["error"], answer["error_code"]) == ("access_denied", "ESIA_ACCOUNT_UNCONFIRMED")
    assert await count_rows(hall.database) == NOTHING


async def test_esia_asks_everybody_anew_and_one_proof_signs_in_once(hall: House) -> None:
    """The browser of a machine may still be signed in at ESIA as whoever was here before."""
    async with hall.browser() as browser:
        started = await hall.start(browser, Pkce(), client_id="kiosk", dpop_jkt=MACHINE.thumbprint)
    assert query_of(started.headers["location"])["prompt"] == "login"
    await stand(hall, ANNA.oid)
    async with hall.browser() as browser:  # the same instant: ESIA has asked nobody since
        url = await hall.reach_callback(browser, Pkce(), str(ANNA.oid), client_id="kiosk", dpop_jkt=MACHINE.thumbprint)
        answer = await callback(hall, browser, url)
    assert answer["error_code"] == "AUTHENTICATION_TOO_WEAK"


async def test_the_next_person_ends_what_the_machine_still_had(hall: House) -> None:
    annas = await stand(hall, ANNA.oid)
    elsewhere = await stand(hall, ANNA.oid, OTHER_MACHINE)
    phone = await hall.sign_in("anna")
    hall.ended.clear()
    boriss = await stand(hall, BORIS.oid)
    assert [await is_live(hall, one) for one in (annas, elsewhere, phone, boriss)] == [False, True, True, True]
    anna, boris = (hall.tokens.verify(one["access_token"]).person_id for one in (annas, boriss))
    assert set(hall.ended) == {anna, boris}
    late = await touch(hall, annas)
    assert (late.json()["code"], late.headers["clear-site-data"]) == ("SESSION_ENDED", WIPES)
    assert (await touch(hall, boriss)).status_code == 200


async def test_of_two_who_sign_in_at_once_one_stands(hall: House) -> None:
    before = await stand(hall, ANNA.oid)
    hall.clock.advance(timedelta(seconds=1))
    people = (ANNA, BORIS)
    pkces = {one.oid: Pkce() for one in people}
    codes = {
        one.oid: await hall.code_for(pkces[one.oid], str(one.oid), client_id="kiosk", dpop_jkt=MACHINE.thumbprint)
        for one in people
    }
    answers = await asyncio.gather(
        *(
            hall.redeem(codes[one.oid], pkces[one.oid], device=machine(hall), client_id="kiosk")
            for one in (*people, *people)  # the second of each is a code used before: it ends what it gave
        )
    )
    given = [one.json() for one in answers if one.status_code == 200]
    assert len(given) == 2
    standing = [await is_live(hall, one) for one in (before, *given)]
    assert standing[0] is False
    assert sum(standing) <= 1
    assert {one.json().get("code") for one in answers} <= {None, "AUTHORIZATION_CODE_INVALID"}


async def test_it_wipes_itself_after_three_minutes_without_a_touch(hall: House) -> None:
    tokens = await stand(hall, ANNA.oid)
    hall.clock.advance(timedelta(minutes=2, seconds=59))
    renewed = await touch(hall, tokens)
    assert (renewed.status_code, renewed.json()["expires_in"]) == (200, 180)
    assert "clear-site-data" not in renewed.headers
    hall.clock.advance(timedelta(minutes=2, seconds=59))
    assert await is_live(hall, renewed.json())
    hall.clock.advance(timedelta(seconds=1))
    assert not await is_live(hall, renewed.json())
    late = await touch(hall, renewed.json())
    assert (late.json()["code"], late.headers["clear-site-data"]) == ("SESSION_ENDED", WIPES)


async def test_it_wipes_itself_after_ten_minutes_however_it_is_touched(hall: House) -> None:
    tokens = await stand(hall, ANNA.oid)
    lifetimes = [tokens["expires_in"]]
    for _ in range(4):
        hall.clock.advance(timedelta(minutes=2))
        tokens = (await touch(hall, tokens)).json()
        lifetimes.append(tokens["expires_in"])
    assert lifetimes == [180, 180, 180, 180, 120]
    hall.clock.advance(timedelta(minutes=2))
    assert not await is_live(hall, tokens)
    assert (await touch(hall, tokens)).json()["code"] == "SESSION_ENDED"


async def test_signing_out_tells_the_browser_to_forget(hall: House) -> None:
    tokens = await stand(hall, ANNA.oid)
    form = {"client_id": "kiosk", "token": tokens["refresh_token"]}
    revoked = await hall.post_form(f"{hall.url}/auth/revoke", form, {})
    assert (revoked.status_code, revoked.headers["clear-site-data"]) == (200, WIPES)
    assert revoked.headers["cache-control"] == "no-store"
    assert not await is_live(hall, tokens)
    logout = f"{hall.url}/auth/logout"
    hall.clock.advance(timedelta(seconds=1))
    tokens = await stand(hall, BORIS.oid)
    for status in (204, 401):  # the second time there is no session any more, and later not even a good token
        left = await hall.post_form(logout, {}, machine(hall).headers("POST", logout, tokens["access_token"]))
        assert (left.status_code, left.headers["clear-site-data"]) == (status, WIPES)
        hall.live.doubt(hall.tokens.verify(tokens["access_token"]).person_id.bytes[-1] % 64)
    hall.clock.advance(timedelta(hours=1))
    left = await hall.post_form(logout, {}, machine(hall).headers("POST", logout, tokens["access_token"]))
    assert (left.status_code, left.headers["clear-site-data"]) == (401, WIPES)
    phone = await hall.sign_in("anna")
    kept = await hall.post_form(f"{hall.url}/auth/revoke", {"client_id": "ios", "token": phone["refresh_token"]}, {})
    assert "clear-site-data" not in kept.headers


async def test_a_phone_works_in_the_background_with_a_weaker_token_of_its_session(hall: House) -> None:
    first = await hall.sign_in("anna")
    answered = await hall.refresh(first["refresh_token"], scope="device")
    assert (answered.status_code, answered.json()["scope"]) == (200, "device")
    strong, weak = (hall.tokens.verify(one["access_token"]) for one in (first, answered.json()))
    assert (strong.kind, weak.kind) == (ActorKind.CITIZEN, ActorKind.DEVICE)
    assert (weak.session_id, weak.key_thumbprint) == (strong.session_id, strong.key_thumbprint)
    repeated = await hall.refresh(first["refresh_token"])  # within 30 s, by the same key: the same next token
    assert repeated.json()["refresh_token"] == answered.json()["refresh_token"]
    assert hall.tokens.verify(repeated.json()["access_token"]).kind is ActorKind.CITIZEN
    exchanged = await hall.refresh(answered.json()["access_token"])
    assert exchanged.json()["code"] == "REFRESH_TOKEN_INVALID"


@pytest.mark.parametrize("scope", ["device ", "openid", "device device", "device openid", "DEVICE", "citizen"])
async def test_an_unknown_scope_is_refused_and_uses_nothing_up(hall: House, scope: str) -> None:
    tokens = await hall.sign_in("anna")
    refused = await hall.refresh(tokens["refresh_token"], scope=scope)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    assert refused.json()["code"] == "SCOPE_UNKNOWN"
    assert (await hall.refresh(tokens["refresh_token"])).status_code == 200


async def test_neither_a_kiosk_nor_a_browser_has_a_weaker_side(hall: House) -> None:
    at_kiosk = await stand(hall, ANNA.oid)
    refused = await touch(hall, at_kiosk, scope="device")
    assert (refused.json()["code"], "clear-site-data" in refused.headers) == ("SCOPE_UNKNOWN", False)
    assert (await touch(hall, at_kiosk)).status_code == 200
    pkce, redirect = Pkce(), "http://127.0.0.1:4567/signed-in"
    code = await hall.code_for(pkce, client_id="web", redirect_uri=redirect)
    form = hall.redeem_form(code, pkce) | {"client_id": "web", "redirect_uri": redirect}
    wrong = await hall.post_form(hall.token_url, form | {"scope": "device"}, {})
    assert wrong.json()["code"] == "SCOPE_UNKNOWN"
    bearer = (await hall.post_form(hall.token_url, form, {})).json()
    again = {"grant_type": "refresh_token", "client_id": "web", "refresh_token": bearer["refresh_token"]}
    refused = await hall.post_form(hall.token_url, again | {"scope": "device"}, {})
    assert refused.json()["code"] == "SCOPE_UNKNOWN"
    assert (await hall.post_form(hall.token_url, again, {})).status_code == 200


def test_what_may_be_done_at_a_kiosk_and_by_a_device_and_none_of_it_needs_a_fresh_proof() -> None:
    may = {
        capacity: {action for action, rule in RULES.items() if capacity in rule.capacities}
        for capacity in (Capacity.AT_KIOSK, Capacity.BY_DEVICE)
    }
    account = {Action.READ_PROFILE, Action.READ_SESSIONS, Action.END_SESSION}
    booking = {Action.READ_APPOINTMENTS, Action.HOLD_SLOT, Action.BOOK_APPOINTMENT, Action.CANCEL_APPOINTMENT}
    assert may[Capacity.AT_KIOSK] == account | booking | {
        Action.READ_POLICY,
        Action.CREATE_HANDOVER,
        Action.CHANGE_WAITING_LIST,
    }
    assert may[Capacity.BY_DEVICE] == {
        Action.READ_PROFILE,
        Action.MARK_NOTIFICATION_SEEN,
        Action.ACKNOWLEDGE_NOTIFICATIONS,
        Action.REGISTER_DEVICE,
    }
    assert not any(RULES[action].fresh for actions in may.values() for action in actions)


APPS = {
    "kiosk": KIOSK_APP,
    "other": KIOSK_APP.model_copy(update={"client_id": "other"}),
    "ios": IdentitySettings().apps[0],
}
KIOSKS = (kiosk_of(MACHINE), kiosk_of(OTHER_MACHINE, client_id="other"))


@given(st.sampled_from(sorted(APPS)), st.sampled_from([None, MACHINE.thumbprint, OTHER_MACHINE.thumbprint, "x" * 43]))
def test_a_machine_and_its_app_need_each_other(client_id: str, key: str | None) -> None:
    home = {MACHINE.thumbprint: "kiosk", OTHER_MACHINE.thumbprint: "other"}.get(str(key), "ios")
    try:
        found = require_machine(KIOSKS, APPS[client_id], key)
    except KioskUnknown:
        assert client_id != home
    else:
        assert client_id == home
        assert (found is None) is (client_id == "ios")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: AppSettings(client_id="x", redirect_uris=(APP_REDIRECT,), signs_in=ActorKind.KIOSK),
        lambda: IdentitySettings(kiosks=(kiosk_of(MACHINE),)),
        lambda: IdentitySettings(apps=(KIOSK_APP,), kiosks=(kiosk_of(MACHINE), kiosk_of(MACHINE))),
        lambda: KioskSettings(client_id="kiosk", thumbprint="short", clinic=CLINIC),
        lambda: KioskSettings(client_id="kiosk", thumbprint=MACHINE.thumbprint, clinic=""),
        lambda: TokenSettings(kiosk_idle_minutes=4),
        lambda: TokenSettings(kiosk_absolute_minutes=11),
    ],
    ids=["no key", "no app", "a key twice", "no thumbprint", "no clinic", "rests too long", "lasts too long"],
)
def test_refuses_settings_that_would_open_a_kiosk_too_wide(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"kiosk|thumbprint|clinic|key"):
        wrong()
