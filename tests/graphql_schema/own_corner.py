"""The viewer, the policy and the inbox over a real database, with a register in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.booking.appointments import AppointmentService
from backend.booking.clinics import ClinicService
from backend.booking.slots import SlotService
from backend.clock import SettableClock
from backend.database import Database
from backend.family.known_children import RecordedChildren
from backend.family.service import build_family
from backend.inbox.service import InboxService
from backend.inbox.topics import inbox_topic
from backend.policy.service import PolicyService
from backend.profile.directory import Directory
from backend.profile.service import ProfileService
from backend.services import Services
from backend.signals import MemorySignals
from graphql_schema.catalogue import ErrorCatalogue, Language
from graphql_schema.context import Context
from graphql_schema.schema import build_schema
from identity.access_control import MandateSource
from identity.principal import PersonId, Principal
from identity.representation import Representations
from notifications.outbox import enqueue
from tests.factories.access import access_control
from tests.factories.messages import make_message
from tests.factories.people import NOW
from tests.factories.policies import RegisterInMemory

CATALOGUE = ErrorCatalogue.parse((Path(__file__).parents[2] / "mobile_contracts" / "errors.yaml").read_text("utf-8"))


SCHEMA = build_schema()


@dataclass
class Answer:
    """What came back: `codes` by the path of the field that failed, written with dots."""

    data: Any
    codes: Mapping[str, str]
    extensions: Mapping[str, Any]


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
        self.access = access = access_control(database, clock, Representations(directory), *self.sources)
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
            clinics=ClinicService(database=database),
            slots=SlotService(database=database, clock=clock),
            appointments=AppointmentService(database=database, access=access, clock=clock, published=self._publish),
            family=build_family(
                database=database,
                access=access,
                clock=clock,
                published=self._publish,
                known=RecordedChildren(database),
                directory=directory,
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
        result = await SCHEMA.execute(query, variable_values=variables, context_value=context)
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
