"""Settings of notifications; nested into the application's settings by the cellar."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from notifications.preference_settings import PreferenceSettings

_PLACEHOLDER = "placeholder"


class SmsSettings(BaseModel):
    """One SMS gateway; see `notifications.channels.sms_wire` for what is spoken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl = HttpUrl("http://127.0.0.1:8001/sms")
    token: str = Field(default=_PLACEHOLDER, repr=False, description="Bearer token the gateway gave us.")
    report_secret: str = Field(default=_PLACEHOLDER, repr=False, description="With it the gateway signs its reports.")
    sender: str = Field(default="ZDOROVYE", min_length=1, max_length=11, description="The name messages come from.")
    timeout_seconds: float = Field(default=8.0, gt=0, le=30)
    is_simulator: bool = True

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each."""
        if self.is_simulator:
            yield "notifications.sms.is_simulator: a simulator cannot serve people"
        if self.token == _PLACEHOLDER:
            yield "notifications.sms.token: a placeholder secret"
        if self.report_secret == _PLACEHOLDER:
            yield "notifications.sms.report_secret: a placeholder secret"


class FcmSettings(BaseModel):
    """Firebase Cloud Messaging; see `notifications.channels.fcm`. Where a region has none, `enabled` is false."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    project_id: str = Field(default=_PLACEHOLDER, pattern=r"^[a-z][a-z0-9-]{4,29}$")
    service_account: str = Field(default="", repr=False, description="The account as JSON, as Google gives it.")
    service_account_file: Path | None = Field(default=None, description="A file with it, instead.")
    timeout_seconds: float = Field(default=8.0, gt=0, le=10, description="For an access token, and for a message.")
    is_simulator: bool = True
    simulator_url: HttpUrl = HttpUrl("http://127.0.0.1:8001/fcm")

    def read_service_account(self) -> Mapping[str, Any]:
        """Read our service account.

        Returns:
            Its members, unchecked.

        Raises:
            ValueError: It is not there, or is no JSON object.
            OSError: The file cannot be read.
        """
        text = self.service_account or (self.service_account_file.read_text() if self.service_account_file else "")
        try:
            account = orjson.loads(text)
        except orjson.JSONDecodeError:
            account = None
        if not isinstance(account, dict):
            raise ValueError("notifications.fcm: no service account")  # noqa: TRY004 # not a caller's mistake
        return account

    def send_url(self) -> str | None:
        """Return where a simulator takes messages; None is Google's own address."""
        if not self.is_simulator:
            return None
        return f"{str(self.simulator_url).rstrip('/')}/v1/projects/{self.project_id}/messages:send"

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each; nothing where it is not used."""
        if not self.enabled:
            return
        if self.is_simulator:
            yield "notifications.fcm.is_simulator: a simulator cannot serve people"
        if self.project_id == _PLACEHOLDER:
            yield "notifications.fcm.project_id: a placeholder"
        if not self.service_account and self.service_account_file is None:
            yield "notifications.fcm.service_account: there is none"


class RuStoreSettings(BaseModel):
    """Push of RuStore; see `notifications.channels.rustore`. Where a region has none, `enabled` is false."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    base_url: HttpUrl = HttpUrl("http://127.0.0.1:8001/rustore")
    project_id: str = Field(default=_PLACEHOLDER, pattern=r"^[A-Za-z0-9_-]{1,64}$")
    token: str = Field(default=_PLACEHOLDER, repr=False, description="Service token of the project.")
    timeout_seconds: float = Field(default=8.0, gt=0, le=30)
    is_simulator: bool = True

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each; nothing where it is not used."""
        if not self.enabled:
            return
        if self.is_simulator:
            yield "notifications.rustore.is_simulator: a simulator cannot serve people"
        if self.base_url.scheme != "https":
            yield "notifications.rustore.base_url: not https"
        if self.project_id == _PLACEHOLDER:
            yield "notifications.rustore.project_id: a placeholder"
        if self.token == _PLACEHOLDER:
            yield "notifications.rustore.token: a placeholder secret"


class SmtpSettings(BaseModel):
    """The mail relay; see `notifications.channels.email`. Where a region has none, `enabled` is false."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(default=8025, ge=1, le=65_535)
    security: Literal["tls", "starttls", "none"] = Field(
        default="none", description="TLS from the first byte, by STARTTLS (never without), or none."
    )
    username: str | None = Field(default=None, repr=False)
    password: str = Field(default=_PLACEHOLDER, repr=False)
    sender: str = Field(default="noreply@zdorovye.invalid", pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$")
    sender_name: str = Field(default="Моё здоровье", pattern=r"^[^\r\n<>\"]{1,64}$")
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="For each step of a conversation.")
    connections: int = Field(default=4, ge=1, le=50, description="At the same time.")
    is_simulator: bool = True

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each; nothing where it is not used."""
        if not self.enabled:
            return
        if self.is_simulator:
            yield "notifications.smtp.is_simulator: a simulator cannot serve people"
        if self.security == "none":
            yield "notifications.smtp.security: letters would travel in the clear"
        if self.username is not None and self.password == _PLACEHOLDER:
            yield "notifications.smtp.password: a placeholder secret"
        if self.sender.endswith(".invalid"):
            yield "notifications.smtp.sender: a placeholder"


class DeliverySettings(BaseModel):
    """How what is due is taken and sent. Source of the figures: GOV.UK Notify (48 tries); the rest is (config)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    in_server: bool = Field(default=True, description="Send inside `serve`, too; else only `zdorovye worker` does.")
    batch: int = Field(default=100, ge=1, le=500, description="Taken in one transaction, of one channel.")
    concurrency: int = Field(default=20, ge=1, le=200, description="Sent at the same time, of one channel.")
    per_second: float = Field(default=200.0, gt=0, le=10_000, description="Sent at most, of one channel in a process.")
    metrics_port: int | None = Field(default=None, ge=1, le=65_535, description="Prometheus, on 127.0.0.1; none: off.")
    lease_seconds: float = Field(default=120.0, ge=1, description="After it, what a process took is given to another.")
    poll_seconds: float = Field(default=1.0, gt=0, le=60, description="Looked for without being woken.")


class NotificationSettings(BaseModel):
    """Everything of notifications."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery: DeliverySettings = DeliverySettings()
    preferences: PreferenceSettings = PreferenceSettings()
    sms: SmsSettings = SmsSettings()
    sms_reserve: SmsSettings | None = Field(
        default=None, description="Carries while the first gateway fails or is slow."
    )
    fcm: FcmSettings = FcmSettings()
    rustore: RuStoreSettings = RuStoreSettings()
    smtp: SmtpSettings = SmtpSettings()

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each."""
        for part in (self.preferences, self.sms, self.sms_reserve, self.fcm, self.rustore, self.smtp):
            if part is not None:
                yield from part.unfit_for_production()
