"""ESIA's own words: its answers, parsed into values at once. Nothing else reads them."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import orjson
from authlib.oidc.core import CodeIDToken
from joserfc.errors import InvalidClaimError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from identity.errors import (
    EsiaAccountUnconfirmed,
    EsiaProfileIncomplete,
    EsiaRequestRejected,
    EsiaUnavailable,
    IdentityOperational,
    IdentityRefusal,
    SignInDenied,
    SignInStateInvalid,
)
from identity.esia.values import EsiaDocument
from identity.ports import PersonFacts

_CODE = re.compile(r"ESIA-(\d{6})")
_MOBILE = re.compile(r"\+7\((\d{3})\)(\d{7})")
_OURS: Mapping[str, type[IdentityRefusal | IdentityOperational]] = {
    "007004": SignInDenied,
    "007019": SignInDenied,
    "007008": EsiaUnavailable,
    "007011": SignInStateInvalid,
    "007055": EsiaAccountUnconfirmed,
}


def error_of(description: str) -> IdentityRefusal | IdentityOperational:
    """Return our error for `error_description`; whatever is not the person's doing is a wrong set-up of ours."""
    found = _CODE.search(description)
    return _OURS.get(found.group(1) if found else "", EsiaRequestRejected)()


Epoch = Annotated[StrictInt, Field(ge=0, le=253_402_300_799)]
"""Seconds since 1970, before the year 10000."""

Oid = Annotated[StrictInt, Field(gt=0, lt=10**18)]
"""Number of a person at ESIA."""


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TokenAnswer(_Wire):
    """The good answer of the token endpoint."""

    access_token: StrictStr
    id_token: StrictStr
    state: StrictStr
    token_type: Literal["Bearer"]


class ErrorAnswer(_Wire):
    """Its bad answer, and the callback's."""

    error: StrictStr
    error_description: StrictStr = ""


class AccessClaims(_Wire):
    """Claims of ESIA's access token; there is no `aud`, the mnemonic stands in `client_id`."""

    iss: StrictStr
    client_id: StrictStr
    subject: Oid = Field(alias="urn:esia:sbj_id")
    iat: Epoch
    nbf: Epoch
    exp: Epoch


class Subject(_Wire):
    """`urn:esia:sbj`: who signed in; `P` is a person."""

    kind: Literal["P"] = Field(alias="urn:esia:sbj:typ")
    trusted: StrictBool = Field(alias="urn:esia:sbj:is_tru")
    oid: Oid = Field(alias="urn:esia:sbj:oid")


class IdClaims(_Wire):
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


def _parse_date(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("birth date")  # noqa: TRY004 # pydantic takes ValueError
    return datetime.strptime(value, "%d.%m.%Y").date()  # noqa: DTZ007 # a date


def _parse_snils(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{3}-\d{3}-\d{3} \d{2}", value):
        raise ValueError("SNILS")
    return re.sub(r"\D", "", value)


class Contact(_Wire):
    """An entry of `contacts`."""

    kind: StrictStr = Field(alias="type")
    status: StrictStr = Field(alias="vrfStu")
    value: StrictStr


class Document(_Wire):
    """An entry of `documents`."""

    kind: StrictStr = Field(alias="type")
    status: StrictStr = Field(alias="vrfStu")
    number: StrictStr
    series: StrictStr | None = None


class Contacts(_Wire):
    """The collection, its elements embedded: a URL in the place of an element is refused."""

    elements: tuple[Contact, ...] = ()


class Documents(_Wire):
    """The collection, its elements embedded."""

    elements: tuple[Document, ...] = ()


class Person(_Wire):
    """`/rs/prns/{oid}` with contacts and documents embedded; what the scope withheld is absent."""

    family_name: StrictStr = Field(alias="lastName", min_length=1, max_length=100)
    given_name: StrictStr = Field(alias="firstName", min_length=1, max_length=100)
    patronymic: StrictStr | None = Field(default=None, alias="middleName", max_length=100)
    birth_date: Annotated[date, BeforeValidator(_parse_date)] | None = Field(default=None, alias="birthDate")
    gender: Literal["M", "F"] | None = None
    trusted: StrictBool
    snils: Annotated[StrictStr, BeforeValidator(_parse_snils)] | None = None
    contacts: Contacts = Contacts()
    documents: Documents = Documents()

    def to_facts(self, *, as_of: datetime) -> PersonFacts:
        """Return what ESIA told, verified contacts only.

        Raises:
            EsiaProfileIncomplete: No birth date or sex.
        """
        if self.birth_date is None or self.gender is None:
            raise EsiaProfileIncomplete
        return PersonFacts(
            family_name=self.family_name,
            given_name=self.given_name,
            patronymic=self.patronymic or None,
            birth_date=self.birth_date,
            sex="male" if self.gender == "M" else "female",
            snils=self.snils,
            phone=_e164(self._verified("MBT")),
            email=self._verified("EML"),
            source="esia",
            as_of=as_of,
        )

    def to_documents(self) -> tuple[EsiaDocument, ...]:
        """Return the documents in ESIA's order."""
        return tuple(
            EsiaDocument(kind=one.kind, series=one.series, number=one.number, verified=one.status == "VERIFIED")
            for one in self.documents.elements
        )

    def _verified(self, kind: str) -> str | None:
        found = (one.value for one in self.contacts.elements if one.kind == kind and one.status == "VERIFIED")
        return next(found, None)


def _e164(mobile: str | None) -> str | None:
    """Return `+7(XXX)XXXXXXX` as E.164; a number of another form is left out, it is no proof of anything."""
    found = _MOBILE.fullmatch(mobile or "")
    return f"+7{found.group(1)}{found.group(2)}" if found else None


def read_json(body: bytes) -> object:
    """Return the parsed body.

    Raises:
        ValueError: Not JSON.
    """
    value: object = orjson.loads(body)
    return value


def instant(seconds: int) -> datetime:
    """Return the aware UTC instant of an epoch second."""
    return datetime.fromtimestamp(seconds, UTC)
