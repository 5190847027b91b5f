"""How a refusal of booking is written, with what to offer instead."""

from types import MappingProxyType

import strawberry

from backend.booking.errors import (
    BookingRefusal,
    ChannelQuotaUsedUp,
    HoldExpired,
    SlotTaken,
    SlotWithdrawn,
)
from backend.errors import Refusal
from geo.errors import GeoRefusal
from graphql_schema.booking.presentation import SlotWriter
from graphql_schema.booking.types import Slot
from graphql_schema.context import Context
from graphql_schema.errors import UserError, user_errors
from identity.errors import IdentityRefusal

_FIELDS = MappingProxyType(
    {
        "CHANNEL_NOT_ALLOWED": "channel",
        "CHANNEL_QUOTA_USED_UP": "channel",
        "OTHER_SPECIALTY": "replacesAppointmentId",
        "REFERRAL_EXPIRED": "referralId",
        "REFERRAL_REQUIRED": "referralId",
        "REFERRAL_USED": "referralId",
    }
)


@strawberry.type(description="Somebody else keeps the slot, or the clinic or the channel gives it out no more.")
class SlotTakenError(UserError):
    """SLOT_TAKEN, SLOT_WITHDRAWN or CHANNEL_QUOTA_USED_UP, with what to offer instead."""

    alternatives: list[Slot] = strawberry.field(
        description="Free slots of the same specialty, best first, 5 at most: nearest in time, the same doctor, "
        "clinic and town before others."
    )


@strawberry.type(description="The hold ended before it was booked.")
class HoldExpiredError(UserError):
    """HOLD_EXPIRED, with what to offer instead."""

    alternatives: list[Slot] = strawberry.field(
        description="Free slots of the same specialty, best first, 5 at most; the lost one itself while it is free."
    )


_WITH_ALTERNATIVES: dict[type[BookingRefusal], type[SlotTakenError | HoldExpiredError]] = {
    ChannelQuotaUsedUp: SlotTakenError,
    HoldExpired: HoldExpiredError,
    SlotTaken: SlotTakenError,
    SlotWithdrawn: SlotTakenError,
}


def refused(
    context: Context, refusal: Refusal | IdentityRefusal | GeoRefusal, id_field: str, *, of_hold: bool = False
) -> list[UserError]:
    """Write a refusal, with the slots to offer where it has any; the path names what was refused.

    Args:
        context: Whose language.
        refusal: What was refused.
        id_field: The input's field that is to blame unless another is.
        of_hold: The input is that of `holdSlot`, whose other fields can be to blame.
    """
    if not isinstance(refusal, BookingRefusal):
        return user_errors(context, refusal)
    plain = user_errors(context, refusal, _FIELDS if of_hold else MappingProxyType({}), otherwise=id_field)
    if (kind := _WITH_ALTERNATIVES.get(type(refusal))) is None:
        return plain
    writer = SlotWriter(context.language)
    offered = [writer.slot(slot) for slot in refusal.alternatives]
    return [kind(code=one.code, message=one.message, path=one.path, alternatives=offered) for one in plain]
