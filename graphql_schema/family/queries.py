"""Reading the family."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.family.presentation import to_candidate, to_guardianship, to_invitation, to_representation
from graphql_schema.family.types import ChildCandidate, Guardianship, Representation, RepresentationInvitation
from graphql_schema.fields import field
from identity.principal import PersonId


@strawberry.type(description="Who acts for whom, of one person.")
class RepresentationOfViewer:
    """The family's corner; each field asks by itself."""

    person_id: strawberry.Private[PersonId]

    @field(description="For whom the person acts now, in the order it began: children, wards, adults who trust them.")
    async def acts_for(self, info: Info) -> list[Representation] | None:
        """Return one side."""
        relations = info.context.services.family.relations
        return [to_representation(one) for one in await relations.acts_for(info.context.principal, self.person_id)]

    @field(description="Who acts for the person now, in the order it began.")
    async def acted_for_by(self, info: Info) -> list[Representation] | None:
        """Return the other side."""
        relations = info.context.services.family.relations
        return [to_representation(one) for one in await relations.acted_for_by(info.context.principal, self.person_id)]

    @field(description="Invitations that can still be answered: those the person made, then those they opened.")
    async def invitations(self, info: Info) -> list[RepresentationInvitation] | None:
        """Return what waits for an answer."""
        relations = info.context.services.family.relations
        return [to_invitation(one) for one in await relations.invitations(info.context.principal, self.person_id)]

    @field(
        description="Children on the account at Госуслуги for whom the person does not act yet, oldest first, as of "
        "the last sign-in. To act for them, confirm each by its certificate of birth."
    )
    async def child_candidates(self, info: Info) -> list[ChildCandidate] | None:
        """Return the candidates."""
        relations = info.context.services.family.relations
        return [to_candidate(one) for one in await relations.child_candidates(info.context.principal, self.person_id)]

    @field(description="Guardianships the person has told of that wait for an officer, oldest first.")
    async def guardianships(self, info: Info) -> list[Guardianship] | None:
        """Return what waits for an officer."""
        relations = info.context.services.family.relations
        return [to_guardianship(one) for one in await relations.guardianships(info.context.principal, self.person_id)]
