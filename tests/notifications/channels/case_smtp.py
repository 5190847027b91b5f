"""The mail relay's row of the contract."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from notifications.channels.email import SmtpSender
from notifications.channels.email_simulator import MailSimulator
from notifications.channels.port import AddressKind, Provider, Sender, Verdict
from notifications.settings import SmtpSettings
from tests.notifications.channels.contract import Case, Line, Row
from tests.notifications.channels.parcels import NOW
from tests.plugins.http import http_client
from tests.plugins.serving import serving

USERNAME = "relay-user"
PASSWORD = "password-of-the-tests"


def smtp_settings(port: int, **changed: Any) -> SmtpSettings:
    usual = {"port": port, "username": USERNAME, "password": PASSWORD, "sender": "noreply@zdorovye.example"}
    return SmtpSettings(**usual | changed)


@asynccontextmanager
async def connect(*, timeout_seconds: float = 5.0, **changed: Any) -> AsyncIterator[Line]:
    simulator = MailSimulator(username=USERNAME, password=PASSWORD)
    port = await simulator.start()
    app = Starlette(routes=[Mount("/mail", simulator.control)])
    async with serving(app) as base_url, http_client(base_url=f"{base_url}/mail/") as control:
        settings = smtp_settings(port, timeout_seconds=timeout_seconds, **changed)
        sender = SmtpSender(settings, clock=lambda: NOW)

        async def spoil(command: Mapping[str, Any]) -> None:
            assert (await control.post("_control/faults", json=dict(command))).status_code == 204

        async def arrived() -> list[str]:
            return [str(letter) for letter in (await control.get("_control/letters")).json()["letters"]]

        try:
            yield Line(sender, spoil, arrived)
        finally:
            await sender.close()
            await simulator.close()


async def open_to(port: int, timeout_seconds: float) -> Sender:
    return SmtpSender(smtp_settings(port, timeout_seconds=timeout_seconds))


def _row(stage: str, answer: str, verdict: Verdict, reason: str | None = None, *, arrives: bool = False) -> Row:
    command = {"kind": "answer", "stage": stage, "answer": answer}
    parts = answer.replace(".", "_").split(" ")
    usual = "_".join(("smtp", parts[0], *(part for part in parts[1:2] if part[:1].isdigit())))
    return Row(f"{stage}-{answer[:9]}", command, verdict, usual if reason is None else reason, arrives=arrives)


SMTP = Case(
    provider=Provider.SMTP,
    address_kind=AddressKind.EMAIL,
    connect=connect,
    open_to=open_to,
    rows=(
        _row("rcpt", "550 5.1.1 Unknown canary.anna@example.org", Verdict.ADDRESS_DEAD),
        _row("rcpt", "551 5.1.6 Moved", Verdict.ADDRESS_DEAD),
        _row("rcpt", "553 5.1.3 Bad", Verdict.ADDRESS_DEAD),
        _row("rcpt", "556 5.1.10 Null MX", Verdict.ADDRESS_DEAD),
        _row("rcpt", "550 5.2.1 Disabled", Verdict.ADDRESS_DEAD),
        _row("rcpt", "550 No such user", Verdict.ADDRESS_DEAD),
        _row("rcpt", "551 Not local", Verdict.ADDRESS_DEAD),
        _row("rcpt", "553 Not allowed", Verdict.ADDRESS_DEAD),
        _row("rcpt", "552 5.2.2 Full", Verdict.RETRY),
        _row("rcpt", "552 Full", Verdict.RETRY),
        _row("rcpt", "550 5.7.1 Policy", Verdict.RECIPIENT_REFUSES),
        _row("rcpt", "554 Refused", Verdict.RECIPIENT_REFUSES),
        _row("rcpt", "530 5.7.0 Sign in", Verdict.PROVIDER_UNUSABLE),
        _row("rcpt", "450 4.2.1 Busy", Verdict.RETRY),
        _row("rcpt", "451 4.7.1 Greylisted", Verdict.RETRY),
        _row("rcpt", "452 4.3.1 No room", Verdict.RETRY),
        _row("rcpt", "421 4.3.2 Closing", Verdict.RETRY),
        _row("rcpt", "what", Verdict.RETRY, "unreadable"),
        _row("mail", "550 5.7.1 Who are you", Verdict.PROVIDER_UNUSABLE),
        _row("mail", "451 4.3.0 Later", Verdict.RETRY),
        _row("auth", "535 5.7.8 Wrong password", Verdict.PROVIDER_UNUSABLE),
        _row("auth", "454 4.7.0 Later", Verdict.RETRY),
        _row("data", "554 5.7.1 Spam: Canary", Verdict.CONTENT_REFUSED),
        _row("data", "554 Refused", Verdict.CONTENT_REFUSED),
        _row("data", "552 5.3.4 Too big", Verdict.CONTENT_REFUSED),
        _row("data", "550 5.1.1 Unknown after all", Verdict.ADDRESS_DEAD),
        _row("data", "552 5.2.2 Full", Verdict.RETRY),
        _row("data", "451 4.3.0 Later", Verdict.RETRY),
        _row("data", "421 4.3.2 Closing", Verdict.RETRY),
        _row("data", "what", Verdict.UNCLEAR, "unreadable", arrives=True),
        _row("data", "150 Whatever", Verdict.UNCLEAR, "unreadable", arrives=True),
        Row("rcpt-hang-up", {"kind": "hang_up", "stage": "rcpt"}, Verdict.RETRY, "connection_lost"),
        Row("data-hang-up", {"kind": "hang_up", "stage": "data"}, Verdict.UNCLEAR, "connection_lost", arrives=True),
    ),
    hang={"kind": "slow", "stage": "data", "seconds": 1.5},
    secrets=(PASSWORD, USERNAME),
    to_silence=Verdict.RETRY,
    longest_seconds=3.0,
)
