"""Feeds over a real socket: calendars, people with a wrong address, and those who try."""

from collections.abc import AsyncIterator
from io import StringIO

import httpx2
import pytest
import structlog
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.middleware import Middleware
from uuid_utils.compat import uuid7

from backend.calendars.reading import CalendarReader
from backend.calendars.service import CalendarFeedService
from backend.calendars.values import Detail
from backend.database import Database
from backend.entrypoints.access_log import AccessLog
from backend.entrypoints.calendars import calendar_routes
from backend.entrypoints.logs import configure_logging
from identity.principal import Principal
from identity.settings import ThrottleSettings
from identity.throttling import Throttle
from tests.factories.booking import Booking
from tests.factories.calendars import DOMAIN
from tests.factories.people import add_person, make_principal
from tests.graphql_schema.own_corner import CATALOGUE
from tests.plugins.http import http_client
from tests.plugins.serving import serving

OF_FEED, OF_ADDRESS = 4, 8


class Door:
    """The route over a database, and Anna, whose calendar asks."""

    def __init__(self, booking: Booking, anna: Principal, http: httpx2.AsyncClient) -> None:
        self.booking, self.anna, self.http = booking, anna, http
        self.feeds = CalendarFeedService(
            database=booking.database, access=booking.access, clock=booking.clock, feed_url="/calendar", domain=DOMAIN
        )

    async def path(self) -> str:
        """Open a feed; return the path of its address."""
        opened = await self.feeds.create(
            self.anna, self.anna.person_id, detail=Detail.PLAIN, language="ru", idempotency_key=uuid7()
        )
        assert opened.value.url is not None
        return opened.value.url


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    """Serve the route."""
    booking = Booking(database)
    reader = CalendarReader(database=database, access=booking.access, clock=booking.clock, domain=DOMAIN)
    settings = ThrottleSettings(calendars_of_address=OF_ADDRESS, calendars_of_feed=OF_FEED)
    routes = calendar_routes(reader, Throttle(settings), CATALOGUE.message)
    app = Starlette(routes=routes, middleware=[Middleware(AccessLog)])
    async with serving(app) as base_url, http_client(base_url=base_url) as http:
        yield Door(booking, make_principal(await add_person(database)), http)


async def test_a_calendar_reads_once_and_then_only_what_changed(door: Door) -> None:
    path = await door.path()
    first = await door.http.get(path)
    assert first.status_code == 200
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["referrer-policy"] == "no-referrer"
    known = {"if-none-match": f'"old", W/{first.headers["etag"]}'}
    again = await door.http.get(path, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await door.booking.book(door.anna, await door.booking.one_slot())
    changed = await door.http.get(path, headers=known)
    assert changed.status_code == 200
    assert len(Calendar.from_ical(changed.content).walk("VEVENT")) == 1


async def test_head_tells_as_much_as_get_without_a_body(door: Door) -> None:
    path = await door.path()
    found = await door.http.head(path)
    assert (found.status_code, found.content) == (200, b"")
    assert found.headers["etag"] == (await door.http.get(path)).headers["etag"]


async def test_a_wrong_and_a_revoked_address_answer_alike(door: Door) -> None:
    path = await door.path()
    await door.feeds.revoke(door.anna, door.anna.person_id, idempotency_key=uuid7())
    answers = [await door.http.get(one) for one in (path, f"/calendar/{'x' * 43}.ics", "/calendar/%D0%B6.ics")]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert answers[0].json()["code"] == "CALENDAR_LINK_INVALID"
    assert answers[0].headers["cache-control"] == "no-store"


async def test_nothing_but_reading_is_done_there(door: Door) -> None:
    path = await door.path()
    assert {(await door.http.request(method, path)).status_code for method in ("POST", "DELETE", "PROPFIND")} == {405}


async def test_who_asks_too_often_waits_and_other_feeds_do_not(door: Door) -> None:
    path = await door.path()
    statuses = [(await door.http.get(path)).status_code for _ in range(OF_FEED)]
    late = await door.http.get(path)
    assert (statuses, late.status_code, late.json()["code"]) == ([200] * OF_FEED, 429, "TOO_MANY_ATTEMPTS")
    assert 1 <= int(late.headers["retry-after"]) <= 61
    other = await door.path()
    assert (await door.http.get(other)).status_code == 200


async def test_who_tries_many_addresses_waits(door: Door) -> None:
    tries = [f"/calendar/{number:043}.ics" for number in range(OF_ADDRESS + 1)]
    assert [(await door.http.get(one)).status_code for one in tries] == [*[404] * OF_ADDRESS, 429]


async def test_the_address_is_in_no_log(door: Door) -> None:
    path = await door.path()
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    written = StringIO()
    configure_logging(as_json=True, level="DEBUG", stream=written, final=False)
    try:
        for one in (path, f"{path}?a={token}", f"/calendar/{token}", f"/calendar/{token}.ics/more"):
            await door.http.get(one)
    finally:
        structlog.reset_defaults()
    assert written.getvalue().count('"path":"/calendar/{token}.ics"') == 2
    assert token not in written.getvalue()
