"""Changing preferences."""

import re
from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.errors import Refusal
from backend.idempotency import Outcome
from backend.preferences import values
from backend.preferences.errors import QuietHoursInvalid, TopicStatutory
from geo.errors import GeoRefusal
from graphql_schema.context import Context, Info
from graphql_schema.error_codes import UserErrorCode
from graphql_schema.errors import REFUSALS, UserError, user_errors
from graphql_schema.fields import mutation
from graphql_schema.people import person_of
from graphql_schema.preferences.inputs import (
    LiftChannelRefusalInput,
    SetNotificationPreferencesInput,
    SetQuietHoursInput,
)
from graphql_schema.preferences.presentation import reason_of, to_preferences
from graphql_schema.preferences.types import (
    LiftChannelRefusalPayload,
    NotificationPreferences,
    NotificationTopic,
    SetNotificationPreferencesPayload,
    SetQuietHoursPayload,
    TopicStatutoryError,
)
from identity.access import signed_in
from identity.errors import IdentityRefusal
from notifications.channels.port import Channel
from notifications.preferences import OwnHours, Way
from notifications.quiet_hours import QuietHours
from notifications.topics import TOPICS, Topic

_FIELDS: Mapping[str, str] = MappingProxyType(
    {"PREFERENCES_UNCLEAR": "changes", "QUIET_HOURS_INVALID": "startsAt", "TOPIC_STATUTORY": "changes"}
)
_HOUR_AND_MINUTE = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_BOTH = 2


@strawberry.type(description="Changes of preferences.")
class PreferenceMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Switch topics on or off, all that are named or none. Refused with TOPIC_STATUTORY, and the "
        "reason, for one that cannot be switched off. It holds from the next message on."
    )
    async def set_notification_preferences(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            SetNotificationPreferencesInput, strawberry.argument(description="What.")
        ],
    ) -> SetNotificationPreferencesPayload | None:
        """Switch topics on or off."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            wishes = [
                (Way(Topic(str(one.topic.value)), Channel(str(one.channel.value))), one.is_on) for one in input.changes
            ]
            outcome = await context.services.preferences.switch(
                actor, person_of(actor, input.person_id), wishes, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return SetNotificationPreferencesPayload(errors=_errors(context, refusal))
        return SetNotificationPreferencesPayload(preferences=_told(context, outcome))

    @mutation(description="Set when not to be disturbed: own hours, none, or the region's again.")
    async def set_quiet_hours(
        self,
        info: Info,
        input: Annotated[SetQuietHoursInput, strawberry.argument(description="When.")],  # noqa: A002 # the public name
    ) -> SetQuietHoursPayload | None:
        """Set quiet hours."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.preferences.set_quiet_hours(
                actor, person_of(actor, input.person_id), _own_hours(input), idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return SetQuietHoursPayload(errors=_errors(context, refusal))
        return SetQuietHoursPayload(preferences=_told(context, outcome))

    @mutation(
        description="Try a telephone or a mailbox again that has refused, once its owner has mended it. One that "
        "has not refused stays as it is."
    )
    async def lift_channel_refusal(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            LiftChannelRefusalInput, strawberry.argument(description="Which.")
        ],
    ) -> LiftChannelRefusalPayload | None:
        """Try a channel again."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.preferences.lift_refusal(
                actor,
                person_of(actor, input.person_id),
                Channel(str(input.channel.value)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return LiftChannelRefusalPayload(errors=_errors(context, refusal))
        return LiftChannelRefusalPayload(preferences=_told(context, outcome))


def _told(context: Context, outcome: Outcome[values.Preferences]) -> NotificationPreferences:
    context.mark_replay(replayed=outcome.replayed)
    return to_preferences(outcome.value, context.language)


def _errors(context: Context, refusal: Refusal | IdentityRefusal | GeoRefusal) -> list[UserError]:
    if not isinstance(refusal, TopicStatutory) or (statutory := TOPICS[refusal.topic].statutory) is None:
        return user_errors(context, refusal, _FIELDS)
    context.mark_replay(replayed=refusal.replayed)
    error = TopicStatutoryError(
        code=UserErrorCode(refusal.code),
        message=context.catalogue.message(refusal.code, context.language),
        path=["input", _FIELDS[refusal.code]],
        topic=NotificationTopic(refusal.topic.value),
        reason=reason_of(statutory, context.language),
        source=statutory.source,
    )
    return [error]


def _own_hours(given: SetQuietHoursInput) -> OwnHours | None:
    """Read what is to hold; None for the region's.

    Raises:
        QuietHoursInvalid: Hours that are none, one alone, or any where there are to be none.
    """
    told = [one for one in (given.starts_at, given.ends_at) if one is not None]
    if not given.is_on and not told:
        return OwnHours(None)
    if given.is_on and not told:
        return None
    if not given.is_on or len(told) != _BOTH or not all(map(_HOUR_AND_MINUTE.fullmatch, told)):
        raise QuietHoursInvalid
    try:
        return OwnHours(QuietHours(*map(time.fromisoformat, told)))
    except ValueError as error:
        raise QuietHoursInvalid from error
