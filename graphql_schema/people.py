"""For whom something is asked: the optional `personId` of inputs."""

import strawberry

from graphql_schema.node import decode_id
from identity.errors import AccessRefused
from identity.principal import PersonId, Principal


def person_of(actor: Principal, person_id: strawberry.ID | None) -> PersonId:
    """Return whom an input names, or the actor where it names nobody; nothing is decided here.

    Raises:
        AccessRefused: The id is malformed: it answers as somebody else's does (S36).
    """
    if person_id is None:
        return actor.person_id
    return PersonId(decode_id(person_id, "Person", missing=AccessRefused))
