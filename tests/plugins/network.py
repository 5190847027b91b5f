"""Tests run without network: a connection to anything but this machine is refused."""

import ipaddress
import sys
from typing import Any


def _refuse_foreign(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = arguments[1][0]
    if host in {"localhost", ""}:
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise PermissionError("a test tried to leave this machine")


sys.addaudithook(_refuse_foreign)
