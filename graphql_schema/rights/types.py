"""Copies of one's data and erasure, as clients see them."""

from enum import Enum

import strawberry

from backend.rights.values import ExportId
from graphql_schema.context import Info
from graphql_schema.errors import UserError
from graphql_schema.fields import field
from graphql_schema.scalars import URL, DateTime
from identity.principal import PersonId


@strawberry.enum(description="Where a copy of one's data stands.")
class DataExportState(Enum):
    """State."""

    EXPIRED = strawberry.enum_value("expired", description="It was deleted, by its person or by its term.")
    FAILED = strawberry.enum_value("failed", description="It could not be made; `failureCode` says why.")
    QUEUED = strawberry.enum_value("queued", description="It waits to be made, for the first time or again.")
    READY = strawberry.enum_value("ready", description="It can be downloaded until `expiresAt`.")
    RUNNING = strawberry.enum_value("running", description="It is being made.")


@strawberry.type(
    description="A copy of everything held about a person: a zip of JSON and documents with an index page."
)
class DataExport:
    """A copy; seen by whoever asked for it."""

    id: strawberry.ID = strawberry.field(description="Global id of the copy.")
    state: DataExportState = strawberry.field(description="Where it stands.")
    progress_percent: int = strawberry.field(description="How far it is made, 0 to 100.")
    requested_at: DateTime = strawberry.field(description="When it was asked for.")
    ready_at: DateTime | None = strawberry.field(description="When it was ready; null before.")
    expires_at: DateTime | None = strawberry.field(description="When it is deleted by itself; null before it is ready.")
    size_bytes: int | None = strawberry.field(description="Size of the file; null before it is ready.")
    failure_code: str | None = strawberry.field(
        description="Why it failed, or why the last try did; a code of the error catalogue."
    )
    person_id: strawberry.Private[PersonId]
    export_id: strawberry.Private[ExportId]

    @field(
        description="A new link to download it, good for five minutes, in this sign-in only; null unless READY. Ask "
        "for it when the person presses the button, not before."
    )
    async def download_url(self, info: Info) -> URL | None:
        """Return a link."""
        if self.state is not DataExportState.READY:
            return None
        exports = info.context.services.exports
        return URL(await exports.download_url(info.context.principal, self.person_id, self.export_id))


@strawberry.enum(description="What becomes of rows at an erasure.")
class ErasureTreatment(Enum):
    """Treatment."""

    ERASED = strawberry.enum_value("erased", description="They go.")
    KEPT = strawberry.enum_value("kept", description="They stay under a law.")
    REDUCED = strawberry.enum_value("reduced", description="They stay under a law, without what it does not ask for.")


@strawberry.type(description="Why something stays, in the language of `Accept-Language`.")
class RetentionLaw:
    """A law."""

    reason: str = strawberry.field(description="Why, in plain words.")
    act: str = strawberry.field(description="The act it stands in.")
    until: str = strawberry.field(description="For how long.")


@strawberry.type(description="What becomes, or became, of one kind of data at an erasure.")
class ErasureItem:
    """A line of a plan or of a statement."""

    title: str = strawberry.field(description="What it is, in the language of `Accept-Language`.")
    treatment: ErasureTreatment = strawberry.field(description="What becomes of it.")
    rows: int = strawberry.field(description="How many rows; 0 for what others keep.")
    law: RetentionLaw | None = strawberry.field(description="Why it stays; null for what goes.")


@strawberry.enum(description="Where a request for erasure stands.")
class ErasureState(Enum):
    """State."""

    CANCELLED = strawberry.enum_value("cancelled", description="It was taken back.")
    ERASED = strawberry.enum_value("erased", description="It was carried out.")
    WAITING = strawberry.enum_value("waiting", description="It can still be taken back, until `erasesAt`.")


@strawberry.type(description="A request for erasure.")
class Erasure:
    """A request."""

    state: ErasureState = strawberry.field(description="Where it stands.")
    requested_at: DateTime = strawberry.field(description="When it was asked for.")
    erases_at: DateTime = strawberry.field(description="When it is carried out, unless it is taken back.")
    cancelled_at: DateTime | None = strawberry.field(description="When it was taken back; null unless it was.")
    erased_at: DateTime | None = strawberry.field(description="When it was carried out; null before.")
    items: list[ErasureItem] = strawberry.field(description="The plan while it waits, afterwards the statement.")
    receipt_url: URL = strawberry.field(
        description="A page about this request that needs no sign-in: to be kept, since after the erasure there is no "
        "account to sign in to. It says kinds of data and numbers, never whose."
    )


@strawberry.type(description="What came of asking for a copy.")
class RequestExportPayload:
    """A copy is queued, or `errors` says why not."""

    export: DataExport | None = strawberry.field(default=None, description="The copy; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why not; empty when all went well.")


@strawberry.type(description="What came of deleting a copy.")
class DeleteExportPayload:
    """The copy is deleted, or `errors` says why not."""

    export: DataExport | None = strawberry.field(default=None, description="The copy, EXPIRED; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why not; empty when all went well.")


@strawberry.type(description="What came of asking for erasure.")
class RequestErasurePayload:
    """The request waits, or `errors` says why not."""

    erasure: Erasure | None = strawberry.field(default=None, description="The request; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why not; empty when all went well.")


@strawberry.type(description="What came of taking a request for erasure back.")
class CancelErasurePayload:
    """The request is taken back, or `errors` says why not."""

    erasure: Erasure | None = strawberry.field(default=None, description="The request; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why not; empty when all went well.")
