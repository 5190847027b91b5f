"""What a region sets about queues for releases, as data."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class QueueTerms:
    """The terms of one region; all of them config.

    Attributes:
        opens_before: How long before the release one can join.
        turn_lasts: How long a turn lasts.
        lasts: How long after the release a queue stands at most.
        most_places: In how many queues a person may stand at a time.
        most_joins: How often a person may join one queue.
        most_read: How many who are next of each channel one look reads; more than any release has slots.
        told_at_once: How many one transaction tells that the queue has ended.
    """

    opens_before: timedelta = timedelta(minutes=30)
    turn_lasts: timedelta = timedelta(minutes=3)
    lasts: timedelta = timedelta(minutes=60)
    most_places: int = 5
    most_joins: int = 5
    most_read: int = 500
    told_at_once: int = 200


PORTAL_TERMS = QueueTerms()
"""The terms where a region has set none."""
