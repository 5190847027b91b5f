"""How preferences are written for their reader."""

from backend.preferences import values
from graphql_schema.catalogue import Language
from graphql_schema.preferences.types import (
    NotificationChannel,
    NotificationChannelPreference,
    NotificationChannelState,
    NotificationChannelStatus,
    NotificationPreferences,
    NotificationTopic,
    NotificationTopicPreference,
    QuietHours,
)
from notifications.topics import TOPICS, Statutory, Topic


def to_preferences(found: values.Preferences, language: Language) -> NotificationPreferences:
    """Write all preferences of a person."""
    topics = [_topic(topic, found, language) for topic in found.topics]
    channels = [
        NotificationChannelState(
            channel=NotificationChannel(one.channel.value),
            status=NotificationChannelStatus(one.standing.value),
            since=one.since,
        )
        for one in found.channels
    ]
    return NotificationPreferences(topics=topics, quiet_hours=_quiet_hours(found.quiet), channels=channels)


def reason_of(statutory: Statutory, language: Language) -> str:
    """Return why a topic cannot be switched off."""
    return statutory.ru if language == "ru" else statutory.en


def _topic(topic: Topic, found: values.Preferences, language: Language) -> NotificationTopicPreference:
    facts = TOPICS[topic]
    return NotificationTopicPreference(
        topic=NotificationTopic(topic.value),
        title=facts.ru if language == "ru" else facts.en,
        channels=[
            NotificationChannelPreference(channel=NotificationChannel(channel.value), is_on=is_on)
            for channel, is_on in found.topics[topic].items()
        ],
        can_switch_off=facts.statutory is None,
        reason=reason_of(facts.statutory, language) if facts.statutory else None,
        source=facts.statutory.source if facts.statutory else None,
    )


def _quiet_hours(quiet: values.QuietTimes) -> QuietHours:
    hours = quiet.hours
    return QuietHours(
        is_on=hours is not None,
        starts_at=f"{hours.starts:%H:%M}" if hours else None,
        ends_at=f"{hours.ends:%H:%M}" if hours else None,
        is_own=quiet.is_own,
        time_zone=quiet.time_zone,
    )
