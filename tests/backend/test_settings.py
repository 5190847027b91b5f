from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import HttpUrl, ValidationError

from backend.clock import SettableClock
from backend.entrypoints.development import completed
from backend.settings import DatabaseSettings, Environment, FerRegistrySettings, OmsRegistrySettings, Settings
from identity.esia_settings import EsiaSettings, SignCommandSettings, SignerKind
from identity.pem import Pem
from identity.settings import AppSettings, IdentitySettings, TokenSettings
from notifications.preference_settings import PreferenceSettings
from notifications.settings import FcmSettings, NotificationSettings, RuStoreSettings, SmsSettings, SmtpSettings

CLOCK = SettableClock(datetime(2026, 11, 22, tzinfo=UTC))


def fit_for_production(**changes: object) -> Settings:
    key = Pem(path=Path("key.pem"))
    values: dict[str, object] = {
        "environment": Environment.PRODUCTION,
        "public_url": HttpUrl("https://health.example"),
        "database": DatabaseSettings(url="postgresql+asyncpg://app@db.example/zdorovye"),
        "oms_registry": OmsRegistrySettings(
            base_url=HttpUrl("https://oms.example"), token="a-token-of-the-register", is_simulator=False
        ),
        "fer_registry": FerRegistrySettings(
            base_url=HttpUrl("https://fer.example"), token="a-token-of-the-concentrator", is_simulator=False
        ),
        "identity": IdentitySettings(
            esia=EsiaSettings(
                base_url="https://esia.example",
                client_id="REGION40",
                signer=SignerKind.COMMAND,
                command=SignCommandSettings(argv=("sign-for-esia",)),
                certificate_hash="0A" * 32,
                certificate=key,
                verification_key=key,
                is_simulator=False,
            ),
            tokens=TokenSettings(issuer="https://health.example", signing_key=key),
            apps=(AppSettings(client_id="ios", redirect_uris=("ru.moezdorovye.ios:/signed-in",)),),
        ),
        "notifications": NotificationSettings(
            preferences=PreferenceSettings(secret="a-secret-of-" + "x" * 32),
            sms=SmsSettings(token="a-token-of-the-gateway", report_secret="a-secret-of-reports", is_simulator=False),
            fcm=FcmSettings(project_id="region-40", service_account='{"type": "x"}', is_simulator=False),
            rustore=RuStoreSettings(
                base_url=HttpUrl("https://push.example"), project_id="r40", token="a-token-of-push", is_simulator=False
            ),
            smtp=SmtpSettings(security="tls", sender="noreply@health.example", is_simulator=False),
        ),
    }
    return Settings.model_validate({**values, **changes})


def test_production_accepts_real_parts() -> None:
    assert fit_for_production().environment is Environment.PRODUCTION


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"oms_registry": OmsRegistrySettings(token="real")}, "oms_registry.is_simulator"),
        ({"oms_registry": OmsRegistrySettings(is_simulator=False)}, "oms_registry.token"),
        ({"fer_registry": FerRegistrySettings(token="real")}, "fer_registry.is_simulator"),
        ({"fer_registry": FerRegistrySettings(is_simulator=False)}, "fer_registry.token"),
        ({"database": DatabaseSettings()}, "database.url"),
        ({"public_url": None}, "public_url"),
        ({"public_url": HttpUrl("http://health.example")}, "public_url"),
        ({"identity": IdentitySettings()}, "identity.esia.is_simulator"),
        ({"identity": IdentitySettings()}, "identity.tokens.signing_key"),
        ({"notifications": NotificationSettings()}, "notifications.preferences.secret"),
        ({"notifications": NotificationSettings()}, "notifications.sms.is_simulator"),
    ],
)
def test_production_refuses_simulators_and_placeholders(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        fit_for_production(**change)


@pytest.mark.parametrize("url", ["postgresql://app:a-secret@db/x", "postgres://app:a-secret@db/x", "mysql://a-secret"])
def test_a_database_of_another_driver_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DatabaseSettings(url=url)
    (reason,) = refused.value.errors(include_input=False)
    assert "postgresql+asyncpg:// or sqlite+aiosqlite://" in reason["msg"]
    assert "a-secret" not in reason["msg"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/",
        ":memory:",
        "/:memory:",
        "/?uri=true",
        "/file::memory:?uri=true",
        "/file:x?mode=memory&cache=shared&uri=true",
        "/file:/x?vfs=memdb&uri=true",
    ],
)
def test_a_database_in_memory_is_refused_for_reads_would_see_another_one(address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DatabaseSettings(url=f"sqlite+aiosqlite://{address}")
    (reason,) = refused.value.errors(include_input=False)
    assert "every connection would open an empty one of its own" in reason["msg"]


@pytest.mark.parametrize("path", ["data/zdorovye.sqlite", "/srv/memory:.sqlite", "file:/srv/x.sqlite?uri=true"])
def test_a_database_in_a_file_is_accepted(path: str) -> None:
    assert DatabaseSettings(url=f"sqlite+aiosqlite:///{path}").url.endswith(path)


def test_a_secret_never_stands_in_the_text_of_settings() -> None:
    settings = fit_for_production()
    assert "a-token-of-the-register" not in repr(settings)
    assert "db.example" not in repr(settings)


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZDOROVYE_GRAPHQL__MAX_DEPHT", "3")
    with pytest.raises(ValidationError):
        Settings()


def test_nested_settings_come_from_the_environment_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZDOROVYE_GRAPHQL__MAX_DEPTH", "3")
    monkeypatch.setenv("ZDOROVYE_PORT", "9000")
    settings = Settings()
    assert settings.graphql.max_depth == 3
    assert settings.graphql.max_cost == Settings.model_fields["graphql"].default.max_cost
    assert settings.port == 9000


def test_a_development_machine_gets_keys_an_embedded_database_and_simulators(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, port=8100)
    done = completed(settings, CLOCK)
    assert done.database.url == f"sqlite+aiosqlite:///{tmp_path / 'zdorovye.sqlite'}"
    assert done.identity.esia.base_url == "http://127.0.0.1:8101/esia"
    assert str(done.oms_registry.base_url) == "http://127.0.0.1:8101/oms"
    messages = done.notifications
    urls = [str(url) for url in (messages.sms.base_url, messages.rustore.base_url, messages.fcm.simulator_url)]
    assert urls == [f"http://127.0.0.1:8101/{name}" for name in ("sms", "rustore", "fcm")]
    assert messages.smtp.port == 8102
    assert messages.fcm.read_service_account()["token_uri"] == "http://127.0.0.1:8101/fcm/token"
    first = done.identity.tokens.signing_key.read()
    assert completed(settings, CLOCK).identity.tokens.signing_key.read() == first
    assert [oct(path.stat().st_mode & 0o777) for path in (tmp_path / "keys").iterdir()] == ["0o600"] * 7


def test_production_settings_are_not_completed(tmp_path: Path) -> None:
    settings = fit_for_production(data_dir=tmp_path / "absent")
    assert completed(settings, CLOCK) is settings
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(("notice", "drain", "fits"), [(1, 12, True), (0, 13, True), (1.5, 12, False), (5, 9, False)])
def test_a_drain_that_cannot_end_in_time_is_refused(notice: float, drain: int, *, fits: bool) -> None:
    given = {"drain_notice_seconds": notice, "drain_seconds": drain}
    if fits:
        assert Settings.model_validate(given).drain_seconds == drain
        return
    with pytest.raises(ValidationError, match="13 together at most"):
        Settings.model_validate(given)


def test_a_database_that_hangs_is_given_up_before_the_request_is() -> None:
    """R61: a section is lost then, not the screen."""
    settings = Settings()
    database = settings.database
    waiting = database.pool_timeout_seconds + database.connect_timeout_seconds + database.statement_timeout_seconds
    assert waiting < settings.graphql.deadline_seconds
