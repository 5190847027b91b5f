"""POST /auth/token: codes, refresh tokens, reuse, ends of sessions (S21, S27-S29)."""

import asyncio
import uuid
from datetime import timedelta

import httpx2
import pytest
from sqlmodel import select

from backend.database import Database
from identity.errors import AccountUnknown
from identity.opaque import digest, mint_for
from identity.principal import PersonId
from identity.queries import purge
from identity.sessions import Sessions
from identity.tables import AuthorizationCode, PendingSignIn, RefreshToken, Session
from tests.factories.devices import DeviceKey
from tests.factories.identity import APP_REDIRECT, House, Pkce


def refused(answered: httpx2.Response, error: str, code: str, *, status: int = 400) -> None:
    assert answered.status_code == status
    assert answered.headers["cache-control"] == "no-store"
    assert answered.headers["content-type"] == "application/json"
    assert answered.json() == {"error": error, "code": code, "error_description": f"ru: {code}"}


async def chain(database: Database) -> list[RefreshToken]:
    async with database.reading() as session:
        return list((await session.exec(select(RefreshToken).order_by("token_hash"))).all())


async def only_session(database: Database) -> Session:
    async with database.reading() as session:
        return (await session.exec(select(Session))).one()


def sessions_of(house: House) -> Sessions:
    return Sessions(
        transaction=house.database.transaction, tokens=house.tokens, clock=house.clock, settings=house.settings.tokens
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": "short"},
        {"client_id": "android"},
        {"redirect_uri": "ru.moezdorovye.android:/signed-in"},
    ],
)
async def test_mismatch_is_refused_and_uses_the_code_up_s21(house: House, changes: dict[str, str]) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    refused(await house.redeem(code, pkce, device=None, **changes), "invalid_grant", "AUTHORIZATION_CODE_INVALID")
    refused(await house.redeem(code, pkce), "invalid_grant", "AUTHORIZATION_CODE_INVALID")
    assert await chain(house.database) == []


async def test_challenge_itself_is_no_verifier_s21(house: House) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    answered = await house.redeem(code, pkce, code_verifier=pkce.challenge)
    refused(answered, "invalid_grant", "AUTHORIZATION_CODE_INVALID")


@pytest.mark.parametrize("missing", ["code", "redirect_uri", "code_verifier", "grant_type"])
async def test_missing_parameter_is_refused_and_leaves_the_code_good(house: House, missing: str) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    form = house.redeem_form(code, pkce) | {missing: ""}
    refused(await house.post_token(device=None, **form), "invalid_request", "SIGN_IN_REQUEST_INVALID")
    assert (await house.redeem(code, pkce)).status_code == 200


@pytest.mark.parametrize("grant", ["password", "implicit", "urn:ietf:params:oauth:token-type"])
async def test_other_grants_are_refused_s21(house: House, grant: str) -> None:
    answered = await house.post_token(grant_type=grant, client_id="ios", username="anna", password="anna")
    refused(answered, "unsupported_grant_type", "GRANT_TYPE_UNSUPPORTED")


async def test_unknown_app_is_refused(house: House) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    refused(await house.redeem(code, pkce, client_id="nobody"), "invalid_client", "APP_UNKNOWN", status=401)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type":"refresh_token"}', "application/json"),
        (b"grant_type=refresh_token&grant_type=password", "application/x-www-form-urlencoded"),
        (b"grant_type=%FF", "application/x-www-form-urlencoded"),
        (b"grant_type=\xff", "application/x-www-form-urlencoded"),
        (b"grant_type=refresh_token&client_id=ios&refresh_token=%00", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 20_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(50)), "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
async def test_malformed_body_is_a_coded_400(house: House, body: bytes, content_type: str) -> None:
    async with house.browser() as app:
        answered = await app.post(f"{house.url}/auth/token", content=body, headers={"content-type": content_type})
    refused(answered, "invalid_request", "SIGN_IN_REQUEST_INVALID")


async def test_error_is_told_in_english_too(house: House) -> None:
    async with house.browser() as app:
        answered = await app.post(f"{house.url}/auth/token", data={}, headers={"accept-language": "en-GB,en;q=0.9"})
    assert answered.json()["error_description"] == "en: SIGN_IN_REQUEST_INVALID"


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400)])
async def test_code_is_good_for_sixty_seconds(house: House, seconds: int, status: int) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    house.clock.advance(timedelta(seconds=seconds))
    answered = await house.redeem(code, pkce)
    assert answered.status_code == status
    assert len(await chain(house.database)) == (1 if status == 200 else 0)


async def test_second_use_of_a_code_revokes_what_it_gave_s21(house: House) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    first = (await house.redeem(code, pkce)).json()
    principal = house.tokens.verify(first["access_token"])
    assert await sessions_of(house).is_live(principal.person_id, principal.session_id)
    refused(await house.redeem(code, pkce), "invalid_grant", "AUTHORIZATION_CODE_INVALID")
    assert not await sessions_of(house).is_live(principal.person_id, principal.session_id)
    refused(await house.refresh(first["refresh_token"]), "invalid_grant", "SESSION_ENDED")
    assert (await only_session(house.database)).revoked_at == house.clock()


async def test_twenty_parallel_uses_of_a_code_give_tokens_once(house: House) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    answers = await asyncio.gather(*(house.redeem(code, pkce) for _ in range(20)))
    assert sorted(answered.status_code for answered in answers) == [200] + [400] * 19
    assert len(await chain(house.database)) == 1
    assert (await only_session(house.database)).revoked_at == house.clock()


async def test_refresh_gives_the_next_pair_of_the_same_session_s27(house: House) -> None:
    first = await house.sign_in()
    house.clock.advance(timedelta(minutes=10))
    answered = await house.refresh(first["refresh_token"])
    assert answered.status_code == 200
    second = answered.json()
    before, after = await _principals(house, first, second)
    assert before == after
    assert second["refresh_token"] != first["refresh_token"]
    stored = {token.token_hash: token.used_at for token in await chain(house.database)}
    assert stored == {digest(first["refresh_token"]): house.clock(), digest(second["refresh_token"]): None}


async def _principals(house: House, first: dict[str, str], second: dict[str, str]) -> tuple[object, object]:
    after = house.tokens.verify(second["access_token"])
    house.clock.advance(timedelta(minutes=-10))
    before = house.tokens.verify(first["access_token"])
    house.clock.advance(timedelta(minutes=10))
    return (before.person_id, before.session_id), (after.person_id, after.session_id)


async def test_reuse_of_a_refresh_token_revokes_the_family_s27(house: House) -> None:
    first = await house.sign_in()
    second = (await house.refresh(first["refresh_token"])).json()
    house.clock.advance(timedelta(seconds=30))
    refused(await house.refresh(first["refresh_token"]), "invalid_grant", "REFRESH_TOKEN_REUSED")
    refused(await house.refresh(second["refresh_token"]), "invalid_grant", "SESSION_ENDED")
    assert (await only_session(house.database)).revoked_at == house.clock()
    assert len(await chain(house.database)) == 2


async def test_reuse_by_another_key_revokes_the_family_at_once_s27(house: House) -> None:
    first = await house.sign_in()
    second = (await house.refresh(first["refresh_token"])).json()
    thief = DeviceKey(house.clock)
    answered = await house.refresh(first["refresh_token"], device=thief)
    refused(answered, "invalid_grant", "REFRESH_TOKEN_REUSED")
    refused(await house.refresh(second["refresh_token"]), "invalid_grant", "SESSION_ENDED")


async def test_reuse_revokes_its_own_family_only_s27(house: House) -> None:
    first, phone = await house.sign_in(), DeviceKey(house.clock)
    other = await house.sign_in(device=phone)
    await house.refresh(first["refresh_token"])
    house.clock.advance(timedelta(seconds=30))
    await house.refresh(first["refresh_token"])
    assert (await house.refresh(other["refresh_token"], device=phone)).status_code == 200


async def test_a_lost_answer_is_given_again_within_thirty_seconds_s27(house: House) -> None:
    """The very same successor, with which the chain goes on."""
    first = await house.sign_in()
    lost = (await house.refresh(first["refresh_token"])).json()
    house.clock.advance(timedelta(seconds=29))
    again = (await house.refresh(first["refresh_token"])).json()
    assert again["refresh_token"] == lost["refresh_token"] != first["refresh_token"]
    assert len(await chain(house.database)) == 2
    third = await house.refresh(again["refresh_token"])
    assert third.status_code == 200
    assert (await only_session(house.database)).revoked_at is None
    late = (await house.refresh(first["refresh_token"])).json()
    assert late["refresh_token"] == lost["refresh_token"]


async def test_a_fresh_token_with_another_key_is_refused_and_stays_good_s26(house: House) -> None:
    first = await house.sign_in()
    answered = await house.refresh(first["refresh_token"], device=DeviceKey(house.clock))
    refused(answered, "invalid_dpop_proof", "DPOP_PROOF_INVALID")
    assert (await house.refresh(first["refresh_token"])).status_code == 200


async def test_an_app_that_must_bind_is_given_nothing_without_a_proof_s26(house: House) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    answered = await house.post_form(house.token_url, house.redeem_form(code, pkce), {})
    refused(answered, "invalid_dpop_proof", "DPOP_PROOF_INVALID")
    assert await chain(house.database) == []
    tokens = (await house.redeem(code, pkce)).json()
    assert tokens["token_type"] == "DPoP"
    principal = house.tokens.verify(tokens["access_token"])
    assert principal.key_thumbprint == house.device.thumbprint
    assert principal.authenticated_at == house.clock()
    form = {"grant_type": "refresh_token", "client_id": "ios", "refresh_token": tokens["refresh_token"]}
    refused(await house.post_form(house.token_url, form, {}), "invalid_dpop_proof", "DPOP_PROOF_INVALID")


async def test_a_proof_shown_twice_or_for_another_address_is_refused_s26(house: House) -> None:
    tokens = await house.sign_in()
    form = {"grant_type": "refresh_token", "client_id": "ios", "refresh_token": tokens["refresh_token"]}
    elsewhere = house.device.proof("POST", f"{house.url}/graphql")
    refused(
        await house.post_form(house.token_url, form, {"dpop": elsewhere}), "invalid_dpop_proof", "DPOP_PROOF_INVALID"
    )
    proof = house.device.proof("POST", house.token_url)
    assert (await house.post_form(house.token_url, form, {"dpop": proof})).status_code == 200
    refused(await house.post_form(house.token_url, form, {"dpop": proof}), "invalid_dpop_proof", "DPOP_PROOF_INVALID")
    assert len(await chain(house.database)) == 2


async def test_a_code_asked_for_one_key_is_not_given_to_another_s26(house: House) -> None:
    """RFC 9449 §10: `dpop_jkt`."""
    pkce, thief = Pkce(), DeviceKey(house.clock)
    code = await house.code_for(pkce, dpop_jkt=house.device.thumbprint)
    answered = await house.redeem(code, pkce, device=thief)
    refused(answered, "invalid_grant", "AUTHORIZATION_CODE_INVALID")
    code = await house.code_for(pkce, dpop_jkt=house.device.thumbprint)
    assert (await house.redeem(code, pkce)).status_code == 200


async def test_the_same_key_signing_in_again_replaces_its_session(house: House) -> None:
    first, second = await house.sign_in(), await house.sign_in()
    refused(await house.refresh(first["refresh_token"]), "invalid_grant", "SESSION_ENDED")
    assert (await house.refresh(second["refresh_token"])).status_code == 200


async def test_twenty_parallel_refreshes_give_one_successor_s28(house: House) -> None:
    first = await house.sign_in()
    answers = await asyncio.gather(*(house.refresh(first["refresh_token"]) for _ in range(20)))
    assert [answered.status_code for answered in answers] == [200] * 20
    [successor] = {answered.json()["refresh_token"] for answered in answers}
    hashes = {token.token_hash for token in await chain(house.database)}
    assert hashes == {digest(first["refresh_token"]), digest(successor)}
    assert (await house.refresh(successor)).status_code == 200
    assert (await only_session(house.database)).revoked_at is None


async def test_without_a_key_twenty_parallel_refreshes_count_as_reuse_s28(house: House) -> None:
    first = await unbound(house)
    answers = await asyncio.gather(*(refresh_unbound(house, first) for _ in range(20)))
    good = [answered.json() for answered in answers if answered.status_code == 200]
    codes = [answered.json()["code"] for answered in answers if answered.status_code != 200]
    assert [one["token_type"] for one in good] == ["Bearer"]
    assert codes == ["REFRESH_TOKEN_REUSED"] * 19
    refused(await refresh_unbound(house, good[0]["refresh_token"]), "invalid_grant", "SESSION_ENDED")


async def test_without_a_key_a_session_rests_thirty_minutes_and_lasts_twelve_hours_s29(house: House) -> None:
    token = await unbound(house)
    for _ in range(24):
        house.clock.advance(timedelta(minutes=29))
        answered = await refresh_unbound(house, token)
        assert answered.status_code == 200
        token = answered.json()["refresh_token"]
    house.clock.advance(timedelta(minutes=24))
    refused(await refresh_unbound(house, token), "invalid_grant", "SESSION_ENDED")
    resting = await unbound(house)
    house.clock.advance(timedelta(minutes=30))
    refused(await refresh_unbound(house, resting), "invalid_grant", "SESSION_ENDED")


async def test_the_first_proof_binds_a_session_that_had_no_key(house: House) -> None:
    token = await unbound(house)
    answered = await house.refresh(token, client_id="web")
    assert answered.json()["token_type"] == "DPoP"
    bound = answered.json()["refresh_token"]
    refused(await refresh_unbound(house, bound), "invalid_dpop_proof", "DPOP_PROOF_INVALID")
    assert (await house.refresh(bound, client_id="web")).status_code == 200


async def unbound(house: House) -> str:
    """Return the refresh token of a session without a key."""
    await house.sign_in()
    grant = await sessions_of(house).open_for_development(
        issuer=house.settings.esia.issuer, subject="1000000001", client_id="web"
    )
    assert grant.refresh_token is not None
    return grant.refresh_token


async def refresh_unbound(house: House, token: str) -> httpx2.Response:
    form = {"grant_type": "refresh_token", "client_id": "web", "refresh_token": token}
    return await house.post_form(house.token_url, form, {})


@pytest.mark.parametrize("name", ["x" * 65, "two\nlines", "\u202ename"])
async def test_a_device_name_that_cannot_be_shown_is_refused(house: House, name: str) -> None:
    pkce = Pkce()
    code = await house.code_for(pkce)
    refused(await house.redeem(code, pkce, device_name=name), "invalid_request", "SIGN_IN_REQUEST_INVALID")
    assert (await house.redeem(code, pkce, device_name="  Телефон Анны ")).status_code == 200
    session = await only_session(house.database)
    assert (session.device_name, session.key_thumbprint) == ("Телефон Анны", house.device.thumbprint)
    assert session.last_seen_at == house.clock().replace(minute=0, second=0, microsecond=0)


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_a_revoked_token_ends_its_session_rfc_7009_s30(house: House, kind: str) -> None:
    tokens = await house.sign_in()
    revoked = await house.post_form(f"{house.url}/auth/revoke", {"client_id": "ios", "token": tokens[kind]}, {})
    assert (revoked.status_code, revoked.json()) == (200, {})
    principal = house.tokens.verify(tokens["access_token"])
    assert not await sessions_of(house).is_live(principal.person_id, principal.session_id)
    assert house.ended[-1] == principal.person_id
    refused(await house.refresh(tokens["refresh_token"]), "invalid_grant", "SESSION_ENDED")


@pytest.mark.parametrize("token", ["garbage", "x" * 9_000, "A" * 64])
async def test_revoking_what_means_nothing_answers_alike_rfc_7009(house: House, token: str) -> None:
    tokens = await house.sign_in()
    told = len(house.ended)
    answered = await house.post_form(f"{house.url}/auth/revoke", {"client_id": "ios", "token": token}, {})
    assert (answered.status_code, answered.json()) == (200, {})
    for client_id in ("android", "nobody"):
        form = {"client_id": client_id, "token": tokens["refresh_token"]}
        answered = await house.post_form(f"{house.url}/auth/revoke", form, {})
        assert answered.status_code == (401 if client_id == "nobody" else 200)
    assert len(house.ended) == told
    assert (await house.refresh(tokens["refresh_token"])).status_code == 200


async def test_logout_ends_the_session_of_its_token_s30(house: House) -> None:
    tokens = await house.sign_in()
    url = f"{house.url}/auth/logout"
    good = house.device.headers("POST", url, tokens["access_token"])
    for headers, challenged in [
        ({}, "invalid_token"),
        ({"authorization": f"Bearer {tokens['access_token']}"}, "invalid_token"),
        ({"authorization": good["authorization"]}, None),
        (DeviceKey(house.clock).headers("POST", url, tokens["access_token"]), None),
    ]:
        answered = await house.post_form(url, {}, headers)
        assert answered.status_code == (401 if challenged else 400)
    assert (await house.post_form(url, {}, good)).status_code == 204
    refused(await house.refresh(tokens["refresh_token"]), "invalid_grant", "SESSION_ENDED")


async def test_refresh_token_of_another_app_is_refused_and_stays_good(house: House) -> None:
    first = await house.sign_in()
    answered = await house.refresh(first["refresh_token"], client_id="android")
    refused(answered, "invalid_grant", "REFRESH_TOKEN_INVALID")
    assert (await house.refresh(first["refresh_token"])).status_code == 200


@pytest.mark.parametrize("form", ["unknown", "own", "garbage", "access"])
async def test_unknown_refresh_token_is_refused(house: House, form: str) -> None:
    tokens = await house.sign_in()
    person_id = house.tokens.verify(tokens["access_token"]).person_id
    presented = {
        "unknown": mint_for(PersonId(uuid.uuid4())),
        "own": mint_for(person_id),
        "garbage": "я" * 64,
        "access": tokens["access_token"],
    }[form]
    refused(await house.refresh(presented), "invalid_grant", "REFRESH_TOKEN_INVALID")
    assert len(await chain(house.database)) == 1


async def test_session_idle_for_thirty_days_is_ended_s29(house: House) -> None:
    first = await house.sign_in()
    house.clock.advance(timedelta(days=30, seconds=-1))
    second = (await house.refresh(first["refresh_token"])).json()
    house.clock.advance(timedelta(days=30))
    refused(await house.refresh(second["refresh_token"]), "invalid_grant", "SESSION_ENDED")


async def test_session_ends_after_180_days_however_busy_s29(house: House) -> None:
    tokens = await house.sign_in()
    principal = house.tokens.verify(tokens["access_token"])
    for _ in range(6):
        house.clock.advance(timedelta(days=29))
        tokens = (await house.refresh(tokens["refresh_token"])).json()
    house.clock.advance(timedelta(days=6))
    refused(await house.refresh(tokens["refresh_token"]), "invalid_grant", "SESSION_ENDED")
    assert not await sessions_of(house).is_live(principal.person_id, principal.session_id)
    assert len(await chain(house.database)) == 7


async def test_development_session_is_for_an_existing_account_only(house: House) -> None:
    signed_in = house.tokens.verify((await house.sign_in())["access_token"])
    sessions, issuer = sessions_of(house), house.settings.esia.issuer
    grant = await sessions.open_for_development(issuer=issuer, subject="1000000001", client_id="ios")
    assert house.tokens.verify(grant.access_token).person_id == signed_in.person_id
    assert grant.refresh_token is not None
    assert (await house.refresh(grant.refresh_token)).status_code == 200
    with pytest.raises(AccountUnknown):
        await sessions.open_for_development(issuer=issuer, subject="1000000002", client_id="ios")


async def test_purge_deletes_what_ran_out_and_nothing_else(house: House) -> None:
    pkce = Pkce()
    async with house.browser() as browser:
        await house.start(browser, pkce)
    first = await house.sign_in()
    house.clock.advance(timedelta(days=29))
    second = (await house.refresh(first["refresh_token"])).json()
    async with house.database.transaction() as session:
        assert await purge(session, house.clock()) == 2  # the pending sign-in and the code
    house.clock.advance(timedelta(days=1))
    async with house.database.transaction() as session:
        assert await purge(session, house.clock()) == 1  # the first refresh token
    assert [token.token_hash for token in await chain(house.database)] == [digest(second["refresh_token"])]
    house.clock.advance(timedelta(days=150))
    async with house.database.transaction() as session:
        await purge(session, house.clock())
    async with house.database.reading() as session:
        for table in (PendingSignIn, AuthorizationCode, RefreshToken, Session):
            assert (await session.exec(select(table))).all() == []


async def test_metadata_and_keys_are_published(house: House) -> None:
    async with house.browser() as app:
        metadata = (await app.get(f"{house.url}/.well-known/oauth-authorization-server")).json()
        keys = (await app.get(metadata["jwks_uri"])).json()["keys"]
    assert metadata["issuer"] == house.url
    assert metadata["token_endpoint"] == f"{house.url}/auth/token"
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert [set(key) for key in keys] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]
    assert APP_REDIRECT not in str(metadata)
