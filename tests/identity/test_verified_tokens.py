from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import SettableClock
from identity.errors import TokenRefused
from identity.principal import Principal
from identity.tokens import AccessTokens
from identity.verified_tokens import VerifiedTokens
from tests.factories.identity import NOW, SIGNING_KEY
from tests.identity.test_tokens import SETTINGS, SUBJECT


class _Asked:
    """The real check, and how often it was asked."""

    def __init__(self, clock: SettableClock) -> None:
        self.tokens = AccessTokens(signing_key=SIGNING_KEY, settings=SETTINGS, clock=clock)
        self.times = 0

    def verify(self, token: str) -> Principal:
        self.times += 1
        return self.tokens.verify(token)


def _outcome(tokens: AccessTokens | VerifiedTokens, token: str) -> Principal | None:
    try:
        return tokens.verify(token)
    except TokenRefused:
        return None


def test_a_token_is_proven_once() -> None:
    clock = SettableClock(NOW)
    asked = _Asked(clock)
    remembered = VerifiedTokens(asked.verify, clock=clock)
    token = asked.tokens.issue(SUBJECT)
    assert [remembered.verify(token) for _ in range(3)] == [asked.tokens.verify(token)] * 3
    assert asked.times == 1


@given(st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=8))
def test_answers_as_a_fresh_check_would_whatever_the_clock_does(moves: list[int]) -> None:
    clock = SettableClock(NOW)
    tokens = AccessTokens(signing_key=SIGNING_KEY, settings=SETTINGS, clock=clock)
    remembered = VerifiedTokens(tokens.verify, clock=clock)
    token = tokens.issue(SUBJECT)
    for seconds in moves:
        clock.advance(timedelta(seconds=seconds))
        assert _outcome(remembered, token) == _outcome(tokens, token)


@pytest.mark.parametrize(
    "damage", [lambda token: token[:-2], lambda token: token + "x", lambda _: "", lambda _: "\ud800"]
)
def test_a_refusal_is_not_remembered_and_no_other_token_profits(damage: Callable[[str], str]) -> None:
    clock = SettableClock(NOW)
    asked = _Asked(clock)
    remembered = VerifiedTokens(asked.verify, clock=clock)
    token = asked.tokens.issue(SUBJECT)
    remembered.verify(token)
    for _ in range(2):
        with pytest.raises(TokenRefused):
            remembered.verify(damage(token))
    assert asked.times == 3
    assert len(remembered) == 1


def test_remembers_a_bounded_number_the_latest_used() -> None:
    clock = SettableClock(NOW)
    asked = _Asked(clock)
    remembered = VerifiedTokens(asked.verify, clock=clock, most=2)
    first, second, third = (asked.tokens.issue(SUBJECT) for _ in range(3))
    for token in (first, second, first, third):
        remembered.verify(token)
    assert len(remembered) == 2
    remembered.verify(first)
    assert asked.times == 3
    remembered.verify(second)
    assert asked.times == 4
