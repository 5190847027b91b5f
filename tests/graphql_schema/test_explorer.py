"""GET /graphql in a browser: GraphiQL that needs no other host, in development only."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from graphql_schema.explorer_page import EXPLORER_FOLDER, EXPLORER_PATH
from tests.graphql_schema.endpoint import build_endpoint, client_of
from tests.plugins.browser import chromium
from tests.plugins.serving import serving

BROWSER_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def _people(_: Request) -> JSONResponse:
    return JSONResponse([{"nick": "person-7", "label": "Анна"}])


async def _token(request: Request) -> JSONResponse:
    return JSONResponse({"accessToken": request.query_params["as"]})


def build_site() -> Starlette:
    """Return the endpoint with what the roof puts beside it in development."""
    return Starlette(
        routes=[
            Route("/dev/people", _people),
            Route("/dev/token", _token, methods=["POST"]),
            Mount(EXPLORER_PATH, StaticFiles(directory=EXPLORER_FOLDER)),
            *build_endpoint().routes(),
        ]
    )


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Return a real Chromium."""
    if not (EXPLORER_FOLDER / "index.html").is_file():
        pytest.skip("the explorer is not built: install Node 20, then `make explorer`")
    async with chromium() as running:
        yield running


async def _run_until(page: Page, expected: str | re.Pattern[str]) -> None:
    """Execute until the answer holds what is expected.

    GraphiQL learns the name and the kind of an edited operation a moment after the edit, and shows nothing of that;
    a click before it sends the name of the operation that stood there, so a person clicks again.
    """
    answer = page.locator(".graphiql-response")
    for patience_ms in (2_000, 4_000, 8_000, 30_000):
        await page.get_by_role("button", name="Execute query").dispatch_event("click")  # suggestions may lie over it
        try:
            await expect(answer).to_contain_text(expected, timeout=patience_ms)
        except AssertionError:
            if patience_ms == 30_000:
                raise
        else:
            return


async def test_the_explorer_runs_queries_as_a_demo_person_without_any_other_host(browser: Browser) -> None:
    async with serving(build_site()) as base_url:
        page = await browser.new_page()
        requests: list[str] = []
        violations: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on(
            "console", lambda message: violations.append(message.text) if "Security Policy" in message.text else None
        )
        await page.goto(f"{base_url}/graphql")

        editor = page.locator(".graphiql-query-editor")
        await expect(editor).to_contain_text("ServerTime", timeout=30_000)
        await editor.click()
        await page.keyboard.press("Control+A")
        await page.keyboard.insert_text("{ who hello")  # the editor closes the brace
        await expect(editor).to_contain_text(re.compile(r"who\s+hello\s*}"))
        await _run_until(page, re.compile(r'"who":\s*null'))

        async with page.expect_response(lambda response: "/dev/token" in response.url):
            await page.get_by_label("sign in as").select_option("person-7")
        await _run_until(page, "00000000-0000-0000-0000-000000000007")

        await editor.click()
        await page.keyboard.press("Control+A")
        await page.keyboard.insert_text("subscription { count(to: 5)")
        await _run_until(page, re.compile(r'"count":\s*4'))

        await page.get_by_role("button", name="GraphiQL Explorer").click()
        await expect(page.locator(".graphiql-explorer-root, .docExplorerWrap").first).to_be_visible()
        await page.close()

    foreign = [url for url in requests if url.startswith("http") and not url.startswith(base_url)]
    assert foreign == []
    assert {urlsplit(url).path for url in requests} >= {"/graphql", "/dev/people", "/dev/token"}
    assert violations == []


async def test_a_browser_is_told_how_to_build_a_missing_explorer(tmp_path: Path) -> None:
    async with client_of(build_endpoint(explorer_folder=tmp_path)) as client:
        response = await client.get("/graphql", headers={"accept": BROWSER_ACCEPT})

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "make explorer" in response.text


async def test_production_shows_no_explorer() -> None:
    """S8."""
    async with client_of(build_endpoint(development=False)) as client:
        response = await client.get("/graphql", headers={"accept": BROWSER_ACCEPT})

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
