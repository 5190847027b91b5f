"""Asking for a copy and for erasure, and taking both back."""

from types import MappingProxyType
from typing import Annotated, TypeVar

import strawberry

from backend.idempotency import Outcome
from backend.rights.errors import ExportNotFound
from backend.rights.values import ExportId
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from graphql_schema.rights.inputs import (
    CancelErasureInput,
    DeleteExportInput,
    RequestErasureInput,
    RequestExportInput,
)
from graphql_schema.rights.presentation import to_erasure, to_export
from graphql_schema.rights.types import (
    CancelErasurePayload,
    DeleteExportPayload,
    RequestErasurePayload,
    RequestExportPayload,
)
from identity.access import signed_in

_FIELDS = MappingProxyType({"EXPORT_NOT_FOUND": "exportId", "EXPORT_NOT_READY": "exportId"})

T = TypeVar("T")


@strawberry.type(description="The rights of a person over their own data.")
class RightsMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Ask for a copy of everything held about a person. It is made in the background: look at "
        "`viewer.exports`, or wait for the message. One at a time, three a day."
    )
    async def request_export(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            RequestExportInput, strawberry.argument(description="Whose data.")
        ],
    ) -> RequestExportPayload | None:
        """Ask for a copy."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.exports.request_export(
                actor, person_id=person_of(actor, input.person_id), idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return RequestExportPayload(errors=user_errors(context, refusal, _FIELDS))
        return RequestExportPayload(export=to_export(_told(context, outcome)))

    @mutation(description="Delete a copy before its time; links to it are worth nothing from then on.")
    async def delete_export(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            DeleteExportInput, strawberry.argument(description="Which copy.")
        ],
    ) -> DeleteExportPayload | None:
        """Delete a copy."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.exports.delete_export(
                actor,
                person_id=person_of(actor, input.person_id),
                export_id=ExportId(decode_id(input.export_id, "DataExport", missing=ExportNotFound)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return DeleteExportPayload(errors=user_errors(context, refusal, _FIELDS))
        return DeleteExportPayload(export=to_export(_told(context, outcome)))

    @mutation(
        description="Ask for everything to be erased that no law keeps. It is done when two weeks are over, and can be "
        "taken back until then. The answer names what goes, what stays, and under which law."
    )
    async def request_erasure(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            RequestErasureInput, strawberry.argument(description="The wish.")
        ],
    ) -> RequestErasurePayload | None:
        """Ask for erasure."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.erasures.request_erasure(
                actor, person_id=actor.person_id, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return RequestErasurePayload(errors=user_errors(context, refusal, _FIELDS))
        return RequestErasurePayload(erasure=to_erasure(context, _told(context, outcome)))

    @mutation(description="Take the waiting request for erasure back.")
    async def cancel_erasure(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            CancelErasureInput, strawberry.argument(description="The wish to stay.")
        ],
    ) -> CancelErasurePayload | None:
        """Take it back."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            outcome = await context.services.erasures.cancel_erasure(
                actor, person_id=actor.person_id, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return CancelErasurePayload(errors=user_errors(context, refusal, _FIELDS))
        return CancelErasurePayload(erasure=to_erasure(context, _told(context, outcome)))


def _told(context: Context, outcome: Outcome[T]) -> T:
    context.mark_replay(replayed=outcome.replayed)
    return outcome.value
