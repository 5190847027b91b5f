"""In which capacity somebody acts for a person, and what proves it at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from identity.actions import Action
from identity.principal import ActorKind, PersonId


class Capacity(StrEnum):
    """What an actor is to the person whose data are asked for. Those of a desk need no person."""

    SELF = "self"
    PARENT_OF_CHILD = "parent_of_child"
    PARENT_OF_TEENAGER = "parent_of_teenager"
    GUARDIAN = "guardian"
    TRUSTED_ADULT = "trusted_adult"
    OPERATOR_ON_CALL = "operator_on_call"
    INSURER_OF_PERSON = "insurer_of_person"
    CLINICIAN_BY_CONSENT = "clinician_by_consent"
    CLINICIAN_IN_EMERGENCY = "clinician_in_emergency"
    CREW_BY_CONSENT = "crew_by_consent"
    CREW_IN_EMERGENCY = "crew_in_emergency"
    AT_KIOSK = "at_kiosk"
    BY_DEVICE = "by_device"
    PORTAL = "portal"
    STAFF_SELF = "staff_self"
    OPERATOR_DESK = "operator_desk"
    INSURER_DESK = "insurer_desk"
    CLINICIAN_DESK = "clinician_desk"
    CREW_DESK = "crew_desk"
    AUDITOR_DESK = "auditor_desk"
    SERVICE_DESK = "service_desk"


class Purpose(StrEnum):
    """Why data were touched, as the person reads it in the access log."""

    OWN = "own"
    FAMILY = "family"
    CALL = "call"
    INSURANCE = "insurance"
    CARE = "care"
    EMERGENCY = "emergency"
    OVERSIGHT = "oversight"
    SERVICE = "service"


class Category(StrEnum):
    """What is withheld from the parents of a teenager.

    Source: 323-ФЗ art. 20 and 22, 271-ФЗ of 2020; our policy for ages 15 to 17 (docs/access.md).
    """

    NARCOLOGY = "narcology"
    PSYCHIATRY = "psychiatry"
    STI = "sti"
    HIV = "hiv"
    REPRODUCTIVE = "reproductive"


OF_OWN_ACCOUNT: Mapping[ActorKind, Capacity] = MappingProxyType(
    {
        ActorKind.CITIZEN: Capacity.SELF,
        ActorKind.KIOSK: Capacity.AT_KIOSK,
        ActorKind.DEVICE: Capacity.BY_DEVICE,
        ActorKind.OPERATOR: Capacity.STAFF_SELF,
        ActorKind.INSURANCE_REPRESENTATIVE: Capacity.STAFF_SELF,
        ActorKind.CLINICIAN: Capacity.STAFF_SELF,
        ActorKind.AMBULANCE_CREW: Capacity.STAFF_SELF,
        ActorKind.AUDITOR: Capacity.STAFF_SELF,
        ActorKind.SERVICE: Capacity.STAFF_SELF,
    }
)
"""What everybody is to themselves, by the kind of their sign-in."""

OF_DESK: Mapping[ActorKind, Capacity] = MappingProxyType(
    {
        ActorKind.OPERATOR: Capacity.OPERATOR_DESK,
        ActorKind.INSURANCE_REPRESENTATIVE: Capacity.INSURER_DESK,
        ActorKind.CLINICIAN: Capacity.CLINICIAN_DESK,
        ActorKind.AMBULANCE_CREW: Capacity.CREW_DESK,
        ActorKind.AUDITOR: Capacity.AUDITOR_DESK,
        ActorKind.SERVICE: Capacity.SERVICE_DESK,
    }
)
"""What staff are at their desk, whoever it is about."""

KIND_OF: Mapping[Capacity, frozenset[ActorKind]] = MappingProxyType(
    {
        Capacity.PARENT_OF_CHILD: frozenset({ActorKind.CITIZEN}),
        Capacity.PARENT_OF_TEENAGER: frozenset({ActorKind.CITIZEN}),
        Capacity.GUARDIAN: frozenset({ActorKind.CITIZEN}),
        Capacity.TRUSTED_ADULT: frozenset({ActorKind.CITIZEN}),
        Capacity.OPERATOR_ON_CALL: frozenset({ActorKind.OPERATOR}),
        Capacity.INSURER_OF_PERSON: frozenset({ActorKind.INSURANCE_REPRESENTATIVE}),
        Capacity.CLINICIAN_BY_CONSENT: frozenset({ActorKind.CLINICIAN}),
        Capacity.CLINICIAN_IN_EMERGENCY: frozenset({ActorKind.CLINICIAN}),
        Capacity.CREW_BY_CONSENT: frozenset({ActorKind.AMBULANCE_CREW}),
        Capacity.CREW_IN_EMERGENCY: frozenset({ActorKind.AMBULANCE_CREW}),
        Capacity.PORTAL: frozenset({ActorKind.SERVICE}),
    }
)
"""Which sign-in a mandate needs: one that was given to a citizen is worth nothing at the same human's desk."""

_PURPOSES: Mapping[Purpose, frozenset[Capacity]] = MappingProxyType(
    {
        Purpose.OWN: frozenset({Capacity.SELF, Capacity.AT_KIOSK, Capacity.BY_DEVICE, Capacity.STAFF_SELF}),
        Purpose.FAMILY: frozenset(
            {Capacity.PARENT_OF_CHILD, Capacity.PARENT_OF_TEENAGER, Capacity.GUARDIAN, Capacity.TRUSTED_ADULT}
        ),
        Purpose.CALL: frozenset({Capacity.OPERATOR_ON_CALL, Capacity.OPERATOR_DESK}),
        Purpose.INSURANCE: frozenset({Capacity.INSURER_OF_PERSON, Capacity.INSURER_DESK}),
        Purpose.CARE: frozenset(
            {Capacity.CLINICIAN_BY_CONSENT, Capacity.CREW_BY_CONSENT, Capacity.CLINICIAN_DESK, Capacity.CREW_DESK}
        ),
        Purpose.EMERGENCY: frozenset({Capacity.CLINICIAN_IN_EMERGENCY, Capacity.CREW_IN_EMERGENCY}),
        Purpose.OVERSIGHT: frozenset({Capacity.AUDITOR_DESK}),
        Purpose.SERVICE: frozenset({Capacity.SERVICE_DESK, Capacity.PORTAL}),
    }
)

PURPOSE_OF: Mapping[Capacity, Purpose] = MappingProxyType(
    {capacity: purpose for purpose, capacities in _PURPOSES.items() for capacity in capacities}
)
"""What each capacity is used for."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """A proven relation to one person, as it stands at the moment it was read.

    Attributes:
        capacity: What the actor is to the person.
        until: Its end, aware UTC; None where only other facts end it.
        rights: What was given, where less than the capacity allows was given; None for all of it.
        withheld: Categories that stay closed.
        reference: What proves it: a grant, a call ticket, a consent, an emergency.
        on_behalf_of: Who asked the actor for it, where somebody did: the caller of 122.
    """

    capacity: Capacity
    until: datetime | None = None
    rights: frozenset[Action] | None = None
    withheld: frozenset[Category] = frozenset()
    reference: UUID | None = None
    on_behalf_of: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why something was allowed: the capacity, and the mandate where it takes one."""

    capacity: Capacity | None
    mandate: Mandate | None = None

    @property
    def withheld(self) -> frozenset[Category]:
        """Return the categories that must not be shown."""
        return self.mandate.withheld if self.mandate else frozenset()


PUBLIC_GROUNDS = Grounds(None)
