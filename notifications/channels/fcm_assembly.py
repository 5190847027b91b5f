"""Joins the sender to the SDK; the one module that loads firebase-admin, itself loaded by `open_fcm` only."""

from collections.abc import Callable
from datetime import datetime

from notifications.channels.fcm import FcmSender
from notifications.channels.fcm_sdk import FirebaseApp
from notifications.channels.fcm_tokens import AccessTokens
from notifications.settings import FcmSettings


def build_fcm(settings: FcmSettings, *, clock: Callable[[], datetime]) -> FcmSender:
    """Build the sender; see `open_fcm`."""
    app = FirebaseApp(
        settings.read_service_account(),
        project_id=settings.project_id,
        timeout_seconds=settings.timeout_seconds,
        send_url=settings.send_url(),
    )
    tokens = AccessTokens(app.credential, timeout_seconds=settings.timeout_seconds)
    return FcmSender(app, tokens, timeout_seconds=settings.timeout_seconds, clock=clock)
