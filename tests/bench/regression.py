"""The check of ratios against the last committed ones: times change with the machine, ratios should not."""

from collections.abc import Iterator, Mapping

from tests.bench.report import Spread

LEAST_TOLERANCE = 0.15
"""Of the committed median: repeated short runs on one machine differ by so much without any change."""
SPREADS = 1.5
"""How many times the committed spread a ratio may fall, where that is more."""


def regressions(committed: Mapping[str, Spread], measured: Mapping[str, Spread]) -> Iterator[str]:
    """Say which ratios have become worse than their own spread explains.

    Args:
        committed: The kept ratios by name; for all of them more is better.
        measured: Those of this run; one that is not kept yet is not judged.

    Returns:
        A line for each, with both figures and what was allowed.
    """
    for name in sorted(committed.keys() & measured.keys()):
        kept, now = committed[name], measured[name]
        if now.median < (floor := lowest_allowed(kept)):
            was = f"was {kept.median:.3f} ({kept.lowest:.3f} – {kept.highest:.3f})"
            yield f"{name}: {now.median:.3f}, {was}, at least {floor:.3f} is expected"


def lowest_allowed(kept: Spread) -> float:
    """Return how far the median of a ratio may fall."""
    return kept.median - max(SPREADS * (kept.highest - kept.lowest), LEAST_TOLERANCE * kept.median)
