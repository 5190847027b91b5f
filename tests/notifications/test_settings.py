"""What must not stand in production, and what a region may leave out."""

from typing import Any

import pytest
from pydantic import HttpUrl, ValidationError

from notifications.settings import FcmSettings, NotificationSettings, RuStoreSettings, SmtpSettings

FIT: dict[str, Any] = {
    "fcm": FcmSettings(project_id="region-40", service_account="{}", is_simulator=False),
    "rustore": RuStoreSettings(base_url=HttpUrl("https://push.example"), project_id="p", token="t", is_simulator=False),
    "smtp": SmtpSettings(
        security="tls", username="u", password="p", sender="noreply@region.example", is_simulator=False
    ),
}
SECRETS = ("secret-account", "secret-token", "secret-password", "secret-user")


def test_each_default_is_unfit_and_says_why() -> None:
    lines = list(NotificationSettings().unfit_for_production())
    for part in ("sms", "fcm", "rustore", "smtp"):
        assert f"notifications.{part}.is_simulator: a simulator cannot serve people" in lines


@pytest.mark.parametrize("name", FIT)
def test_what_is_set_up_is_fit_and_what_is_left_out_is_not_asked(name: str) -> None:
    settings = NotificationSettings(**{name: FIT[name]})
    assert [line for line in settings.unfit_for_production() if f".{name}." in line] == []
    left_out = NotificationSettings(**{name: type(FIT[name])(enabled=False)})
    assert [line for line in left_out.unfit_for_production() if f".{name}." in line] == []


def test_a_relay_with_a_placeholder_password_or_none_for_ears_is_unfit() -> None:
    lines = list(SmtpSettings(username="u", is_simulator=False, sender="a@b.ru").unfit_for_production())
    assert lines == [
        "notifications.smtp.security: letters would travel in the clear",
        "notifications.smtp.password: a placeholder secret",
    ]


def test_no_secret_is_shown() -> None:
    settings = NotificationSettings(
        fcm=FcmSettings(service_account="secret-account"),
        rustore=RuStoreSettings(token="secret-token"),
        smtp=SmtpSettings(username="secret-user", password="secret-password"),
    )
    assert [secret for secret in SECRETS if secret in repr(settings)] == []


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (FcmSettings, {"project_id": "../x"}),
        (RuStoreSettings, {"project_id": "a/b"}),
        (SmtpSettings, {"sender": "a@b.ru\r\nBcc: c@d.ru"}),
        (SmtpSettings, {"sender_name": "x\r\nBcc: c@d.ru"}),
        (SmtpSettings, {"security": "maybe"}),
        (FcmSettings, {"timeout_seconds": 60}),
    ],
)
def test_a_setting_that_is_none_is_refused(kind: type[FcmSettings], given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind(**given)


def test_only_a_simulator_changes_where_messages_go() -> None:
    assert FcmSettings(is_simulator=False, project_id="region-40").send_url() is None
    simulated = FcmSettings(simulator_url=HttpUrl("http://127.0.0.1:1/fcm/"), project_id="region-40").send_url()
    assert simulated == "http://127.0.0.1:1/fcm/v1/projects/region-40/messages:send"
