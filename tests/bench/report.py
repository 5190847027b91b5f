"""The arithmetic of rounds: what one load cost, and how two servers compare, round by round."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

Figure = Callable[["Round"], float]


@dataclass(frozen=True, slots=True)
class Round:
    """One load on one server; CPU in seconds, of the server's processes and of PostgreSQL's, which may be None."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    server_cpu_seconds: float
    database_cpu_seconds: float | None

    @property
    def requests_per_second(self) -> float:
        """Return how many answers a second."""
        return self.requests / self.seconds

    @property
    def server_cpu_ms(self) -> float:
        """Return the server's CPU milliseconds a request."""
        return self.server_cpu_seconds * 1000 / self.requests

    @property
    def database_cpu_ms(self) -> float | None:
        """Return PostgreSQL's CPU milliseconds a request; None where there is no PostgreSQL."""
        return None if self.database_cpu_seconds is None else self.database_cpu_seconds * 1000 / self.requests


@dataclass(frozen=True, slots=True)
class Paced:
    """One round of an even load below the peak."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    peak_p50_ms: float
    """What half of the requests took at the peak, where each waits for all others under way."""

    @property
    def tail(self) -> float:
        """Return p99 in p50s; without end where the server did not keep up, or an even queue would pass for no tail."""
        return self.p99_ms / self.p50_ms if self.p50_ms < self.peak_p50_ms else math.inf

    @property
    def told(self) -> str:
        """Return the tail and what it is made of, for the table."""
        times = f"{self.p99_ms:.2f} of {self.p50_ms:.2f} ms"
        return f"a queue ({times})" if math.isinf(self.tail) else f"{self.tail:.1f} x ({times})"


@dataclass(frozen=True, slots=True)
class Series:
    """The rounds of one server with one work on one engine, in the order of the run."""

    engine: str
    work: str
    server: str
    rounds: tuple[Round, ...]

    def median(self, figure: Figure) -> float:
        """Return the median of a figure over the rounds."""
        return median(figure(one) for one in self.rounds)


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over repeated rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """Return the spread of at least one value.

        Raises:
            ValueError: There are no values.
        """
        found = list(values)
        if not found:
            raise ValueError("no values")
        return cls(round(median(found), 4), round(min(found), 4), round(max(found), 4))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def speed_ratio(series: Series, peer: Series) -> Spread:
    """Return how many answers a second for each one of the peer, over the pairs of one round."""
    return Spread.of(
        mine.requests_per_second / other.requests_per_second
        for mine, other in zip(series.rounds, peer.rounds, strict=True)
    )


def cpu_ratio(series: Series, peer: Series) -> Spread:
    """Return the peer's server CPU a request for each one of ours: above 1 is cheaper than the peer."""
    return Spread.of(
        other.server_cpu_ms / mine.server_cpu_ms for mine, other in zip(series.rounds, peer.rounds, strict=True)
    )
