"""A whole sign-in through the simulated ESIA, and what it stores (S21, S22, S24)."""

import asyncio

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from backend.database import Database
from identity.access import Action, require
from identity.errors import AccountNotConfirmed
from identity.esia_settings import EsiaDialect
from identity.opaque import digest
from identity.principal import ActorKind, Assurance, PersonId
from identity.tables import Account, AuthorizationCode, PendingSignIn
from tests.factories.identity import (
    ANNA,
    NAMELESS_DATE,
    SIMPLIFIED,
    STANDARD,
    House,
    Pkce,
    open_house,
    query_of,
)
from tests.identity.rows import NOTHING, callback, count_rows


async def test_sign_in_gives_tokens_and_records_the_person(house: House) -> None:
    tokens = await house.sign_in("anna")
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert tokens["token_type"] == "DPoP"
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


async def test_sign_in_works_in_the_older_dialect_too(database: Database) -> None:
    async with open_house(database, dialect=EsiaDialect.V1) as house:
        principal = house.tokens.verify((await house.sign_in("anna"))["access_token"])
        assert [person_id for person_id, _ in house.directory.told] == [principal.person_id]
        async with house.browser() as browser:
            url = await house.reach_callback(browser, Pkce())
            cookie = browser.cookies["sign-in"]
            assert "code" in await callback(house, browser, url)
            again = await browser.get(url, headers={"cookie": f"sign-in={cookie}"})
    assert "SIGN_IN_STATE_INVALID" in again.text


async def test_same_issuer_and_subject_is_the_same_person_s24(house: House) -> None:
    first = house.tokens.verify((await house.sign_in("anna"))["access_token"])
    again = house.tokens.verify((await house.sign_in("anna"))["access_token"])
    other = house.tokens.verify((await house.sign_in("boris"))["access_token"])
    assert first.person_id == again.person_id
    assert first.session_id != again.session_id
    assert first.person_id != other.person_id


async def test_who_was_made_known_by_a_relative_signs_in_as_that_person_once(house: House) -> None:
    house.directory.known = PersonId(uuid7())
    own = house.tokens.verify((await house.sign_in("anna"))["access_token"])
    other = house.tokens.verify((await house.sign_in("boris"))["access_token"])
    assert own.person_id == house.directory.known
    assert other.person_id != house.directory.known


async def test_an_account_that_proves_nothing_is_nobody_who_was_known(house: House) -> None:
    house.directory.known = PersonId(uuid7())
    signed_in = house.tokens.verify((await house.sign_in(str(STANDARD.oid)))["access_token"])
    assert signed_in.person_id != house.directory.known


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


@pytest.mark.parametrize("port", ["", ":1", ":61234"])
async def test_loopback_redirect_may_have_any_port_s21(house: House, port: str) -> None:
    async with house.browser() as browser:
        started = await house.start(browser, Pkce(), client_id="web", redirect_uri=f"http://127.0.0.1{port}/signed-in")
    assert started.headers["location"].startswith(house.esia_url)


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
