"""S43: every kind, over every channel, through real senders: what may not leave the inbox stands nowhere outside it."""

import logging
import re
from contextlib import AsyncExitStack

import pytest
import structlog
from prometheus_client import generate_latest
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.channels.port import AddressKind, Channel, Provider
from notifications.examples import example_of
from notifications.kinds import KINDS
from notifications.messages import MessageKind
from notifications.parameters import KNOWN, Sensitivity
from notifications.templates import LANGUAGES
from tests.factories.deliveries import Post
from tests.notifications.channels.case_fcm import FCM
from tests.notifications.channels.case_rustore import RUSTORE
from tests.notifications.channels.case_sms import SMS
from tests.notifications.channels.case_smtp import SMTP

HARMLESS = {Sensitivity.COUNT, Sensitivity.MOMENT, Sensitivity.REFERENCE, Sensitivity.WORD}
CODE = example_of(MessageKind.CALLER_CODE)["code"]


def canaries() -> set[str]:
    """Return what the examples say of care, places and people; a code may stand in an SMS, and is looked for apart."""
    return {
        text
        for kind in MessageKind
        for name, text in example_of(kind).items()
        if KNOWN[name].sensitivity not in HARMLESS | {Sensitivity.CODE} and len(text) > 3
    }


async def test_no_kind_tells_anything_of_care_outside_the_inbox(
    database: Database, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    post = Post(database, batch=500)
    for language in (*LANGUAGES, None):  # without a device what would wait for it goes at once
        person = uuid7()
        for provider in (Provider.FCM, Provider.RUSTORE) if language else ():
            kind_of = AddressKind.TOKEN
            await post.add_device(
                person, f"{language}-{provider}", provider=provider, address_kind=kind_of, locale=language
            )
        for kind in KINDS:
            await post.tell(person, kind=kind, parameters=example_of(kind), severity=None)
    arrived: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        lines = {case.provider: await stack.enter_async_context(case.connect()) for case in (FCM, RUSTORE, SMS, SMTP)}
        for channel, providers in (
            (Channel.PUSH, (Provider.FCM, Provider.RUSTORE)),
            (Channel.SMS, (Provider.SMS_GATEWAY,)),
            (Channel.EMAIL, (Provider.SMTP,)),
        ):
            courier = post.courier(*(lines[one].sender for one in providers), channel=channel)
            while await courier.deliver_due():
                pass
        for provider, line in lines.items():
            arrived[provider.value] = "\n".join(await line.arrived())
    structlog.reset_defaults()
    written = caplog.text + "".join(capsys.readouterr()) + generate_latest(post.registry).decode()
    assert all(arrived.values())
    assert arrived[Provider.SMS_GATEWAY.value].count("clientId") > 10
    assert CODE in arrived[Provider.SMS_GATEWAY.value]
    told: dict[str, str] = {**arrived, "logs and metrics": written}
    assert [(where, one) for where, text in told.items() for one in sorted(canaries()) if one in text] == []
    code = re.compile(rf"(?<![\w.-]){CODE}(?!\w)")  # alone: a time or an id may hold the same digits
    assert [where for where, text in told.items() if code.search(text)] == [Provider.SMS_GATEWAY.value]
    assert len(canaries()) > 15
