"""Devices as clients see them."""

import strawberry

from graphql_schema.devices.inputs import PushProvider
from graphql_schema.errors import UserError
from graphql_schema.node import Node
from graphql_schema.scalars import DateTime


@strawberry.type(
    description="An install of an app that pushes wake. It ends with its session; its address is shown nowhere."
)
class Device(Node):
    """A device that can be woken."""

    provider: PushProvider = strawberry.field(description="Who carries to it.")
    app_name: str = strawberry.field(description="The app's name, for people.")
    app_version: str = strawberry.field(description="Of the app, as it told last.")
    locale: str = strawberry.field(description="Language of the device, BCP 47: pushes are written in it.")
    time_zone: str = strawberry.field(description="Zone of the device, IANA.")
    is_encrypted: bool = strawberry.field(description="Whether pushes to it are encrypted to its own key.")
    is_current: bool = strawberry.field(description="Whether this very request came from it.")
    registered_at: DateTime = strawberry.field(description="When it was registered first.")
    last_seen_at: DateTime = strawberry.field(description="When it was last in use, about to the hour.")


@strawberry.type(description="What came of registering a device.")
class RegisterDevicePayload:
    """The device, or `errors` says why not."""

    device: Device | None = strawberry.field(default=None, description="The device as it is now; null when refused.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was not registered; empty when all went well."
    )


@strawberry.type(description="What came of letting a device be woken no more.")
class UnregisterDevicePayload:
    """What is left, or `errors` says why nothing changed."""

    devices: list[Device] | None = strawberry.field(
        default=None, description="The devices that can still be woken; null when refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing changed; empty when all went well."
    )
