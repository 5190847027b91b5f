"""Asking a person to prove anew who they are (S31)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.errors import AuthenticationTooWeak, InsufficientUserAuthentication, SignInRequestInvalid
from identity.esia.values import EsiaIdentity
from identity.ports import PersonFacts
from identity.principal import LONG_AGO, Assurance
from identity.step_up import challenge, extensions_of, require_recent
from identity.tables import PendingSignIn
from identity.wanted import Wanted, require_wanted
from tests.factories.identity import House, Pkce, query_of
from tests.factories.people import NOW, make_principal

FIVE_MINUTES = timedelta(minutes=5)


@given(st.integers(-3_600, 3_600), st.integers(0, 3_600))
def test_a_proof_is_recent_for_exactly_so_long_s31(age: int, max_age: int) -> None:
    actor = replace(make_principal(), authenticated_at=NOW - timedelta(seconds=age))
    if age <= max_age:
        require_recent(actor, now=NOW, max_age=timedelta(seconds=max_age))
        return
    with pytest.raises(InsufficientUserAuthentication) as refused:
        require_recent(actor, now=NOW, max_age=timedelta(seconds=max_age))
    assert refused.value.max_age_seconds == max_age


def test_who_is_not_known_to_have_proved_it_is_never_recent() -> None:
    actor = make_principal(authenticated_at=LONG_AGO)
    with pytest.raises(InsufficientUserAuthentication):
        require_recent(actor, now=NOW, max_age=timedelta(days=365))


@pytest.mark.parametrize("reached", list(Assurance))
@pytest.mark.parametrize("wanted", list(Assurance))
def test_a_stronger_level_is_enough_and_a_weaker_one_is_not(reached: Assurance, wanted: Assurance) -> None:
    order = ["simplified", "standard", "confirmed"]
    actor = replace(make_principal(assurance=reached), authenticated_at=NOW)
    if order.index(reached) >= order.index(wanted):
        require_recent(actor, now=NOW, max_age=FIVE_MINUTES, acr=wanted)
        return
    with pytest.raises(InsufficientUserAuthentication) as refused:
        require_recent(actor, now=NOW, max_age=FIVE_MINUTES, acr=wanted)
    assert challenge(refused.value, scheme="DPoP") == (
        f'DPoP error="insufficient_user_authentication", max_age="300", acr_values="{wanted}"'
    )
    assert extensions_of(refused.value) == {"maxAgeSeconds": 300, "acrValues": [wanted.value]}


def test_the_challenge_without_a_level_names_none() -> None:
    refusal = InsufficientUserAuthentication(max_age_seconds=60, acr=None)
    assert challenge(refusal) == 'Bearer error="insufficient_user_authentication", max_age="60"'
    assert extensions_of(refusal) == {"maxAgeSeconds": 60, "acrValues": []}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Wanted(None, None, None, asks_again=False)),
        ({"max_age": "0"}, Wanted(None, 0, None, asks_again=True)),
        ({"max_age": "300"}, Wanted(None, 300, None, asks_again=True)),
        ({"max_age": "999999999"}, Wanted(None, None, None, asks_again=False)),
        ({"prompt": "login"}, Wanted(None, 0, None, asks_again=True)),
        ({"acr_values": "standard confirmed"}, Wanted(None, None, "standard", asks_again=False)),
        ({"acr_values": "gold confirmed"}, Wanted(None, None, "confirmed", asks_again=False)),
        ({"dpop_jkt": "k" * 43}, Wanted("k" * 43, None, None, asks_again=False)),
    ],
)
def test_what_an_app_wants_is_read(given: dict[str, str], expected: Wanted) -> None:
    assert Wanted.parse(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"max_age": "-1"},
        {"max_age": ""},
        {"max_age": "1.5"},
        {"max_age": "9" * 5_000},
        {"max_age": "٣"},
        {"prompt": "none"},
        {"prompt": "login consent"},
        {"acr_values": ""},
        {"acr_values": "gold"},
        {"dpop_jkt": "short"},
        {"dpop_jkt": "k" * 44},
        {"dpop_jkt": "я" * 43},
    ],
)
async def test_what_cannot_be_wanted_is_refused(house: House, given: dict[str, str]) -> None:
    with pytest.raises(SignInRequestInvalid):
        Wanted.parse(given)
    async with house.browser() as browser:
        started = await house.start(browser, Pkce(), **given)
    assert query_of(started.headers["location"])["error_code"] == "SIGN_IN_REQUEST_INVALID"


async def test_esia_is_told_to_ask_again_and_the_token_says_when_it_did_s31(house: House) -> None:
    pkce = Pkce()
    async with house.browser() as browser:
        assert "prompt" not in query_of((await house.start(browser, pkce)).headers["location"])
        started = await house.start(browser, pkce, max_age="60")
        assert query_of(started.headers["location"])["prompt"] == "login"
    tokens = (await house.redeem(await house.code_for(pkce, max_age="60", acr_values="confirmed"), pkce)).json()
    actor = house.tokens.verify(tokens["access_token"])
    require_recent(actor, now=house.clock(), max_age=timedelta(seconds=60), acr=Assurance.CONFIRMED)
    house.clock.advance(timedelta(seconds=61))
    renewed = house.tokens.verify((await house.refresh(tokens["refresh_token"])).json()["access_token"])
    with pytest.raises(InsufficientUserAuthentication):  # a refresh proves nothing about the person
        require_recent(renewed, now=house.clock(), max_age=timedelta(seconds=60))


async def test_a_level_that_is_not_reached_gives_no_code_s31(house: House) -> None:
    async with house.browser() as browser:
        callback = await house.reach_callback(browser, Pkce(), "1000000003", acr_values="confirmed")
        answer = query_of((await browser.get(callback)).headers["location"])
    assert (answer["error"], answer["error_code"]) == ("unmet_authentication_requirements", "AUTHENTICATION_TOO_WEAK")
    assert "code" not in answer


@pytest.mark.parametrize(("age", "good"), [(0, True), (360, True), (361, False)])
def test_esia_that_did_not_ask_again_is_not_believed_s31(age: int, good: bool) -> None:
    facts = PersonFacts("А", "Б", None, date(1984, 1, 1), "female", None, None, None, "esia", NOW)
    proven = EsiaIdentity("iss", "1", Assurance.CONFIRMED, NOW - timedelta(seconds=age), facts, ())
    pending = PendingSignIn(
        state_hash="s",
        browser_hash="b",
        client_id="ios",
        redirect_uri="r",
        app_state="a",
        code_challenge="c",
        expires_at=NOW + timedelta(minutes=10),
        max_age_seconds=300,
    )
    if good:
        require_wanted(pending, proven, begun_at=NOW)
        return
    with pytest.raises(AuthenticationTooWeak):
        require_wanted(pending, proven, begun_at=NOW)
