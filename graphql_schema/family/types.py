"""Who acts for whom, as clients see it."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.scalars import Date, DateTime


@strawberry.enum(description="What somebody is to the person they act for. New ones may appear.")
class RepresentationCapacity(Enum):
    """Capacity."""

    GUARDIAN = strawberry.enum_value("guardian", description="A guardian, by a document that an officer has seen.")
    PARENT_OF_CHILD = strawberry.enum_value("parent_of_child", description="A parent of a child under 15.")
    PARENT_OF_TEENAGER = strawberry.enum_value(
        "parent_of_teenager", description="A parent of a child of 15 to 17; sensitive categories are withheld."
    )
    TRUSTED_ADULT = strawberry.enum_value("trusted_adult", description="An adult whom the person trusts.")


@strawberry.enum(description="What one adult lets another do, each with an end of its own.")
class RepresentationRight(Enum):
    """Right."""

    BOOK = strawberry.enum_value("book", description="Hold slots, book appointments and give them up.")
    COLLECT = strawberry.enum_value(
        "collect", description="Collect what is due to the person. Nothing here asks for it yet."
    )
    READ = strawberry.enum_value("read", description="See who the person is, the policy and the appointments.")


@strawberry.enum(description="What is withheld from those who act for somebody of 15 to 17.")
class SensitiveCategory(Enum):
    """Category."""

    HIV = strawberry.enum_value("hiv", description="HIV.")
    NARCOLOGY = strawberry.enum_value("narcology", description="Alcohol and drugs.")
    PSYCHIATRY = strawberry.enum_value("psychiatry", description="Mental health.")
    REPRODUCTIVE = strawberry.enum_value("reproductive", description="Reproductive health.")
    STI = strawberry.enum_value("sti", description="Sexually transmitted infections.")


@strawberry.enum(description="Where an invitation stands that can be answered.")
class InvitationStatus(Enum):
    """State."""

    ACCEPTED = strawberry.enum_value("accepted", description="Accepted.")
    DECLINED = strawberry.enum_value("declined", description="Declined.")
    OFFERED = strawberry.enum_value("offered", description="Made; its code was not used yet.")
    OPENED = strawberry.enum_value("opened", description="Shown to the one it is for.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Taken back.")


@strawberry.enum(description="Where a guardianship stands that its guardian has told of.")
class GuardianshipStatus(Enum):
    """State."""

    CONFIRMED = strawberry.enum_value("confirmed", description="An officer has seen the document.")
    REFUSED = strawberry.enum_value("refused", description="An officer has not accepted the document.")
    WAITING_FOR_CHECK = strawberry.enum_value("waiting_for_check", description="Nothing follows from it yet.")


@strawberry.enum(description="What makes somebody a guardian.")
class GuardianshipDocumentKind(Enum):
    """Kind of document."""

    COURT_DECISION = strawberry.enum_value("court_decision", description="A decision of a court.")
    GUARDIANSHIP_ACT = strawberry.enum_value("guardianship_act", description="An act of the guardianship authority.")


@strawberry.type(description="The other side of a representation: who, and no more.")
class RelatedPerson:
    """A relative by name."""

    id: strawberry.ID = strawberry.field(description="Global id of the person, for `actingFor` and `personId`.")
    family_name: str = strawberry.field(description="Family name.")
    given_name: str = strawberry.field(description="Given name.")
    patronymic: str | None = strawberry.field(description="Patronymic; null for people who have none.")


@strawberry.type(description="One right and when it ends.")
class GivenRight:
    """Right with its end."""

    right: RepresentationRight = strawberry.field(description="What may be done.")
    until: DateTime = strawberry.field(description="From this instant on it may not.")


@strawberry.type(description="Somebody acts for somebody now.")
class Representation:
    """One representation, seen from one side."""

    id: strawberry.ID = strawberry.field(description="What `endRepresentation` needs; opaque.")
    person: RelatedPerson = strawberry.field(
        description="The other side: under `actsFor` who is acted for, under `actedForBy` who acts."
    )
    capacity: RepresentationCapacity = strawberry.field(description="What the one who acts is to the other now.")
    rights: list[GivenRight] = strawberry.field(description="What may be done now, each right with its end.")
    withheld: list[SensitiveCategory] = strawberry.field(description="What is not shown, in any right.")
    until: DateTime = strawberry.field(
        description="When this changes or ends by itself next, as on the 15th birthday of a child."
    )
    ends_at: DateTime = strawberry.field(description="When all of it ends by itself.")
    begun_at: DateTime = strawberry.field(description="Since when.")


@strawberry.type(description="An offer to act for an adult, not answered yet unless its status says so.")
class RepresentationInvitation:
    """Invitation."""

    id: strawberry.ID = strawberry.field(description="What the answers and `endRepresentation` need; opaque.")
    status: InvitationStatus = strawberry.field(description="Where it stands.")
    person: RelatedPerson | None = strawberry.field(
        description="Who is to be acted for, where the reader is the one invited; null on an invitation of one's own."
    )
    rights: list[GivenRight] = strawberry.field(description="What it gives, each right with its end.")
    created_at: DateTime = strawberry.field(description="When it was made.")
    expires_at: DateTime = strawberry.field(description="From this instant on it cannot be answered.")


@strawberry.type(description="A child that Госуслуги keep on the account: a candidate, for whom nobody acts by that.")
class ChildCandidate:
    """Child of the account."""

    id: strawberry.ID = strawberry.field(description="What `confirmChild` needs; opaque.")
    family_name: str = strawberry.field(description="Family name.")
    given_name: str = strawberry.field(description="Given name.")
    patronymic: str | None = strawberry.field(description="Patronymic; null for people who have none.")
    birth_date: Date | None = strawberry.field(description="Day of birth, where the source tells it.")
    source: str = strawberry.field(description="Who told of the child, as esia.")
    as_of: DateTime = strawberry.field(description="When the source told it.")


@strawberry.type(description="A guardianship that the person has told of.")
class Guardianship:
    """Guardianship."""

    id: strawberry.ID = strawberry.field(description="Its id; opaque.")
    status: GuardianshipStatus = strawberry.field(description="Where it stands.")
    family_name: str = strawberry.field(description="Family name of the ward, as it was told.")
    given_name: str = strawberry.field(description="Given name of the ward, as it was told.")
    first_day: Date = strawberry.field(description="The first day of the document.")
    last_day: Date = strawberry.field(description="The last day of the document, inclusive.")
    requested_at: DateTime = strawberry.field(description="When it was told.")


_ERRORS = "Why nothing was done; empty when all went well."


@strawberry.type(description="What came of confirming a child.")
class ConfirmChildPayload:
    """The representation, or why not."""

    representation: Representation | None = strawberry.field(
        default=None, description="What stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of telling of a guardianship.")
class RegisterGuardianshipPayload:
    """The guardianship, or why not."""

    guardianship: Guardianship | None = strawberry.field(
        default=None, description="It waits for an officer; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of inviting an adult.")
class GrantRepresentationPayload:
    """The invitation and its code, or why not."""

    invitation: RepresentationInvitation | None = strawberry.field(
        default=None, description="The invitation; null when refused."
    )
    code: str | None = strawberry.field(
        default=None,
        description="To be handed over, as a picture to scan or a link: it opens only for the one it was made for.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of opening an invitation.")
class OpenInvitationPayload:
    """The invitation, or why not."""

    invitation: RepresentationInvitation | None = strawberry.field(
        default=None, description="To be accepted or declined; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of accepting an invitation.")
class AcceptRepresentationPayload:
    """The representation, or why not."""

    representation: Representation | None = strawberry.field(
        default=None, description="What stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of declining an invitation.")
class DeclineRepresentationPayload:
    """Its id, or why not."""

    declined_id: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the invitation; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of ending a representation or taking an invitation back.")
class EndRepresentationPayload:
    """Its id, or why not."""

    ended_id: strawberry.ID | None = strawberry.field(
        default=None, description="Id of what does not stand any more; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)
