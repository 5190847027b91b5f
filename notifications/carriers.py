"""Who carries the messages of one channel: providers in their order, and what is known of their health.

A provider that fails is given a rest and the next one carries meanwhile; so is one that is slow for too many, as GOV.UK
Notify does: at 15 % slow answers of the last 15 minutes it loses its priority.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from notifications.channels.port import Outcome, Provider, Sender, Verdict

FAILURES_TO_REST = 5
REST_SECONDS = 10.0
LONGEST_REST_SECONDS = 300.0
SLOW_SECONDS = 5.0
SLOW_SHARE = 0.15
SLOW_WINDOW_SECONDS = 900.0
_FEWEST_TO_JUDGE = 20
_MOST_REMEMBERED = 1_000

_AGAINST_IT = frozenset({Verdict.RETRY, Verdict.UNCLEAR, Verdict.PROVIDER_UNUSABLE})
"""Verdicts that speak against the provider; every other one is an answer as it should be."""


@dataclass(slots=True)
class _Health:
    failures: int = 0
    rests: int = 0
    resting_until: float = 0.0
    answers: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=_MOST_REMEMBERED))


class Carriers:
    """The senders of one channel, the preferred one first."""

    def __init__(self, senders: Sequence[Sender], *, monotonic: Callable[[], float]) -> None:
        """Begin with everybody well; time is in seconds."""
        self._senders = {sender.provider: sender for sender in senders}
        self._health = {provider: _Health() for provider in self._senders}
        self._monotonic = monotonic

    def choose(self, provider: Provider | None = None) -> Sender | None:
        """Return who may carry now: the named one, or the first that is well and quick, or the first that is well.

        When a rest is over one message goes through as a trial, and the others wait for what comes of it.
        """
        named = [provider] if provider in self._senders else [] if provider else list(self._senders)
        for known in sorted(named, key=lambda one: self._is_slow(self._health[one])):
            if self._may_try(self._health[known]):
                return self._senders[known]
        return None

    def knows(self, provider: Provider | None) -> bool:
        """Return whether there is such a provider at all, or any."""
        return bool(self._senders) if provider is None else provider in self._senders

    def note(self, provider: Provider, outcome: Outcome, *, took_seconds: float) -> bool:
        """Learn from an outcome; returns whether the provider is at rest from now on because of it."""
        health = self._health[provider]
        now = self._monotonic()
        health.answers.append((now, took_seconds >= SLOW_SECONDS))
        if outcome.verdict not in _AGAINST_IT:
            health.failures = health.rests = 0
            health.resting_until = 0.0
            return False
        health.failures += 1
        if health.failures < FAILURES_TO_REST and outcome.verdict is not Verdict.PROVIDER_UNUSABLE:
            return False
        began = now >= health.resting_until
        if began:
            rest = max(REST_SECONDS * 2.0 ** min(health.rests, 8), outcome.retry_after_seconds or 0.0)
            health.resting_until = now + min(rest, LONGEST_REST_SECONDS)
            health.rests += 1
        return began

    def is_resting(self, provider: Provider) -> bool:
        """Return whether a provider is given a rest now."""
        return self._monotonic() < self._health[provider].resting_until

    async def close(self) -> None:
        """Close every sender."""
        for sender in self._senders.values():
            await sender.close()

    def _may_try(self, health: _Health) -> bool:
        now = self._monotonic()
        if health.resting_until == 0.0:
            return True
        if now < health.resting_until:
            return False
        health.resting_until = now + REST_SECONDS  # this one is the trial
        return True

    def _is_slow(self, health: _Health) -> bool:
        since = self._monotonic() - SLOW_WINDOW_SECONDS
        while health.answers and health.answers[0][0] < since:
            health.answers.popleft()
        slow = sum(is_slow for _, is_slow in health.answers)
        return len(health.answers) >= _FEWEST_TO_JUDGE and slow >= SLOW_SHARE * len(health.answers)
