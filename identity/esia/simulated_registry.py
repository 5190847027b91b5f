"""`/rs/prns` of the simulated ESIA: a person and their collections, as far as the scope allows."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import orjson

from identity.esia.people import EsiaPerson, SimulatedDocument, SimulatedKid, SimulatedRole
from identity.esia.simulated_faults import FaultKind

Json = dict[str, object]

COLLECTIONS = {"ctts": "contacts", "addrs": "addresses", "docs": "documents", "kids": "kids", "roles": "roles"}
_DOCUMENT_SCOPES = {
    "RF_PASSPORT": "id_doc",
    "FID_DOC": "id_doc",
    "MDCL_PLCY": "medical_doc",
    "FRGN_PASS": "foreign_passport_doc",
    "RF_DRIVING_LICENSE": "drivers_licence_doc",
    "MLTR_ID": "military_doc",
    "RSDNC_PERMIT": "residence_doc",
    "BRTH_CERT": "birth_cert_doc",
    "RF_BRTH_CERT": "birth_cert_doc",
}


@dataclass(frozen=True, slots=True)
class Registry:
    """One person's data under one access token; `url` is the address of the person."""

    person: EsiaPerson
    scopes: frozenset[str]
    url: str

    def read_person(self, embed: Collection[str]) -> Json:
        """Return the person; a collection stands in it when `embed` names it, with `.elements` its content too."""
        person: Json = {
            "stateFacts": ["EntityRoot"],
            "trusted": self.person.trusted,
            "citizenship": "RUS",
            "status": "REGISTERED",
            "verifying": False,
            "updatedOn": 1_760_000_000,
            **self._own_fields(),
        }
        for path, name in COLLECTIONS.items():
            if name in embed or f"{name}.elements" in embed:
                person[name] = self.read_collection(path, embedded=f"{name}.elements" in embed)
        return _tagged(person)

    def read_collection(self, path: str, *, embedded: bool) -> Json:
        """Return a collection; its elements are URLs unless embedded."""
        elements = self._elements(path)
        shown: list[object] = [*elements] if embedded else [f"{self.url}/{path}/{_number(one)}" for one in elements]
        return _tagged({"stateFacts": ["hasSize"], "size": len(elements), "elements": shown})

    def read_element(self, path: str, element_id: str) -> Json | None:
        """Return one element of a collection."""
        return next((one for one in self._elements(path) if _number(one) == element_id), None)

    def _own_fields(self) -> Json:
        person = self.person
        return _allowed(
            self.scopes,
            ("fullname", "firstName", person.first_name),
            ("fullname", "lastName", person.last_name),
            ("fullname", "middleName", person.middle_name),
            ("birthdate", "birthDate", _date(person.birth_date)),
            ("gender", "gender", _gender(person.sex)),
            ("snils", "snils", _snils(person.snils)),
        )

    def _elements(self, path: str) -> list[Json]:
        makers: Mapping[str, Callable[[], Iterable[Json]]] = {
            "ctts": self._contacts,
            "addrs": self._addresses,
            "docs": self._documents,
            "kids": self._kids,
            "roles": self._roles,
        }
        return [_tagged(one) for one in makers[path]()]

    def _contacts(self) -> Iterable[Json]:
        if self.person.mobile and self.scopes & {"mobile", "contacts"}:
            digits = self.person.mobile.removeprefix("+7")
            yield _contact(1, "MBT", f"+7({digits[:3]}){digits[3:]}")
        if self.person.email and self.scopes & {"email", "contacts"}:
            yield _contact(2, "EML", self.person.email)

    def _addresses(self) -> Iterable[Json]:
        if self.person.address and "addresses" in self.scopes:
            for number, kind in enumerate(("PLV", "PRG"), start=1):
                yield {"id": number, "type": kind, "addressStr": self.person.address, "countryId": "RUS"}

    def _documents(self) -> Iterable[Json]:
        for number, document in enumerate(self.person.documents, start=1):
            if _DOCUMENT_SCOPES.get(document.kind) in self.scopes:
                yield _document(number, document)

    def _kids(self) -> Iterable[Json]:
        for kid in self.person.kids:
            if "kid_fullname" in self.scopes:
                yield self._kid(kid)

    def _roles(self) -> Iterable[Json]:
        return [_role(role) for role in self.person.roles]

    def _kid(self, kid: SimulatedKid) -> Json:
        own = _allowed(
            self.scopes,
            ("kid_fullname", "firstName", kid.first_name),
            ("kid_fullname", "lastName", kid.last_name),
            ("kid_fullname", "middleName", kid.middle_name),
            ("kid_birthdate", "birthDate", _date(kid.birth_date)),
            ("kid_gender", "gender", _gender(kid.sex)),
            ("kid_snils", "snils", _snils(kid.snils)),
        )
        shown: Json = {"id": kid.oid, "type": "CHILD", "trusted": True, **own}
        if kid.certificate is not None and "kid_birth_cert_doc" in self.scopes:
            shown["documents"] = {"size": 1, "elements": [_tagged(_document(1, kid.certificate))]}
        return shown


def spoil_elements(collection: Json, kind: FaultKind) -> Json:
    """Return the collection with elements that lead to another host, or with more than anybody has."""
    shown = collection["elements"]
    if kind is FaultKind.FOREIGN_ELEMENT:
        return {**collection, "elements": ["https://evil.example/rs/prns/1/docs/1"]}
    return {**collection, "elements": (shown * 200)[:200] if isinstance(shown, list) else shown}


def parse_embed(text: str) -> frozenset[str]:
    """Return the names of `(contacts.elements,documents)`; nothing for another form."""
    if not (text.startswith("(") and text.endswith(")")):
        return frozenset()
    return frozenset(filter(None, text[1:-1].split(",")))


def _allowed(scopes: frozenset[str], *fields: tuple[str, str, str | None]) -> Json:
    return {name: value for scope, name, value in fields if scope in scopes and value is not None}


def _contact(number: int, kind: str, value: str) -> Json:
    return {"stateFacts": ["Identifiable"], "id": number, "type": kind, "vrfStu": "VERIFIED", "value": value}


def _document(number: int, document: SimulatedDocument) -> Json:
    told: Json = {
        "stateFacts": ["EntityRoot"],
        "id": number,
        "type": document.kind,
        "vrfStu": "VERIFIED" if document.verified else "NOT_VERIFIED",
        "series": document.series,
        "number": document.number,
        "issueDate": _date(document.issue_date),
        "issuedBy": document.issued_by,
        "actNo": document.act_record,
    }
    return {name: value for name, value in told.items() if value is not None}


def _role(role: SimulatedRole) -> Json:
    told: Json = {
        "oid": role.organisation,
        "fullName": role.full_name,
        "ogrn": role.ogrn,
        "branchOid": role.branch,
        "branchName": role.branch_name,
        "chief": role.chief,
        "active": role.active,
        "groups": list(role.groups),
    }
    return {name: value for name, value in told.items() if value is not None}


def _number(element: Json) -> str:
    return str(element.get("id", element.get("oid")))


def _tagged(value: Json) -> Json:
    return {**value, "eTag": hashlib.sha256(orjson.dumps(value)).hexdigest()[:40].upper()}


def _date(value: date | None) -> str | None:
    return None if value is None else value.strftime("%d.%m.%Y")


def _gender(sex: str | None) -> str | None:
    return sex and {"male": "M", "female": "F"}[sex]


def _snils(digits: str | None) -> str | None:
    return digits and f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
