"""Refusals of preferences."""

from backend.errors import Refusal
from notifications.topics import Topic


class TopicStatutory(Refusal):
    """The topic cannot be switched off; its facts say why, in words for people."""

    code = "TOPIC_STATUTORY"

    def __init__(self, topic: Topic, *, replayed: bool = False) -> None:
        """Say which topic it is about."""
        super().__init__(replayed=replayed)
        self.topic = topic


class PreferencesUnclear(Refusal):
    """Nothing is said, or the same topic and channel twice."""

    code = "PREFERENCES_UNCLEAR"


class QuietHoursInvalid(Refusal):
    """Not two hours on a clock, or they last too short or too long."""

    code = "QUIET_HOURS_INVALID"
