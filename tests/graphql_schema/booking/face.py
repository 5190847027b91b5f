"""The whole graph over a real database, with the rows of booking."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.catalogue import Language
from graphql_schema.context import Context
from graphql_schema.schema import build_schema
from identity.principal import Principal
from tests.factories.booking import Booking
from tests.graphql_schema.own_corner import Answer, OwnCorner

SLOT = "id startsAt endsAt timeZone room clinic { id name } doctor { fullName } specialty { code name }"
ERRORS = (
    "errors { __typename code message path"
    " ... on SlotTakenError { alternatives { id } } ... on HoldExpiredError { alternatives { id } } }"
)
HELD = f"hold {{ id expiresAt serverTime slot {{ {SLOT} }} }}"
HOLD = f"mutation ($input: HoldSlotInput!) {{ holdSlot(input: $input) {{ {HELD} {ERRORS} }} }}"
APPOINTMENT = "appointment { id status channel confirmedAt cancelledAt cancelReason slot { id startsAt } }"
BOOK = f"mutation ($input: BookAppointmentInput!) {{ bookAppointment(input: $input) {{ {APPOINTMENT} {ERRORS} }} }}"
CANCEL = (
    f"mutation ($input: CancelAppointmentInput!) {{ cancelAppointment(input: $input) {{ {APPOINTMENT} {ERRORS} }} }}"
)


SCHEMA = build_schema()


@dataclass
class Face:
    """Services, rows and requests over one database and one clock."""

    database: Database
    corner: OwnCorner = field(init=False)
    booking: Booking = field(init=False)

    def __post_init__(self) -> None:
        """Join the services of the whole graph to the factory of slots."""
        self.corner = OwnCorner(self.database)
        self.booking = Booking(self.database, clock=self.corner.clock)

    def context(self, actor: Principal | None = None, *, language: Language = "ru") -> Context:
        """Return the state of one request."""
        return self.corner.context(actor, language=language)

    async def ask(self, actor: Principal | None, query: str, *, language: Language = "ru", **variables: Any) -> Answer:
        """Execute one operation."""
        context = self.context(actor, language=language)
        result = await SCHEMA.execute(query, variable_values=variables, context_value=context)
        codes = {
            ".".join(str(part) for part in error.path or ()): getattr(error.original_error, "code", error.message)
            for error in result.errors or ()
        }
        return Answer(result.data, codes, context.extensions)

    async def change(
        self,
        actor: Principal | None,
        mutation: str,
        *,
        key: UUID | None = None,
        language: Language = "ru",
        **given: Any,
    ) -> tuple[Any, Answer]:
        """Execute one mutation under a key (a new one unless given); return its payload and the whole answer."""
        answer = await self.ask(
            actor, mutation, language=language, input={**given, "idempotencyKey": str(key or uuid7())}
        )
        payload = next(iter(answer.data.values())) if answer.data else None
        return payload, answer
