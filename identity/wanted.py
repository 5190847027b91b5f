"""How fresh and how strong a proof of identity an app wants. Source: RFC 9470; OpenID Connect Core §3.1.2.1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from identity.errors import AuthenticationTooWeak, SignInRequestInvalid
from identity.esia.values import EsiaIdentity
from identity.principal import Assurance
from identity.step_up import LEVELS, MAX_AGE_LIMIT, reaches
from identity.tables import PendingSignIn

LEEWAY = timedelta(seconds=60)
"""For clocks that differ between ESIA and us."""
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_OGRN = re.compile(r"[0-9]{13}|[0-9]{15}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_PROMPTS = frozenset({"", "login"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an app asks of one sign-in; None where it does not care. `organization` is the OGRN of an employer."""

    key_thumbprint: str | None
    max_age_seconds: int | None
    acr: str | None
    asks_again: bool
    organization: str | None = None

    @classmethod
    def parse(cls, parameters: Mapping[str, str]) -> Self:
        """Read the parameters of a start.

        Raises:
            SignInRequestInvalid: A value of another form, an unknown prompt, or none of the levels is known.
        """
        thumbprint, prompt = parameters.get("dpop_jkt"), parameters.get("prompt", "")
        max_age = parameters.get("max_age")
        if thumbprint is not None and not _THUMBPRINT.fullmatch(thumbprint):
            raise SignInRequestInvalid
        organization = parameters.get("organization")
        if organization is not None and not _OGRN.fullmatch(organization):
            raise SignInRequestInvalid
        if prompt not in _PROMPTS or (max_age is not None and not _NUMBER.fullmatch(max_age)):
            raise SignInRequestInvalid
        seconds = 0 if prompt == "login" and max_age is None else None if max_age is None else int(max_age)
        if seconds is not None and seconds > MAX_AGE_LIMIT:
            seconds = None
        return cls(
            key_thumbprint=thumbprint,
            max_age_seconds=seconds,
            acr=_weakest(parameters.get("acr_values")),
            asks_again=seconds is not None,
            organization=organization,
        )


def require_wanted(pending: PendingSignIn, identity: EsiaIdentity, *, begun_at: datetime) -> None:
    """Refuse a sign-in that is not as fresh or as strong as its app wanted.

    Args:
        pending: With what the app wanted.
        identity: What ESIA proved.
        begun_at: When the app asked: who proves who they are afterwards does it freshly, however long they take.

    Raises:
        AuthenticationTooWeak: ESIA asked the person longer ago, or reached a lower level.
    """
    if pending.acr is not None and not reaches(identity.assurance, Assurance(pending.acr)):
        raise AuthenticationTooWeak
    if pending.max_age_seconds is None:
        return
    if identity.authenticated_at < begun_at - timedelta(seconds=pending.max_age_seconds) - LEEWAY:
        raise AuthenticationTooWeak


def _weakest(acr_values: str | None) -> str | None:
    """Return the weakest of the levels named: any of them would do."""
    if acr_values is None:
        return None
    named = [level for level in LEVELS if level.value in acr_values.split()]
    if not named:
        raise SignInRequestInvalid
    return named[0].value
