"""The one plot: answers a second of each server, by work; the same bytes for the same results."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.bench.results import Results

_WORKS = (("home", "home screen"), ("slots", "50 slots"), ("facts", "home facts, nothing checked"))
_OURS = frozenset({"graphql", "graphql-bare", "loaders"})
_OUR_COLOUR, _PEER_COLOUR = "#0b6e4f", "#b0b7bd"


def draw_speeds(results: Results, file: Path) -> None:
    """Draw the servers of PostgreSQL into an SVG, on a logarithmic scale, with the spread of their rounds."""
    with mpl.rc_context({"svg.hashsalt": "zdorovye", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(9, 7.5), layout="constrained")
        axes = figure.subplots(len(_WORKS), 1, squeeze=False)[:, 0]
        for axis, (work, title) in zip(axes, _WORKS, strict=True):
            rows = speeds_of(results, work)
            names = [name for name, _ in rows]
            medians = [median for _, (median, _, _) in rows]
            errors = [[median - low for _, (median, low, _) in rows], [high - median for _, (median, _, high) in rows]]
            colours = [_OUR_COLOUR if name in _OURS else _PEER_COLOUR for name in names]
            bars = axis.barh(names, medians, xerr=errors, color=colours, ecolor="#40464b", capsize=2)
            axis.bar_label(bars, labels=[f"{median:,}" for median in medians], padding=6, fontsize=8)
            axis.set_xscale("log")
            axis.set_title(f"{title}: answers a second, PostgreSQL, one core", loc="left", fontsize=10)
            axis.invert_yaxis()
            axis.margins(x=0.15)
            axis.spines[["top", "right"]].set_visible(False)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})


def speeds_of(results: Results, work: str) -> list[tuple[str, tuple[int, int, int]]]:
    """Return each server of a work on PostgreSQL but the bare one: median, lowest and highest; the fastest first."""
    found = []
    for name, row in results.rows.items():
        engine, its_work, server = name.split(" ")
        if engine == "postgresql" and its_work == work and server != "floor":
            median, lowest, highest = row["speed"]
            found.append((server, (median, lowest, highest)))
    return sorted(found, key=lambda one: (-one[1][0], one[0]))
