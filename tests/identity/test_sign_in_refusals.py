"""Every way a sign-in must be refused, leaving nothing behind (S21-S23)."""

from datetime import timedelta

import pytest

from backend.database import Database
from backend.errors import DatabaseBusy
from identity.esia.errors import OURS
from tests.factories.identity import (
    APP_REDIRECT,
    House,
    Pkce,
    open_house,
    query_of,
)
from tests.identity.rows import NOTHING, callback, count_rows


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


@pytest.mark.parametrize(
    ("endpoint", "kind", "error", "code"),
    [
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
        ("person", "error", "temporarily_unavailable", "ESIA_UNAVAILABLE"),
        ("person", "garbage", "server_error", "ESIA_ANSWER_INVALID"),
        ("person", "huge", "server_error", "ESIA_ANSWER_INVALID"),
        ("collection", "garbage", "server_error", "ESIA_ANSWER_INVALID"),
        ("collection", "foreign_element", "server_error", "ESIA_ANSWER_INVALID"),
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


@pytest.mark.parametrize("endpoint", ["token", "person", "collection"])
async def test_esia_that_is_too_slow_is_given_up_in_time_and_leaves_nothing(database: Database, endpoint: str) -> None:
    async with open_house(database, deadline_seconds=1) as house, house.browser() as browser:
        url = await house.reach_callback(browser, Pkce())
        await house.order_fault(endpoint, "slow")
        answer = await callback(house, browser, url)
        assert (answer["error"], answer["error_code"]) == ("temporarily_unavailable", "ESIA_UNAVAILABLE")
        assert house.directory.told == []
        assert await count_rows(house.database) == NOTHING


@pytest.mark.parametrize("esia_code", OURS)
async def test_a_code_of_esia_that_a_browser_brings_back_is_told_to_the_app(house: House, esia_code: str) -> None:
    async with house.browser() as browser:
        started = await house.start(browser, Pkce())
        brought = {
            "error": "any_word",
            "error_description": f"ESIA-{esia_code}: слова ЕСИА",
            "state": query_of(started.headers["location"])["state"],
        }
        answered = await browser.get(f"{house.url}/auth/esia/callback", params=brought)
    answer = query_of(answered.headers["location"])
    assert (answer["error_code"], answer["state"]) == (OURS[esia_code].code, "app-state")
    assert "слова" not in answered.headers["location"]
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
    assert answer["error_code"] == "SIGN_IN_STATE_INVALID"
    assert (await count_rows(house.database))["accounts"] == 0


async def test_directory_failure_rolls_everything_back(house: House) -> None:
    house.directory.failing = DatabaseBusy()
    async with house.browser() as browser:
        answer = await callback(house, browser, await house.reach_callback(browser, Pkce()))
    assert (answer["error"], answer["error_code"]) == ("temporarily_unavailable", "SIGN_IN_UNAVAILABLE")
    assert await count_rows(house.database) == NOTHING
