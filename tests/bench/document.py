"""Writes docs/performance.md, its plot and the kept results: all of it is made of the kept results alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench.contests import Server
from tests.bench.plot import draw_speeds
from tests.bench.report import Spread
from tests.bench.results import Results
from tests.bench.targets import TARGETS

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT, KEPT, PLOT = DOCS / "performance.md", DOCS / "performance-ratios.json", DOCS / "images" / "performance.svg"

_SEARCH = re.compile(r"search (?P<work>.+) (?P<size>[\d,]+) slots (?P<figure>p50|p99) ms")

BEGIN = "<!-- bench: begin -->"
END = "<!-- bench: end -->"


def write_documents(results: Results) -> None:
    """Write the three files."""
    KEPT.write_bytes(results.dumped())
    DOCUMENT.write_text(replace_section(DOCUMENT.read_text(), render(results)))
    PLOT.parent.mkdir(exist_ok=True)
    draw_speeds(results, PLOT)


def render(results: Results) -> str:
    """Return everything between the markers of the document."""
    sections = [
        ("Targets", targets_table(results)),
        ("Servers under load", rows_table(results)),
        ("Ratios", ratios_table(results.ratios)),
        ("Ratios of repeated checks", ratios_table(results.repeats)),
        ("Search among ever more slots", search_table(results)),
        ("Other figures", figures_table(results)),
        ("Circumstances", "\n".join(f"- **{part}**: {told}" for part, told in sorted(results.parts.items()))),
    ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in sections)


def targets_table(results: Results) -> str:
    """Return the table of targets, each with what was measured and how to measure it again."""
    lines = []
    for target in TARGETS:
        measured, is_met = target.judge(results)
        met = {True: "yes", False: "**no**", None: "not measured"}[is_met]
        lines.append([target.work, target.wanted, measured, met, f"`{target.command}`"])
    return _table(["work", "target", "measured", "met", "command"], lines)


def rows_table(results: Results) -> str:
    """Return the plain figures of each server."""
    titles = ["engine", "work", "server", "req/s (lowest – highest)", "p50 / p99 ms", "server CPU ms"]
    lines = []
    for name, row in sorted(results.rows.items(), key=lambda item: _place(item[0])):
        median, lowest, highest = row["speed"]
        database = row["database_cpu_ms"]
        figures = [f"{median:,} ({lowest:,} – {highest:,})", f"{row['p50_ms']:.2f} / {row['p99_ms']:.2f}"]
        cpu = [f"{row['server_cpu_ms']:.3f}", "" if database is None else f"{database:.3f}"]
        lines.append([*name.split(" "), *figures, *cpu])
    return _table([*titles, "PostgreSQL CPU ms"], lines)


def ratios_table(ratios: Mapping[str, Spread]) -> str:
    """Return every ratio with its spread."""
    lines = [
        [name, f"{ratio.median:.3f}", f"{ratio.lowest:.3f} – {ratio.highest:.3f}"]
        for name, ratio in sorted(ratios.items())
    ]
    return _table(["ratio", "median", "lowest – highest"], lines)


def search_table(results: Results) -> str:
    """Return how long each search took at each size, a line for each on each database."""
    found: dict[str, dict[int, dict[str, float]]] = {}
    for name, value in results.figures.items():
        if (part := _SEARCH.fullmatch(name)) is not None:
            size = int(part["size"].replace(",", ""))
            found.setdefault(part["work"], {}).setdefault(size, {})[part["figure"]] = value
    sizes = sorted({size for by_size in found.values() for size in by_size})
    lines = [
        [work, *(f"{one['p50']:.1f} / {one['p99']:.1f}" if (one := by_size.get(size)) else "" for size in sizes)]
        for work, by_size in sorted(found.items())
    ]
    return _table(["engine and search", *(f"{size:,} slots, p50 / p99 ms" for size in sizes)], lines)


def figures_table(results: Results) -> str:
    """Return what is no ratio and stands in no other table."""
    others = {name: value for name, value in results.figures.items() if _SEARCH.fullmatch(name) is None}
    return _table(["figure", "value"], [[name, f"{value:,.6g}"] for name, value in sorted(others.items())])


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


def _place(name: str) -> tuple[str, str, int]:
    """Return where a row stands: the servers of one work in the order of a round."""
    engine, work, server = name.split(" ")
    return engine, work, list(Server).index(Server(server))


def _table(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(titles, lines))


def _lines(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (titles, ["---"] * len(titles), *lines):
        yield f"| {' | '.join(cells)} |"
