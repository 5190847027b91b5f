"""The outside systems that carry messages: FCM, RuStore, an SMS gateway, and a mail relay on a port of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from backend.entrypoints.gateway_reports import REPORTS_PATH
from backend.settings import Settings
from identity.development_keys import FCM_KEY
from notifications.channels.email_simulator import MailSimulator
from notifications.channels.fcm_simulated_accounts import make_service_account
from notifications.channels.fcm_simulator import create_simulator as create_fcm
from notifications.channels.port import Provider
from notifications.channels.rustore_simulator import create_simulator as create_rustore
from notifications.channels.sms_simulator import Reporter
from notifications.channels.sms_simulator import create_simulator as create_sms_gateway


class MessageSimulators:
    """Mounted as `routes`; the mail relay listens while `lifespan` lasts."""

    def __init__(self, settings: Settings) -> None:
        """Build them; nothing listens yet. FCM lives by the wall clock, as Google's SDK does that speaks to it.

        Raises:
            OSError: The keys of a development machine were not made yet.
        """
        self._settings = settings
        self._mail = MailSimulator()
        key = (settings.data_dir / "keys" / FCM_KEY).read_bytes()
        project_id = settings.notifications.fcm.project_id
        self._account = make_service_account(project_id, token_url="", private_key=key)  # only who sends needs the URL

    def routes(self) -> list[BaseRoute]:
        """Return /fcm, /rustore, /sms, and /mail, where letters are looked at."""
        given = self._settings.notifications
        path = REPORTS_PATH.format(provider=Provider.SMS_GATEWAY.value)
        reporter = Reporter(f"http://127.0.0.1:{self._settings.port}{path}", given.sms.report_secret)
        return [
            Mount("/fcm", create_fcm(self._account, project_id=given.fcm.project_id)),
            Mount("/rustore", create_rustore(project_id=given.rustore.project_id, token=given.rustore.token)),
            Mount("/sms", create_sms_gateway(token=given.sms.token, reporter=reporter)),
            Mount("/mail", self._mail.control),
        ]

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Let the mail relay listen.

        Raises:
            OSError: Its port is taken (`ZDOROVYE_NOTIFICATIONS__SMTP__PORT` names another).
        """
        smtp = self._settings.notifications.smtp
        if smtp.enabled and smtp.is_simulator:
            await self._mail.start(port=smtp.port)
        try:
            yield
        finally:
            await self._mail.close()
