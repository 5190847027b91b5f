"""Settling guardianships, and ending what the law gave."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.family.errors import GuardianshipNotFound, RepresentationNotFound
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.guardianships.inputs import EndRepresentationByLawInput, SettleGuardianshipInput
from graphql_schema.guardianships.presentation import to_check
from graphql_schema.guardianships.types import (
    EndRepresentationByLawPayload,
    GuardianshipVerdict,
    SettleGuardianshipPayload,
)
from graphql_schema.node import decode_id, encode_id
from identity.access import Action, require_signed_in

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "GUARDIANSHIP_NOT_FOUND": "guardianshipId",
        "OFFICER_NOTE_REFUSED": "note",
        "PERSON_FACTS_CONFLICT": "guardianshipId",
        "REPRESENTATION_ENDED": "representationId",
        "REPRESENTATION_EXISTS": "guardianshipId",
        "REPRESENTATION_NOT_FOUND": "representationId",
    }
)
"""The part of the input that a refusal is about; others are about the whole."""


@strawberry.type(description="Changes at the officer's desk for guardianships.")
class GuardianshipMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Confirm a guardianship whose document the officer has seen, or refuse it. The guardian is told, "
        "and the ward where it begins; both find it in their access log. Nobody settles their own family's."
    )
    async def settle_guardianship(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            SettleGuardianshipInput, strawberry.argument(description="Which, and what was decided.")
        ],
    ) -> SettleGuardianshipPayload | None:
        """Settle a guardianship."""
        context = info.context
        try:
            settled = await context.services.family.desk.settle(
                require_signed_in(context.principal, Action.CHECK_REPRESENTATION),
                guardianship_id=decode_id(input.guardianship_id, "Guardianship", missing=GuardianshipNotFound),
                is_confirmed=input.verdict is GuardianshipVerdict.CONFIRMED,
                note=input.note,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return SettleGuardianshipPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=settled.replayed)
        return SettleGuardianshipPayload(guardianship=to_check(settled.value))

    @mutation(
        description="End that a parent or a guardian acts for somebody, as a court or the guardianship authority has "
        "decided: from the next request on. Both sides are told. Nobody ends their own family's."
    )
    async def end_representation_by_law(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            EndRepresentationByLawInput, strawberry.argument(description="Which, and by which decision.")
        ],
    ) -> EndRepresentationByLawPayload | None:
        """End what the law gave."""
        context = info.context
        try:
            ended = await context.services.family.desk.end(
                require_signed_in(context.principal, Action.CHECK_REPRESENTATION),
                representation_id=decode_id(input.representation_id, "Representation", missing=RepresentationNotFound),
                note=input.note,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return EndRepresentationByLawPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=ended.replayed)
        return EndRepresentationByLawPayload(ended_id=encode_id("Representation", ended.value))
