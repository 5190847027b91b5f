"""A portal at our door: the endpoint on a real socket over one database and one clock, and our own client before it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import httpx2
from pydantic import HttpUrl
from sqlalchemy import update
from sqlmodel import col
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.booking.appointments import AppointmentService
from backend.booking.ports import OutsideSlot, Patient, Resource
from backend.booking.states import CancelReason
from backend.booking.tables import ClinicRow
from backend.booking.values import SlotId
from backend.database import Database
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.integrations.fer_registry.endpoint import ENDPOINT_PATH, FerEndpoint
from backend.integrations.fer_registry.endpoint_answers import PortalServices
from backend.portal.bookings import PortalBookings
from backend.portal.mandates import PortalMandates
from backend.portal.schedules import PortalSchedules
from backend.portal.sessions import PortalSessions
from backend.profile.values import Phone, Sex, Snils
from backend.settings import POSTS, FerRegistrySettings
from identity.admission import Credentials
from identity.errors import TokenRefused
from identity.principal import ActorKind, PersonId, Principal
from identity.system_sessions import person_id_of
from tests.factories.access import access_control
from tests.factories.booking import Booking, Place
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.plugins.http import http_client
from tests.plugins.serving import serving

TOKEN, OTHERS_TOKEN = "token-of-the-portal", "token-of-another-system"
PORTAL = person_id_of("epgu")
POST_OF = {code: post for post, code in POSTS.items()}

ANNA = Patient(
    family_name="Соколова",
    given_name="Анна",
    patronymic="Петровна",
    birth_date=date(1984, 5, 17),
    sex=Sex.FEMALE,
    snils=Snils("11223344595"),
    phone=Phone("+79105550117"),
    policy_number="7756410835001233",
)
BORIS = Patient(
    family_name="Дёмин",
    given_name="Борис",
    patronymic=None,
    birth_date=date(1990, 1, 2),
    sex=Sex.MALE,
    snils=Snils(snils_for(222_333_444)),
)


@dataclass
class PortalHouse:
    """The services of everybody, and what portals have of them."""

    database: Database
    published: list[PersonId] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Join the services."""
        self.booking = Booking(self.database)
        self.clock = self.booking.clock
        access = access_control(self.database, self.clock, PortalMandates([PORTAL]))
        self.appointments = AppointmentService(
            database=self.database, access=access, clock=self.clock, published=self.published.append
        )
        self.services = PortalServices(
            sessions=PortalSessions(database=self.database, access=access, clock=self.clock),
            bookings=PortalBookings(database=self.database, clock=self.clock, appointments=self.appointments),
            schedules=PortalSchedules(database=self.database, slots=self.booking.slots),
            posts=POST_OF,
        )
        self.portal = make_principal(PORTAL, kind=ActorKind.SERVICE)

    async def people(self) -> tuple[PersonId, PersonId]:
        """Store Anna and Boris; return their ids."""
        anna = await add_person(self.database)
        boris = await add_person(
            self.database,
            family_name="Демин",
            given_name="Борис",
            patronymic="Ильич",
            birth_date=BORIS.birth_date,
            sex=Sex.MALE,
            snils=snils_for(222_333_444),
        )
        return anna, boris

    async def admit(self, credentials: Credentials) -> Principal:
        """Let two systems in: the portal, and one that is none."""
        if credentials.authorization == f"Bearer {TOKEN}":
            return self.portal
        if credentials.authorization == f"Bearer {OTHERS_TOKEN}":
            return make_principal(kind=ActorKind.SERVICE)
        raise TokenRefused

    def endpoint(self, **given: Any) -> FerEndpoint:
        """Return the endpoint."""
        return FerEndpoint(self.services, admit=self.admit, portals=[PORTAL], public_url="http://region", **given)


@dataclass
class Door:
    """The client, the house, and every message of both sides."""

    house: PortalHouse
    registry: FerRegistryClient
    http: httpx2.AsyncClient
    place: Place
    messages: list[bytes]
    cut: list[str]

    @property
    def url(self) -> str:
        """Return the path of the endpoint."""
        return ENDPOINT_PATH

    async def resource(self) -> Resource:
        """Return the one doctor as the port calls them."""
        found = await self.house.services.schedules.resources([await self.oid()], [*POST_OF])
        return Resource(found[0].clinic.oid, f"{POST_OF[found[0].specialty.code]}|id|{found[0].id}")

    async def oid(self) -> str:
        """Return the OID of the one clinic."""
        return (await self.house.services.schedules.clinics([*POST_OF]))[0].oid

    async def book(self, key: UUID, slot_id: SlotId, *, patient: Patient = ANNA, referral: str | None = None) -> None:
        """Book by the port."""
        resource = await self.resource()
        await self.registry.book(
            key=key, patient=patient, resource=resource, slot=named(slot_id), referral_number=referral
        )

    async def cancel(self, key: UUID, slot_id: SlotId, *, patient: Patient = ANNA) -> None:
        """Give up by the port."""
        await self.registry.cancel(
            key=key,
            patient=patient,
            resource=await self.resource(),
            slot=named(slot_id),
            reason=CancelReason.PATIENT_DECLINE,
        )


def named(slot_id: SlotId) -> OutsideSlot:
    """Return a slot as the port calls it; only its name is said over the line."""
    return OutsideSlot(str(slot_id), NOW, NOW, None)


class _Line:
    """Listens, and carries out what it is asked while it loses the answer, as often as ordered."""

    def __init__(self, app: ASGIApp, messages: list[bytes], cut: list[str]) -> None:
        self._app, self._messages, self._cut = app, messages, cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        action = dict(scope["headers"]).get(b"soapaction", b"").decode()
        loses = action in self._cut
        if loses:
            self._cut.remove(action)

        async def take() -> Message:
            message = await receive()
            self._messages.append(message.get("body", b""))
            return message

        async def give(message: Message) -> None:
            self._messages.append(message.get("body", b""))
            if not loses or message["type"] == "http.response.start":
                await send(message)
            else:
                await send({**message, "body": message["body"][:10], "more_body": True})

        await self._app(scope, take, give)


@asynccontextmanager
async def connected(database: Database, *, specialty: str = "dentist", **given: Any) -> AsyncIterator[Door]:
    """Serve the endpoint on a socket, with Anna, Boris and a clinic of one doctor."""
    house = PortalHouse(database)
    await house.people()
    clinic_id = await house.booking.registry.add_clinic()
    await set_oid(database, clinic_id)
    place = await house.booking.registry.add_place(clinic_id, specialty=specialty)
    messages: list[bytes] = []
    cut: list[str] = []
    app = _Line(Starlette(routes=house.endpoint(**given).routes()), messages, cut)
    async with (
        serving(app) as base_url,
        http_client(base_url=base_url) as http,
        FerRegistryClient(
            FerRegistrySettings(base_url=HttpUrl(base_url + ENDPOINT_PATH), token=TOKEN, timeout_seconds=20),
            clock=house.clock,
        ) as registry,
    ):
        yield Door(house, registry, http, place, messages, cut)


async def set_oid(database: Database, clinic_id: UUID) -> None:
    """Give a clinic an OID that is one: the factory's own is unique, but a UUID in its last part."""
    changed = update(ClinicRow).where(col(ClinicRow.id) == clinic_id).values(oid="1.2.643.5.1.13.13.12.2.40.901")
    async with database.transaction() as session:
        await (await session.connection()).execute(changed)
