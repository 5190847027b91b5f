"""What a person wants to be told, as clients see it."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.scalars import DateTime


@strawberry.enum(description="What messages are about, for a person's choice. New topics may appear.")
class NotificationTopic(Enum):
    """Topic."""

    AMBULANCE = strawberry.enum_value("ambulance", description="An ambulance on its way.")
    APPOINTMENTS = strawberry.enum_value("appointments", description="Appointments, reminders of them, waiting lists.")
    CAMPAIGNS = strawberry.enum_value("campaigns", description="Invitations of the insurer.")
    CHECKUPS = strawberry.enum_value("checkups", description="Check-ups.")
    COMPLAINTS = strawberry.enum_value("complaints", description="Complaints and their answers.")
    DOCUMENTS = strawberry.enum_value("documents", description="Medical documents.")
    POLICY = strawberry.enum_value("policy", description="The insurance policy.")
    PRESCRIPTIONS = strawberry.enum_value("prescriptions", description="Prescriptions.")
    REPRESENTATION = strawberry.enum_value("representation", description="Who acts for whom.")
    SECURITY = strawberry.enum_value("security", description="Sign-ins, codes, emergency access.")
    SERVICE = strawberry.enum_value("service", description="The person's data, and this app.")


@strawberry.enum(description="A way to reach a person beside the inbox, which keeps every message in any case.")
class NotificationChannel(Enum):
    """Channel."""

    EMAIL = strawberry.enum_value("email", description="E-mail.")
    PUSH = strawberry.enum_value("push", description="The apps on the person's devices.")
    SMS = strawberry.enum_value("sms", description="SMS.")


@strawberry.enum(description="Whether a channel can reach the person. New states may appear.")
class NotificationChannelStatus(Enum):
    """State."""

    DEAD = strawberry.enum_value("dead", description="Nothing arrives there; what is not critical is not sent.")
    NO_ADDRESS = strawberry.enum_value("no_address", description="No device, telephone or mailbox is known.")
    OPEN = strawberry.enum_value("open", description="It can.")
    REFUSES = strawberry.enum_value(
        "refuses", description="The subscriber takes no such messages, by their operator; what is critical is tried."
    )


@strawberry.type(description="One channel of a topic.")
class NotificationChannelPreference:
    """Channel of a topic."""

    channel: NotificationChannel = strawberry.field(description="Over which channel.")
    is_on: bool = strawberry.field(description="Whether the person is told over it; true unless switched off.")


@strawberry.type(description="What a person wants to be told of one topic.")
class NotificationTopicPreference:
    """Topic."""

    topic: NotificationTopic = strawberry.field(description="Which topic.")
    title: str = strawberry.field(description="What it is called, in the language of `Accept-Language`.")
    channels: list[NotificationChannelPreference] = strawberry.field(description="Every channel, always all of them.")
    can_switch_off: bool = strawberry.field(description="Whether its channels can be switched off.")
    reason: str | None = strawberry.field(
        description="Why it cannot, for people, in the language of `Accept-Language`; null where it can."
    )
    source: str | None = strawberry.field(description="The law or rule behind the reason; null where it can.")


@strawberry.type(description="When a person is not disturbed, but by what is critical.")
class QuietHours:
    """Quiet hours."""

    is_on: bool = strawberry.field(description="False where the person wants none.")
    starts_at: str | None = strawberry.field(description="Hour and minute, as 21:00; null where there are none.")
    ends_at: str | None = strawberry.field(description="Hour and minute, as 09:00; it is not quiet any more then.")
    is_own: bool = strawberry.field(description="Whether the person has set it; else the region's hold.")
    time_zone: str = strawberry.field(
        description="IANA name of the zone by which it counts: of the device used last, else the registered one."
    )


@strawberry.type(description="How a channel stands.")
class NotificationChannelState:
    """Channel."""

    channel: NotificationChannel = strawberry.field(description="Which channel.")
    status: NotificationChannelStatus = strawberry.field(description="Whether it can reach the person.")
    since: DateTime | None = strawberry.field(description="When it last refused; null where it does not.")


@strawberry.type(description="What a person wants to be told, over which channel and when not.")
class NotificationPreferences:
    """All of them."""

    topics: list[NotificationTopicPreference] = strawberry.field(description="Every topic, by its name.")
    quiet_hours: QuietHours = strawberry.field(description="When the person is not disturbed.")
    channels: list[NotificationChannelState] = strawberry.field(description="Every channel.")


@strawberry.type(description="The topic cannot be switched off: nothing of the request was done.")
class TopicStatutoryError(UserError):
    """Says why."""

    topic: NotificationTopic = strawberry.field(description="Which topic.")
    reason: str = strawberry.field(description="Why, for people, in the language of `Accept-Language`.")
    source: str = strawberry.field(description="The law or rule behind it.")


@strawberry.type(description="What came of setting preferences.")
class SetNotificationPreferencesPayload:
    """All was set, or nothing and `errors` says why."""

    preferences: NotificationPreferences | None = strawberry.field(
        default=None, description="All preferences as they stand now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of setting quiet hours.")
class SetQuietHoursPayload:
    """They are set, or `errors` says why not."""

    preferences: NotificationPreferences | None = strawberry.field(
        default=None, description="All preferences as they stand now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of trying a channel again.")
class LiftChannelRefusalPayload:
    """It will be tried, or `errors` says why not."""

    preferences: NotificationPreferences | None = strawberry.field(
        default=None, description="All preferences as they stand now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")
