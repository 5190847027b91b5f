"""Who carries: the preferred provider while it is well, the next one while it is not."""

from dataclasses import dataclass, field

import pytest

from notifications.carriers import (
    FAILURES_TO_REST,
    LONGEST_REST_SECONDS,
    REST_SECONDS,
    SLOW_SECONDS,
    SLOW_WINDOW_SECONDS,
    Carriers,
)
from notifications.channels.port import Outcome, Provider, Verdict
from tests.factories.deliveries import RememberingSender

FIRST, SECOND = Provider.SMS_GATEWAY, Provider.SMS_RESERVE
FAILED, TAKEN = Outcome(Verdict.RETRY), Outcome(Verdict.ACCEPTED)


@dataclass
class Known:
    """Two gateways and the time."""

    now: float = 100.0
    carriers: Carriers = field(init=False)

    def __post_init__(self) -> None:
        senders = [RememberingSender(FIRST), RememberingSender(SECOND)]
        self.carriers = Carriers(senders, monotonic=lambda: self.now)

    def chosen(self, provider: Provider | None = None) -> Provider | None:
        sender = self.carriers.choose(provider)
        return sender.provider if sender else None

    def note(self, outcome: Outcome, times: int = 1, *, took: float = 0.0, provider: Provider = FIRST) -> list[bool]:
        return [self.carriers.note(provider, outcome, took_seconds=took) for _ in range(times)]


@pytest.fixture
def known() -> Known:
    return Known()


def test_the_preferred_one_carries_until_it_has_failed_often_enough(known: Known) -> None:
    assert known.note(FAILED, FAILURES_TO_REST - 1) == [False] * (FAILURES_TO_REST - 1)
    assert known.chosen() == FIRST
    assert known.note(FAILED) == [True]
    assert (known.chosen(), known.chosen(FIRST)) == (SECOND, None)


def test_after_its_rest_one_message_is_the_trial(known: Known) -> None:
    known.note(FAILED, FAILURES_TO_REST)
    known.now += REST_SECONDS
    assert [known.chosen(), known.chosen()] == [FIRST, SECOND]
    known.note(TAKEN)
    assert [known.chosen(), known.chosen()] == [FIRST, FIRST]


def test_each_rest_in_a_row_is_longer_up_to_a_limit(known: Known) -> None:
    rests = []
    known.note(FAILED, FAILURES_TO_REST)
    for _ in range(8):
        began = known.now
        while known.chosen() != FIRST:
            known.now += 1
        rests.append(known.now - began)
        known.note(FAILED)
        known.now += REST_SECONDS  # the trial's own
        known.note(FAILED)
    assert rests[0] == REST_SECONDS
    assert max(rests) <= LONGEST_REST_SECONDS
    assert rests == sorted(rests)


def test_credentials_that_are_refused_rest_at_once(known: Known) -> None:
    assert known.note(Outcome(Verdict.PROVIDER_UNUSABLE)) == [True]
    assert known.chosen() == SECOND


@pytest.mark.parametrize("verdict", [Verdict.ADDRESS_DEAD, Verdict.CONTENT_REFUSED, Verdict.RECIPIENT_REFUSES])
def test_what_is_no_fault_of_a_provider_does_not_count_against_it(known: Known, verdict: Verdict) -> None:
    known.note(Outcome(verdict), 50)
    assert known.chosen() == FIRST


def test_a_provider_slow_for_a_seventh_loses_its_priority_for_a_while(known: Known) -> None:
    """GOV.UK Notify: 15 % slow within 15 minutes."""
    known.note(TAKEN, 86)
    known.note(TAKEN, 14, took=SLOW_SECONDS)
    assert known.chosen() == FIRST
    known.note(TAKEN, 3, took=SLOW_SECONDS)
    assert known.chosen() == SECOND
    known.now += SLOW_WINDOW_SECONDS + 1
    assert known.chosen() == FIRST


def test_when_both_rest_nobody_carries_and_an_unknown_one_never(known: Known) -> None:
    known.note(FAILED, FAILURES_TO_REST)
    known.note(FAILED, FAILURES_TO_REST, provider=SECOND)
    assert known.chosen() is None
    assert known.chosen(Provider.FCM) is None
    assert [known.carriers.knows(one) for one in (None, FIRST, Provider.FCM)] == [True, True, False]
