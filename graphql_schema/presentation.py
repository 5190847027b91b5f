"""How errors and answers look on the wire: codes, languages, masking (S9). Nothing of an exception's text gets out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from graphql import FieldNode, GraphQLError

from backend.errors import Operational
from graphql_schema.catalogue import ErrorCatalogue, Language
from graphql_schema.errors import OPERATIONALS, REFUSALS
from graphql_schema.faults import Fault
from identity.errors import IdentityOperational, InsufficientUserAuthentication
from identity.step_up import extensions_of

_log = structlog.get_logger("graphql")


@dataclass(frozen=True, slots=True)
class Presentation:
    """Formats errors; holds no state of a request."""

    catalogue: ErrorCatalogue
    public_url: str

    def fault(self, fault: Fault, language: Language, trace_id: str, retry_after_ms: int | None) -> dict[str, Any]:
        """Return an error of a request that was not executed."""
        error = self._error(fault.code, language, trace_id, retry_after_ms, message=fault.message)
        if fault.locations:
            error["locations"] = [location.formatted for location in fault.locations]
        error["extensions"].update(fault.extensions)
        return error

    def field_errors(self, errors: Iterable[GraphQLError], language: Language, trace_id: str) -> list[dict[str, Any]]:
        """Return the errors of an execution; logs each bug and each operational failure once."""
        return [self._field_error(error, language, trace_id) for error in errors]

    def bug(self, error: BaseException, language: Language, trace_id: str) -> dict[str, Any]:
        """Log a bug that ended the whole request and return its mask."""
        _log.error("graphql_bug", trace_id=trace_id, exc_info=error)
        return self._error("INTERNAL_ERROR", language, trace_id, None)

    def _field_error(self, error: GraphQLError, language: Language, trace_id: str) -> dict[str, Any]:
        cause = _cause(error)
        if isinstance(cause, REFUSALS):
            shown = self._error(cause.code, language, trace_id, None)
            if isinstance(cause, InsufficientUserAuthentication):
                shown["extensions"].update(extensions_of(cause))
        elif isinstance(cause, OPERATIONALS):
            shown = self._operational(cause, error, language, trace_id)
        elif _is_wrong_input(error, cause):
            shown = self._error("BAD_USER_INPUT", language, trace_id, None)
            shown["extensions"]["detail"] = error.message
        else:
            _log.error("graphql_bug", trace_id=trace_id, path=error.path, exc_info=cause or error)
            shown = self._error("INTERNAL_ERROR", language, trace_id, None)
        if error.locations:
            shown["locations"] = [location.formatted for location in error.locations]
        if error.path is not None:
            shown["path"] = error.path
        return shown

    def _operational(
        self, cause: Operational | IdentityOperational, error: GraphQLError, language: Language, trace_id: str
    ) -> dict[str, Any]:
        _log.warning("graphql_operational", trace_id=trace_id, path=error.path, code=cause.code)
        return self._error(cause.code, language, trace_id, cause.retry_after_ms)

    def _error(
        self, code: str, language: Language, trace_id: str, retry_after_ms: int | None, *, message: str | None = None
    ) -> dict[str, Any]:
        return {
            "message": message or self.catalogue.message(code, language),
            "extensions": {
                "code": code,
                "retryable": self.catalogue.retryable(code),
                "retryAfterMs": retry_after_ms,
                "traceId": trace_id,
                "docsUrl": f"{self.public_url}/docs/errors#{code}",
            },
        }


def _cause(error: GraphQLError) -> BaseException | None:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _is_wrong_input(error: GraphQLError, cause: BaseException | None) -> bool:
    """Tell an error of variables or arguments from one of a resolver or of a result, whose text may hold secrets.

    graphql-core marks the former with no path, or with the argument's node; the latter with the field's.
    """
    if cause is not None:
        return False
    if error.path is None:
        return True
    return bool(error.nodes) and not any(isinstance(node, FieldNode) for node in error.nodes or ())


def retry_after_ms(data: Mapping[str, Any] | None, errors: Iterable[Mapping[str, Any]]) -> int | None:
    """Return after how long the whole request may be repeated, or None where something of it was answered."""
    if data and any(value is not None for value in data.values()):
        return None
    waits = [error["extensions"]["retryAfterMs"] for error in errors]
    return max((wait for wait in waits if wait is not None), default=None)
