"""The whole schema: the domains' mix-ins joined into the roots."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, cast
from uuid import UUID

import strawberry
from graphql import build_schema as parse_sdl
from graphql import lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig

from backend.errors import NotFound
from graphql_schema.booking.appointment_types import Appointment
from graphql_schema.booking.mutations import BookingMutations
from graphql_schema.booking.queries import BookingQueries, load_appointment, load_clinic, load_doctor, load_slot
from graphql_schema.booking.refusing import HoldExpiredError, SlotTakenError
from graphql_schema.booking.types import Clinic, Doctor, Slot
from graphql_schema.calendars.mutations import CalendarMutations
from graphql_schema.call_back_desk.mutations import CallBackDeskMutations
from graphql_schema.call_back_desk.queries import CallBackDeskQueries
from graphql_schema.call_backs.mutations import CallBackMutations
from graphql_schema.calls.mutations import CallMutations
from graphql_schema.calls.queries import CallQueries
from graphql_schema.consents.mutations import ConsentMutations
from graphql_schema.consents.queries import ConsentQueries, load_consent
from graphql_schema.consents.types import Consent
from graphql_schema.context import Context, Info
from graphql_schema.devices.mutations import DeviceMutations
from graphql_schema.devices.queries import load_device
from graphql_schema.devices.types import Device
from graphql_schema.errors import RefusedError
from graphql_schema.family.mutations import FamilyMutations
from graphql_schema.fields import field
from graphql_schema.guardianships.mutations import GuardianshipMutations
from graphql_schema.guardianships.queries import GuardianshipQueries
from graphql_schema.handovers.mutations import HandoverMutations
from graphql_schema.inbox.mutations import InboxMutations
from graphql_schema.inbox.queries import load_notification
from graphql_schema.inbox.subscriptions import InboxSubscriptions
from graphql_schema.inbox.types import Notification
from graphql_schema.node import Node, split_id
from graphql_schema.oversight.mutations import OversightMutations
from graphql_schema.oversight.queries import OversightQueries, load_entry
from graphql_schema.oversight.types import AccessLogEntry
from graphql_schema.preferences.mutations import PreferenceMutations
from graphql_schema.preferences.types import TopicStatutoryError
from graphql_schema.profile.queries import load_person
from graphql_schema.profile.types import Person
from graphql_schema.reception.mutations import ReceptionMutations
from graphql_schema.reception.queries import ReceptionQueries
from graphql_schema.release_queue.mutations import ReleaseQueueMutations
from graphql_schema.release_queue.queries import ReleaseQueueQueries
from graphql_schema.rights.mutations import RightsMutations
from graphql_schema.scalars import SCALARS, DateTime, GeoPoint
from graphql_schema.sign_ins.mutations import SignInMutations
from graphql_schema.sign_ins.queries import load_session
from graphql_schema.sign_ins.types import Session
from graphql_schema.slot_search.queries import SlotSearchQueries
from graphql_schema.viewer import ViewerQueries
from graphql_schema.waiting_list.mutations import WaitingListMutations
from identity.errors import AccessRefused

_PUBLISHED_SCALARS = cast("tuple[type, ...]", tuple(SCALARS))
"""Published even before a field names them, so that clients can map them once."""

_UNNAMED_TYPES = (RefusedError, SlotTakenError, HoldExpiredError, TopicStatutoryError, GeoPoint)
_NODE_TYPES = (AccessLogEntry, Appointment, Clinic, Consent, Device, Doctor, Notification, Person, Session, Slot)
"""Met only behind an interface, so they must be named to be published."""

LOADERS: Mapping[str, Callable[[Context, UUID], Awaitable[Node | None]]] = MappingProxyType(
    {
        "AccessLogEntry": load_entry,
        "Appointment": load_appointment,
        "Clinic": load_clinic,
        "Consent": load_consent,
        "Device": load_device,
        "Doctor": load_doctor,
        "Notification": load_notification,
        "Person": load_person,
        "Session": load_session,
        "Slot": load_slot,
    }
)
"""By type name: finds a node for the caller, asking the service that asks for the right."""


@strawberry.type(description="Everything that can be read.")
class Query(
    ViewerQueries,
    BookingQueries,
    SlotSearchQueries,
    CallQueries,
    CallBackDeskQueries,
    ConsentQueries,
    GuardianshipQueries,
    OversightQueries,
    ReceptionQueries,
    ReleaseQueueQueries,
):
    """The root of reading."""

    @field(description="The server's present time, for clients to correct their clocks by.")
    def server_time(self, info: Info) -> DateTime | None:
        """Return the present instant."""
        return info.context.clock()

    @field(description="The object of a global id; NOT_FOUND for a malformed, a missing and another's id alike.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")],  # noqa: A002 # Relay's name
    ) -> Node | None:
        """Find an object again."""
        type_name, uuid = split_id(id)
        try:
            found = await LOADERS[type_name](info.context, uuid) if type_name in LOADERS else None
        except AccessRefused as error:
            raise NotFound from error
        if found is None:
            raise NotFound
        return found


@strawberry.type(description="Everything that can be done; each mutation is done once for its `idempotencyKey`.")
class Mutation(
    BookingMutations,
    DeviceMutations,
    FamilyMutations,
    GuardianshipMutations,
    InboxMutations,
    CallMutations,
    CallBackMutations,
    CallBackDeskMutations,
    ConsentMutations,
    OversightMutations,
    SignInMutations,
    HandoverMutations,
    RightsMutations,
    PreferenceMutations,
    CalendarMutations,
    WaitingListMutations,
    ReceptionMutations,
    ReleaseQueueMutations,
):
    """The root of acting."""


@strawberry.type(description="Everything that can be followed, over graphql-transport-ws or server-sent events.")
class Subscription(InboxSubscriptions):
    """The root of following."""


def schema_config(*, sort: bool = False) -> StrawberryConfig:
    """Return the configuration that every schema of ours shares; a sorted one can be printed, but not executed.

    graphql-core's sort makes plain enums of Strawberry's, which then refuse the members that resolvers return.
    """
    return StrawberryConfig(scalar_map=SCALARS, relay_max_results=100, sort_schema=sort)


@cache
def build_schema(*, sort: bool = False) -> strawberry.Schema:
    """Return the schema, built once a process; sorted only to be printed.

    Types and scalars that no field names are published too.
    """
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[*_UNNAMED_TYPES, *_NODE_TYPES, *_PUBLISHED_SCALARS],
        config=schema_config(sort=sort),
    )


def published_sdl() -> str:
    """Return the schema's text as it is published: sorted, with descriptions, ending in a newline."""
    return print_schema(lexicographic_sort_schema(parse_sdl(build_schema().as_str()))) + "\n"
