"""What runs beside a server: it sends, and Prometheus sees what waits."""

import httpx2
import pytest
from pydantic import HttpUrl

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.delivering import SendersUnusable, kept_delivering
from backend.signals import MemorySignals
from notifications.settings import (
    DeliverySettings,
    FcmSettings,
    NotificationSettings,
    RuStoreSettings,
    SmsSettings,
    SmtpSettings,
)
from notifications.unsubscribing import UnsubscribeLinks
from tests.factories.deliveries import SECRET, UNSUBSCRIBE_URL, Post
from tests.factories.people import add_person
from tests.journeys.region import free_port
from tests.plugins.http import http_client
from tests.plugins.waiting import until

LINKS = UnsubscribeLinks(UNSUBSCRIBE_URL, [SECRET])


def settings_of(**given: object) -> NotificationSettings:
    """Return settings by which nothing but an SMS gateway is used, at which nobody answers."""
    return NotificationSettings.model_validate(
        {
            "sms": SmsSettings(base_url=HttpUrl("http://127.0.0.1:1/sms")),
            "fcm": FcmSettings(enabled=False),
            "rustore": RuStoreSettings(enabled=False),
            "smtp": SmtpSettings(enabled=False),
            **given,
        }
    )


async def test_prometheus_sees_tries_and_what_waits(database: Database) -> None:
    post, port = Post(database), free_port()
    post.clock.set(system_clock())
    person = await add_person(database, phone="+79000000001")
    for _ in range(3):
        await post.tell(person)
    settings = settings_of(delivery=DeliverySettings(metrics_port=port, batch=1, per_second=1))
    running = kept_delivering(settings, system_clock, database, MemorySignals(), LINKS, patience_seconds=5)
    async with running, http_client(base_url=f"http://127.0.0.1:{port}") as http:

        async def shown() -> bool:
            text = (await http.get("/metrics")).text
            tried = 'zdorovye_delivery_tries_total{kind="caller_code",provider="sms_gateway",reason="not_connected"'
            return tried in text and 'zdorovye_deliveries_due{channel="sms"} ' in text

        await until(shown, what="the tries and the backlog")
    async with http_client() as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get(f"http://127.0.0.1:{port}/metrics")


async def test_a_provider_that_cannot_be_used_stops_the_start(database: Database) -> None:
    settings = settings_of(fcm=FcmSettings(service_account="{}"))
    running = kept_delivering(settings, system_clock, database, MemorySignals(), LINKS, patience_seconds=1)
    with pytest.raises(SendersUnusable, match=r"notifications\.fcm: "):
        await running.__aenter__()
