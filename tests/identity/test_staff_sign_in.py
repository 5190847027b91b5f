"""Staff sign in through ESIA as employees; the same human stays a citizen in an app for citizens."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import jwt
import pytest

from backend.database import Database
from identity.principal import ActorKind
from identity.settings import AppSettings, IdentitySettings
from identity.staff_settings import AccessGroupSettings, OrganizationSettings
from tests.factories.identity import APP_REDIRECT, CALL_CENTRE, OLGA, SECOND_CALL_CENTRE, VERA, House, Pkce, open_house
from tests.identity.rows import NOTHING, callback, count_rows

OPERATORS = AppSettings(client_id="operator", redirect_uris=(APP_REDIRECT,), signs_in=ActorKind.OPERATOR)
GROUPS = (AccessGroupSettings(group="MZ_OPERATOR_122", kind=ActorKind.OPERATOR),)
ORGANIZATIONS = tuple(
    OrganizationSettings(ogrn=one.ogrn, name=one.full_name, groups=GROUPS) for one in (CALL_CENTRE, SECOND_CALL_CENTRE)
)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[House]:
    """A house with an app for operators and two call centres."""
    apps = (*IdentitySettings().apps, OPERATORS)
    async with open_house(database, apps=apps, organizations=ORGANIZATIONS) as house:
        yield house


async def answer_of(desk: House, oid: int, **changes: str) -> dict[str, str]:
    """Begin in the operators' app and return what it gets back."""
    async with desk.browser() as browser:
        url = await desk.reach_callback(browser, Pkce(), str(oid), client_id="operator", **changes)
        return await callback(desk, browser, url)


async def sign_in(desk: House, oid: int, **changes: str) -> dict[str, Any]:
    pkce = Pkce()
    code = await desk.code_for(pkce, str(oid), client_id="operator", **changes)
    answered = await desk.redeem(code, pkce, client_id="operator")
    assert answered.status_code == 200, answered.text
    tokens: dict[str, Any] = answered.json()
    return tokens


async def refresh(desk: House, tokens: dict[str, Any]) -> httpx2.Response:
    return await desk.refresh(tokens["refresh_token"], client_id="operator")


def claims_of(tokens: dict[str, Any]) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    return {name: claims.get(name) for name in ("kind", "org", "lvl")}


AT_WORK = {"kind": "operator", "org": CALL_CENTRE.ogrn, "lvl": None}


async def test_an_employee_works_for_the_organisation_and_after_a_refresh_too(desk: House) -> None:
    tokens = await sign_in(desk, OLGA.oid)
    assert claims_of(tokens) == AT_WORK
    principal = desk.tokens.verify(tokens["access_token"])
    assert (principal.kind, principal.organization, principal.level) == (ActorKind.OPERATOR, CALL_CENTRE.ogrn, None)
    renewed = await refresh(desk, tokens)
    assert claims_of(renewed.json()) == AT_WORK


async def test_the_same_human_is_a_citizen_in_an_app_for_citizens(desk: House) -> None:
    at_work = desk.tokens.verify((await sign_in(desk, OLGA.oid))["access_token"])
    at_home = desk.tokens.verify((await desk.sign_in(str(OLGA.oid)))["access_token"])
    assert at_home.person_id == at_work.person_id
    assert (at_home.kind, at_home.organization) == (ActorKind.CITIZEN, None)
    still = desk.tokens.verify((await sign_in(desk, OLGA.oid))["access_token"])
    assert still.kind is ActorKind.OPERATOR


@pytest.mark.parametrize(
    ("oid", "changes", "error", "code"),
    [
        (1_000_000_001, {}, "access_denied", "ESIA_EMPLOYEE_UNKNOWN"),
        (1_000_000_003, {}, "access_denied", "ESIA_ACCOUNT_UNCONFIRMED"),
        (OLGA.oid, {"organization": SECOND_CALL_CENTRE.ogrn}, "access_denied", "ESIA_EMPLOYEE_UNKNOWN"),
        (VERA.oid, {}, "account_selection_required", "ORGANIZATION_NOT_CHOSEN"),
    ],
    ids=["no employee", "not confirmed", "left long ago", "two employers"],
)
async def test_refuses_and_stores_nothing(
    desk: House, oid: int, changes: dict[str, str], error: str, code: str
) -> None:
    answer = await answer_of(desk, oid, **changes)
    assert (answer["error"], answer["error_code"]) == (error, code)
    assert await count_rows(desk.database) == NOTHING


async def test_of_two_employers_the_one_that_is_named(desk: House) -> None:
    for one in (CALL_CENTRE, SECOND_CALL_CENTRE):
        assert claims_of(await sign_in(desk, VERA.oid, organization=one.ogrn)) == {**AT_WORK, "org": one.ogrn}


@pytest.mark.parametrize("organization", ["", "1", "12345678901234", "102770013219٥", "1027700132195 "])
async def test_refuses_an_organisation_of_another_form(desk: House, organization: str) -> None:
    async with desk.browser() as browser:
        started = await desk.start(browser, Pkce(), client_id="operator", organization=organization)
    assert "error_code=SIGN_IN_REQUEST_INVALID" in started.headers["location"]


async def test_an_app_for_citizens_names_no_organisation(desk: House) -> None:
    async with desk.browser() as browser:
        started = await desk.start(browser, Pkce(), organization=CALL_CENTRE.ogrn)
    assert "error_code=SIGN_IN_REQUEST_INVALID" in started.headers["location"]


async def test_a_code_of_one_app_is_worth_nothing_in_another(desk: House) -> None:
    pkce = Pkce()
    code = await desk.code_for(pkce, str(OLGA.oid))
    refused = await desk.redeem(code, pkce, client_id="operator")
    assert refused.json()["code"] == "AUTHORIZATION_CODE_INVALID"


async def test_a_session_of_staff_rests_30_minutes_at_most_though_it_is_bound(desk: House) -> None:
    tokens = await sign_in(desk, OLGA.oid)
    assert tokens["token_type"] == "DPoP"
    desk.clock.advance(timedelta(minutes=29, seconds=59))
    renewed = await refresh(desk, tokens)
    assert renewed.status_code == 200
    desk.clock.advance(timedelta(minutes=30))
    assert (await refresh(desk, renewed.json())).json()["code"] == "SESSION_ENDED"


async def test_a_session_of_staff_ends_with_the_shift(desk: House) -> None:
    tokens = await sign_in(desk, OLGA.oid)
    for _ in range(36):
        desk.clock.advance(timedelta(minutes=20) - timedelta(milliseconds=1))
        answered = await refresh(desk, tokens)
        assert answered.status_code == 200
        tokens = answered.json()
    desk.clock.advance(timedelta(seconds=1))
    assert (await refresh(desk, tokens)).json()["code"] == "SESSION_ENDED"


@pytest.mark.parametrize("kind", [ActorKind.DEVICE, ActorKind.SERVICE])
def test_no_app_signs_people_in_as_a_thing(kind: ActorKind) -> None:
    with pytest.raises(ValueError, match="citizens or a kind of staff"):
        AppSettings(client_id="x", redirect_uris=(APP_REDIRECT,), signs_in=kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"apps": (OPERATORS, OPERATORS)},
        {"organizations": (ORGANIZATIONS[0], ORGANIZATIONS[0])},
    ],
    ids=["app", "organisation"],
)
def test_refuses_settings_that_name_somebody_twice(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"of its own|stands twice"):
        IdentitySettings(**changes)
