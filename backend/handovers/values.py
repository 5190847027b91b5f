"""What a kiosk shows, and what a phone goes on with."""

from dataclasses import dataclass, field
from datetime import datetime

from backend.booking.values import Appointment, SlotHold


@dataclass(frozen=True, slots=True)
class Handover:
    """A code as the kiosk shows it; `link` carries it in its fragment, `expires_at` is aware UTC."""

    code: str = field(repr=False)
    link: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a phone goes on with, as it stands now; `accepted_at` is aware UTC."""

    accepted_at: datetime
    about: SlotHold | Appointment | None
