"""What the offering listens to."""

from collections.abc import Callable

from backend.signals import Signals

SLOTS_FREED = "slots-freed"
"""A slot may have become free, of whomever: look again."""


def slots_freed(signals: Signals) -> Callable[[], None]:
    """Return what is to be called after the commit of what may have freed a slot."""
    return lambda: signals.publish(SLOTS_FREED)
