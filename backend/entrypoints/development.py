"""What a development machine makes for itself: keys, an embedded database, simulators, staff, a kiosk."""

from typing import Any

from pydantic import HttpUrl

from backend.clock import Clock
from backend.entrypoints.demo.kiosk import KIOSK_APP, demo_kiosk
from backend.entrypoints.demo.staff import ORGANIZATIONS, STAFF_APPS
from backend.settings import Environment, FerRegistrySettings, OmsRegistrySettings, Settings
from identity.development_keys import DevelopmentKeys, ensure_development_keys
from identity.esia.simulated_client import JWKS_PATH
from identity.pem import Pem
from identity.settings import IdentitySettings
from notifications.channels.fcm_simulated_accounts import make_service_account
from notifications.settings import NotificationSettings


def completed(settings: Settings, clock: Clock) -> Settings:
    """Return the settings with everything a development machine can make for itself; production is left as it is.

    What is already set stays. Keys are made once and kept in the data folder, readable by their owner only.
    """
    if settings.environment is Environment.PRODUCTION:
        return settings
    client_id = settings.identity.esia.client_id
    keys = ensure_development_keys(settings.data_dir / "keys", client_id=client_id, now=clock())
    changes: dict[str, Any] = {"identity": _identity(settings, keys)}
    if not settings.database.url:
        url = f"sqlite+aiosqlite:///{(settings.data_dir / 'zdorovye.sqlite').absolute()}"
        changes["database"] = settings.database.model_copy(update={"url": url})
    if settings.oms_registry.is_simulator and settings.oms_registry.base_url == OmsRegistrySettings().base_url:
        address = HttpUrl(f"{simulators_url(settings)}/oms")
        changes["oms_registry"] = settings.oms_registry.model_copy(update={"base_url": address})
    if settings.fer_registry.is_simulator and settings.fer_registry.base_url == FerRegistrySettings().base_url:
        address = HttpUrl(f"{simulators_url(settings)}/fer")
        changes["fer_registry"] = settings.fer_registry.model_copy(update={"base_url": address})
    changes["notifications"] = _notifications(settings, keys)
    return settings.model_copy(update=changes)


def simulators_port(settings: Settings) -> int:
    """Return the port of the simulators: the next after ours unless set."""
    return settings.simulators_port or settings.port + 1


def simulators_url(settings: Settings) -> str:
    """Return the simulators' address, without a slash at the end."""
    return f"http://127.0.0.1:{simulators_port(settings)}"


def _notifications(settings: Settings, keys: DevelopmentKeys) -> NotificationSettings:
    given, usual, simulators = settings.notifications, NotificationSettings(), simulators_url(settings)
    changes: dict[str, Any] = {}
    if given.sms.is_simulator and given.sms.base_url == usual.sms.base_url:
        changes["sms"] = given.sms.model_copy(update={"base_url": HttpUrl(f"{simulators}/sms")})
    if given.rustore.is_simulator and given.rustore.base_url == usual.rustore.base_url:
        changes["rustore"] = given.rustore.model_copy(update={"base_url": HttpUrl(f"{simulators}/rustore")})
    if given.fcm.is_simulator and given.fcm.simulator_url == usual.fcm.simulator_url:
        account = make_service_account(
            given.fcm.project_id, token_url=f"{simulators}/fcm/token", private_key=keys.fcm_key.read_bytes()
        )
        fcm_changes = {"simulator_url": HttpUrl(f"{simulators}/fcm"), "service_account": account.json}
        changes["fcm"] = given.fcm.model_copy(update=fcm_changes)
    if given.smtp.is_simulator and given.smtp.port == usual.smtp.port:
        changes["smtp"] = given.smtp.model_copy(update={"port": simulators_port(settings) + 1})
    return given.model_copy(update=changes)


def _identity(settings: Settings, keys: DevelopmentKeys) -> IdentitySettings:
    esia, tokens = settings.identity.esia, settings.identity.tokens
    esia_changes: dict[str, Any] = {
        name: Pem(path=path)
        for name, path in (
            ("private_key", keys.esia_client_key),
            ("certificate", keys.esia_client_certificate),
        )
        if not getattr(esia, name).is_given
    }
    usual = IdentitySettings()  # to compare with: beside one setting that is given, all count as given
    if esia.is_simulator and esia.base_url == usual.esia.base_url:
        esia_changes["base_url"] = f"{simulators_url(settings)}/esia"
    if not esia.verification_key.is_given and esia.jwks_url is None:
        if esia.is_simulator:
            esia_changes["jwks_url"] = f"{esia_changes.get('base_url', esia.base_url)}{JWKS_PATH}"
        else:
            esia_changes["verification_key"] = Pem(path=keys.esia_simulator_public_key)
    token_changes = {} if tokens.signing_key.is_given else {"signing_key": Pem(path=keys.tokens_signing_key)}
    changes: dict[str, Any] = {
        "esia": esia.model_copy(update=esia_changes),
        "tokens": tokens.model_copy(update=token_changes),
    }
    if settings.identity.apps == usual.apps:
        changes["apps"] = (*settings.identity.apps, *STAFF_APPS, KIOSK_APP)
        if not settings.identity.kiosks:
            changes["kiosks"] = (demo_kiosk(keys.kiosk_key),)
    if not settings.identity.organizations:
        changes["organizations"] = ORGANIZATIONS
    return settings.identity.model_copy(update=changes)
