"""How the family is written for its reader."""

from collections.abc import Mapping
from datetime import datetime

from backend.family.values import Guardianship as GuardianshipValue
from backend.family.values import Invitation, Relation
from backend.profile.values import Person
from graphql_schema.family.types import (
    ChildCandidate,
    GivenRight,
    Guardianship,
    GuardianshipStatus,
    InvitationStatus,
    RelatedPerson,
    Representation,
    RepresentationCapacity,
    RepresentationInvitation,
    RepresentationRight,
    SensitiveCategory,
)
from graphql_schema.node import encode_id
from identity.known_children import KnownChild
from identity.representation_values import GrantedRight


def to_related(person: Person) -> RelatedPerson:
    """Show a relative by name."""
    return RelatedPerson(
        id=encode_id("Person", person.id),
        family_name=person.family_name,
        given_name=person.given_name,
        patronymic=person.patronymic,
    )


def to_representation(relation: Relation) -> Representation:
    """Show a representation from one side."""
    return Representation(
        id=encode_id("Representation", relation.id),
        person=to_related(relation.person),
        capacity=RepresentationCapacity(relation.capacity.value),
        rights=_rights(relation.rights),
        withheld=[SensitiveCategory(category.value) for category in sorted(relation.withheld)],
        until=relation.until,
        ends_at=relation.ends_at,
        begun_at=relation.begun_at,
    )


def to_invitation(invitation: Invitation) -> RepresentationInvitation:
    """Show an invitation to one of its sides."""
    return RepresentationInvitation(
        id=encode_id("RepresentationInvitation", invitation.id),
        status=InvitationStatus(invitation.state.value),
        person=to_related(invitation.person) if invitation.person else None,
        rights=_rights(invitation.rights),
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )


def to_candidate(child: KnownChild) -> ChildCandidate:
    """Show a child of the account to its parent."""
    told = child.told
    return ChildCandidate(
        id=encode_id("ChildCandidate", child.id),
        family_name=told.family_name,
        given_name=told.given_name,
        patronymic=told.patronymic,
        birth_date=told.birth_date,
        source=child.source,
        as_of=child.as_of,
    )


def to_guardianship(guardianship: GuardianshipValue) -> Guardianship:
    """Show a guardianship to its guardian."""
    return Guardianship(
        id=encode_id("Guardianship", guardianship.id),
        status=GuardianshipStatus(guardianship.state.value),
        family_name=guardianship.ward.family_name,
        given_name=guardianship.ward.given_name,
        first_day=guardianship.document.term.first,
        last_day=guardianship.document.term.last,
        requested_at=guardianship.requested_at,
    )


def _rights(rights: Mapping[GrantedRight, datetime]) -> list[GivenRight]:
    return [GivenRight(right=RepresentationRight(right.value), until=end) for right, end in sorted(rights.items())]
