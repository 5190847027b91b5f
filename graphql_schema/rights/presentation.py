"""Rights of the subject, written for their reader."""

from backend.rights import values
from graphql_schema.context import Context
from graphql_schema.node import encode_id
from graphql_schema.rights.types import (
    DataExport,
    DataExportState,
    Erasure,
    ErasureItem,
    ErasureState,
    ErasureTreatment,
    RetentionLaw,
)
from graphql_schema.scalars import URL


def to_export(export: values.ExportStatus) -> DataExport:
    """Write a copy."""
    return DataExport(
        id=encode_id("DataExport", export.id),
        state=DataExportState(export.state.value),
        progress_percent=export.progress_percent,
        requested_at=export.requested_at,
        ready_at=export.ready_at,
        expires_at=export.expires_at,
        size_bytes=export.size_bytes,
        failure_code=export.failure,
        person_id=export.person_id,
        export_id=export.id,
    )


def to_item(item: values.ErasureItem, language: values.Language) -> ErasureItem:
    """Write a line of a plan or statement."""
    law = item.law
    return ErasureItem(
        title=item.title.written_in(language),
        treatment=ErasureTreatment(item.treatment.value),
        rows=item.rows,
        law=None
        if law is None
        else RetentionLaw(
            reason=law.reason.written_in(language),
            act=law.act.written_in(language),
            until=law.until.written_in(language),
        ),
    )


def to_erasure(context: Context, erasure: values.Erasure) -> Erasure:
    """Write a request for erasure."""
    return Erasure(
        state=ErasureState(erasure.state.value),
        requested_at=erasure.requested_at,
        erases_at=erasure.erases_at,
        cancelled_at=erasure.cancelled_at,
        erased_at=erasure.erased_at,
        items=[to_item(item, context.language) for item in erasure.items],
        receipt_url=URL(context.services.erasures.receipt_url(erasure)),
    )
