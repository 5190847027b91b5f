"""ESIA's contract, over a real socket: the words of the dialect and the refusals of the simulator."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import jwt
import pytest

from identity.esia.dialects import V2_V3, format_timestamp, text_to_sign
from identity.esia.signer import RsaSigner, encode_secret
from identity.keys import make_certificate, make_rsa_key
from tests.factories.esia import REDIRECT, Side, simulated
from tests.factories.identity import (
    ANNA,
    CLIENT_ID,
    ESIA_KEY,
    NOW,
    STANDARD,
    query_of,
)


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    async with simulated() as side:
        yield side


def test_strings_to_sign_follow_the_dialect() -> None:
    parameters = {"client_id": "C", "scope": "a b", "timestamp": "T", "state": "S", "redirect_uri": "R", "code": "K"}
    assert text_to_sign(V2_V3.signed_to_authorize, parameters) == b"Ca bTSR"
    assert text_to_sign(V2_V3.signed_to_exchange, parameters) == b"Ca bTSRK"


def test_timestamp_has_esias_form() -> None:
    assert format_timestamp(NOW) == "2026.11.22 09:00:00 +0000"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timestamp": "2026.11.22 08:54:59 +0000"}, "007015"),
        ({"timestamp": "2026.11.22 09:05:01 +0000"}, "007015"),
        ({"timestamp": "2026-11-22T09:00:00Z"}, "007015"),
        ({"client_certificate_hash": "0" * 64}, "007053"),
        ({"scope": ""}, "007013"),
        ({"scope": "openid everything"}, "007006"),
        ({"state": ""}, "007014"),
        ({"response_type": "token"}, "007003"),
        ({"code_challenge": ""}, "007039"),
        ({"code_challenge_method": "plain"}, "007039"),
    ],
)
async def test_authorize_refuses_with_esias_code(side: Side, changes: dict[str, str], code: str) -> None:
    answered = await side.ask(await side.authorization(**changes))
    assert answered.status_code == 302
    assert answered.headers["location"].startswith(REDIRECT)
    assert f"ESIA-{code}" in query_of(answered.headers["location"])["error_description"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"redirect_uri": "https://evil.example/"}, "007023"), ({"client_id": "ANOTHER"}, "008010")],
)
async def test_authorize_never_redirects_where_it_may_not(side: Side, changes: dict[str, str], code: str) -> None:
    answered = await side.ask(await side.authorization(**changes))
    assert answered.status_code == 400
    assert f"ESIA-{code}" in answered.text


async def test_signature_is_accepted_with_and_without_padding_and_refused_when_foreign(side: Side) -> None:
    good = await side.authorization()
    padded = good["client_secret"] + "=" * (-len(good["client_secret"]) % 4)
    foreign = make_rsa_key()
    stranger = RsaSigner(key=foreign, certificate_pem=make_certificate(foreign, name=CLIENT_ID, now=NOW))
    forged = encode_secret(await stranger.sign(text_to_sign(V2_V3.signed_to_authorize, good)))
    assert (await side.ask(good)).status_code == 200
    assert (await side.ask(good | {"client_secret": padded})).status_code == 200
    for secret in (forged, "garbage", "ё", good["client_secret"][:-8]):
        answered = await side.ask(good | {"client_secret": secret})
        assert "ESIA-007053" in query_of(answered.headers["location"])["error_description"]


async def test_page_offers_demo_people_and_finds_others(side: Side) -> None:
    parameters = await side.authorization()
    first = await side.ask(parameters)
    assert 'lang="ru"' in first.text
    assert "Ёлкина Анна Сергеевна" in first.text
    assert "мама двоих детей" in first.text
    assert "Обычная" not in first.text
    found = await side.ask(parameters | {"search": "обычная оль"})
    assert "Обычная Ольга Петровна" in found.text
    assert "учётная запись не подтверждена" in found.text
    english = await side.browser.get(
        side.url + V2_V3.authorize_path, params=parameters, headers={"accept-language": "en"}
    )
    assert 'lang="en"' in english.text
    assert "mother of two" in english.text


async def test_page_escapes_what_it_is_given(side: Side) -> None:
    answered = await side.ask(await side.authorization() | {"search": '"><script>alert(1)</script>'})
    assert answered.status_code == 200
    assert "<script" not in answered.text
    assert "default-src 'none'" in answered.headers["content-security-policy"]


async def test_tokens_have_esias_claims(side: Side) -> None:
    answered = await side.exchange(await side.code())
    body = answered.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    UUID(body["state"])
    access = jwt.PyJWS().decode_complete(body["access_token"], ESIA_KEY.public_key(), algorithms=["RS256"])
    assert access["header"] == {"ver": 1, "typ": "JWT", "sbt": "access", "alg": "RS256"}
    told = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert told["iss"] == "http://esia.gosuslugi.ru/"
    assert told["client_id"] == CLIENT_ID
    assert told["urn:esia:sbj_id"] == ANNA.oid
    assert told["scope"] == f"openid fullname?oid={ANNA.oid}"
    assert told["exp"] - told["iat"] == 3600
    proven = jwt.decode(body["id_token"], options={"verify_signature": False})
    assert jwt.get_unverified_header(body["id_token"])["sbt"] == "id"
    assert (proven["aud"], proven["sub"], proven["exp"] - proven["iat"]) == (CLIENT_ID, ANNA.oid, 10800)
    assert proven["urn:esia:sbj"] == {
        "urn:esia:sbj:typ": "P",
        "urn:esia:sbj:is_tru": True,
        "urn:esia:sbj:oid": ANNA.oid,
        "urn:esia:sbj:nam": f"OID.{ANNA.oid}",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "unknown"}, "007011"),
        ({"code_verifier": ""}, "007039"),
        ({"code_verifier": "w" * 43}, "007040"),
        ({"client_secret": "AAAA"}, "007053"),
        ({"client_certificate_hash": "0" * 64}, "007053"),
        ({"redirect_uri": "https://evil.example/"}, "007023"),
        ({"grant_type": "password"}, "007003"),
        ({"timestamp": "2026.11.21 09:00:00 +0000"}, "007015"),
        ({"client_id": "ANOTHER"}, "008010"),
    ],
)
async def test_token_refuses_with_esias_code(side: Side, changes: dict[str, str], code: str) -> None:
    answered = await side.exchange(await side.code(), **changes)
    assert answered.status_code == 400
    assert f"ESIA-{code}" in answered.json()["error_description"]


async def test_code_works_once_and_for_a_minute(side: Side) -> None:
    code, late = await side.code(), await side.code()
    assert (await side.exchange(code)).status_code == 200
    assert "ESIA-007011" in (await side.exchange(code)).text
    side.clock.advance(timedelta(seconds=60))
    assert "ESIA-007011" in (await side.exchange(late)).text


async def test_refresh_token_gives_new_tokens_once(side: Side) -> None:
    first = (await side.exchange(await side.code())).json()
    form = await side.authorization(grant_type="refresh_token", refresh_token=first["refresh_token"])
    again = await side.browser.post(side.url + V2_V3.token_path, data=form)
    assert again.status_code == 200
    assert again.json()["access_token"] != first["access_token"]
    assert "ESIA-007011" in (await side.browser.post(side.url + V2_V3.token_path, data=form)).text


async def test_registry_shows_what_the_scope_allows_and_embeds_on_demand(side: Side) -> None:
    body = (await side.exchange(await side.code(scope="openid snils mobile"), scope="openid snils mobile")).json()
    bearer = {"authorization": f"Bearer {body['access_token']}"}
    person = f"{side.url}/rs/prns/{ANNA.oid}"
    plain = (await side.browser.get(person, headers=bearer)).json()
    assert plain["snils"] == "112-233-445 95"
    assert "firstName" not in plain
    assert "birthDate" not in plain
    assert "contacts" not in plain
    listed = (await side.browser.get(f"{person}/ctts", headers=bearer)).json()
    assert listed["size"] == 1
    assert listed["elements"] == [f"{person}/ctts/1"]
    one = (await side.browser.get(listed["elements"][0], headers=bearer)).json()
    assert (one["type"], one["value"], one["vrfStu"]) == ("MBT", "+7(910)1234567", "VERIFIED")
    embedded = (await side.browser.get(f"{person}?embed=(contacts.elements,documents)", headers=bearer)).json()
    assert [element["type"] for element in embedded["contacts"]["elements"]] == ["MBT"]
    assert embedded["documents"]["elements"] == []


async def test_registry_refuses_other_people_and_late_tokens(side: Side) -> None:
    body = (await side.exchange(await side.code())).json()
    bearer = {"authorization": f"Bearer {body['access_token']}"}
    assert (await side.browser.get(f"{side.url}/rs/prns/{STANDARD.oid}", headers=bearer)).status_code == 403
    assert (await side.browser.get(f"{side.url}/rs/prns/{ANNA.oid}")).status_code == 401
    side.clock.advance(timedelta(hours=1))
    assert (await side.browser.get(f"{side.url}/rs/prns/{ANNA.oid}", headers=bearer)).status_code == 401


async def test_only_confirmed_people_where_that_is_asked() -> None:
    async with simulated(confirmed_only=True) as side:
        parameters = await side.authorization()
        chosen = await side.browser.post(
            side.url + V2_V3.authorize_path, params=parameters, data={"person": str(STANDARD.oid)}
        )
    assert "ESIA-007055" in query_of(chosen.headers["location"])["error_description"]


async def test_logout_leads_back_to_the_client_only(side: Side) -> None:
    ours = {"client_id": CLIENT_ID, "redirect_url": "https://zdorovye.example/bye"}
    left = await side.browser.get(f"{side.url}/idp/ext/Logout", params=ours)
    assert left.headers["location"] == "https://zdorovye.example/bye"
    evil = await side.browser.get(f"{side.url}/idp/ext/Logout", params=ours | {"redirect_url": "https://evil.example"})
    assert evil.status_code == 400


async def test_control_is_closed_unless_asked_for() -> None:
    async with simulated(control=False) as side:
        assert (await side.browser.get(f"{side.url}/_control/faults")).status_code == 404


async def test_faults_are_counted_and_can_be_forgotten(side: Side) -> None:
    await side.fault("token", "error", times=2)
    waiting = (await side.browser.get(f"{side.url}/_control/faults")).json()
    assert [(one["kind"], one["times"]) for one in waiting] == [("error", 2)]
    code = await side.code()
    assert (await side.exchange(code)).status_code == 500
    assert (await side.browser.delete(f"{side.url}/_control/faults")).json() == []
    assert (await side.exchange(code)).status_code == 200
    assert (await side.browser.post(f"{side.url}/_control/faults", json={"kind": "tea"})).status_code == 400


async def test_page_style_is_the_one_its_policy_names(side: Side) -> None:
    answered = await side.ask(await side.authorization())
    style = answered.text.partition("<style>")[2].partition("</style>")[0]
    named = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert len(style) > 500
    assert f"style-src 'sha256-{named}'" in answered.headers["content-security-policy"]
