"""What a run found, as it is kept in docs/performance-ratios.json; a run of some parts replaces what it measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.bench.contests import Server
from tests.bench.report import Series, Spread, cpu_ratio, speed_ratio

PAIRS: Sequence[tuple[Server, Server]] = (
    (Server.GRAPHQL, Server.REST),
    (Server.GRAPHQL, Server.STRAWBERRY),
    (Server.GRAPHQL, Server.STRAWBERRY_CACHED),
    (Server.GRAPHQL, Server.ORM),
    (Server.GRAPHQL, Server.FLOOR),
    (Server.GRAPHQL_BARE, Server.REST_BARE),
    (Server.GRAPHQL, Server.GRAPHQL_BARE),
    (Server.GRAPHQL_BARE, Server.GRAPHQL_CAREFUL),
    (Server.GRAPHQL_BARE, Server.MERCURIUS),
    (Server.GRAPHQL_BARE, Server.POSTGRAPHILE),
    (Server.LOADERS, Server.MERCURIUS_LOADERS),
    (Server.SCREEN, Server.MERCURIUS_SCREEN),
    (Server.SCREEN, Server.STRAWBERRY_SCREEN),
    (Server.SCREEN, Server.ORM),
)
"""Which servers are compared: ours, and the one beside it."""


@dataclass(slots=True)
class Results:
    """All that is known.

    Attributes:
        parts: By part, under which circumstances it was measured.
        rows: By `engine work server`, the plain figures of the table.
        ratios: By `engine work ours:peer speed|cpu`, and those of other parts; more is better for all.
        figures: What is no ratio: milliseconds, megabytes, messages a second.
        repeats: Ratios of short checks, repeated on unchanged code: what a later check is judged by.
    """

    parts: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    ratios: dict[str, Spread] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    repeats: dict[str, Spread] = field(default_factory=dict)

    def add(self, measured: Sequence[Series]) -> None:
        """Take the outcome of one contest; of a server that is in several, the first plain figures are kept."""
        by_server = {one.server: one for one in measured}
        for series in measured:
            self.rows.setdefault(f"{series.engine} {series.work} {series.server}", _row(series))
        for ours, peer in PAIRS:
            if ours in by_server and peer in by_server:
                mine, other = by_server[ours], by_server[peer]
                name = f"{mine.engine} {mine.work} {ours}:{peer}"
                self.ratios[f"{name} speed"] = speed_ratio(mine, other)
                self.ratios[f"{name} cpu"] = cpu_ratio(mine, other)

    def merged(self, newer: "Results") -> "Results":
        """Return these results with everything that the newer ones measured replaced."""
        return Results(
            parts=self.parts | newer.parts,
            rows=self.rows | newer.rows,
            ratios=self.ratios | newer.ratios,
            figures=self.figures | newer.figures,
            repeats=newer.repeats or self.repeats,
        )

    def dumped(self) -> bytes:
        """Return them as JSON, sorted, so that two runs can be compared line by line."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def load_results(file: Path) -> Results:
    """Read kept results; none when there is no such file."""
    if not file.exists():
        return Results()
    kept: Mapping[str, Any] = orjson.loads(file.read_bytes())
    ratios, repeats = (
        {name: Spread(**one) for name, one in kept.get(key, {}).items()} for key in ("ratios", "repeats")
    )
    return Results(kept["parts"], kept["rows"], ratios, kept["figures"], repeats)


def _row(series: Series) -> dict[str, Any]:
    speeds = Spread.of(one.requests_per_second for one in series.rounds)
    database = [one.database_cpu_ms for one in series.rounds if one.database_cpu_ms is not None]
    return {
        "speed": [round(speeds.median), round(speeds.lowest), round(speeds.highest)],
        "p50_ms": round(series.median(lambda one: one.p50_ms), 2),
        "p99_ms": round(series.median(lambda one: one.p99_ms), 2),
        "server_cpu_ms": round(series.median(lambda one: one.server_cpu_ms), 3),
        "database_cpu_ms": Spread.of(database).median if database else None,
    }
