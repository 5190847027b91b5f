"""Two keys during a change of certificate: the clock decides, ESIA's refusal corrects, and the log tells."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from backend.clock import SettableClock
from identity.esia.cms_signer import CmsSigner
from identity.esia.errors import EsiaCredentialsRejected, EsiaSignerUnavailable
from identity.esia.signer import RsaSigner
from identity.esia.signing_keys import REFUSED_FOR, SigningKey, SigningKeys
from identity.keys import make_certificate, make_rsa_key
from tests.factories.esia import REDIRECT, SETTINGS, Side, identify, simulated
from tests.factories.identity import ANNA, CLIENT_ID, CMS_SIGNER, NOW, SIGNER, query_of

NEXT_KEY = make_rsa_key()
NEXT_CERTIFICATE = make_certificate(NEXT_KEY, name=CLIENT_ID, now=NOW)
NEXT = RsaSigner(key=NEXT_KEY, certificate_pem=NEXT_CERTIFICATE)
NEXT_CMS = CmsSigner(key=NEXT_KEY, certificate_pem=NEXT_CERTIFICATE)
DAY = timedelta(days=1)
TAKES_OVER = NOW + DAY
"""The current key may sign for a week more."""
BOTH = (
    SigningKey("current", SIGNER, NOW - 300 * DAY, TAKES_OVER + 7 * DAY),
    SigningKey("next", NEXT, TAKES_OVER, TAKES_OVER + 300 * DAY),
)


def names(keys: SigningKeys) -> list[str]:
    return [key.name for key in keys.in_turn()]


def test_the_clock_decides_which_signs() -> None:
    clock = SettableClock(TAKES_OVER - timedelta(seconds=1))
    keys = SigningKeys(BOTH, clock=clock)
    assert names(keys) == ["current"]
    clock.advance(timedelta(seconds=1))
    assert names(keys) == ["next", "current"]
    clock.advance(7 * DAY - timedelta(seconds=1))
    assert names(keys) == ["next", "current"]
    clock.advance(timedelta(seconds=1))
    assert names(keys) == ["next"]
    clock.advance(400 * DAY)
    with capture_logs() as logs, pytest.raises(EsiaSignerUnavailable):
        keys.in_turn()
    assert [(one["event"], one["keys"]) for one in logs] == [("esia.no_valid_key", ["current", "next"])]


def test_a_refused_key_comes_last_for_ten_minutes() -> None:
    clock = SettableClock(TAKES_OVER)
    keys = SigningKeys(BOTH, clock=clock)
    with capture_logs() as logs:
        keys.note_refused(BOTH[1], esia_code="007053")
    assert logs == [{"event": "esia.key_refused", "key": "next", "esia_code": "007053", "log_level": "warning"}]
    assert names(keys) == ["current", "next"]
    clock.advance(REFUSED_FOR - timedelta(seconds=1))
    assert names(keys) == ["current", "next"]
    clock.advance(timedelta(seconds=1))
    assert names(keys) == ["next", "current"]


def test_there_is_a_key() -> None:
    with pytest.raises(ValueError, match="no key"):
        SigningKeys((), clock=SettableClock(NOW))


_moments = st.integers(0, 700).map(lambda days: NOW + timedelta(days=days - 350))
_bound = st.none() | _moments


@given(now=_moments, bounds=st.lists(st.tuples(_bound, _bound), min_size=1, max_size=4), refused=st.integers(0, 3))
def test_only_valid_keys_sign_and_every_valid_one_has_its_turn(
    now: datetime, bounds: list[tuple[datetime | None, datetime | None]], refused: int
) -> None:
    given_keys = [SigningKey(str(place), SIGNER, *bound) for place, bound in enumerate(bounds)]
    keys = SigningKeys(given_keys, clock=SettableClock(now))
    valid = {
        key.name
        for key in given_keys
        if (key.valid_from is None or key.valid_from <= now) and (key.valid_to is None or now < key.valid_to)
    }
    if refused < len(given_keys):
        keys.note_refused(given_keys[refused], esia_code="007002")
    if not valid:
        with pytest.raises(EsiaSignerUnavailable):
            keys.in_turn()
        return
    turn = names(keys)
    assert sorted(turn) == sorted(valid)
    assert str(refused) not in turn[:-1]


DURING_CHANGE = (SigningKey("current", SIGNER), SigningKey("next", NEXT, NOW - DAY))


@pytest.mark.parametrize("dialect", ["v1", "v2_v3"])
async def test_esia_that_knows_only_the_old_certificate_gets_the_old_signature(dialect: str) -> None:
    """The person's way begins before the change is known to us; the exchange falls back by itself."""
    pair = (CMS_SIGNER, NEXT_CMS) if dialect == "v1" else (SIGNER, NEXT)
    clock_free = [SigningKey("current", pair[0]), SigningKey("next", pair[1], NOW - DAY)]
    async with simulated(dialect=dialect, signing_keys=clock_free) as side:
        code = await side.code(scope="openid fullname birthdate gender")
        with capture_logs() as logs:
            found = await side.client.identify(code=code, verifier=side.pkce.verifier, redirect_uri=REDIRECT)
        assert found.subject == str(ANNA.oid)
        refusals = [(one["key"], one["esia_code"]) for one in logs if one["event"] == "esia.key_refused"]
        assert refusals == [("next", "007002" if dialect == "v1" else "007053")]
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


async def test_esia_that_knows_both_gets_the_new_signature() -> None:
    both = replace(SETTINGS, next_certificate_pem=NEXT_CERTIFICATE)
    async with simulated(simulator=both, signing_keys=DURING_CHANGE) as side:
        with capture_logs() as logs:
            assert (await identify(side, "anna")).subject == str(ANNA.oid)
        url = await side.client.authorization_url(state=str(uuid4()), verifier="v" * 43, redirect_uri=REDIRECT)
        assert query_of(url)["client_certificate_hash"] == NEXT.certificate_hash
    assert [one for one in logs if one["event"] == "esia.key_refused"] == []


async def test_one_key_that_is_refused_is_our_operators_task() -> None:
    async with simulated(signing_keys=[SigningKey("current", NEXT)]) as side:
        with pytest.raises(EsiaCredentialsRejected):
            await side.client.identify(code=await side.code(), verifier=side.pkce.verifier, redirect_uri=REDIRECT)


async def brought_back(side: Side) -> str:
    """What a browser brings back that was sent to ESIA with the key whose turn it is."""
    url = await side.client.authorization_url(state=str(uuid4()), verifier="v" * 43, redirect_uri=REDIRECT)
    answered = await side.browser.get(url)
    return "" if answered.status_code == 200 else query_of(answered.headers["location"])["error_description"]


async def test_a_refusal_brought_back_by_a_browser_is_looked_into_and_the_next_sign_in_works() -> None:
    async with simulated(signing_keys=DURING_CHANGE) as side:
        description = await brought_back(side)
        assert description.startswith("ESIA-007053")
        assert type(await side.client.explain(description, redirect_uri=REDIRECT)) is EsiaCredentialsRejected
        assert await brought_back(side) == ""


async def test_a_refusal_that_a_browser_made_up_moves_nothing() -> None:
    both = replace(SETTINGS, next_certificate_pem=NEXT_CERTIFICATE)
    async with simulated(simulator=both, signing_keys=DURING_CHANGE) as side:
        with capture_logs() as logs:
            failure = await side.client.explain("ESIA-007053: made up", redirect_uri=REDIRECT)
        assert type(failure) is EsiaCredentialsRejected
        assert [one for one in logs if one["event"] == "esia.key_refused"] == []
        url = await side.client.authorization_url(state=str(uuid4()), verifier="v" * 43, redirect_uri=REDIRECT)
        assert query_of(url)["client_certificate_hash"] == NEXT.certificate_hash
