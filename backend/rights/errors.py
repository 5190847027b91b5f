"""Refusals and failures of the rights of the subject."""

from backend.errors import Operational, Refusal


class RightsRefusal(Refusal):
    """A refusal about the rights of the subject."""


class ExportInProgress(RightsRefusal):
    """A copy is being made already."""

    code = "EXPORT_IN_PROGRESS"


class ExportLimitReached(RightsRefusal):
    """As many copies were asked for within a day as are made."""

    code = "EXPORT_LIMIT_REACHED"


class ExportNotFound(RightsRefusal):
    """No such copy, another person's, or not asked for by the actor (S36)."""

    code = "EXPORT_NOT_FOUND"


class ExportNotReady(RightsRefusal):
    """The copy is not ready, or not any more."""

    code = "EXPORT_NOT_READY"


class ErasureInProgress(RightsRefusal):
    """A request for erasure is waiting already."""

    code = "ERASURE_IN_PROGRESS"


class ErasureNotWaiting(RightsRefusal):
    """There is no request for erasure that could be taken back."""

    code = "ERASURE_NOT_WAITING"


class DownloadLinkInvalid(Refusal):
    """The link is malformed, too old, another copy's, revoked, or its session has ended (S51)."""

    code = "DOWNLOAD_LINK_INVALID"


class ExportFailure(Operational):
    """The making of a copy did not work; `is_final` where trying again would not help."""

    is_final = False


class ExportTooLarge(ExportFailure):
    """There is more about the person than a copy may hold."""

    code = "EXPORT_TOO_LARGE"
    is_final = True


class ExportStorageFull(ExportFailure):
    """The object store has no room."""

    code = "EXPORT_STORAGE_FULL"


class ExportStorageUnavailable(ExportFailure):
    """The object store does not work."""

    code = "EXPORT_STORAGE_UNAVAILABLE"


class ExportInterrupted(ExportFailure):
    """The processes that made it ended, each time before it was done."""

    code = "EXPORT_INTERRUPTED"


BY_CODE: dict[str, type[RightsRefusal]] = {kind.code: kind for kind in RightsRefusal.__subclasses__()}
"""The kinds by code, to give a recorded refusal again."""
