"""What clients send about the rights of the subject."""

from uuid import UUID

import strawberry

_KEY = "Made by the client for this intention; repeating it returns the first outcome."
_PERSON = "Whose data: the global id of a person; the signed-in one's when left out."


@strawberry.input(description="Whose data to copy.")
class RequestExportInput:
    """The input of `requestExport`."""

    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which copy to delete.")
class DeleteExportInput:
    """The input of `deleteExport`."""

    export_id: strawberry.ID = strawberry.field(description="Global id of the copy.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="A wish to be erased.")
class RequestErasureInput:
    """The input of `requestErasure`."""

    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="A wish to stay.")
class CancelErasureInput:
    """The input of `cancelErasure`."""

    idempotency_key: UUID = strawberry.field(description=_KEY)
