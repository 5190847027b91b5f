"""The viewer, the policy and the inbox over a real database, with a register in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from inspect import isawaitable
from pathlib import Path
from typing import Any
from uuid import UUID

from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse, validate

from backend.booking.appointments import AppointmentService
from backend.booking.clinics import ClinicService
from backend.booking.slots import SlotService
from backend.booking.terms import PORTAL_TERMS
from backend.calendars.service import CalendarFeedService
from backend.call_backs.desk import CallBackDesk
from backend.call_backs.service import CallBackService
from backend.calls.codes import MessageCodes
from backend.calls.service import CallService
from backend.clock import SettableClock
from backend.consents.service import ConsentService
from backend.database import Database
from backend.devices.service import DeviceService
from backend.devices.sessions import retire_signed_out
from backend.entrypoints.migrations.tables import METADATA
from backend.family.known_children import RecordedChildren
from backend.family.service import build_family
from backend.handovers.service import HandoverService
from backend.inbox.acknowledgements import Acknowledgements
from backend.inbox.changes import InboxChanges
from backend.inbox.service import InboxService
from backend.inbox.topics import inbox_topic
from backend.oversight.access_log import AccessLogService
from backend.oversight.emergencies import EmergencyService
from backend.oversight.reviews import ReviewService
from backend.policy.insurers import Insurers, KnownPeople
from backend.policy.service import PolicyService
from backend.preferences.reading import PreferenceReader
from backend.preferences.service import PreferenceService
from backend.profile.contacts import Contacts
from backend.profile.directory import Directory
from backend.profile.service import ProfileService
from backend.reception.service import build_reception
from backend.release_queue.service import ReleaseQueueService
from backend.rights.erasures import ErasureService
from backend.rights.exports import ExportService
from backend.services import Services
from backend.settings import RightsSettings
from backend.sign_ins.service import SignInService
from backend.sign_ins.spreading import spread_end
from backend.signals import MemorySignals
from backend.slot_search.service import SlotSearchService
from backend.waiting_list.service import WaitingListService
from graphql_schema.catalogue import ErrorCatalogue, Language
from graphql_schema.context import Context
from graphql_schema.schema import build_schema
from identity.access_control import MandateSource
from identity.call_mandates import CallMandates
from identity.calls import Calls
from identity.consent_wordings import consent_texts
from identity.handover_codes import HandoverCodes
from identity.insured_people import InsuredPeople
from identity.kiosk_settings import machine_id_of
from identity.principal import PersonId, Principal
from identity.representation import Representations
from identity.settings import IdentitySettings, ThrottleSettings
from identity.throttling import Throttle
from notifications.outbox import enqueue
from notifications.preference_settings import PreferenceSettings
from notifications.suppression import AddressHashes
from tests.factories.access import access_control
from tests.factories.deliveries import SECRET
from tests.factories.messages import make_message
from tests.factories.people import NOW
from tests.factories.policies import RegisterInMemory

CATALOGUE = ErrorCatalogue.parse((Path(__file__).parents[2] / "mobile_contracts" / "errors.yaml").read_text("utf-8"))

MACHINE = "m" * 43
"""Thumbprint of the one kiosk that is known."""

HANDOVERS = "https://zdorovye.example/handover"
CALENDARS = "https://zdorovye.example/calendar"
DOWNLOADS, RECEIPTS = "https://zdorovye.example/downloads", "https://zdorovye.example/erasures"

SCHEMA = build_schema()


@dataclass
class Answer:
    """What came back: `codes` by the path of the field that failed, written with dots."""

    data: Any
    codes: Mapping[str, str]
    extensions: Mapping[str, Any]


@lru_cache(maxsize=1_024)
def prepared(query: str) -> DocumentNode | list[GraphQLError]:
    """Parse and validate a document once; return it, or what is wrong with it."""
    document = parse(query)
    return validate(SCHEMA._schema, document) or document


async def execute_prepared(query: str, variables: dict[str, Any], context: Context) -> ExecutionResult:
    """Execute as graphql-core does, without reading the same document again and again."""
    document = prepared(query)
    if isinstance(document, list):
        return ExecutionResult(None, document)
    found = execute(SCHEMA._schema, document, variable_values=variables, context_value=context)
    return await found if isawaitable(found) else found


@dataclass
class OwnCorner:
    """Everything around one database."""

    database: Database
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    register: RegisterInMemory = field(default_factory=RegisterInMemory)
    signals: MemorySignals = field(default_factory=MemorySignals)
    sources: Sequence[MandateSource] = ()
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        """Build the services."""
        database, clock = self.database, self.clock
        directory = Directory(clock=clock)
        represented = Representations(directory)
        known = represented, CallMandates(represented), InsuredPeople(Insurers())
        self.access = access = access_control(database, clock, *self.sources, *known)
        appointments = AppointmentService(database=database, access=access, clock=clock, published=self._publish)
        calls = Calls(people=KnownPeople(), represented=represented, codes=[MessageCodes()])
        self.services = Services(
            profile=ProfileService(database=database, access=access, clock=clock),
            policies=PolicyService(
                database=database,
                access=access,
                clock=clock,
                register=self.register,
                fresh_for=timedelta(minutes=15),
                stale_for=timedelta(days=1),
            ),
            inbox=InboxService(database=database, access=access, clock=clock, signals=self.signals),
            inbox_changes=InboxChanges(database=database, access=access),
            acknowledgements=Acknowledgements(access=access, clock=clock, published=self._publish),
            devices=DeviceService(
                database=database, access=access, clock=clock, people=directory, published=self._publish
            ),
            clinics=ClinicService(database=database),
            slots=SlotService(database=database, clock=clock),
            slot_search=SlotSearchService(database=database, access=access, clock=clock),
            calendar_feeds=CalendarFeedService(
                database=database, access=access, clock=clock, feed_url=CALENDARS, domain="zdorovye.example"
            ),
            waiting_list=WaitingListService(
                database=database,
                access=access,
                clock=clock,
                booking_terms=PORTAL_TERMS,
                published=self._publish,
            ),
            release_queues=ReleaseQueueService(
                database=database,
                access=access,
                clock=clock,
                booking_terms=PORTAL_TERMS,
                published=self._publish,
            ),
            appointments=appointments,
            reception=build_reception(
                database=database, access=access, clock=clock, appointments=appointments, published=self._publish
            ),
            calls=CallService(database=database, access=access, clock=clock, calls=calls, published=self._publish),
            call_backs=CallBackService(database=database, access=access, clock=clock, published=self._publish),
            call_back_desk=CallBackDesk(
                database=database, access=access, clock=clock, calls=calls, published=self._publish
            ),
            consents=ConsentService(database=database, access=access, clock=clock, texts=consent_texts()),
            emergencies=EmergencyService(
                access=access, clock=clock, people=Directory(clock=clock), published=self._publish
            ),
            reviews=ReviewService(database=database, access=access, clock=clock, published=self._publish),
            access_log=AccessLogService(
                database=database, access=access, clinics={machine_id_of(MACHINE): "Поликлиника № 3"}
            ),
            family=build_family(
                database=database,
                access=access,
                clock=clock,
                published=self._publish,
                known=RecordedChildren(database),
                directory=directory,
            ),
            sign_ins=SignInService(
                database=database,
                access=access,
                clock=clock,
                apps=IdentitySettings().apps,
                ended=lambda person_id: spread_end(self.signals, person_id),
                silence=retire_signed_out,
            ),
            handovers=HandoverService(
                database=database,
                access=access,
                clock=clock,
                codes=HandoverCodes(b"k" * 32),
                throttle=Throttle(ThrottleSettings()),
                page_url=HANDOVERS,
                ended=lambda person_id: spread_end(self.signals, person_id),
            ),
            exports=ExportService(
                database=database, access=access, clock=clock, settings=RightsSettings(), download_url=DOWNLOADS
            ),
            erasures=ErasureService(
                database=database,
                access=access,
                clock=clock,
                settings=RightsSettings(),
                metadata=METADATA,
                published=self._publish,
                receipt_url=RECEIPTS,
            ),
            preferences=PreferenceService(
                database=database,
                access=access,
                clock=clock,
                reader=PreferenceReader(Contacts(), AddressHashes(SECRET), PreferenceSettings()),
            ),
        )

    def context(self, actor: Principal | None, *, language: Language = "ru") -> Context:
        """Return the state of one request."""
        return Context(
            services=self.services, catalogue=CATALOGUE, clock=self.clock, principal=actor, language=language
        )

    async def ask(self, actor: Principal | None, query: str, *, language: Language = "ru", **variables: Any) -> Answer:
        """Execute one operation."""
        context = self.context(actor, language=language)
        result = await execute_prepared(query, variables, context)
        codes = {
            ".".join(str(part) for part in error.path or ()): getattr(error.original_error, "code", error.message)
            for error in result.errors or ()
        }
        return Answer(result.data, codes, context.extensions)

    async def first_code_of_stream(self, actor: Principal | None, query: str) -> str | None:
        """Subscribe, take the first event, and return the code of the refusal, if it is one."""
        stream = await SCHEMA.subscribe(query, context_value=self.context(actor))
        try:
            first = await anext(stream)
        finally:
            await stream.aclose()
        error = next(iter(first.errors or ()), None)
        return None if error is None else str(getattr(error.original_error, "code", error.message))

    async def tell(self, person_id: PersonId, key: str = "a", *, at: datetime = NOW, **given: Any) -> UUID:
        """Put the message about a booking into an inbox."""
        async with self.database.transaction() as session:
            notification_id = await enqueue(session, make_message(person_id, key, **given), now=at)
        self._publish(person_id)
        return notification_id

    def _publish(self, person_id: PersonId) -> None:
        self.signals.publish(inbox_topic(person_id))
