"""What a region sets about waiting, as data."""

from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True, slots=True)
class WaitingTerms:
    """The terms of one region; all of them config.

    Attributes:
        lasts: How long an offer stands by day.
        day_from: From when on, by the clinic's clock, people are taken to be awake.
        day_until: Until when; an offer that is made later stands until `day_from` and `lasts` more.
        notice: How long before the visit such an offer must be over; else it is made as by day.
        part: An offer takes at most this part of the time that is left until the visit, so that others have some.
        least: What would stand for less is not offered: nobody could answer it.
        unanswered: After so many offers in a row without an answer the entry is paused; its place stays.
        days: How long somebody waits who names no last day. Source: domain reference, §3 "Waiting list".
        most_days: How far ahead the last day may lie.
        most_entries: How many open entries a person may have.
        most_clinics: How many clinics an entry may name.
    """

    lasts: timedelta = timedelta(minutes=30)
    day_from: time = time(8)
    day_until: time = time(21)
    notice: timedelta = timedelta(hours=1)
    part: float = 0.25
    least: timedelta = timedelta(minutes=5)
    unanswered: int = 2
    days: int = 30
    most_days: int = 90
    most_entries: int = 10
    most_clinics: int = 10


PORTAL_TERMS = WaitingTerms()
"""The terms where a region has set none."""
