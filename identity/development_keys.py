"""The keys of a development machine: made once, kept in its data folder, readable by their owner only."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from identity.keys import (
    load_rsa_private_key,
    make_certificate,
    make_ec_key,
    make_rsa_key,
    private_pem,
    public_pem,
)

SIMULATOR_KEY = "esia-simulator.pem"
"""The ESIA simulator's own private key."""
KIOSK_KEY = "kiosk.pem"
"""The private key of the demo region's kiosk."""
FCM_KEY = "fcm-service-account.pem"
"""The private key of the made-up service account by which pushes are sent."""


@dataclass(frozen=True, slots=True)
class DevelopmentKeys:
    """Paths of PEM files."""

    tokens_signing_key: Path
    esia_client_key: Path
    esia_client_certificate: Path
    esia_simulator_key: Path
    esia_simulator_public_key: Path
    kiosk_key: Path
    fcm_key: Path


def ensure_development_keys(folder: Path, *, client_id: str, now: datetime) -> DevelopmentKeys:
    """Make what is missing in `folder` and return where everything stands; an existing file is never touched.

    Args:
        folder: Made with mode 0700 when missing.
        client_id: Our ESIA mnemonic, the name on the certificate.
        now: Begin of the certificate's time, aware UTC.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = DevelopmentKeys(
        tokens_signing_key=folder / "tokens-signing.pem",
        esia_client_key=folder / "esia-client.pem",
        esia_client_certificate=folder / "esia-client-certificate.pem",
        esia_simulator_key=folder / SIMULATOR_KEY,
        esia_simulator_public_key=folder / "esia-simulator-public.pem",
        kiosk_key=folder / KIOSK_KEY,
        fcm_key=folder / FCM_KEY,
    )
    _ensure(keys.tokens_signing_key, lambda: private_pem(make_ec_key()))
    _ensure(keys.kiosk_key, lambda: private_pem(make_ec_key()))
    _ensure(keys.fcm_key, lambda: private_pem(make_rsa_key()))
    _ensure(keys.esia_client_key, lambda: private_pem(make_rsa_key()))
    _ensure(keys.esia_simulator_key, lambda: private_pem(make_rsa_key()))
    _ensure(
        keys.esia_client_certificate,
        lambda: make_certificate(load_rsa_private_key(keys.esia_client_key.read_bytes()), name=client_id, now=now),
    )
    _ensure(
        keys.esia_simulator_public_key,
        lambda: public_pem(load_rsa_private_key(keys.esia_simulator_key.read_bytes())),
    )
    return keys


def _ensure(path: Path, make: Callable[[], bytes]) -> None:
    """Write a new 0600 file, whole or not at all, and never over an existing one, even in a race."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
