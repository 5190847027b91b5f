"""Reading where a person is signed in."""

from uuid import UUID

from backend.sign_ins.values import SignedIn
from graphql_schema.context import Context
from graphql_schema.node import encode_id
from graphql_schema.sign_ins.types import AppPlatform, Session
from identity.access import Action, require_signed_in
from identity.principal import PersonId


async def list_sessions(context: Context, person_id: PersonId) -> list[Session]:
    """Return a person's sessions that stand, the latest first; raises as `SignInService.list_signed_in` does."""
    found = await context.services.sign_ins.list_signed_in(context.principal, person_id)
    return [_to_session(one, context) for one in found]


async def load_session(context: Context, uuid: UUID) -> Session | None:
    """Return a session by the UUID of the global id; None for a missing, an ended and another's alike (S36).

    Raises:
        NotSignedIn: Nobody is signed in.
    """
    actor = require_signed_in(context.principal, Action.READ_SESSIONS)
    found = await context.services.sign_ins.list_signed_in(actor, actor.person_id)
    return next((_to_session(one, context) for one in found if one.id == uuid), None)


def _to_session(signed_in: SignedIn, context: Context) -> Session:
    app = context.services.sign_ins.app_of(signed_in)
    principal = context.principal
    return Session(
        id=encode_id("Session", signed_in.id),
        app_name=signed_in.client_id if app is None else app.shown_name,
        platform=AppPlatform.OTHER if app is None else AppPlatform(app.platform.value),
        device_name=signed_in.device_name,
        created_at=signed_in.created_at,
        last_seen_at=signed_in.last_seen_at or signed_in.created_at.replace(minute=0, second=0, microsecond=0),
        is_current=principal is not None and principal.session_id == signed_in.id,
        is_key_bound=signed_in.key_thumbprint is not None,
    )
