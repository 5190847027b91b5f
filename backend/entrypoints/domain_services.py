"""Every service of the domains over one ground; joined by `bootstrap`, which builds what they stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from backend.booking.appointments import AppointmentService
from backend.booking.clinics import ClinicService
from backend.booking.ports import OutsideRegistry
from backend.booking.slots import SlotService
from backend.booking.terms import PORTAL_TERMS as BOOKING_TERMS
from backend.booking.values import Registry
from backend.call_backs.desk import CallBackDesk
from backend.call_backs.service import CallBackService
from backend.calls.codes import MessageCodes
from backend.calls.service import CallService
from backend.clock import Clock
from backend.consents.service import ConsentService
from backend.database import Database
from backend.devices.service import DeviceService
from backend.devices.sessions import retire_signed_out
from backend.entrypoints.calendars import build_feeds
from backend.entrypoints.kiosks import build_handovers, clinics_of_machines
from backend.entrypoints.preferences import build_preferences
from backend.entrypoints.registered_organizations import RegisteredOrganizations
from backend.entrypoints.rights import Rights
from backend.family.known_children import RecordedChildren
from backend.family.service import build_family
from backend.inbox.acknowledgements import Acknowledgements
from backend.inbox.changes import InboxChanges
from backend.inbox.service import InboxService
from backend.inbox.topics import told
from backend.integrations.oms_registry.client import OmsRegistryClient
from backend.oversight.access_log import AccessLogService
from backend.oversight.emergencies import EmergencyService
from backend.oversight.reviews import ReviewService
from backend.policy.insurers import KnownPeople
from backend.policy.service import PolicyService
from backend.profile.directory import Directory
from backend.profile.service import ProfileService
from backend.reception.service import build_reception
from backend.release_queue.service import ReleaseQueueService
from backend.services import Services
from backend.settings import Settings
from backend.sign_ins.service import SignInService
from backend.sign_ins.spreading import spread_end
from backend.signals import Signals
from backend.slot_search.service import SlotSearchService
from backend.waiting_list.service import WaitingListService
from backend.waiting_list.settling import note_booked
from backend.waiting_list.topics import slots_freed
from identity.access_control import AccessControl
from identity.calls import Calls
from identity.consent_wordings import consent_texts
from identity.principal import PersonId
from identity.representation import Representations
from identity.throttling import Throttle


@dataclass(frozen=True, slots=True)
class Ground:
    """What every service stands on."""

    settings: Settings
    clock: Clock
    database: Database
    access: AccessControl
    signals: Signals
    directory: Directory
    represented: Representations
    throttle: Throttle


def build_services(
    ground: Ground, register: OmsRegistryClient, rights: Rights, registries: Mapping[Registry, OutsideRegistry]
) -> Services:
    """Build every service of the domains; `registries` are those of clinics that keep their own slots."""
    clock, database, access, signals = ground.clock, ground.database, ground.access, ground.signals
    registry = ground.settings.oms_registry

    published = told(signals)
    freed = slots_freed(signals)

    def ended(person_id: PersonId) -> None:
        spread_end(signals, person_id)

    appointments = AppointmentService(
        database=database,
        access=access,
        clock=clock,
        published=published,
        registries=registries,
        freed=freed,
        after_booking=note_booked,
    )
    calls = Calls(people=KnownPeople(), represented=ground.represented, codes=[MessageCodes()])
    return Services(
        profile=ProfileService(database=database, access=access, clock=clock),
        policies=PolicyService(
            database=database,
            access=access,
            clock=clock,
            register=register,
            fresh_for=timedelta(seconds=registry.fresh_for_seconds),
            stale_for=timedelta(seconds=registry.stale_for_seconds),
        ),
        inbox=InboxService(database=database, access=access, clock=clock, signals=signals),
        inbox_changes=InboxChanges(database=database, access=access),
        acknowledgements=Acknowledgements(access=access, clock=clock, published=published),
        devices=DeviceService(
            database=database, access=access, clock=clock, people=ground.directory, published=published
        ),
        clinics=ClinicService(database=database),
        slots=SlotService(database=database, clock=clock),
        slot_search=SlotSearchService(database=database, access=access, clock=clock),
        appointments=appointments,
        reception=build_reception(
            database=database, access=access, clock=clock, appointments=appointments, published=published
        ),
        waiting_list=WaitingListService(
            database=database,
            access=access,
            clock=clock,
            booking_terms=BOOKING_TERMS,
            published=published,
            freed=freed,
        ),
        release_queues=ReleaseQueueService(
            database=database,
            access=access,
            clock=clock,
            booking_terms=BOOKING_TERMS,
            published=published,
            freed=freed,
        ),
        calendar_feeds=build_feeds(ground.settings, clock, database, access),
        calls=CallService(database=database, access=access, clock=clock, calls=calls, published=published),
        call_backs=CallBackService(database=database, access=access, clock=clock, published=published),
        call_back_desk=CallBackDesk(database=database, access=access, clock=clock, calls=calls, published=published),
        consents=ConsentService(database=database, access=access, clock=clock, texts=consent_texts()),
        emergencies=EmergencyService(
            access=access,
            clock=clock,
            people=ground.directory,
            published=published,
            representatives=(ground.represented,),
        ),
        reviews=ReviewService(database=database, access=access, clock=clock, published=published),
        access_log=AccessLogService(
            database=database,
            access=access,
            organizations=(
                RegisteredOrganizations(ground.settings.identity.organizations, ground.settings.identity.systems),
            ),
            clinics=clinics_of_machines(ground.settings),
        ),
        family=build_family(
            database=database,
            access=access,
            clock=clock,
            published=published,
            known=RecordedChildren(database),
            directory=ground.directory,
        ),
        sign_ins=SignInService(
            database=database,
            access=access,
            clock=clock,
            apps=ground.settings.identity.apps,
            ended=ended,
            silence=retire_signed_out,
        ),
        handovers=build_handovers(ground.settings, clock, database, access, throttle=ground.throttle, ended=ended),
        exports=rights.exports,
        erasures=rights.erasures,
        preferences=build_preferences(ground.settings, clock, database, access),
    )
