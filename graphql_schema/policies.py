"""What the table of access may say of a field."""

from dataclasses import dataclass

from identity.access import Action


@dataclass(frozen=True, slots=True)
class Public:
    """Open to everybody: reference data, or a shape without data of its own."""


@dataclass(frozen=True, slots=True)
class Asks:
    """Its resolver calls a service that asks for this right."""

    action: Action


@dataclass(frozen=True, slots=True)
class Behind:
    """Reached only through a service call that asked for one of these rights."""

    actions: frozenset[Action]


Policy = Public | Asks | Behind
PUBLIC = Public()


def behind(*actions: Action) -> Behind:
    """Say which rights were asked for before a value of the type can be met."""
    return Behind(frozenset(actions))
