"""Refusals of the waiting list. A foreign id answers exactly as a missing one (S36)."""

from backend.booking import errors as booking_errors
from backend.errors import Refusal


class WaitingListRefusal(Refusal):
    """A refusal of the waiting list."""


class EntryNotFound(WaitingListRefusal):
    """No such entry."""

    code = "WAITING_LIST_ENTRY_NOT_FOUND"


class EntryExists(WaitingListRefusal):
    """The person waits for this specialty already."""

    code = "WAITING_LIST_ENTRY_EXISTS"


class EntryOver(WaitingListRefusal):
    """The entry is booked, expired or given up."""

    code = "WAITING_LIST_ENTRY_OVER"


class TooManyEntries(WaitingListRefusal):
    """The person waits for as much as one may."""

    code = "TOO_MANY_WAITING_LIST_ENTRIES"


class WishInvalid(WaitingListRefusal):
    """The days, the hours, the clinics or the doctor make no wish that could come true."""

    code = "WAITING_LIST_WISH_INVALID"


class ClinicKeepsItsOwn(WaitingListRefusal):
    """The clinic's times are kept in a registry of its own, where nothing can be held for a list of ours."""

    code = "WAITING_LIST_NOT_KEPT"


class OfferNotFound(WaitingListRefusal):
    """Nothing is offered, or the offer is over."""

    code = "WAITING_LIST_OFFER_NOT_FOUND"


BY_CODE: dict[str, type[Refusal]] = {
    **booking_errors.BY_CODE,
    **{kind.code: kind for kind in WaitingListRefusal.__subclasses__()},
}
"""The kinds by code, those of booking too, to give a recorded refusal again."""
