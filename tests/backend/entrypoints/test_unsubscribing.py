"""RFC 8058 over a real socket: mail programs, people, scanners of mails, and those who try."""

import re
from collections.abc import AsyncIterator
from io import StringIO

import httpx2
import pytest
import structlog
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.entrypoints.access_log import AccessLog
from backend.entrypoints.logs import configure_logging
from backend.entrypoints.unsubscribing import unsubscribe_routes
from backend.preferences.unsubscribing import UnsubscribeService
from identity.principal import PersonId
from identity.settings import ThrottleSettings
from identity.throttling import Throttle
from notifications.channels.port import Channel
from notifications.preference_tables import MessagePreferenceRow
from notifications.preferences import Way
from notifications.topics import Topic
from notifications.unsubscribing import UnsubscribeLinks, Unsubscribing
from tests.factories.deliveries import SECRET
from tests.factories.people import NOW, add_person
from tests.plugins.http import http_client
from tests.plugins.serving import serving

LINKS = UnsubscribeLinks("", [SECRET])
BODY = {"List-Unsubscribe": "One-Click"}
LIMIT = 40


class Door:
    """The routes over a database, and Anna, who gets mails."""

    def __init__(self, database: Database, person_id: PersonId, http: httpx2.AsyncClient) -> None:
        self.database, self.person_id, self.http = database, person_id, http

    def path(self, topic: Topic = Topic.CAMPAIGNS, person_id: PersonId | None = None) -> str:
        """Return the path of a link."""
        said = Unsubscribing(person_id or self.person_id, Way(topic, Channel.EMAIL))
        return f"/unsubscribe/{LINKS.token(said)}"

    async def off(self) -> list[tuple[PersonId, Topic, Channel, bool]]:
        """Return everything that anybody has set."""
        async with self.database.reading() as session:
            rows = await session.exec(select(MessagePreferenceRow))
            return [(PersonId(row.person_id), row.topic, row.channel, row.is_on) for row in rows]


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    """Serve the routes."""
    service = UnsubscribeService(database=database, clock=SettableClock(NOW), links=LINKS)
    routes = unsubscribe_routes(service, Throttle(ThrottleSettings(unsubscribes_of_address=LIMIT)))
    app = Starlette(routes=routes, middleware=[Middleware(AccessLog)])
    async with serving(app) as base_url, http_client(base_url=base_url) as http:
        yield Door(database, await add_person(database), http)


async def test_one_click_switches_off_and_the_second_changes_nothing(door: Door) -> None:
    for _ in range(2):
        answer = await door.http.post(door.path(), data=BODY)
        assert answer.status_code == 200
        assert "Писем на эту тему больше не будет" in answer.text
        assert await door.off() == [(door.person_id, Topic.CAMPAIGNS, Channel.EMAIL, False)]


async def test_one_click_as_multipart_works(door: Door) -> None:
    text = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await door.http.post(door.path(), content=text.encode(), headers=headers)
    assert (answer.status_code, len(await door.off())) == (200, 1)


async def test_a_scanner_that_follows_the_link_changes_nothing_and_a_person_finds_a_button(door: Door) -> None:
    for _ in range(2):
        assert (await door.http.head(door.path())).status_code == 200
        page = await door.http.get(door.path(), headers={"accept-language": "en"})
    assert await door.off() == []
    assert page.status_code == 200
    assert "Invitations of the insurer" in page.text
    form = re.search(r'<form method="post">\s*<input type="hidden" name="(.*?)" value="(.*?)">', page.text)
    assert form is not None
    assert (await door.http.post(door.path(), data={form[1]: form[2]})).status_code == 200
    assert len(await door.off()) == 1


async def test_the_page_is_kept_by_nobody_and_tells_nobody_where_it_was(door: Door) -> None:
    for answer in (await door.http.get(door.path()), await door.http.post(door.path(), data=BODY)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers
        assert str(door.person_id) not in answer.text
        assert "Соколова" not in answer.text


async def test_every_wrong_link_answers_alike_and_does_nothing(door: Door) -> None:
    good = door.path()
    wrong = [
        "/unsubscribe/x",
        good[:-1] + ("A" if good[-1] != "A" else "Q"),
        "/unsubscribe/" + "A" * 75,
        door.path(Topic.SECURITY),
        door.path(person_id=PersonId(uuid7())),  # erased meanwhile
    ]
    pages = set()
    for path in wrong:
        for answer in (await door.http.get(path), await door.http.post(path, data=BODY)):
            assert answer.status_code == 404
            pages.add(answer.text)
    assert len(pages) == 1
    assert await door.off() == []


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {}, 400),
        (b"List-Unsubscribe=No", {}, 400),
        (b"list-unsubscribe=One-Click", {}, 400),
        (b'{"List-Unsubscribe": "One-Click"}', {"content-type": "application/json"}, 400),
        (b"--b", {"content-type": "multipart/form-data; boundary=b"}, 400),
        (b"x", {"content-type": "multipart/form-data"}, 400),
        (b"List-Unsubscribe=One-Click&x=" + b"a" * 5_000, {}, 413),
    ],
)
async def test_another_body_does_nothing(door: Door, content: bytes, headers: dict[str, str], status: int) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", **headers}
    answer = await door.http.post(door.path(), content=content, headers=form)
    assert answer.status_code == status
    assert await door.off() == []


async def test_too_many_from_one_address_wait(door: Door) -> None:
    answers = [await door.http.get("/unsubscribe/x") for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [404] * LIMIT + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    assert (await door.http.post(door.path(), data=BODY)).status_code == 429
    assert await door.off() == []


async def test_no_log_line_holds_a_link(door: Door) -> None:
    written = StringIO()
    configure_logging(as_json=True, level="DEBUG", stream=written, final=False)
    try:
        await door.http.get(door.path())
        await door.http.post(door.path(), data=BODY)
    finally:
        structlog.reset_defaults()
    assert written.getvalue().count('"path":"/unsubscribe/{token}"') == 2
    assert door.path() not in written.getvalue()
    assert '"event":"unsubscribed"' in written.getvalue()
