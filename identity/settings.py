"""Settings of identity; nested into the application's settings by the cellar."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from identity.esia_settings import EsiaSettings
from identity.kiosk_settings import KioskSettings
from identity.pem import Pem
from identity.positions import STAFF
from identity.principal import ActorKind
from identity.staff_settings import OrganizationSettings, SystemSettings

CALLBACK_PATH = "/auth/esia/callback"
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1"})


def is_loopback(url: str) -> bool:
    """Whether this is plain http to this very device, by address and not by name (RFC 8252 §8.3)."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK_HOSTS


class TokenSettings(BaseModel):
    """Our own tokens and sessions. Source of the figures: our requirements, "Figures to keep" (S27, S29)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(default="http://127.0.0.1:8000", description="Our public address, without a slash at the end.")
    audience: str = "zdorovye-api"
    signing_key: Pem = Field(default=Pem(), description="EC P-256 private key.")
    previous_key: Pem = Field(default=Pem(), description="The public key before the last change, still accepted.")
    access_lifetime_seconds: int = Field(default=600, ge=60, le=3_600)
    code_lifetime_seconds: int = Field(default=60, ge=10, le=600)
    sign_in_lifetime_seconds: int = Field(default=600, ge=60, le=3_600)
    session_idle_days: int = Field(default=30, ge=1, description="Of a session bound to a device's key.")
    session_absolute_days: int = Field(default=180, ge=1, description="Of a session bound to a device's key.")
    unbound_idle_minutes: int = Field(default=30, ge=1, description="Of a session with bearer tokens.")
    unbound_absolute_hours: int = Field(default=12, ge=1, description="Of a session with bearer tokens.")
    staff_idle_minutes: int = Field(default=30, ge=1, le=30, description="Of a session of staff, bound or not.")
    staff_absolute_hours: int = Field(default=12, ge=1, le=12, description="Of a session of staff: a shift.")

    kiosk_idle_minutes: int = Field(default=3, ge=1, le=3, description="Of a session at a kiosk nobody touches.")
    kiosk_absolute_minutes: int = Field(default=10, ge=1, le=10, description="Of a session at a kiosk.")

    def idle(self, kind: ActorKind, *, is_bound: bool) -> timedelta:
        """Return how long a session may rest between two refreshes."""
        if kind is ActorKind.KIOSK:
            return timedelta(minutes=self.kiosk_idle_minutes)
        if kind in STAFF:
            return timedelta(minutes=self.staff_idle_minutes)
        return timedelta(days=self.session_idle_days) if is_bound else timedelta(minutes=self.unbound_idle_minutes)

    def longest(self, kind: ActorKind, *, is_bound: bool) -> timedelta:
        """Return how long a session may last in any case; of staff, how long ESIA's word of their job is good."""
        if kind is ActorKind.KIOSK:
            return timedelta(minutes=self.kiosk_absolute_minutes)
        if kind in STAFF:
            return timedelta(hours=self.staff_absolute_hours)
        return timedelta(days=self.session_absolute_days) if is_bound else timedelta(hours=self.unbound_absolute_hours)

    @field_validator("issuer")
    @classmethod
    def _plain_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an http or https address without query or fragment is needed")
        return value.rstrip("/")

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each."""
        if urlsplit(self.issuer).scheme != "https":
            yield "identity.tokens.issuer: an https address is needed"
        if not self.signing_key.is_given:
            yield "identity.tokens.signing_key: missing"


class Platform(StrEnum):
    """What an app runs on."""

    IOS = "ios"
    ANDROID = "android"
    WEB = "web"
    DESKTOP = "desktop"
    KIOSK = "kiosk"


class AppSettings(BaseModel):
    """An app that may ask people to sign in; a public client, so it has no secret (RFC 8252 §8.4)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(min_length=1, max_length=64)
    redirect_uris: tuple[str, ...] = Field(min_length=1)
    name: str = Field(default="", max_length=64, description="For people, in their list of devices; default: the id.")
    platform: Platform = Platform.WEB
    must_bind: bool = Field(default=False, description="Whether tokens are given only for a device's key (RFC 9449).")
    signs_in: ActorKind = Field(
        default=ActorKind.CITIZEN, description="Citizens, people at a kiosk, or one kind of staff."
    )

    @property
    def shown_name(self) -> str:
        """What people read."""
        return self.name or self.client_id

    @field_validator("signs_in")
    @classmethod
    def _people_only(cls, value: ActorKind) -> ActorKind:
        if value not in {ActorKind.CITIZEN, ActorKind.KIOSK} and value not in STAFF:
            raise ValueError("an app signs in citizens or a kind of staff, or people at a kiosk")
        return value

    @model_validator(mode="after")
    def _bind_kiosks(self) -> Self:
        if self.signs_in is ActorKind.KIOSK and not self.must_bind:
            raise ValueError("a kiosk gets tokens for its machine's key only: must_bind")
        return self

    @field_validator("redirect_uris")
    @classmethod
    def _sound_redirects(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            parts = urlsplit(value)
            private_scheme = "." in parts.scheme and not parts.netloc  # RFC 8252 §7.1: a reversed domain
            if parts.fragment or not (parts.scheme == "https" or is_loopback(value) or private_scheme):
                raise ValueError("a redirect is https, loopback http, or of a private-use scheme, without a fragment")
        return values


class ThrottleSettings(BaseModel):
    """How many attempts a minute are more than anybody needs (S33).

    Many people share one address behind a carrier's NAT, so an address may do much more than one account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts_of_address: int = Field(default=240, ge=1)
    callbacks_of_address: int = Field(default=240, ge=1)
    tokens_of_address: int = Field(default=1_200, ge=1)
    tokens_of_account: int = Field(default=120, ge=1)
    tokens_of_device: int = Field(default=120, ge=1)
    codes_of_address: int = Field(default=120, ge=1, description="Codes of kiosks, shown by phones.")
    codes_of_account: int = Field(default=10, ge=1, description="The same.")
    unsubscribes_of_address: int = Field(
        default=600, ge=1, description="Links of mails; a mail service presses the button for all its users."
    )
    calendars_of_address: int = Field(
        default=1_200, ge=1, description="Readings of feeds; a calendar's keeper reads for all its users."
    )
    calendars_of_feed: int = Field(default=20, ge=1, description="The same, of one feed, by all who have its address.")


class IdentitySettings(BaseModel):
    """Sign-in, tokens and ESIA."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    esia: EsiaSettings = EsiaSettings()
    tokens: TokenSettings = TokenSettings()
    throttle: ThrottleSettings = ThrottleSettings()
    apps: tuple[AppSettings, ...] = (
        AppSettings(
            client_id="ios",
            redirect_uris=("ru.moezdorovye.ios:/signed-in",),
            name="Моё здоровье",
            platform=Platform.IOS,
            must_bind=True,
        ),
        AppSettings(
            client_id="android",
            redirect_uris=("ru.moezdorovye.android:/signed-in",),
            name="Моё здоровье",
            platform=Platform.ANDROID,
            must_bind=True,
        ),
        AppSettings(
            client_id="web",
            redirect_uris=("http://127.0.0.1/signed-in", "http://[::1]/signed-in"),
            name="Моё здоровье",
            platform=Platform.WEB,
        ),
    )

    organizations: tuple[OrganizationSettings, ...] = Field(default=(), description="Whose employees work with us.")
    systems: tuple[SystemSettings, ...] = Field(default=(), description="Those that sign in by themselves.")
    kiosks: tuple[KioskSettings, ...] = Field(default=(), description="The machines in clinics.")

    @model_validator(mode="after")
    def _refuse_two_of_a_name(self) -> Self:
        clients = [*(app.client_id for app in self.apps), *(system.client_id for system in self.systems)]
        if len(set(clients)) != len(clients):
            raise ValueError("each app and each system needs a client_id of its own")
        if len({one.ogrn for one in self.organizations}) != len(self.organizations):
            raise ValueError("an OGRN stands twice among the organisations")
        if len({one.thumbprint for one in self.kiosks}) != len(self.kiosks):
            raise ValueError("a key stands twice among the kiosks")
        if unknown := {one.client_id for one in self.kiosks} - {
            app.client_id for app in self.apps if app.signs_in is ActorKind.KIOSK
        }:
            raise ValueError(f"no kiosk's app is called {', '.join(sorted(unknown))}")
        return self

    @property
    def callback_url(self) -> str:
        """Where ESIA sends the browser back to; registered there."""
        return self.tokens.issuer + CALLBACK_PATH

    def served_at(self, public_url: str) -> Self:
        """Return the same settings with our public address as the issuer of tokens."""
        tokens = TokenSettings.model_validate({**self.tokens.model_dump(), "issuer": public_url})
        return self.model_copy(update={"tokens": tokens})

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production: placeholders and simulators, one line each."""
        yield from self.esia.unfit_for_production()
        yield from self.tokens.unfit_for_production()
