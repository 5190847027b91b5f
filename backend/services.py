"""Every domain service in one value: what the face may ask."""

from dataclasses import dataclass

from backend.booking.appointments import AppointmentService
from backend.booking.clinics import ClinicService
from backend.booking.slots import SlotService
from backend.calls.service import CallService
from backend.inbox.service import InboxService
from backend.policy.service import PolicyService
from backend.profile.service import ProfileService


@dataclass(frozen=True, slots=True)
class Services:
    """One field a domain service; built by the roof."""

    profile: ProfileService
    policies: PolicyService
    inbox: InboxService
    clinics: ClinicService
    slots: SlotService
    appointments: AppointmentService
    calls: CallService
