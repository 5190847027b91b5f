"""The one kiosk of the demo region: its key lies in the data folder, as a real machine's lies in the machine."""

from pathlib import Path

from identity.keys import load_ec_private_key, thumbprint
from identity.kiosk_settings import KioskSettings
from identity.principal import ActorKind
from identity.settings import AppSettings, Platform

KIOSK_APP = AppSettings(
    client_id="kiosk",
    redirect_uris=("http://127.0.0.1/signed-in", "http://[::1]/signed-in"),
    name="Инфомат",
    platform=Platform.KIOSK,
    must_bind=True,
    signs_in=ActorKind.KIOSK,
)
"""What runs on it."""


def demo_kiosk(key: Path) -> KioskSettings:
    """Return the machine whose private key lies at `key`.

    Raises:
        KeyUnusable: It is no EC P-256 key.
        OSError: It cannot be read.
    """
    public = load_ec_private_key(key.read_bytes()).public_key()
    return KioskSettings(
        client_id=KIOSK_APP.client_id,
        thumbprint=thumbprint(public),
        clinic="Калужская городская поликлиника (вымышленная), вход",
    )
