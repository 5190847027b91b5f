"""Reading the texts people consent to, and the own register."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.consents.values import ConsentPosition
from graphql_schema.connections import Connection, connect, decode_place, encode_place, page_size
from graphql_schema.consents.presentation import to_consent, to_text
from graphql_schema.consents.types import Consent, ConsentText
from graphql_schema.context import Context, Info
from graphql_schema.fields import field
from identity.access import Action, require_signed_in
from identity.consent_values import ConsentId
from identity.principal import PersonId


@strawberry.type(description="The own consents.")
class ConsentsOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(description="The register of the own consents, newest first, those that are over too.")
    async def consents(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")] = None,
        after: Annotated[str | None, strawberry.argument(description="`endCursor` of the page before.")] = None,
    ) -> Connection[Consent] | None:
        """Return a page of the own register."""
        context = info.context
        service = context.services.consents
        position = ConsentPosition(*decode_place(after)) if after is not None else None
        page = await service.list_page(context.principal, self.person_id, limit=page_size(first), after=position)
        now = context.clock()
        return connect(
            [to_consent(one, texts=service.texts, now=now) for one in page.items],
            write_cursor=lambda place: encode_place(page.items[place].given_at, page.items[place].id),
            has_next=page.has_next,
        )


@strawberry.type(description="Reading what can be consented to; open to everybody.")
class ConsentQueries:
    """Joined into the root of reading."""

    @field(description="The texts that are asked now, by purpose, in the language of `Accept-Language`.")
    async def consent_texts(
        self,
        info: Info,
        purpose: Annotated[str | None, strawberry.argument(description="Only of this purpose.")] = None,
    ) -> list[ConsentText] | None:
        """Return the texts of one purpose, or of all."""
        context = info.context
        texts = await context.services.consents.texts_now(context.principal, purpose)
        return [to_text(one, context.language) for one in texts]


async def load_consent(context: Context, uuid: UUID) -> Consent | None:
    """Return an own consent by the UUID of the global id; None for a missing one and another's alike (S36).

    Raises:
        NotSignedIn: Nobody is signed in.
        AccessRefused: Not in this capacity.
    """
    actor = require_signed_in(context.principal, Action.READ_CONSENTS)
    service = context.services.consents
    found = (await service.by_ids(actor, actor.person_id, [uuid])).get(ConsentId(uuid))
    return to_consent(found, texts=service.texts, now=context.clock()) if found else None
