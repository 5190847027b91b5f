"""Confirming children, telling of guardianships, inviting adults, answering and ending."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

import strawberry

from backend.errors import NotFound
from backend.family.errors import ChildNotFound, InvitationNotFound, RepresentationNotFound
from backend.family.values import Certificate, Grantee, GuardianshipDocument, Relation, Ward
from backend.profile.values import Phone, Sex, Snils
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.family.inputs import (
    AcceptRepresentationInput,
    ConfirmChildInput,
    DeclineRepresentationInput,
    EndRepresentationInput,
    GrantRepresentationInput,
    OpenInvitationInput,
    RegisterGuardianshipInput,
)
from graphql_schema.family.presentation import to_guardianship, to_invitation, to_representation
from graphql_schema.family.types import (
    AcceptRepresentationPayload,
    ConfirmChildPayload,
    DeclineRepresentationPayload,
    EndRepresentationPayload,
    GrantRepresentationPayload,
    OpenInvitationPayload,
    RegisterGuardianshipPayload,
    Representation,
)
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id, encode_id, split_id
from identity.access import signed_in
from identity.representation_values import DocumentKind, GrantedRight, Term

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "CHILD_NOT_FOUND": "childId",
        "CHILD_FACTS_INCOMPLETE": "childId",
        "CHILD_DOCUMENT_UNKNOWN": "childId",
        "CHILD_OF_AGE": "childId",
        "PERSON_FACTS_CONFLICT": "childId",
        "CHILD_DOCUMENT_MISMATCH": "certificate",
        "CHILD_CHECK_LOCKED": "certificate",
        "GRANT_RIGHTS_INVALID": "rights",
        "GRANT_TERM_INVALID": "rights",
        "SNILS_INVALID": "snils",
        "PHONE_INVALID": "phone",
        "GUARDIANSHIP_TERM_INVALID": "lastDay",
    }
)


@strawberry.type(description="Changes of who acts for whom.")
class FamilyMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Begin to act for a child of one's account, by its certificate of birth. Needs a recent proof of "
        "who one is. Under 15 everything may be seen and done, from 15 to 17 the sensitive categories are withheld; at "
        "18 it ends."
    )
    async def confirm_child(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            ConfirmChildInput, strawberry.argument(description="Which child, and the document.")
        ],
    ) -> ConfirmChildPayload | None:
        """Confirm a child."""
        context, given = info.context, input.certificate
        try:
            confirmed = await context.services.family.children.confirm(
                signed_in(context.principal),
                child_id=decode_id(input.child_id, "ChildCandidate", missing=ChildNotFound),
                certificate=Certificate(given.series, given.number, given.act_record),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return ConfirmChildPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=confirmed.replayed)
        return ConfirmChildPayload(representation=await _standing(context, confirmed.value))

    @mutation(
        description="Tell of a guardianship. Needs a recent proof of who one is. It waits for an officer, who looks at "
        "the document; the answer is the same whether or not there is such a person."
    )
    async def register_guardianship(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            RegisterGuardianshipInput, strawberry.argument(description="Whose guardian, and by which document.")
        ],
    ) -> RegisterGuardianshipPayload | None:
        """Register a guardianship."""
        context = info.context
        try:
            registered = await context.services.family.guardianships.register(
                signed_in(context.principal),
                ward=Ward(
                    family_name=input.family_name,
                    given_name=input.given_name,
                    patronymic=input.patronymic,
                    birth_date=input.birth_date,
                    sex=Sex(str(input.sex.value)),
                    snils=Snils.parse(input.snils),
                ),
                document=GuardianshipDocument(
                    kind=DocumentKind(str(input.document_kind.value)),
                    number=input.document_number,
                    issued_by=input.issued_by,
                    term=Term(input.first_day, input.last_day),
                ),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return RegisterGuardianshipPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=registered.replayed)
        return RegisterGuardianshipPayload(guardianship=to_guardianship(registered.value))

    @mutation(
        description="Invite an adult to act for oneself, for a year at most. Needs a recent proof of who one is. The "
        "answer is the same whether or not there is such a person: the code opens only for them."
    )
    async def grant_representation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            GrantRepresentationInput, strawberry.argument(description="Whom, and to what.")
        ],
    ) -> GrantRepresentationPayload | None:
        """Invite an adult."""
        context = info.context
        try:
            granted = await context.services.family.grants.grant(
                signed_in(context.principal),
                grantee=Grantee(
                    phone=Phone.parse(input.phone) if input.phone else None,
                    snils=Snils.parse(input.snils) if input.snils else None,
                    birth_date=input.birth_date,
                ),
                rights=[(GrantedRight(str(one.right.value)), one.until) for one in input.rights],
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return GrantRepresentationPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=granted.replayed)
        return GrantRepresentationPayload(invitation=to_invitation(granted.value.invitation), code=granted.value.code)

    @mutation(description="Open an invitation by its code, to see who asks for what before answering.")
    async def open_invitation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            OpenInvitationInput, strawberry.argument(description="The code.")
        ],
    ) -> OpenInvitationPayload | None:
        """Open an invitation."""
        context = info.context
        try:
            opened = await context.services.family.grants.open(
                signed_in(context.principal), code=input.code, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return OpenInvitationPayload(errors=user_errors(context, refusal, _FIELDS, otherwise="code"))
        context.mark_replay(replayed=opened.replayed)
        return OpenInvitationPayload(invitation=to_invitation(opened.value))

    @mutation(description="Accept an opened invitation; it replaces what the same person gave before. Both are told.")
    async def accept_representation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            AcceptRepresentationInput, strawberry.argument(description="Which invitation.")
        ],
    ) -> AcceptRepresentationPayload | None:
        """Accept an invitation."""
        context = info.context
        try:
            accepted = await context.services.family.grants.accept(
                signed_in(context.principal),
                invitation_id=decode_id(input.invitation_id, "RepresentationInvitation", missing=InvitationNotFound),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return AcceptRepresentationPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=accepted.replayed)
        return AcceptRepresentationPayload(representation=await _standing(context, accepted.value))

    @mutation(description="Decline an opened invitation; whoever made it is told.")
    async def decline_representation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            DeclineRepresentationInput, strawberry.argument(description="Which invitation.")
        ],
    ) -> DeclineRepresentationPayload | None:
        """Decline an invitation."""
        context = info.context
        try:
            declined = await context.services.family.grants.decline(
                signed_in(context.principal),
                invitation_id=decode_id(input.invitation_id, "RepresentationInvitation", missing=InvitationNotFound),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return DeclineRepresentationPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=declined.replayed)
        return DeclineRepresentationPayload(declined_id=encode_id("RepresentationInvitation", declined.value))

    @mutation(
        description="End that one acts for the other, from the next request on; either side may, both are told. A "
        "child or a ward cannot end what the law gives. Or take back an own invitation that was not answered."
    )
    async def end_representation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            EndRepresentationInput, strawberry.argument(description="What to end.")
        ],
    ) -> EndRepresentationPayload | None:
        """End a representation or withdraw an invitation."""
        context = info.context
        try:
            actor, endings = signed_in(context.principal), context.services.family.endings
            kind, uuid = _ended(input.id)
            if kind == "RepresentationInvitation":
                ended = await endings.withdraw(actor, invitation_id=uuid, idempotency_key=input.idempotency_key)
            else:
                ended = await endings.end(actor, representation_id=uuid, idempotency_key=input.idempotency_key)
        except REFUSALS as refusal:
            return EndRepresentationPayload(errors=user_errors(context, refusal, _FIELDS, otherwise="id"))
        context.mark_replay(replayed=ended.replayed)
        return EndRepresentationPayload(ended_id=encode_id(kind, ended.value))


async def _standing(context: Context, representation_id: UUID) -> Representation | None:
    """Return what the actor's representation is now; null where it has ended since a replayed answer."""
    actor = signed_in(context.principal)
    found: list[Relation] = await context.services.family.relations.acts_for(actor, actor.person_id)
    return next((to_representation(one) for one in found if one.id == representation_id), None)


def _ended(global_id: str) -> tuple[str, UUID]:
    try:
        kind, uuid = split_id(global_id)
    except NotFound as error:
        raise RepresentationNotFound from error
    if kind not in {"Representation", "RepresentationInvitation"}:
        raise RepresentationNotFound
    return kind, uuid
