"""TLS towards other systems: one context for all clients of a process, since reading the authorities takes 50 ms."""

import ssl
from functools import cache

import httpx2


@cache
def tls_context() -> ssl.SSLContext:
    """Return the context that trusts the usual authorities; nobody changes it."""
    return httpx2.create_ssl_context(trust_env=False)
