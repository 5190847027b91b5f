"""The application with the socket it is served on."""

import socket

from backend.entrypoints.asgi import create_app
from backend.entrypoints.serving import Served
from backend.lifecycle import Lifecycle
from backend.settings import Settings


def served_app(settings: Settings, listener: socket.socket, *, notice_seconds: float | None = None) -> Served:
    """Build the application for `listener`; it drains as the settings say.

    Args:
        settings: Complete ones.
        listener: Bound and listening.
        notice_seconds: In place of the setting's.

    Raises:
        KeyUnusable: A key file holds another kind of key.
        OSError: A key file cannot be read.
        ValueError: A key is missing, or a manifest is malformed.
    """
    lifecycle = Lifecycle()
    return Served(
        create_app(settings, lifecycle=lifecycle),
        listener,
        drain_seconds=settings.drain_seconds,
        notice_seconds=settings.drain_notice_seconds if notice_seconds is None else notice_seconds,
        trusted_proxies=settings.trusted_proxies,
        lifecycle=lifecycle,
    )
