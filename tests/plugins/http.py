"""HTTP clients of tests: whatever the environment says of proxies, with the product's one TLS context."""

from typing import Any

import httpx2

from identity.tls import tls_context


def http_client(**settings: Any) -> httpx2.AsyncClient:
    """Return a client that follows no redirect and waits for a busy machine, unless `settings` say otherwise."""
    usual: dict[str, Any] = {"verify": tls_context(), "trust_env": False, "timeout": 30}
    return httpx2.AsyncClient(**usual | settings)
