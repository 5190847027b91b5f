"""The arithmetic of a run and its table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

BEGIN = "<!-- bench: begin -->"
END = "<!-- bench: end -->"

Figure = Callable[["Round"], float]


@dataclass(frozen=True, slots=True)
class Round:
    """One load on one server; CPU in seconds, of the server's process and of PostgreSQL's, which may be None."""

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
class Series:
    """The rounds of one server with one work on one engine, in the order of the run."""

    engine: str
    work: str
    server: str
    rounds: tuple[Round, ...]

    def median(self, figure: Figure) -> float:
        """Return the median of a figure over the rounds."""
        return median(figure(one) for one in self.rounds)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def speed_ratio(series: Series, peer: Series) -> float:
    """Return how many answers a second for each one of the peer: the median over the pairs of one round."""
    return median(
        mine.requests_per_second / other.requests_per_second
        for mine, other in zip(series.rounds, peer.rounds, strict=True)
    )


def cpu_ratio(series: Series, peer: Series) -> float:
    """Return the peer's server CPU a request for each one of ours: above 1 is cheaper than the peer."""
    return median(
        other.server_cpu_ms / mine.server_cpu_ms for mine, other in zip(series.rounds, peer.rounds, strict=True)
    )


def render_table(measured: Sequence[Series], *, ours: str, peers: Sequence[str]) -> str:
    """Return the Markdown table of a run.

    Args:
        measured: All series; those of one engine and work stand together.
        ours: The server whose ratios are shown.
        peers: The servers it is compared with, each measured with the same works.
    """
    columns = ["engine", "work", "server", "req/s (lowest – highest)", "p50 / p99 ms", "server CPU ms"]
    columns += ["PostgreSQL CPU ms", *(f"of {peer}: req/s / CPU" for peer in peers)]
    lines = [_line(columns), _line(["---"] * len(columns))]
    by_key = {(one.engine, one.work, one.server): one for one in measured}
    for series in measured:
        ratios = [
            _ratios(series, by_key[series.engine, series.work, peer]) if series.server == ours else "" for peer in peers
        ]
        lines.append(_line([series.engine, series.work, series.server, *_figures(series), *ratios]))
    return "\n".join(lines)


def replace_section(text: str, section: str) -> str:
    """Return a document with everything between its two markers replaced.

    Raises:
        ValueError: It does not hold each marker once, the first one first.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in before + after:
        raise ValueError("the document does not hold the two markers, each once")
    return f"{before}{BEGIN}\n\n{section.strip()}\n\n{END}{after}"


def _figures(series: Series) -> list[str]:
    speeds = [one.requests_per_second for one in series.rounds]
    database = [one.database_cpu_ms for one in series.rounds if one.database_cpu_ms is not None]
    p50, p99 = series.median(lambda one: one.p50_ms), series.median(lambda one: one.p99_ms)
    return [
        f"{median(speeds):,.0f} ({min(speeds):,.0f} – {max(speeds):,.0f})",
        f"{p50:.2f} / {p99:.2f}",
        f"{series.median(lambda one: one.server_cpu_ms):.3f}",
        f"{median(database):.3f}" if database else "",
    ]


def _ratios(series: Series, peer: Series) -> str:
    return f"{speed_ratio(series, peer):.3f} / {cpu_ratio(series, peer):.3f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
