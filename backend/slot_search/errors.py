"""Refusals of the search."""

from backend.errors import Refusal


class SearchTextRefused(Refusal):
    """A text to search by that is too long or holds control characters."""

    code = "SEARCH_TEXT_REFUSED"


class SearchHoursInvalid(Refusal):
    """Hours of the day that do not exist, or that end before they begin."""

    code = "SEARCH_HOURS_INVALID"


class SearchPlaceMissing(Refusal):
    """The nearest first, but nearest to what was not said."""

    code = "SEARCH_PLACE_MISSING"


class SearchPlaceLost(Refusal):
    """The page goes on from a clinic or a doctor that is no longer there, or from another order."""

    code = "SEARCH_PLACE_LOST"
