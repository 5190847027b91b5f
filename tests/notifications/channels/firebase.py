"""A Firebase project on a loopback socket, and our real sender to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx2
from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from notifications.channels.fcm import FcmSender, open_fcm
from notifications.channels.fcm_simulated_accounts import ServiceAccount, make_service_account
from notifications.channels.fcm_simulator import create_simulator
from notifications.settings import FcmSettings
from tests.notifications.channels.parcels import NOW
from tests.plugins.http import http_client
from tests.plugins.serving import free_listener, serving

PROJECT = "zdorovye-tests"


@cache
def account_for(token_url: str) -> ServiceAccount:
    """Make one account a process: its key takes 0.1 s; the address in it is changed by `fcm_settings`."""
    return make_service_account(PROJECT, token_url=token_url)


def fcm_settings(base_url: str, **changed: Any) -> FcmSettings:
    """Return settings of a sender to a simulator at `base_url`, without a slash at the end."""
    account = account_for("http://placeholder/token").json.replace("http://placeholder/token", f"{base_url}/token")
    usual: dict[str, Any] = {"project_id": PROJECT, "service_account": account, "simulator_url": HttpUrl(base_url)}
    return FcmSettings(**usual | changed)


@asynccontextmanager
async def firebase(
    *, timeout_seconds: float = 5.0, wrap: Any = None, **changed: Any
) -> AsyncIterator[tuple[FcmSender, httpx2.AsyncClient]]:
    """Serve the simulator, `wrap`ped if given, and open the sender; yields it and a client to `_control`."""
    listener, address = free_listener()
    simulator: ASGIApp = create_simulator(account_for("http://placeholder/token"), project_id=PROJECT)
    app = Starlette(routes=[Mount("/fcm", simulator if wrap is None else wrap(simulator))])
    async with serving(app, listener=listener), http_client(base_url=f"{address}/fcm/") as control:
        settings = fcm_settings(f"{address}/fcm", timeout_seconds=timeout_seconds, **changed)
        sender = await open_fcm(settings, clock=lambda: NOW)
        try:
            yield sender, control
        finally:
            await sender.close()
