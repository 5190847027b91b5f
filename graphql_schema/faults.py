"""What ends a whole request, as one coded error; field errors are another matter (`presentation`)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, SourceLocation

GRAPHQL_REQUEST_ERROR_STATUS = 400
"""Status of a request error under `application/graphql-response+json`; the 2026 draft of the wire format says 422."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a request; the text comes from the catalogue unless `message` gives graphql-core's own."""

    code: str
    message: str | None = None
    locations: Collection[SourceLocation] | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, error: GraphQLError) -> "Fault":
        """Keep the text and the place of an error that graphql-core found in the document or the variables."""
        return cls(code, error.message, error.locations)


class RequestRefused(Exception):
    """The request is not executed. `status` None means: as the wire format says for a request error."""

    def __init__(
        self,
        *faults: Fault,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        """Say which faults, and how HTTP shows them."""
        super().__init__(*(fault.code for fault in faults))
        self.faults = faults
        self.status = status
        self.headers = dict(headers or {})
        self.retry_after_ms = retry_after_ms


def refused(
    code: str,
    detail: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    retry_after_ms: int | None = None,
    **extensions: Any,
) -> RequestRefused:
    """Return the refusal of a request for one reason; `detail` is for programmers, in English, without data."""
    fault = Fault(code, extensions={"detail": detail, **extensions})
    return RequestRefused(fault, status=status, headers=headers, retry_after_ms=retry_after_ms)
