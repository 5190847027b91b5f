"""Exact redirects, only a loopback port may differ (S21)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from identity.errors import AppUnknown, RedirectNotAllowed
from identity.redirects import find_app, require_redirect
from identity.settings import AppSettings, IdentitySettings

WEB = AppSettings(client_id="web", redirect_uris=("http://127.0.0.1/signed-in?a=1", "http://[::1]/signed-in"))
SITE = AppSettings(client_id="site", redirect_uris=("https://site.example/in", "ru.example.app:/in"))


@given(st.integers(1, 65_535))
def test_any_loopback_port_is_allowed_s21(port: int) -> None:
    require_redirect(WEB, f"http://127.0.0.1:{port}/signed-in?a=1")
    require_redirect(WEB, f"http://[::1]:{port}/signed-in")


@pytest.mark.parametrize("known", SITE.redirect_uris)
def test_the_registered_text_is_allowed_s21(known: str) -> None:
    require_redirect(SITE, known)


@given(st.sampled_from(SITE.redirect_uris + WEB.redirect_uris), st.integers(0, 40), st.sampled_from("/?#@:.%\\ 0aA"))
def test_a_changed_character_is_refused_s21(known: str, place: int, inserted: str) -> None:
    changed = known[:place] + inserted + known[place:]
    app = SITE if known in SITE.redirect_uris else WEB
    with pytest.raises(RedirectNotAllowed):
        require_redirect(app, changed)


@pytest.mark.parametrize(
    "asked",
    [
        "https://site.example:443/in",
        "https://site.example/in/",
        "https://site.example/in#",
        "https://SITE.example/in",
        "http://site.example/in",
        "https://site.example@evil.example/in",
        "javascript:alert(1)",
        "",
    ],
)
def test_another_spelling_is_refused_s21(asked: str) -> None:
    with pytest.raises(RedirectNotAllowed):
        require_redirect(SITE, asked)


@pytest.mark.parametrize("asked", ["http://127.0.0.1:0009/signed-in?a=1"])
def test_a_loopback_port_is_written_as_a_number(asked: str) -> None:
    with pytest.raises(RedirectNotAllowed):
        require_redirect(WEB, asked.replace("0009", "٩"))


@pytest.mark.parametrize(
    "redirect",
    ["http://site.example/", "http://localhost/in", "https://site.example/#here", "javascript:alert(1)", "app:/in", ""],
)
def test_an_unsafe_redirect_cannot_be_registered(redirect: str) -> None:
    with pytest.raises(ValidationError):
        AppSettings(client_id="app", redirect_uris=(redirect,))


def test_unknown_app_is_refused() -> None:
    with pytest.raises(AppUnknown):
        find_app(IdentitySettings().apps, "IOS")
