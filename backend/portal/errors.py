"""What a portal is refused beside what booking refuses."""

from backend.errors import Refusal


class PortalSessionOver(Refusal):
    """There is no such session of this portal, or its time is over."""

    code = "PORTAL_SESSION_OVER"


class PortalSessionMisused(Refusal):
    """The session is another person's."""

    code = "PORTAL_SESSION_MISUSED"


class ReferralNotFound(Refusal):
    """The person has no referral of this number."""

    code = "REFERRAL_NOT_FOUND"
