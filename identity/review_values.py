"""What an officer reviews, and how it ends."""

from datetime import timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

ReviewId = NewType("ReviewId", UUID)

LONGEST_NOTE = 1_000
"""Characters of a person's comment and of an officer's note."""

IN_TIME = timedelta(hours=24)
"""How soon an officer must have settled a review. Source: issue "Identity", item 6."""


class ReviewSource(StrEnum):
    """Why something is in the queue."""

    EMERGENCY = "emergency"
    REPORT = "report"


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    NEEDS_MORE = "needs_more"
    SETTLED = "settled"


class Verdict(StrEnum):
    """What an officer found."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"
    NEEDS_MORE = "needs_more"
