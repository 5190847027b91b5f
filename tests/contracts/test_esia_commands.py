"""What the simulated ESIA does on command: other keys, another clock, no consents; and what we make of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from identity.errors import EsiaAnswerInvalid, EsiaUnavailable
from identity.esia.errors import EsiaClockRejected
from tests.factories.esia import REDIRECT, SETTINGS, identify, simulated
from tests.factories.identity import ANNA

HALF_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize("sends_kid", [True, False])
async def test_a_rotated_key_is_learnt_from_the_jwks(*, sends_kid: bool) -> None:
    async with simulated(jwks=True, simulator=replace(SETTINGS, sends_kid=sends_kid)) as side:
        assert (await identify(side, "anna")).subject == str(ANNA.oid)
        await side.order("keys", {"keeps_old": True})
        with pytest.raises(EsiaAnswerInvalid):  # the last reading was less than 30 s ago (S25)
            await identify(side, "anna")
        side.clock.advance(HALF_MINUTE)
        assert (await identify(side, "anna")).subject == str(ANNA.oid)
        await side.order("keys", {"keeps_old": False})
        side.clock.advance(HALF_MINUTE)
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


async def test_a_rotated_key_is_refused_by_who_has_a_fixed_one() -> None:
    async with simulated() as side:
        await side.order("keys", {})
        with pytest.raises(EsiaAnswerInvalid):
            await identify(side, "anna")


@pytest.mark.parametrize("kind", ["slow", "error", "garbage", "huge"])
async def test_keys_that_cannot_be_read_stop_the_first_sign_in_and_no_later_one(kind: str) -> None:
    async with simulated(jwks=True, read_timeout_seconds=2 if kind == "slow" else 20) as side:
        await side.fault("jwks", kind, seconds=3)
        with pytest.raises(EsiaUnavailable):
            await identify(side, "anna")
        side.clock.advance(HALF_MINUTE)
        assert (await identify(side, "anna")).subject == str(ANNA.oid)
        await side.fault("jwks", kind, seconds=3)
        side.clock.advance(timedelta(minutes=10))
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


@pytest.mark.parametrize("seconds", [-240, -60, 59])
async def test_a_clock_that_differs_a_little_is_borne(seconds: int) -> None:
    async with simulated() as side:
        await side.order("clock", {"seconds": seconds})
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


async def test_tokens_dated_ahead_are_refused() -> None:
    async with simulated() as side:
        await side.order("clock", {"seconds": 61})
        with pytest.raises(EsiaAnswerInvalid):
            await identify(side, "anna")


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_clock_that_differs_much_is_our_operators_task(seconds: int) -> None:
    async with simulated() as side:
        code = await side.code()
        await side.order("clock", {"seconds": seconds})
        with pytest.raises(EsiaClockRejected):
            await side.client.identify(code=code, verifier=side.pkce.verifier, redirect_uri=REDIRECT)


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("keys", {"keeps_old": "tea"}),
        ("keys", {"more": 1}),
        ("clock", {}),
        ("clock", {"seconds": 1e9}),
        ("consents", {"oid": "x"}),
        ("faults", {"endpoint": "tea", "kind": "slow"}),
    ],
)
async def test_an_order_that_is_not_understood_is_refused(what: str, body: dict[str, object]) -> None:
    async with simulated() as side:
        assert (await side.browser.post(f"{side.url}/_control/{what}", json=body)).status_code == 400
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


async def test_no_command_is_taken_where_control_is_closed() -> None:
    async with simulated(control=False) as side:
        for what in ("keys", "clock", "consents", "faults"):
            assert (await side.browser.post(f"{side.url}/_control/{what}", json={})).status_code == 404
