"""A machine in a clinic, its app, and whoever stands at it."""

from dataclasses import replace
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from backend.database import Database
from identity.kiosk_settings import KioskSettings
from identity.principal import ActorKind, PersonId, Principal, SessionId
from identity.settings import AppSettings, Platform
from identity.tables import Session
from tests.factories.devices import DeviceKey
from tests.factories.identity import APP_REDIRECT
from tests.factories.people import make_principal
from tests.factories.sessions import add_session

CLINIC = "Поликлиника № 3, вход"
KIOSK_APP = AppSettings(
    client_id="kiosk",
    redirect_uris=(APP_REDIRECT,),
    name="Инфомат",
    platform=Platform.KIOSK,
    must_bind=True,
    signs_in=ActorKind.KIOSK,
)


def kiosk_of(key: DeviceKey, *, clinic: str = CLINIC, client_id: str = "kiosk") -> KioskSettings:
    """Return the settings of the machine that holds a key."""
    return KioskSettings(client_id=client_id, thumbprint=key.thumbprint, clinic=clinic)


async def stand_at_kiosk(
    database: Database, person_id: PersonId, thumbprint: str, *, now: datetime
) -> tuple[Principal, Session]:
    """Store a session of a person at a machine; return who acts in it, and its row."""
    row = await add_session(
        database,
        person_id,
        now=now,
        id=uuid7(),
        client_id="kiosk",
        kind=ActorKind.KIOSK,
        key_thumbprint=thumbprint,
        device_name=CLINIC,
        expires_at=now + timedelta(minutes=3),
    )
    actor = replace(
        make_principal(person_id, kind=ActorKind.KIOSK), session_id=SessionId(row.id), key_thumbprint=thumbprint
    )
    return actor, row
