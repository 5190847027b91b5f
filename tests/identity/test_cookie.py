import httpx2
from starlette.applications import Starlette

from backend.clock import SettableClock
from backend.database import Database
from identity.esia.client import EsiaClient
from identity.esia.jwks import FixedKeys
from identity.esia.signing_keys import SigningKey, SigningKeys
from identity.esia.transport import open_http
from identity.routes import routes
from identity.settings import IdentitySettings
from tests.factories.identity import (
    APP_REDIRECT,
    ESIA_KEY,
    NOW,
    SIGNER,
    Pkce,
    RecordingDirectory,
    access_tokens,
    guards_of,
)
from tests.plugins.http import http_client


async def test_over_https_the_cookie_is_host_bound_and_secure_s22(database: Database) -> None:
    settings = IdentitySettings().served_at("https://zdorovye.example")
    clock = SettableClock(NOW)
    signing_keys = SigningKeys([SigningKey("current", SIGNER)], clock=clock)
    keys = FixedKeys(ESIA_KEY.public_key())
    tokens = access_tokens(settings, clock)
    async with open_http(settings.esia) as http:
        app = Starlette(
            routes=routes(
                transaction=database.transaction,
                esia=EsiaClient(settings=settings.esia, signing_keys=signing_keys, keys=keys, http=http, clock=clock),
                tokens=tokens,
                directory=RecordingDirectory(),
                clock=clock,
                settings=settings,
                message=lambda code, language: f"{language}: {code}",
                guards=guards_of(database, clock, tokens),
            )
        )
        transport = httpx2.ASGITransport(app)
        async with http_client(transport=transport, base_url="https://zdorovye.example") as browser:
            parameters = {
                "client_id": "ios",
                "redirect_uri": APP_REDIRECT,
                "response_type": "code",
                "state": "s",
                "code_challenge": Pkce().challenge,
                "code_challenge_method": "S256",
            }
            started = await browser.get("/auth/esia/start", params=parameters)
    cookie = started.headers["set-cookie"]
    assert cookie.startswith("__Host-sign-in=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
