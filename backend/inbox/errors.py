"""Refusals of the inbox."""

from backend.errors import Refusal


class TooManyNotifications(Refusal):
    """More messages at once than `MOST_AT_ONCE`."""

    code = "TOO_MANY_NOTIFICATIONS"
