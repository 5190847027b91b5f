"""Sessions as clients see them."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.node import Node
from graphql_schema.scalars import DateTime


@strawberry.enum(description="What an app runs on. New values may appear: show an unknown one by the app's name.")
class AppPlatform(Enum):
    """Platform."""

    ANDROID = strawberry.enum_value("android", description="An Android phone or tablet.")
    DESKTOP = strawberry.enum_value("desktop", description="A program on a computer.")
    IOS = strawberry.enum_value("ios", description="An iPhone or iPad.")
    KIOSK = strawberry.enum_value("kiosk", description="A kiosk; the clinic is the device's name.")
    OTHER = strawberry.enum_value("other", description="An app that is not registered any more.")
    WEB = strawberry.enum_value("web", description="A browser.")


@strawberry.type(description="One device on which the person is signed in, in one app.")
class Session(Node):
    """A session that stands."""

    app_name: str = strawberry.field(description="The app's name, for people.")
    platform: AppPlatform = strawberry.field(description="What the app runs on.")
    device_name: str | None = strawberry.field(
        description="What the app called the device at sign-in; null when it said nothing."
    )
    created_at: DateTime = strawberry.field(description="When the person signed in.")
    last_seen_at: DateTime = strawberry.field(
        description="When the device was last here, to the hour; never before the hour of `createdAt`."
    )
    is_current: bool = strawberry.field(description="Whether this very request came through it.")
    is_key_bound: bool = strawberry.field(
        description="Whether its tokens are good only with a key that the device keeps (DPoP)."
    )


@strawberry.type(description="What came of signing out on this device.")
class SignOutPayload:
    """Signed out, or `errors` says why not."""

    ended_count: int | None = strawberry.field(
        default=None, description="1, or 0 when the session had ended already; null when refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing ended; empty when all went well."
    )


@strawberry.type(description="What came of signing out on another device.")
class SignOutDevicePayload:
    """Signed out there, or `errors` says why not."""

    sessions: list[Session] | None = strawberry.field(
        default=None, description="The sessions that still stand, the latest first; null when refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing ended; empty when all went well."
    )


@strawberry.type(description="What came of signing out everywhere.")
class SignOutEverywherePayload:
    """Signed out everywhere, or `errors` says why not."""

    ended_count: int | None = strawberry.field(default=None, description="How many sessions ended; null when refused.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing ended; empty when all went well."
    )
