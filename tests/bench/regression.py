"""The check of ratios against the last committed ones: times change with the machine, ratios should not.

Judged is what requests cost (`cpu`): how many a second are answered hangs on what else the machine does. How far a
ratio may fall is taken from checks that were repeated on unchanged code (`--repeat`), not from the spread of one run.
"""

from collections.abc import Iterator, Mapping, Sequence

from tests.bench.report import Spread

LEAST_TOLERANCE = 0.05
"""Of the median of the repeated checks: a few that happen to agree promise less than they seem to."""


def repeated(checks: Sequence[Mapping[str, Spread]]) -> dict[str, Spread]:
    """Return of checks of the same code, by ratio, the spread of their medians; ratios of speed are left out.

    Raises:
        ValueError: There are fewer than two checks, or one lacks a ratio of another.
    """
    if len(checks) < 2:
        raise ValueError("one check tells no spread")
    names = {name for name in checks[0] if name.endswith(" cpu")}
    if any(names != {name for name in one if name.endswith(" cpu")} for one in checks):
        raise ValueError("the checks have measured different ratios")
    return {name: Spread.of(one[name].median for one in checks) for name in sorted(names)}


def regressions(kept: Mapping[str, Spread], measured: Mapping[str, Spread]) -> Iterator[str]:
    """Say which ratios have become worse than repeated checks explain.

    Args:
        kept: The ratios of repeated checks, by name; for all of them more is better.
        measured: Those of this run; one that is not kept yet is not judged.

    Returns:
        A line for each, with both figures and what was allowed.
    """
    for name in sorted(kept.keys() & measured.keys()):
        before, now = kept[name], measured[name]
        if now.median < (floor := lowest_allowed(before)):
            was = f"was {before.median:.3f} ({before.lowest:.3f} – {before.highest:.3f})"
            yield f"{name}: {now.median:.3f}, {was}, at least {floor:.3f} is expected"


def lowest_allowed(kept: Spread) -> float:
    """Return how far the median of a ratio may fall: as far below the lowest as the highest stands above it."""
    return kept.lowest - max(kept.highest - kept.lowest, LEAST_TOLERANCE * kept.median)
