"""Refusals of breaking the glass; each is written into the person's access log as a denial."""

from identity.errors import IdentityRefusal


class EmergencyReasonInvalid(IdentityRefusal):
    """The reason is too short, too long, or says nothing."""

    code = "EMERGENCY_REASON_INVALID"


class EmergencyOfOneself(IdentityRefusal):
    """Nobody breaks the glass to their own data."""

    code = "EMERGENCY_OF_ONESELF"


class EmergencyStillOpen(IdentityRefusal):
    """The actor has an emergency of this person open: it is not extended."""

    code = "EMERGENCY_STILL_OPEN"


class EmergencyLimitReached(IdentityRefusal):
    """The actor broke the glass too often today."""

    code = "EMERGENCY_LIMIT_REACHED"
