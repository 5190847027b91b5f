"""Every domain service in one value: what the face may ask."""

from dataclasses import dataclass

from backend.booking.appointments import AppointmentService
from backend.booking.clinics import ClinicService
from backend.booking.slots import SlotService
from backend.calendars.service import CalendarFeedService
from backend.call_backs.desk import CallBackDesk
from backend.call_backs.service import CallBackService
from backend.calls.service import CallService
from backend.consents.service import ConsentService
from backend.devices.service import DeviceService
from backend.family.service import Family
from backend.handovers.service import HandoverService
from backend.inbox.acknowledgements import Acknowledgements
from backend.inbox.changes import InboxChanges
from backend.inbox.service import InboxService
from backend.oversight.access_log import AccessLogService
from backend.oversight.emergencies import EmergencyService
from backend.oversight.reviews import ReviewService
from backend.policy.service import PolicyService
from backend.preferences.service import PreferenceService
from backend.profile.service import ProfileService
from backend.reception.service import ReceptionService
from backend.release_queue.service import ReleaseQueueService
from backend.rights.erasures import ErasureService
from backend.rights.exports import ExportService
from backend.sign_ins.service import SignInService
from backend.slot_search.service import SlotSearchService
from backend.waiting_list.service import WaitingListService


@dataclass(frozen=True, slots=True)
class Services:
    """One field a domain service; built by the roof."""

    profile: ProfileService
    policies: PolicyService
    inbox: InboxService
    inbox_changes: InboxChanges
    acknowledgements: Acknowledgements
    devices: DeviceService
    clinics: ClinicService
    slots: SlotService
    slot_search: SlotSearchService
    appointments: AppointmentService
    calendar_feeds: CalendarFeedService
    waiting_list: WaitingListService
    release_queues: ReleaseQueueService
    reception: ReceptionService
    calls: CallService
    consents: ConsentService
    emergencies: EmergencyService
    reviews: ReviewService
    access_log: AccessLogService
    family: Family
    sign_ins: SignInService
    handovers: HandoverService
    call_backs: CallBackService
    call_back_desk: CallBackDesk
    exports: ExportService
    erasures: ErasureService
    preferences: PreferenceService
