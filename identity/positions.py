"""As what somebody is signed in: a citizen, staff of an organisation, or a system of one."""

from dataclasses import dataclass

from identity.principal import ActorKind

STAFF = frozenset(
    {
        ActorKind.OPERATOR,
        ActorKind.INSURANCE_REPRESENTATIVE,
        ActorKind.CLINICIAN,
        ActorKind.AMBULANCE_CREW,
        ActorKind.AUDITOR,
    }
)
"""Who signs in through ESIA as an employee."""

LEVELS = range(1, 4)
"""Levels of an insurance representative. Source: domain reference, §7."""


@dataclass(frozen=True, slots=True)
class Position:
    """A kind with what belongs to it: the organisation (its OGRN) of staff and systems, the level of a representative.

    Raises:
        ValueError: Staff or a system without an organisation, a representative without a level, or either for others.
    """

    kind: ActorKind
    organization: str | None = None
    level: int | None = None

    def __post_init__(self) -> None:
        """Refuse what does not belong together."""
        if (self.organization is not None) is not (self.kind in STAFF or self.kind is ActorKind.SERVICE):
            raise ValueError("staff and systems, and nobody else, belong to an organisation")
        if (self.level in LEVELS) is not (self.kind is ActorKind.INSURANCE_REPRESENTATIVE):
            raise ValueError("insurance representatives, and nobody else, have a level")
        if self.level is not None and self.level not in LEVELS:
            raise ValueError("no such level")


AT_KIOSK = Position(ActorKind.KIOSK)
"""What everybody is at a kiosk: themself, in a public place."""

BY_DEVICE = Position(ActorKind.DEVICE)
"""What a person's phone is while it works in the background."""

AS_CITIZEN = Position(ActorKind.CITIZEN)
"""What everybody is in an app for citizens, also those who work somewhere."""
