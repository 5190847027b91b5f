"""What clients send about sessions."""

from uuid import UUID

import strawberry

_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="Signing out on this device.")
class SignOutInput:
    """The input of `signOut`."""

    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="On which device to sign out.")
class SignOutDeviceInput:
    """The input of `signOutDevice`."""

    session_id: strawberry.ID = strawberry.field(description="Global id of a session, as `viewer.sessions` gives.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Signing out on every device.")
class SignOutEverywhereInput:
    """The input of `signOutEverywhere`."""

    except_this_device: bool = strawberry.field(
        default=False, description="Whether to stay signed in on this device alone."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
