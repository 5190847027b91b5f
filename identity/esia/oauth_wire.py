"""ESIA's words at its OAuth endpoints and in its tokens, parsed into values at once."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from authlib.oidc.core import CodeIDToken
from joserfc.errors import InvalidClaimError
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

Epoch = Annotated[StrictInt, Field(ge=0, le=253_402_300_799)]
"""Seconds since 1970, before the year 10000."""

Oid = Annotated[StrictInt, Field(gt=0, lt=10**18)]
"""Number of a person at ESIA."""


class Wire(BaseModel):
    """Words of ESIA: what we do not know is passed over, what we read is exact."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class TokenAnswer(Wire):
    """The good answer of the token endpoint."""

    access_token: StrictStr
    id_token: StrictStr
    state: StrictStr
    token_type: Literal["Bearer"]
    expires_in: StrictInt = Field(default=3_600, ge=0, le=86_400)
    refresh_token: StrictStr | None = None


class ErrorAnswer(Wire):
    """Its bad answer, and the callback's."""

    error: StrictStr
    error_description: Annotated[StrictStr, Field(max_length=2_000)] = ""


class AccessClaims(Wire):
    """Claims of ESIA's access token; there is no `aud`, the mnemonic stands in `client_id`."""

    iss: StrictStr
    client_id: StrictStr
    subject: Oid = Field(alias="urn:esia:sbj_id")
    iat: Epoch
    nbf: Epoch
    exp: Epoch


class Subject(Wire):
    """`urn:esia:sbj`: who signed in; `P` is a person."""

    kind: Literal["P"] = Field(alias="urn:esia:sbj:typ")
    trusted: StrictBool = Field(alias="urn:esia:sbj:is_tru")
    oid: Oid = Field(alias="urn:esia:sbj:oid")


class IdClaims(Wire):
    """Claims of ESIA's id_token; `sub` is a number here, against OpenID Connect."""

    iss: StrictStr
    aud: StrictStr
    sub: Oid
    iat: Epoch
    exp: Epoch
    auth_time: Epoch
    subject: Subject = Field(alias="urn:esia:sbj")


class EsiaIdToken(CodeIDToken):  # type: ignore[misc] # authlib publishes no types
    """authlib's OpenID Connect checks, but for ESIA's `amr`, which is one word and not a list."""

    def validate_amr(self) -> None:
        """Refuse a way of signing in that is neither password nor signature."""
        if self.get("amr") not in {"PWD", "DS"}:
            raise InvalidClaimError("amr")


def instant(seconds: int) -> datetime:
    """Return the aware UTC instant of an epoch second."""
    return datetime.fromtimestamp(seconds, UTC)
