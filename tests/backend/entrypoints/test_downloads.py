"""S50, S51: the download door over a real socket, as a browser and a thief use it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.entrypoints.access_log import AccessLog
from backend.entrypoints.downloads import download_routes
from backend.entrypoints.logs import configure_logging
from backend.entrypoints.receipts import receipt_routes
from identity.principal import Principal
from tests.factories.people import make_principal
from tests.factories.rights import DOWNLOADS, RECEIPTS, Copy, Planting, RightsHouse
from tests.graphql_schema.endpoint import CATALOGUE
from tests.plugins.http import http_client
from tests.plugins.serving import serving


class Door:
    """The routes over a house, and a ready copy of Anna's."""

    def __init__(self, house: RightsHouse, anna: Principal, http: httpx2.AsyncClient) -> None:
        self.house, self.anna, self.http = house, anna, http

    async def path(self) -> str:
        """Return the path of a new link."""
        export_id = (await self.house.status(self.anna)).id
        url = await self.house.exports.download_url(self.anna, self.anna.person_id, export_id)
        return url.removeprefix(DOWNLOADS.removesuffix("/downloads"))


@pytest.fixture
async def door(database: Database, tmp_path: Path) -> AsyncIterator[Door]:
    """Serve the routes; the copy is longer than several segments."""
    house, anna = RightsHouse(database, tmp_path / "exports"), make_principal()
    await Planting(database).plant(anna.person_id, "annaA")
    await house.ask(anna)
    await house.worker.run_due()
    app = Starlette(
        routes=[*download_routes(house.downloads, CATALOGUE.message), *receipt_routes(house.erasures)],
        middleware=[Middleware(AccessLog)],
    )
    async with serving(app) as base_url, http_client(base_url=base_url) as http:
        yield Door(house, anna, http)


async def test_a_copy_is_saved_under_our_name_and_kept_by_nobody_else(door: Door) -> None:
    answer = await door.http.get(await door.path())
    assert answer.status_code == 200
    assert "annaA" in Copy(answer.content).everything
    size = (await door.house.status(door.anna)).size_bytes
    assert answer.headers["content-length"] == str(size)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="my-data-2026-11-22.zip"; '
        "filename*=UTF-8''%D0%9C%D0%BE%D0%B8%20%D0%B4%D0%B0%D0%BD%D0%BD%D1%8B%D0%B5%202026-11-22.zip"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    head = await door.http.head(await door.path())
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=5-", 206, 5, -1),
        ("bytes=-7", 206, -7, -1),
        ("bytes=0-999999999", 200, 0, -1),
        ("bytes=1-999999999", 206, 1, -1),
        ("bytes=-999999999", 200, 0, -1),
        ("bytes=9-5", 200, 0, -1),
        ("bytes=0-1,5-6", 200, 0, -1),
        ("lines=1-2", 200, 0, -1),
        ("bytes=-", 200, 0, -1),
    ],
)
async def test_a_download_that_broke_goes_on_where_it_was(
    door: Door, wanted: str, status: int, first: int, last: int
) -> None:
    """RFC 9110 §14."""
    whole = (await door.http.get(await door.path())).content
    answer = await door.http.get(await door.path(), headers={"range": wanted})
    begin, end = first % len(whole), last % len(whole)
    assert (answer.status_code, answer.content) == (status, whole[begin : end + 1])
    range_told = f"bytes {begin}-{end}/{len(whole)}" if status == 206 else None
    assert answer.headers.get("content-range") == range_told


@pytest.mark.parametrize("wanted", ["bytes=999999999-", "bytes=-0"])
async def test_a_part_that_is_not_there_is_416(door: Door, wanted: str) -> None:
    size = (await door.house.status(door.anna)).size_bytes
    answer = await door.http.get(await door.path(), headers={"range": wanted})
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (416, f"bytes */{size}", b"")


async def test_every_wrong_link_gets_the_same_answer(door: Door) -> None:
    """S36: malformed, changed, too old, deleted, and of a sign-in that ended."""
    path = await door.path()
    changed = path[:-1] + ("A" if path[-1] != "A" else "B")
    answers = [await door.http.get(wrong) for wrong in ("/downloads/x", "/downloads/" + "A" * 139, changed)]
    door.house.sessions.ended.add(door.anna.session_id)
    answers.append(await door.http.get(path))
    door.house.sessions.ended.clear()
    assert (await door.http.get(path)).status_code == 200
    door.house.clock.advance(timedelta(seconds=300))
    answers.append(await door.http.get(path))
    fresh = await door.path()
    export_id = (await door.house.status(door.anna)).id
    await door.house.exports.delete_export(
        door.anna, person_id=door.anna.person_id, export_id=export_id, idempotency_key=uuid7()
    )
    answers.append(await door.http.get(fresh, headers={"range": "bytes=0-9"}))
    assert {(one.status_code, one.text) for one in answers} == {
        (
            404,
            f'{{"code":"DOWNLOAD_LINK_INVALID","message":"{CATALOGUE.message("DOWNLOAD_LINK_INVALID", "ru")}"}}',
        )
    }
    assert {one.headers["cache-control"] for one in answers} == {"no-store"}


async def test_a_file_that_was_tampered_with_is_never_served_whole(door: Door) -> None:
    path = await door.path()
    (kept,) = door.house.folder.iterdir()
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(bytes(content))
    with pytest.raises(httpx2.RemoteProtocolError):
        await door.http.get(path)


async def test_only_get_and_head_are_answered(door: Door) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert (await door.http.request(method, await door.path())).status_code == 405


async def test_no_log_line_holds_a_link_or_a_receipt(door: Door) -> None:
    """S43: a token in a log would open the data for minutes."""
    written = StringIO()
    configure_logging(as_json=True, level="DEBUG", stream=written, final=False)
    asked = await door.house.erasures.request_erasure(door.anna, person_id=door.anna.person_id, idempotency_key=uuid7())
    path = await door.path()
    try:
        await door.http.get(path)
        await door.http.get(f"/erasures/{asked.value.receipt}")
    finally:
        structlog.reset_defaults()
    assert written.getvalue().count('"path":"/downloads/{token}"') == 1
    assert written.getvalue().count('"path":"/erasures/{receipt}"') == 1
    assert path.removeprefix("/downloads/") not in written.getvalue()
    assert asked.value.receipt not in written.getvalue()


async def test_a_receipt_shows_how_the_erasure_stands_and_never_whose(door: Door) -> None:
    asked = await door.house.erasures.request_erasure(door.anna, person_id=door.anna.person_id, idempotency_key=uuid7())
    url = door.house.erasures.receipt_url(asked.value).removeprefix(RECEIPTS.removesuffix("/erasures"))
    waiting = await door.http.get(url, headers={"accept-language": "en"})
    assert (waiting.status_code, waiting.headers["cache-control"]) == (200, "no-store")
    assert "Will be carried out" in waiting.text
    door.house.clock.advance(timedelta(days=14))
    assert await door.house.erasures.run_due() == 1
    done = await door.http.get(url)
    assert "Исполнено" in done.text
    assert "152-ФЗ, ст. 19 ч. 2 п. 8" in done.text
    assert 'lang="ru"' in done.text
    assert "annaA" not in waiting.text + done.text
    assert str(door.anna.person_id) not in waiting.text + done.text
    wrong = await door.http.get(url[:-1] + ("A" if url[-1] != "A" else "B"))
    assert (wrong.status_code, "Такой просьбы нет." in wrong.text) == (404, True)
