"""Refusals of calendars."""

from backend.errors import NotFound, Refusal


class CalendarFeedNotFound(Refusal):
    """The signed-in person has no open feed of these appointments."""

    code = "CALENDAR_FEED_NOT_FOUND"


class CalendarLinkInvalid(NotFound):
    """No feed is behind the address, or none any more; who holds a wrong address does not learn which."""

    code = "CALENDAR_LINK_INVALID"
