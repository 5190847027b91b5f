"""A whole sign-in through the simulated ESIA, and every way it must be refused (S21, S22, S24)."""

import asyncio
from datetime import timedelta

import httpx2
import pytest
from sqlmodel import SQLModel, col, func, select
from structlog.testing import capture_logs

from backend.database import Database
from backend.errors import DatabaseBusy
from identity.access import Action, require
from identity.errors import AccountNotConfirmed
from identity.opaque import digest
from identity.principal import ActorKind, Assurance
from identity.tables import Account, AuthorizationCode, PendingSignIn, RefreshToken, Session
from tests.factories.identity import (
    ANNA,
    APP_REDIRECT,
    NAMELESS_DATE,
    SIMPLIFIED,
    STANDARD,
    House,
    Pkce,
    open_house,
    query_of,
)

TABLES: tuple[type[SQLModel], ...] = (Account, PendingSignIn, AuthorizationCode, Session, RefreshToken)


async def count_rows(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        return {
            str(table.__tablename__): (await session.exec(select(func.count()).select_from(table))).one()
            for table in TABLES
        }


NOTHING = {"accounts": 0, "pending_sign_ins": 0, "authorization_codes": 0, "sessions": 0, "refresh_tokens": 0}


async def callback(house: House, browser: httpx2.AsyncClient, url: str) -> dict[str, str]:
    answered = await browser.get(url)
    assert answered.status_code == 302, answered.text
    assert answered.headers["location"].startswith(APP_REDIRECT)
    assert answered.headers["cache-control"] == "no-store"
    return query_of(answered.headers["location"])


async def test_sign_in_gives_tokens_and_records_the_person(house: House) -> None:
    tokens = await house.sign_in("anna")
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert tokens["token_type"] == "Bearer"
    assert str(tokens["expires_in"]) == "600"
    principal = house.tokens.verify(tokens["access_token"])
    assert (principal.kind, principal.assurance) == (ActorKind.CITIZEN, Assurance.CONFIRMED)
    [(person_id, facts)] = house.directory.told
    assert person_id == principal.person_id
    assert (facts.family_name, facts.given_name, facts.patronymic) == ("Ёлкина", "Анна", "Сергеевна")
    assert (facts.birth_date, facts.sex, facts.snils) == (ANNA.birth_date, "female", "11223344595")
    assert (facts.phone, facts.email) == ("+79101234567", "anna@example.org")
    assert (facts.source, facts.as_of) == ("esia", house.clock())
    assert await count_rows(house.database) == NOTHING | {
        "accounts": 1,
        "authorization_codes": 1,
        "sessions": 1,
        "refresh_tokens": 1,
    }


async def test_same_issuer_and_subject_is_the_same_person_s24(house: House) -> None:
    first = house.tokens.verify((await house.sign_in("anna"))["access_token"])
    again = house.tokens.verify((await house.sign_in("anna"))["access_token"])
    other = house.tokens.verify((await house.sign_in("boris"))["access_token"])
    assert first.person_id == again.person_id
    assert first.session_id != again.session_id
    assert first.person_id != other.person_id


async def test_same_subject_of_another_issuer_is_another_person_s24(database: Database) -> None:
    seen = []
    for issuer in ("http://esia.gosuslugi.ru/", "http://esia-portal1.test.gosuslugi.ru/"):
        async with open_house(database, esia_issuer=issuer) as house:
            seen.append(house.tokens.verify((await house.sign_in("anna"))["access_token"]).person_id)
    assert seen[0] != seen[1]


@pytest.mark.parametrize(
    ("oid", "assurance"), [(STANDARD.oid, Assurance.STANDARD), (SIMPLIFIED.oid, Assurance.SIMPLIFIED)]
)
async def test_unconfirmed_account_signs_in_but_sees_no_medical_data(
    house: House, oid: int, assurance: Assurance
) -> None:
    principal = house.tokens.verify((await house.sign_in(str(oid)))["access_token"])
    assert principal.assurance is assurance
    require(principal, Action.READ_PROFILE, principal.person_id)
    with pytest.raises(AccountNotConfirmed):
        require(principal, Action.READ_APPOINTMENTS, principal.person_id)


async def test_account_confirmed_later_is_confirmed_at_the_next_sign_in(house: House) -> None:
    principal = house.tokens.verify((await house.sign_in("anna"))["access_token"])
    async with house.database.transaction() as session:
        account = (await session.exec(select(Account))).one()
        account.assurance = Assurance.STANDARD
    assert account.person_id == principal.person_id
    assert house.tokens.verify((await house.sign_in("anna"))["access_token"]).assurance is Assurance.CONFIRMED


async def test_profile_without_birth_date_is_refused_with_its_code(house: House) -> None:
    async with house.browser() as browser:
        url = await house.reach_callback(browser, Pkce(), str(NAMELESS_DATE.oid))
        answer = await callback(house, browser, url)
    assert (answer["error"], answer["error_code"]) == ("access_denied", "ESIA_PROFILE_INCOMPLETE")
    assert await count_rows(house.database) == NOTHING


async def test_refusal_at_esia_reaches_the_app(house: House) -> None:
    async with house.browser() as browser:
        started = await house.start(browser, Pkce())
        denied = await browser.post(started.headers["location"], data={"deny": "1"})
        answer = await callback(house, browser, denied.headers["location"])
    assert answer == {
        "error": "access_denied",
        "error_code": "SIGN_IN_DENIED",
        "iss": house.settings.tokens.issuer,
        "state": "app-state",
    }
    assert await count_rows(house.database) == NOTHING


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "nobody"}, "APP_UNKNOWN"),
        ({"client_id": ""}, "APP_UNKNOWN"),
        ({"redirect_uri": "https://evil.example/"}, "REDIRECT_NOT_ALLOWED"),
        ({"redirect_uri": APP_REDIRECT + "/"}, "REDIRECT_NOT_ALLOWED"),
        ({"redirect_uri": APP_REDIRECT + "?a=b"}, "REDIRECT_NOT_ALLOWED"),
        ({"redirect_uri": APP_REDIRECT.upper()}, "REDIRECT_NOT_ALLOWED"),
        ({"redirect_uri": ""}, "REDIRECT_NOT_ALLOWED"),
        ({"client_id": "web", "redirect_uri": "http://127.0.0.1.evil.example/signed-in"}, "REDIRECT_NOT_ALLOWED"),
        ({"client_id": "web", "redirect_uri": "http://evil@127.0.0.1:9/signed-in"}, "REDIRECT_NOT_ALLOWED"),
        ({"client_id": "web", "redirect_uri": "http://127.0.0.1:9/elsewhere"}, "REDIRECT_NOT_ALLOWED"),
        ({"client_id": "web", "redirect_uri": "http://127.0.0.1:99999/signed-in"}, "REDIRECT_NOT_ALLOWED"),
        ({"client_id": "web", "redirect_uri": "http://localhost:9/signed-in"}, "REDIRECT_NOT_ALLOWED"),
    ],
)
async def test_untrusted_redirect_gets_a_page_and_nothing_is_stored_s21(
    house: House, changes: dict[str, str], code: str
) -> None:
    async with house.browser() as browser:
        answered = await house.start(browser, Pkce(), **changes)
    assert answered.status_code == 400
    assert answered.headers["content-type"] == "text/html; charset=utf-8"
    assert f"ru: {code}" in answered.text
    assert "location" not in answered.headers
    assert await count_rows(house.database) == NOTHING


@pytest.mark.parametrize("port", ["", ":1", ":61234"])
async def test_loopback_redirect_may_have_any_port_s21(house: House, port: str) -> None:
    async with house.browser() as browser:
        started = await house.start(browser, Pkce(), client_id="web", redirect_uri=f"http://127.0.0.1{port}/signed-in")
    assert started.headers["location"].startswith(house.esia_url)


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request", "PKCE_REQUIRED"),
        ({"code_challenge_method": ""}, "invalid_request", "PKCE_REQUIRED"),
        ({"code_challenge": ""}, "invalid_request", "PKCE_REQUIRED"),
        ({"code_challenge": "short"}, "invalid_request", "PKCE_REQUIRED"),
        ({"response_type": "token"}, "unsupported_response_type", "RESPONSE_TYPE_UNSUPPORTED"),
        ({"response_type": "code token"}, "unsupported_response_type", "RESPONSE_TYPE_UNSUPPORTED"),
        ({"state": ""}, "invalid_request", "SIGN_IN_REQUEST_INVALID"),
        ({"state": "s" * 513}, "invalid_request", "SIGN_IN_REQUEST_INVALID"),
    ],
)
async def test_unsound_request_of_a_known_app_goes_back_to_it_s21(
    house: House, changes: dict[str, str], error: str, code: str
) -> None:
    async with house.browser() as browser:
        answered = await house.start(browser, Pkce(), **changes)
    answer = query_of(answered.headers["location"])
    assert answered.headers["location"].startswith(APP_REDIRECT)
    assert (answer["error"], answer["error_code"], answer["iss"]) == (error, code, house.settings.tokens.issuer)
    assert "set-cookie" not in answered.headers
    assert await count_rows(house.database) == NOTHING


async def test_repeated_parameter_is_refused(house: House) -> None:
    parameters = house.start_parameters(Pkce())
    twice = {**parameters, "redirect_uri": [parameters["redirect_uri"], "https://evil.example/"]}
    async with house.browser() as browser:
        answered = await browser.get(f"{house.url}/auth/esia/start", params=twice)
    assert answered.status_code == 400
    assert "SIGN_IN_REQUEST_INVALID" in answered.text


async def test_state_works_once_s22(house: House) -> None:
    async with house.browser() as browser:
        url = await house.reach_callback(browser, Pkce())
        cookie = browser.cookies["sign-in"]
        assert "code" in await callback(house, browser, url)
        assert "sign-in" not in browser.cookies
        replayed = await browser.get(url, headers={"cookie": f"sign-in={cookie}"})
    assert replayed.status_code == 400
    assert "SIGN_IN_STATE_INVALID" in replayed.text
    assert (await count_rows(house.database))["authorization_codes"] == 1


async def test_state_of_another_browser_is_refused_and_not_used_up_s22(house: House) -> None:
    async with house.browser() as browser, house.browser() as foreign, house.browser() as empty:
        url = await house.reach_callback(browser, Pkce())
        await house.start(foreign, Pkce())
        for visitor in (foreign, empty):
            answered = await visitor.get(url)
            assert answered.status_code == 400
            assert "SIGN_IN_STATE_INVALID" in answered.text
        assert await count_rows(house.database) == NOTHING | {"pending_sign_ins": 2}
        assert "code" in await callback(house, browser, url)


@pytest.mark.parametrize("state", ["", "unknown", "0b6e8e9e-0000-4000-8000-000000000000"])
async def test_unknown_state_is_refused_s22(house: House, state: str) -> None:
    async with house.browser() as browser:
        await house.start(browser, Pkce())
        answered = await browser.get(f"{house.url}/auth/esia/callback", params={"code": "c", "state": state})
    assert answered.status_code == 400
    assert "SIGN_IN_STATE_INVALID" in answered.text


async def test_state_runs_out_after_ten_minutes_s22(house: House) -> None:
    async with house.browser() as browser:
        url = await house.reach_callback(browser, Pkce())
        house.clock.advance(timedelta(minutes=10))
        answered = await browser.get(url)
    assert answered.status_code == 400
    assert "SIGN_IN_STATE_INVALID" in answered.text
    assert await count_rows(house.database) == NOTHING


async def test_state_and_codes_are_stored_as_hashes_only(house: House) -> None:
    async with house.browser() as browser:
        url = await house.reach_callback(browser, Pkce())
        async with house.database.reading() as session:
            pending = (await session.exec(select(PendingSignIn))).one()
        assert pending.state_hash == digest(query_of(url)["state"])
        assert pending.browser_hash == digest(browser.cookies["sign-in"])
        code = (await callback(house, browser, url))["code"]
    async with house.database.reading() as session:
        stored = (await session.exec(select(col(AuthorizationCode.code_hash)))).one()
    assert stored == digest(code)


async def test_cookie_is_closed_to_scripts_and_other_sites(house: House) -> None:
    async with house.browser() as browser:
        started = await house.start(browser, Pkce())
    cookie = started.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=600" in cookie
    assert started.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("endpoint", "kind", "error", "code"),
    [
        ("token", "slow", "temporarily_unavailable", "ESIA_UNAVAILABLE"),
        ("token", "error", "temporarily_unavailable", "ESIA_UNAVAILABLE"),
        ("token", "overload", "temporarily_unavailable", "ESIA_UNAVAILABLE"),
        ("token", "garbage", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "huge", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "foreign_code", "access_denied", "SIGN_IN_STATE_INVALID"),
        ("token", "wrong_state", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "wrong_issuer", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "wrong_audience", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "expired", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "future", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "bad_signature", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "unsigned", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "symmetric", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "swapped", "server_error", "ESIA_ANSWER_INVALID"),
        ("token", "foreign_person", "server_error", "ESIA_ANSWER_INVALID"),
        ("person", "slow", "temporarily_unavailable", "ESIA_UNAVAILABLE"),
        ("person", "error", "temporarily_unavailable", "ESIA_UNAVAILABLE"),
        ("person", "garbage", "server_error", "ESIA_ANSWER_INVALID"),
        ("person", "huge", "server_error", "ESIA_ANSWER_INVALID"),
        ("person", "not_embedded", "server_error", "ESIA_ANSWER_INVALID"),
    ],
)
async def test_fault_of_esia_gives_its_code_and_leaves_nothing_s23(
    house: House, endpoint: str, kind: str, error: str, code: str
) -> None:
    async with house.browser() as browser:
        url = await house.reach_callback(browser, Pkce())
        await house.order_fault(endpoint, kind)
        answer = await callback(house, browser, url)
    assert (answer["error"], answer["error_code"], answer["state"]) == (error, code, "app-state")
    assert "code" not in answer
    assert house.directory.told == []
    assert await count_rows(house.database) == NOTHING


async def test_callback_with_a_changed_state_is_refused_s22(house: House) -> None:
    async with house.browser() as browser:
        started = await house.start(browser, Pkce())
        await house.order_fault("authorize", "wrong_state")
        chosen = await browser.post(started.headers["location"], data={"person": "anna"})
        answered = await browser.get(chosen.headers["location"])
    assert answered.status_code == 400
    assert "SIGN_IN_STATE_INVALID" in answered.text


async def test_code_of_another_sign_in_at_esia_is_refused_by_pkce_s21(house: House) -> None:
    """A code injected from the attacker's own sign-in fails at ESIA: our verifier is bound to browser and state."""
    async with house.browser() as victim, house.browser() as attacker:
        mine = await house.reach_callback(victim, Pkce())
        theirs = await house.reach_callback(attacker, Pkce(), "boris")
        injected = mine.replace(query_of(mine)["code"], query_of(theirs)["code"])
        answer = await callback(house, victim, injected)
    assert answer["error_code"] == "ESIA_REQUEST_REJECTED"
    assert (await count_rows(house.database))["accounts"] == 0


async def test_directory_failure_rolls_everything_back(house: House) -> None:
    house.directory.failing = DatabaseBusy()
    async with house.browser() as browser:
        answer = await callback(house, browser, await house.reach_callback(browser, Pkce()))
    assert (answer["error"], answer["error_code"]) == ("temporarily_unavailable", "SIGN_IN_UNAVAILABLE")
    assert await count_rows(house.database) == NOTHING


async def test_parallel_first_sign_ins_make_one_person_s24(house: House) -> None:
    granted = await asyncio.gather(*(house.sign_in("anna") for _ in range(8)))
    people = {house.tokens.verify(tokens["access_token"]).person_id for tokens in granted}
    assert len(people) == 1
    counted = await count_rows(house.database)
    assert (counted["accounts"], counted["sessions"]) == (1, 8)


async def test_logs_hold_ids_only_s43(house: House) -> None:
    with capture_logs() as logs:
        async with house.browser() as browser:
            url = await house.reach_callback(browser, Pkce())
            cookie = browser.cookies["sign-in"]
            ours = (await callback(house, browser, url))["code"]
        tokens = await house.sign_in("anna")
        await house.refresh(tokens["refresh_token"])
        await house.refresh("unknown")
    text = str(logs)
    assert {entry["event"] for entry in logs} == {"identity.sign_in_start", "identity.sign_in", "identity.token"}
    sent = query_of(url)
    secrets = (sent["state"], sent["code"], cookie, ours, *tokens.values(), "app-state")
    personal = ("Ёлкина", "Анна", "11223344595", "112-233", "9101234567", "anna@", str(ANNA.oid))
    assert [word for word in (*map(str, secrets), *personal) if word in text and word not in {"Bearer", "600"}] == []
