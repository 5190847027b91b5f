"""What ESIA refuses, in our words: its codes, our classes, and whose task the remedy is.

Source: ESIA, «Методические рекомендации по использованию», appendix "Коды ошибок".
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from identity.errors import (
    EsiaAccountUnconfirmed,
    EsiaRequestRejected,
    EsiaUnavailable,
    IdentityOperational,
    IdentityRefusal,
    SignInDenied,
    SignInRefused,
    SignInStateInvalid,
)

Failure = IdentityRefusal | IdentityOperational


class EsiaPermissionMissing(SignInRefused):
    """The person has not given the permission asked for, or it has expired (ESIA-007019)."""

    code = "ESIA_PERMISSION_MISSING"
    error = "access_denied"


class EsiaEmployeeUnknown(SignInRefused):
    """The person is no employee of the organisation that was asked for (ESIA-007194)."""

    code = "ESIA_EMPLOYEE_UNKNOWN"
    error = "access_denied"


class EsiaCredentialsRejected(IdentityOperational):
    """ESIA does not take our signature or certificate for this mnemonic (ESIA-007002, -007053, -008010)."""

    code = "ESIA_CREDENTIALS_REJECTED"


class EsiaScopeRejected(IdentityOperational):
    """We asked for a scope that is unknown or not granted to our mnemonic (ESIA-007006, -007013)."""

    code = "ESIA_SCOPE_REJECTED"


class EsiaClockRejected(IdentityOperational):
    """ESIA finds the time of our request wrong: our clock or its own is off (ESIA-007015)."""

    code = "ESIA_CLOCK_REJECTED"


class EsiaRedirectRejected(IdentityOperational):
    """Our callback address is not registered at ESIA (ESIA-007023)."""

    code = "ESIA_REDIRECT_REJECTED"


class EsiaSignerUnavailable(IdentityOperational):
    """The tool that signs our requests failed, was too slow, or no key of ours is valid now."""

    code = "ESIA_SIGNER_UNAVAILABLE"
    retry_after_ms = 5_000


OURS: Mapping[str, type[Failure]] = MappingProxyType(
    {
        "007002": EsiaCredentialsRejected,
        "007003": EsiaRequestRejected,
        "007004": SignInDenied,
        "007006": EsiaScopeRejected,
        "007008": EsiaUnavailable,
        "007011": SignInStateInvalid,
        "007013": EsiaScopeRejected,
        "007014": EsiaRequestRejected,
        "007015": EsiaClockRejected,
        "007019": EsiaPermissionMissing,
        "007023": EsiaRedirectRejected,
        "007039": EsiaRequestRejected,
        "007040": SignInStateInvalid,
        "007053": EsiaCredentialsRejected,
        "007055": EsiaAccountUnconfirmed,
        "007194": EsiaEmployeeUnknown,
        "008010": EsiaCredentialsRejected,
    }
)
"""Every code we know; another one is a wrong set-up of ours."""

KEY_REFUSED: frozenset[str | None] = frozenset({"007002", "007053"})
"""ESIA may still take our other key while the certificate is changed."""

_CODE = re.compile(r"ESIA-(\d{6})(?!\d)")


def esia_code_of(description: str) -> str | None:
    """Return the six digits in an `error_description` such as `ESIA-007053: …`; None when there are none."""
    found = _CODE.search(description)
    return None if found is None else found.group(1)


def error_of(description: str) -> Failure:
    """Return our error for `error_description`; whatever is unknown is a wrong set-up of ours."""
    return OURS.get(esia_code_of(description) or "", EsiaRequestRejected)()
