"""Slips over a real socket, for whoever shows a token that is taken."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx2
import pypdfium2
import pytest
import zxingcpp
from starlette.applications import Starlette
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.entrypoints.slips import slip_routes
from backend.profile.service import ProfileService
from backend.slips.service import SlipService
from graphql_schema.node import encode_id
from identity.admission import Credentials
from identity.errors import DpopRequired, TokenRefused
from identity.principal import ActorKind, Assurance, Principal
from tests.factories.booking import Booking
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.graphql_schema.own_corner import CATALOGUE
from tests.plugins.http import http_client
from tests.plugins.serving import serving

PUBLIC = "https://zdorovye.example"


class Door:
    """The route over a database; who comes in is told by the word after Bearer."""

    def __init__(self, database: Database) -> None:
        self.booking = Booking(database)
        self.people: dict[str, Principal] = {}
        self.asked: list[Credentials] = []
        self.http: httpx2.AsyncClient

    async def admit(self, credentials: Credentials) -> Principal:
        """Let in whom the test knows."""
        self.asked.append(credentials)
        word = credentials.authorization.removeprefix("Bearer ")
        if word == "bound":
            raise DpopRequired
        if word not in self.people:
            raise TokenRefused
        return self.people[word]

    async def get(self, visit: UUID | str, who: str = "anna", **headers: str) -> httpx2.Response:
        """Ask for a slip."""
        name = visit if isinstance(visit, str) else encode_id("Appointment", visit)
        given = {"authorization": f"Bearer {who}", **headers} if who else headers
        return await self.http.get(f"/appointments/{name}/slip.pdf", headers=given)


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    """Serve the route; Anna stands at a kiosk, Boris holds his phone, Vera's account is not confirmed."""
    door = Door(database)
    anna = await add_person(database)
    door.people = {
        "anna": make_principal(anna, kind=ActorKind.KIOSK),
        "anna's phone": make_principal(anna),
        "boris": make_principal(await add_person(database, snils=snils_for(200_000_002), phone=None)),
        "vera": make_principal(anna, assurance=Assurance.STANDARD),
        "operator": make_principal(kind=ActorKind.OPERATOR),
    }
    profile = ProfileService(database=database, access=door.booking.access, clock=door.booking.clock)
    slips = SlipService(appointments=door.booking.appointments, profile=profile)
    app = Starlette(routes=slip_routes(slips, door.admit, CATALOGUE.message, public_url=PUBLIC))
    async with serving(app) as base_url, http_client(base_url=base_url) as http:
        door.http = http
        yield door


async def booked(door: Door) -> UUID:
    return await door.booking.book(door.people["anna's phone"], await door.booking.one_slot())


async def test_a_kiosk_prints_an_own_appointment_without_the_name(door: Door) -> None:
    visit = await booked(door)
    answer = await door.get(visit)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    page = pypdfium2.PdfDocument(answer.content)[0]
    text = page.get_textpage().get_text_bounded()
    assert "А. П. С." in text
    for private in ("Соколова", "Анна", "11223344595", "79105550117", str(visit)):
        assert private not in text
        assert private.encode() not in answer.content
    read = zxingcpp.read_barcodes(page.render(scale=4, grayscale=True).to_numpy())
    assert [one.text for one in read] == [encode_id("Appointment", visit)]


async def test_the_language_is_that_of_the_reader(door: Door) -> None:
    answer = await door.get(await booked(door), **{"accept-language": "en"})
    assert answer.headers["content-language"] == "en"
    assert "Please bring" in pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_bounded()


async def test_the_proof_is_asked_for_this_very_address(door: Door) -> None:
    visit = await booked(door)
    await door.get(visit, dpop="proof")
    (asked,) = door.asked
    path = f"/appointments/{encode_id('Appointment', visit)}/slip.pdf"
    assert (asked.method, asked.proof) == ("GET", "proof")
    assert httpx2.URL(asked.url) == httpx2.URL(PUBLIC + path)


async def test_what_is_not_there_and_what_is_not_mine_answer_alike(door: Door) -> None:
    visit = await booked(door)
    answers = [
        await door.get(visit, "boris"),
        await door.get(uuid7()),
        await door.get("QXBwb2ludG1lbnQ6"),
        await door.get(encode_id("Slot", visit)),
    ]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert answers[0].json()["code"] == "SLIP_NOT_FOUND"


async def test_there_is_no_slip_of_what_one_cannot_come_to(door: Door) -> None:
    anna = door.people["anna's phone"]
    held = await door.booking.hold(anna, await door.booking.one_slot(at=NOW + timedelta(hours=5), specialty="dentist"))
    visit = await door.booking.book(anna, await door.booking.one_slot())
    await door.booking.cancel(anna, visit)
    assert [(await door.get(one)).status_code for one in (held, visit)] == [404, 404]


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("", 401, "TOKEN_INVALID"),
        ("nobody", 401, "TOKEN_INVALID"),
        ("bound", 401, "DPOP_REQUIRED"),
        ("vera", 403, "ACCOUNT_NOT_CONFIRMED"),
        ("operator", 403, "ACCESS_REFUSED"),
    ],
)
async def test_who_may_not_is_told_why(door: Door, who: str, status: int, code: str) -> None:
    answer = await door.get(await booked(door), who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ("www-authenticate" in answer.headers) is (status == 401)
    assert answer.headers["cache-control"] == "no-store"
