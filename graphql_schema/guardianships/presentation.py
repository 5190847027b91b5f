"""How a guardianship is written for an officer."""

from backend.family.values import GuardianshipCheck as GuardianshipCheckValue
from graphql_schema.family.presentation import to_related
from graphql_schema.family.types import GuardianshipDocumentKind, GuardianshipStatus
from graphql_schema.guardianships.types import GuardianshipCheck
from graphql_schema.node import encode_id
from graphql_schema.profile.types import Sex
from graphql_schema.scalars import Snils


def to_check(check: GuardianshipCheckValue) -> GuardianshipCheck:
    """Show a guardianship to an officer."""
    told, given = check.told, check.representation_id
    ward, document = told.ward, told.document
    return GuardianshipCheck(
        id=encode_id("Guardianship", told.id),
        status=GuardianshipStatus(told.state.value),
        guardian=to_related(check.guardian) if check.guardian else None,
        family_name=ward.family_name,
        given_name=ward.given_name,
        patronymic=ward.patronymic,
        birth_date=ward.birth_date,
        sex=Sex(ward.sex.value),
        snils=Snils(ward.snils.digits),
        document_kind=GuardianshipDocumentKind(document.kind.value),
        document_number=document.number,
        issued_by=document.issued_by,
        first_day=document.term.first,
        last_day=document.term.last,
        requested_at=told.requested_at,
        settled_at=told.settled_at,
        note=check.note,
        representation_id=encode_id("Representation", given) if given else None,
        ended_at=check.ended_at,
    )
