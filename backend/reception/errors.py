"""Refusals of the registry desk. Another organisation's clinic answers exactly as a missing one (S36)."""

from backend.booking.errors import AppointmentNotFound
from backend.errors import NotFound, Refusal


class TemplateRefused(Refusal):
    """The template says something that cannot be: hours, lengths, channels, shares or days."""

    code = "SCHEDULE_TEMPLATE_REFUSED"


class TemplateOverlaps(Refusal):
    """The post has another template for a part of that time."""

    code = "SCHEDULE_TEMPLATE_OVERLAPS"


class DatesRefused(Refusal):
    """The days or instants do not make a range, or it is too long, or it is over."""

    code = "DATES_REFUSED"


class KeptElsewhere(Refusal):
    """The clinic's slots are kept by a registry outside; they are changed there."""

    code = "CLINIC_KEPT_ELSEWHERE"


class ProposalOutdated(Refusal):
    """The proposal is too old, or there are appointments that it does not know; it is to be proposed anew."""

    code = "PROPOSAL_OUTDATED"


BY_CODE: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        NotFound,
        TemplateRefused,
        TemplateOverlaps,
        DatesRefused,
        KeptElsewhere,
        ProposalOutdated,
        AppointmentNotFound,
    )
}
"""The kinds by code, to give a recorded refusal again."""
