"""Settings of notifications; nested into the application's settings by the cellar."""

from collections.abc import Iterator

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


class DeliverySettings(BaseModel):
    """How what is due is taken and sent. Source of the figures: GOV.UK Notify (48 tries); the rest is (config)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    in_server: bool = Field(default=True, description="Send inside `serve`, too; else only `zdorovye worker` does.")
    batch: int = Field(default=100, ge=1, le=500, description="Taken in one transaction, of one channel.")
    concurrency: int = Field(default=20, ge=1, le=200, description="Sent at the same time, of one channel.")
    lease_seconds: float = Field(default=120.0, ge=1, description="After it, what a process took is given to another.")
    poll_seconds: float = Field(default=1.0, gt=0, le=60, description="Looked for without being woken.")


class NotificationSettings(BaseModel):
    """Everything of notifications."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery: DeliverySettings = DeliverySettings()
    preferences: PreferenceSettings = PreferenceSettings()
    sms: SmsSettings = SmsSettings()

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each."""
        yield from self.preferences.unfit_for_production()
        yield from self.sms.unfit_for_production()
