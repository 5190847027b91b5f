"""Claiming a port, before anything is built that would be served there."""

import socket

BACKLOG = 2_048
"""Connections that wait to be accepted."""


class PortTaken(Exception):
    """Another program listens there; the text says what to do."""


def bind(host: str, port: int, *, variable: str) -> socket.socket:
    """Return a listening socket: only that claims the port, while another program may still bind it too.

    Args:
        host: An IPv4 or IPv6 address, or a name.
        port: 0 lets the system choose.
        variable: The setting that moves it, for the error.

    Raises:
        PortTaken: Another program has it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} on {host} is taken or not allowed: set {variable} to another one") from error
    return listener
