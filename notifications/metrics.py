"""Counters of sending, as Prometheus reads them; by kind, channel, provider and code, never by person (S43)."""

from collections.abc import Sequence

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from notifications.channels.port import Outcome, Parcel, Provider
from notifications.statistics import Backlog, Share

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What one process counts."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Register the counters; once a registry."""
        self._tries = Counter(
            "zdorovye_delivery_tries", "Tries to send.", ("kind", "provider", "verdict", "reason"), registry=registry
        )
        self._seconds = Histogram(
            "zdorovye_delivery_seconds", "How long a try took.", ("provider",), buckets=_SECONDS, registry=registry
        )
        self._resting = Gauge(
            "zdorovye_provider_rests", "1 while a provider is not asked.", ("provider",), registry=registry
        )
        self._due = Gauge("zdorovye_deliveries_due", "What waits although it is due.", ("channel",), registry=registry)
        self._failing = Gauge(
            "zdorovye_deliveries_failing_share", "Of the last hour's deliveries.", ("provider",), registry=registry
        )

    def tried(self, parcel: Parcel, provider: Provider, outcome: Outcome, *, took_seconds: float) -> None:
        """Count one try."""
        self._tries.labels(parcel.kind.value, provider.value, outcome.verdict.value, outcome.reason).inc()
        self._seconds.labels(provider.value).observe(took_seconds)

    def rests(self, provider: Provider, *, now: bool) -> None:
        """Note whether a provider is at rest."""
        self._resting.labels(provider.value).set(now)

    def looked(self, waiting: Sequence[Backlog], shares: Sequence[Share]) -> None:
        """Note what a look at the queue found."""
        self._due.clear()
        for late in waiting:
            self._due.labels(late.channel.value).set(late.count)
        for share in shares:
            self._failing.labels(share.provider.value).set(share.failed / share.total)
