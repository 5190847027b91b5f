"""Reading which queues one can join, and where one stands."""

from typing import Annotated

import strawberry

from backend.booking.values import ClinicId, DoctorId
from backend.errors import NotFound
from graphql_schema.context import Info
from graphql_schema.fields import field
from graphql_schema.node import decode_id
from graphql_schema.release_queue.presentation import to_place, to_queue
from graphql_schema.release_queue.types import ReleaseQueue, ReleaseQueuePlace
from identity.principal import PersonId


@strawberry.type(description="Queues for what popular doctors begin to give out; open to everybody.")
class ReleaseQueueQueries:
    """Joined into the root of reading."""

    @field(
        description="What a doctor gives out to those who queue for it, now or later, the soonest first, 20 at most; "
        "empty where whoever comes first is served."
    )
    async def release_queues(
        self,
        info: Info,
        doctor_id: Annotated[strawberry.ID, strawberry.argument(description="Global id of the doctor.")],
        clinic_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Global id of a clinic: only there.")
        ] = None,
        specialty: Annotated[str | None, strawberry.argument(description="Code of a specialty: only as that.")] = None,
    ) -> list[ReleaseQueue] | None:
        """Return the queues of a doctor."""
        context = info.context
        service = context.services.release_queues
        found = await service.releases(
            context.principal,
            doctor_id=DoctorId(decode_id(doctor_id, "Doctor", missing=NotFound)),
            clinic_id=None if clinic_id is None else ClinicId(decode_id(clinic_id, "Clinic", missing=NotFound)),
            specialty_code=specialty,
        )
        return [to_queue(one, service.terms, context.language) for one in found]


@strawberry.type(description="Where the person queues for times of doctors.")
class ReleaseQueuesOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(
        description="Where the person queues, then what ended in the last seven days; the last joined of each first, "
        "20 at most."
    )
    async def release_queue_places(self, info: Info) -> list[ReleaseQueuePlace] | None:
        """Return the own places."""
        context = info.context
        found = await context.services.release_queues.places(context.principal, person_id=self.person_id)
        return [to_place(one, context) for one in found]
