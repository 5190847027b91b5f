"""What of the demo region is to be written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

DAYS_AHEAD = 14

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: how many people, from which seed number, seen from which instant (aware), how many days."""

    people: int
    seed: int
    now: datetime
    issuer: str
    days_ahead: int = DAYS_AHEAD

    @property
    def today(self) -> date:
        """Return the day in Moscow's reckoning, which the region keeps."""
        return (self.now + timedelta(hours=3)).date()
