"""Signing out."""

from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.sign_ins.errors import SessionNotFound
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.sign_ins.inputs import SignOutDeviceInput, SignOutEverywhereInput, SignOutInput
from graphql_schema.sign_ins.queries import list_sessions
from graphql_schema.sign_ins.types import SignOutDevicePayload, SignOutEverywherePayload, SignOutPayload
from identity.access import Action, require_signed_in
from identity.principal import ActorKind, SessionId

_FIELDS = MappingProxyType({"SESSION_NOT_FOUND": "sessionId"})


@strawberry.type(description="Ends of sessions.")
class SignInMutations:
    """Joined into the root of changes."""

    @mutation(description="Sign out on this device: every token of its session is refused within 10 seconds.")
    async def sign_out(
        self,
        info: Info,
        input: Annotated[SignOutInput, strawberry.argument(description="Signing out.")],  # noqa: A002 # public name
    ) -> SignOutPayload | None:
        """End the own session."""
        context = info.context
        try:
            actor = require_signed_in(context.principal, Action.END_SESSION)
            outcome = await context.services.sign_ins.end_own(
                actor, actor.person_id, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return SignOutPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=outcome.replayed)
        context.is_wiping = actor.kind is ActorKind.KIOSK
        return SignOutPayload(ended_count=outcome.value)

    @mutation(description="Sign out on another device: it is refused within 10 seconds.")
    async def sign_out_device(
        self,
        info: Info,
        input: Annotated[SignOutDeviceInput, strawberry.argument(description="Where.")],  # noqa: A002 # public name
    ) -> SignOutDevicePayload | None:
        """End one session of the person's own."""
        try:
            return await _end_device(info.context, input)
        except REFUSALS as refusal:
            return SignOutDevicePayload(errors=user_errors(info.context, refusal, _FIELDS))

    @mutation(description="Sign out on every device, or on every other one: they are refused within 10 seconds.")
    async def sign_out_everywhere(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the one argument's public name
            SignOutEverywhereInput, strawberry.argument(description="Signing out everywhere.")
        ],
    ) -> SignOutEverywherePayload | None:
        """End every session of the person's own."""
        context = info.context
        try:
            actor = require_signed_in(context.principal, Action.END_SESSION)
            outcome = await context.services.sign_ins.end_all(
                actor, actor.person_id, but_own=input.except_this_device, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return SignOutEverywherePayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=outcome.replayed)
        context.is_wiping = actor.kind is ActorKind.KIOSK and not input.except_this_device
        return SignOutEverywherePayload(ended_count=outcome.value)


async def _end_device(context: Context, given: SignOutDeviceInput) -> SignOutDevicePayload:
    actor = require_signed_in(context.principal, Action.END_SESSION)
    session_id = SessionId(decode_id(given.session_id, "Session", missing=SessionNotFound))
    outcome = await context.services.sign_ins.end_one(
        actor, actor.person_id, session_id, idempotency_key=given.idempotency_key
    )
    context.mark_replay(replayed=outcome.replayed)
    context.is_wiping = actor.kind is ActorKind.KIOSK and session_id == actor.session_id
    return SignOutDevicePayload(sessions=await list_sessions(context, actor.person_id))
