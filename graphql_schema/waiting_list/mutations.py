"""Joining, pausing, leaving and declining."""

import re
from datetime import time
from types import MappingProxyType
from typing import Annotated, Protocol
from uuid import UUID

import strawberry

from backend.booking.errors import ReferralRequired
from backend.booking.values import Channel, ClinicId, DoctorId
from backend.errors import Refusal
from backend.idempotency import Outcome
from backend.waiting_list.errors import EntryNotFound, WishInvalid
from backend.waiting_list.values import Entry, EntryId, Wish
from geo.errors import GeoRefusal
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, UserError, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from graphql_schema.waiting_list.inputs import (
    DeclineWaitingListOfferInput,
    JoinWaitingListInput,
    LeaveWaitingListInput,
    PauseWaitingListEntryInput,
    ResumeWaitingListEntryInput,
)
from graphql_schema.waiting_list.presentation import to_entry
from graphql_schema.waiting_list.types import (
    DeclineWaitingListOfferPayload,
    JoinWaitingListPayload,
    LeaveWaitingListPayload,
    PauseWaitingListEntryPayload,
    ResumeWaitingListEntryPayload,
    WaitingListEntry,
)
from identity.access import signed_in
from identity.errors import IdentityRefusal
from identity.principal import PersonId, Principal

_FIELDS = MappingProxyType(
    {
        "CHANNEL_NOT_ALLOWED": "channel",
        "REFERRAL_EXPIRED": "referralId",
        "REFERRAL_REQUIRED": "referralId",
        "WAITING_LIST_ENTRY_EXISTS": "specialty",
        "WAITING_LIST_ENTRY_NOT_FOUND": "waitingListEntryId",
        "WAITING_LIST_ENTRY_OVER": "waitingListEntryId",
        "WAITING_LIST_NOT_KEPT": "clinicIds",
        "WAITING_LIST_OFFER_NOT_FOUND": "waitingListEntryId",
    }
)

_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class _AboutEntry(Protocol):
    """What every input holds that names an entry."""

    waiting_list_entry_id: strawberry.ID
    idempotency_key: UUID
    person_id: strawberry.ID | None


class _Act(Protocol):
    """What every act of the service on an entry takes."""

    async def __call__(
        self, actor: Principal | None, *, person_id: PersonId, entry_id: EntryId, idempotency_key: UUID
    ) -> Outcome[Entry]:
        """Do it once."""


@strawberry.type(description="Changes of the waiting list.")
class WaitingListMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Wait for a slot behind everybody who has joined. When one becomes free that fits, it is kept for "
        "the person, who finds it in `viewer.waitingList` and in the inbox."
    )
    async def join_waiting_list(
        self,
        info: Info,
        input: Annotated[JoinWaitingListInput, strawberry.argument(description="For what.")],  # noqa: A002 # the public name
    ) -> JoinWaitingListPayload | None:
        """Let the person wait."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            joined = await context.services.waiting_list.join(
                actor,
                person_id=person_of(actor, input.person_id),
                wish=_wish(input),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return JoinWaitingListPayload(errors=_refused(context, refusal))
        return JoinWaitingListPayload(entry=_told(context, joined))

    @mutation(description="Be offered nothing for a while, and keep the place; what is offered now goes to the next.")
    async def pause_waiting_list_entry(
        self,
        info: Info,
        input: Annotated[PauseWaitingListEntryInput, strawberry.argument(description="Which entry.")],  # noqa: A002 # the public name
    ) -> PauseWaitingListEntryPayload | None:
        """Pause an entry of the person."""
        context = info.context
        try:
            done = await _done(context, context.services.waiting_list.pause, input)
        except REFUSALS as refusal:
            return PauseWaitingListEntryPayload(errors=_refused(context, refusal))
        return PauseWaitingListEntryPayload(entry=done)

    @mutation(description="Be offered slots again after a pause, at the place one had.")
    async def resume_waiting_list_entry(
        self,
        info: Info,
        input: Annotated[ResumeWaitingListEntryInput, strawberry.argument(description="Which entry.")],  # noqa: A002 # the public name
    ) -> ResumeWaitingListEntryPayload | None:
        """Resume an entry of the person."""
        context = info.context
        try:
            done = await _done(context, context.services.waiting_list.resume, input)
        except REFUSALS as refusal:
            return ResumeWaitingListEntryPayload(errors=_refused(context, refusal))
        return ResumeWaitingListEntryPayload(entry=done)

    @mutation(description="Give a place up; what is offered now goes to the next.")
    async def leave_waiting_list(
        self,
        info: Info,
        input: Annotated[LeaveWaitingListInput, strawberry.argument(description="Which entry.")],  # noqa: A002 # the public name
    ) -> LeaveWaitingListPayload | None:
        """End an entry of the person."""
        context = info.context
        try:
            done = await _done(context, context.services.waiting_list.leave, input)
        except REFUSALS as refusal:
            return LeaveWaitingListPayload(errors=_refused(context, refusal))
        return LeaveWaitingListPayload(entry=done)

    @mutation(
        description="Let what is offered go to the next, and keep the place. The same slot is not offered to the "
        "person again. To accept, book `offer.hold` by `bookAppointment`."
    )
    async def decline_waiting_list_offer(
        self,
        info: Info,
        input: Annotated[DeclineWaitingListOfferInput, strawberry.argument(description="Whose offer.")],  # noqa: A002 # the public name
    ) -> DeclineWaitingListOfferPayload | None:
        """Decline what is offered to the person."""
        context = info.context
        try:
            done = await _done(context, context.services.waiting_list.decline, input)
        except REFUSALS as refusal:
            return DeclineWaitingListOfferPayload(errors=_refused(context, refusal))
        return DeclineWaitingListOfferPayload(entry=done)


async def _done(context: Context, act: _Act, given: _AboutEntry) -> WaitingListEntry:
    actor = signed_in(context.principal)
    outcome = await act(
        actor,
        person_id=person_of(actor, given.person_id),
        entry_id=EntryId(decode_id(given.waiting_list_entry_id, "WaitingListEntry", missing=EntryNotFound)),
        idempotency_key=given.idempotency_key,
    )
    return _told(context, outcome)


def _told(context: Context, outcome: Outcome[Entry]) -> WaitingListEntry:
    context.mark_replay(replayed=outcome.replayed)
    return to_entry(outcome.value, context)


def _refused(context: Context, refusal: Refusal | IdentityRefusal | GeoRefusal) -> list[UserError]:
    """Write a refusal; a wish that cannot come true is so as a whole."""
    errors = user_errors(context, refusal, _FIELDS)
    for error in errors:
        error.path = error.path or ["input"]
    return errors


def _wish(given: JoinWaitingListInput) -> Wish:
    """Read a wish.

    Raises:
        WishInvalid: A clinic or a doctor that is none, or an hour that is none.
        ReferralRequired: A referral that is none.
    """
    doctor, referral = given.doctor_id, given.referral_id
    return Wish(
        specialty_code=given.specialty,
        clinic_ids=tuple(ClinicId(decode_id(one, "Clinic", missing=WishInvalid)) for one in given.clinic_ids),
        doctor_id=None if doctor is None else DoctorId(decode_id(doctor, "Doctor", missing=WishInvalid)),
        first_day=given.first_day,
        last_day=given.last_day,
        hours_from=_hour(given.hours_from),
        hours_until=_hour(given.hours_until),
        weekdays=frozenset(int(str(one.value)) + 1 for one in given.weekdays or ()),
        referral_id=None if referral is None else decode_id(referral, "Referral", missing=ReferralRequired),
        channel=Channel(str(given.channel.value)),
    )


def _hour(text: str | None) -> time | None:
    """Return the time of day that a text says, as 17:00."""
    if text is None:
        return None
    if _HOUR.fullmatch(text) is None:
        raise WishInvalid
    return time.fromisoformat(text)
