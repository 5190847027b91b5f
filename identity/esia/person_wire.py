"""ESIA's words of a person and their collections, parsed into values at once. Nothing else reads them."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictStr

from identity.errors import EsiaProfileIncomplete
from identity.esia.oauth_wire import Oid, Wire
from identity.esia.values import EsiaAddress, EsiaChild, EsiaDocument, EsiaRole
from identity.known_children import BirthCertificate
from identity.ports import PersonFacts

_MOBILE = re.compile(r"\+7\((\d{3})\)(\d{7})")
MAX_ELEMENTS = 50
"""Of one collection; nobody has more documents or children."""


def _parse_date(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("birth date")  # noqa: TRY004 # pydantic takes ValueError
    return datetime.strptime(value, "%d.%m.%Y").date()  # noqa: DTZ007 # a date


def _parse_snils(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{3}-\d{3}-\d{3} \d{2}", value):
        raise ValueError("SNILS")
    return re.sub(r"\D", "", value)


class Collection(Wire):
    """A collection: each element is an object, or the URL of one unless it was embedded."""

    elements: tuple[dict[str, Any] | StrictStr, ...] = Field(default=(), max_length=MAX_ELEMENTS)


_BIRTH_CERTIFICATES = frozenset(
    {"BRTH_CERT", "RF_BRTH_CERT", "FID_BRTH_CERT", "OLD_BRTH_CERT", "KID_RF_BRTH_CERT", "MDCL_BRTH_CERT"}
)
"""The kinds of document that tell of a birth. Source: domain reference, §1, types of documents."""


class Contact(Wire):
    """An element of `contacts`."""

    kind: StrictStr = Field(alias="type")
    status: StrictStr = Field(alias="vrfStu")
    value: StrictStr


def _parse_loose_date(value: object) -> date | None:
    """Return the date; an old certificate's odd form is left out, it decides nothing."""
    try:
        return _parse_date(value)
    except ValueError:
        return None


_LooseDate = Annotated[date | None, BeforeValidator(_parse_loose_date)]
_Name = Annotated[StrictStr, Field(min_length=1, max_length=100)]
_Birthday = Annotated[date, BeforeValidator(_parse_date)]
_Snils = Annotated[StrictStr, BeforeValidator(_parse_snils)]
_Gender = Literal["M", "F"]


class Document(Wire):
    """An element of `documents`."""

    kind: StrictStr = Field(alias="type")
    status: StrictStr = Field(alias="vrfStu")
    number: StrictStr
    series: StrictStr | None = None
    issued_on: _LooseDate = Field(default=None, alias="issueDate")
    issued_by: StrictStr | None = Field(default=None, alias="issuedBy")
    expires_on: _LooseDate = Field(default=None, alias="expiryDate")
    act_record: StrictStr | None = Field(default=None, alias="actNo", max_length=64)

    def to_value(self) -> EsiaDocument:
        """Return it in our words."""
        return EsiaDocument(
            kind=self.kind,
            series=self.series,
            number=self.number,
            verified=self.status == "VERIFIED",
            issued_on=self.issued_on,
            issued_by=self.issued_by,
            expires_on=self.expires_on,
        )


class Address(Wire):
    """An element of `addresses`."""

    kind: Literal["PLV", "PRG"] = Field(alias="type")
    text: StrictStr = Field(alias="addressStr", min_length=1, max_length=1_000)
    fias_code: StrictStr | None = Field(default=None, alias="fiasCode")

    def to_value(self) -> EsiaAddress:
        """Return it in our words."""
        kind: Literal["living", "registration"] = "living" if self.kind == "PLV" else "registration"
        return EsiaAddress(kind=kind, text=self.text, fias_code=self.fias_code)


class Kid(Wire):
    """An element of `kids` (config); what the scope withheld is absent."""

    oid: Oid = Field(alias="id")
    family_name: _Name = Field(alias="lastName")
    given_name: _Name = Field(alias="firstName")
    patronymic: StrictStr | None = Field(default=None, alias="middleName", max_length=100)
    birth_date: _Birthday | None = Field(default=None, alias="birthDate")
    gender: _Gender | None = None
    snils: _Snils | None = None
    documents: Collection = Collection()

    def to_value(self) -> EsiaChild:
        """Return it in our words."""
        return EsiaChild(
            subject=str(self.oid),
            family_name=self.family_name,
            given_name=self.given_name,
            patronymic=self.patronymic or None,
            birth_date=self.birth_date,
            sex=None if self.gender is None else _sex(self.gender),
            snils=self.snils,
            certificate=self._certificate(),
        )

    def _certificate(self) -> BirthCertificate | None:
        """Return the certificate of birth, if it came embedded in the child; None otherwise (config)."""
        for element in self.documents.elements:
            if isinstance(element, dict) and element.get("type") in _BIRTH_CERTIFICATES:
                document = Document.model_validate(element)
                return BirthCertificate(document.series, document.number, document.act_record)
        return None


class Role(Wire):
    """An element of `roles`: an organisation and the person's place in it (config)."""

    oid: Oid
    full_name: StrictStr = Field(alias="fullName", min_length=1, max_length=1_000)
    ogrn: Annotated[StrictStr, Field(pattern=r"^(\d{13}|\d{15})$")] | None = None
    branch_oid: Oid | None = Field(default=None, alias="branchOid")
    branch_name: StrictStr | None = Field(default=None, alias="branchName", max_length=1_000)
    chief: StrictBool = False
    active: StrictBool = True
    groups: tuple[Annotated[StrictStr, Field(max_length=100)], ...] = Field(default=(), max_length=MAX_ELEMENTS)

    def to_value(self) -> EsiaRole:
        """Return it in our words."""
        return EsiaRole(
            organisation=str(self.oid),
            full_name=self.full_name,
            ogrn=self.ogrn,
            branch=None if self.branch_oid is None else str(self.branch_oid),
            branch_name=self.branch_name,
            is_chief=self.chief,
            groups=self.groups,
        )


class Person(Wire):
    """`/rs/prns/{oid}`, collections embedded when that was asked; what the scope withheld is absent."""

    family_name: _Name = Field(alias="lastName")
    given_name: _Name = Field(alias="firstName")
    patronymic: StrictStr | None = Field(default=None, alias="middleName", max_length=100)
    birth_date: _Birthday | None = Field(default=None, alias="birthDate")
    gender: _Gender | None = None
    trusted: StrictBool
    snils: _Snils | None = None
    contacts: Collection = Collection()
    documents: Collection = Collection()
    addresses: Collection = Collection()
    kids: Collection = Collection()

    def to_facts(self, contacts: tuple[Contact, ...], *, as_of: datetime) -> PersonFacts:
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
            sex=_sex(self.gender),
            snils=self.snils,
            phone=_e164(_verified(contacts, "MBT")),
            email=_verified(contacts, "EML"),
            source="esia",
            as_of=as_of,
        )


def _verified(contacts: tuple[Contact, ...], kind: str) -> str | None:
    found = (one.value for one in contacts if one.kind == kind and one.status == "VERIFIED")
    return next(found, None)


def _sex(gender: _Gender) -> Literal["male", "female"]:
    return "male" if gender == "M" else "female"


def _e164(mobile: str | None) -> str | None:
    """Return `+7(XXX)XXXXXXX` as E.164; a number of another form is left out, it is no proof of anything."""
    found = _MOBILE.fullmatch(mobile or "")
    return f"+7{found.group(1)}{found.group(2)}" if found else None
