"""Settings of what people want to be told."""

from collections.abc import Iterator
from datetime import time
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from notifications.quiet_hours import QuietHours, zone_named

_PLACEHOLDER = "placeholder"
_SHORTEST_SECRET = 32


class PreferenceSettings(BaseModel):
    """What holds for people who have set nothing, and the secret behind links and lists.

    Source of the figures: our design of notifications, "Quiet hours", "Caps"; all are (config) of a region.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    quiet_from: time = Field(default=time(21), description="By the person's own clock.")
    quiet_until: time = Field(default=time(9), description="The same.")
    time_zone: str = Field(default="Europe/Moscow", description="The region's: of people of whom none is known.")
    campaigns_a_week: int = Field(default=2, ge=0, le=50, description="To one person, of all insurers together.")
    secret: str = Field(default=_PLACEHOLDER, repr=False, description="Seals unsubscribe links, hashes addresses.")
    previous_secret: str = Field(default="", repr=False, description="Before the last change; its links still work.")

    @property
    def quiet_hours(self) -> QuietHours:
        """Return the region's quiet hours."""
        return QuietHours(self.quiet_from, self.quiet_until)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if zone_named(value) is None:
            raise ValueError("an IANA name of a zone is needed")
        return value

    @model_validator(mode="after")
    def _hours_that_can_be_kept(self) -> Self:
        _ = self.quiet_hours
        return self

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each."""
        if self.secret == _PLACEHOLDER or len(self.secret) < _SHORTEST_SECRET:
            yield f"notifications.preferences.secret: at least {_SHORTEST_SECRET} random characters are needed"
