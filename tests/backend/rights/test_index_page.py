"""The page of a copy in a real browser: readable without us, in both languages, by keyboard and on paper."""

import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from backend.rights.holdings import HOLDINGS
from tests.factories.people import make_principal
from tests.factories.rights import Planting, RightsHouse
from tests.plugins.browser import chromium


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Return a real Chromium."""
    async with chromium() as running:
        yield running


@pytest.fixture
async def folder(house: RightsHouse, tmp_path: Path) -> Path:
    """Return a copy as its person unpacks it."""
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA")
    export_id = await house.ask(anna)
    await house.worker.run_due()
    content = await house.download(await house.token(anna, export_id))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


async def test_the_page_stands_alone_and_is_readable(browser: Browser, folder: Path) -> None:
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    await page.goto((folder / "index.html").as_uri())
    assert asked == [(folder / "index.html").as_uri()], "no other resource"
    assert said == []
    for language, heading in (("ru", "Ваши данные в «Моём здоровье»"), ("en", "Your data in “My Health”")):
        section = page.locator(f"section#{language}")
        assert await section.get_attribute("lang") == language
        await expect(section.get_by_role("heading", level=1)).to_have_text(heading)
        shown = [name for name, holding in HOLDINGS.items() if holding.left_out is None]
        await expect(section.get_by_role("row")).to_have_count(len(shown) + 1)
        links = await section.get_by_role("link").evaluate_all("links => links.map(one => one.getAttribute('href'))")
        assert links == [f"data/{name}.json" for name in shown]
        assert all((folder / link).is_file() for link in links)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360, "a phone need not be scrolled sideways"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.hash") == "#en"
    names = await page.evaluate("[...document.querySelectorAll('table')].map(one => one.caption.textContent)")
    assert names == ["Что в копии", "What is in the copy"]
    assert await page.evaluate("[...document.querySelectorAll('th')].every(one => one.scope)")
    await page.emulate_media(media="print")
    await expect(page.get_by_role("navigation")).to_be_hidden()
    assert (await page.pdf()).startswith(b"%PDF")
    await page.close()
