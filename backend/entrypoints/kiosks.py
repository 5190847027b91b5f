"""Joins what belongs to kiosks: handovers to phones, and where the machines stand."""

from collections.abc import Callable, Mapping
from uuid import UUID

from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.addresses import public_url
from backend.handovers.service import HandoverService
from backend.settings import Settings
from identity.access_control import AccessControl
from identity.handover_codes import HandoverCodes
from identity.keys import derive_secret, load_ec_private_key
from identity.principal import PersonId
from identity.throttling import Throttle

HANDOVER_PATH = "/handover"


def build_handovers(
    settings: Settings,
    clock: Clock,
    database: Database,
    access: AccessControl,
    *,
    throttle: Throttle,
    ended: Callable[[PersonId], None],
) -> HandoverService:
    """Build the service; its codes hang on the key that signs our tokens, which every worker has.

    Raises:
        KeyUnusable: A key file holds another kind of key.
    """
    signing_key = load_ec_private_key(settings.identity.tokens.signing_key.read())
    return HandoverService(
        database=database,
        access=access,
        clock=clock,
        codes=HandoverCodes(derive_secret(signing_key, "handover codes")),
        throttle=throttle,
        page_url=public_url(settings) + HANDOVER_PATH,
        ended=ended,
    )


def clinics_of_machines(settings: Settings) -> Mapping[UUID, str]:
    """Return where each machine stands, by its id in the audit."""
    return {one.machine_id: one.clinic for one in settings.identity.kiosks}
