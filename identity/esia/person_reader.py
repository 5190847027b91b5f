"""Reads a person and their collections from ESIA's REST, embedded or element by element."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from identity.errors import EsiaAnswerInvalid
from identity.esia.person_wire import Address, Collection, Contact, Document, Kid, Person, Role
from identity.esia.transport import EsiaRefused, fetch_json
from identity.esia_settings import EsiaSettings

MAX_FOLLOWED = 100
"""Requests for single elements that one reading of a person may take."""
AT_ONCE = 8
_ELEMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class EsiaAccount:
    """Everything the access token lets us read about one person, in ESIA's words; organisations that are active."""

    person: Person
    contacts: tuple[Contact, ...]
    documents: tuple[Document, ...]
    addresses: tuple[Address, ...]
    kids: tuple[Kid, ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_Model]):
    """A collection: its path under the person, its name inside the person, its elements, the scopes that open it."""

    path: str
    name: str
    model: type[_Model]
    scopes: frozenset[str] = frozenset()

    def is_asked(self, scopes: Sequence[str]) -> bool:
        return not self.scopes.isdisjoint(scopes)


_CONTACTS = _Kind("ctts", "contacts", Contact, frozenset({"email", "mobile", "contacts"}))
_DOCUMENTS = _Kind(
    "docs",
    "documents",
    Document,
    frozenset(
        {
            *("id_doc", "medical_doc", "birth_cert_doc", "foreign_passport_doc", "drivers_licence_doc"),
            *("military_doc", "residence_doc", "temporary_residence_doc"),
        }
    ),
)
_ADDRESSES = _Kind("addrs", "addresses", Address, frozenset({"addresses"}))
_KIDS = _Kind("kids", "kids", Kid, frozenset({"kid_fullname"}))
_ROLES = _Kind("roles", "roles", Role)


class PersonReader:
    """Reads only what our scopes open; element URLs are followed under the person's own address and nowhere else."""

    def __init__(self, *, settings: EsiaSettings, http: httpx2.AsyncClient) -> None:
        """Take where to read; the deadline is the caller's."""
        self._settings = settings
        self._http = http

    async def read(self, oid: int, access_token: str) -> EsiaAccount:
        """Return the account of a person.

        Raises:
            IdentityRefusal: The permission is missing or has expired.
            IdentityOperational: No answer, or one that cannot be trusted: an element elsewhere, too many of them.
        """
        try:
            return await _Reading(self._settings, self._http, oid, access_token).run()
        except EsiaRefused as refused:
            raise refused.failure from refused


class _Reading:
    """One reading of one person: counts what it follows."""

    def __init__(self, settings: EsiaSettings, http: httpx2.AsyncClient, oid: int, access_token: str) -> None:
        self._settings = settings
        self._http = http
        self._url = f"{settings.base_url}/rs/prns/{oid}"
        self._headers = {"authorization": f"Bearer {access_token}"}
        self._left = MAX_FOLLOWED
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> EsiaAccount:
        async with _together() as group:
            reading, working = group.create_task(self._person()), group.create_task(self._roles())
        person = reading.result()
        async with _together() as group:
            contacts = group.create_task(self._elements(_CONTACTS, person.contacts))
            documents = group.create_task(self._elements(_DOCUMENTS, person.documents))
            addresses = group.create_task(self._elements(_ADDRESSES, person.addresses))
            kids = group.create_task(self._elements(_KIDS, person.kids))
        return EsiaAccount(
            person=person,
            contacts=contacts.result(),
            documents=documents.result(),
            addresses=addresses.result(),
            kids=kids.result(),
            roles=tuple(role for role in working.result() if role.active),
        )

    async def _person(self) -> Person:
        asked = [one.name for one in (_CONTACTS, _DOCUMENTS, _ADDRESSES, _KIDS) if one.is_asked(self._settings.scopes)]
        embed = f"({','.join(f'{name}.elements' for name in asked)})" if self._settings.embeds and asked else None
        return _parse(Person, await self._get(self._url, embed))

    async def _roles(self) -> tuple[Role, ...]:
        return await self._follow(_ROLES, await self._collection(_ROLES)) if self._settings.reads_roles else ()

    async def _elements(self, kind: _Kind[_Model], embedded: Collection) -> tuple[_Model, ...]:
        if not kind.is_asked(self._settings.scopes):
            return ()
        return await self._follow(kind, embedded if self._settings.embeds else await self._collection(kind))

    async def _collection(self, kind: _Kind[_Model]) -> Collection:
        embed = "(elements)" if self._settings.embeds else None
        return _parse(Collection, await self._get(f"{self._url}/{kind.path}", embed))

    async def _follow(self, kind: _Kind[_Model], collection: Collection) -> tuple[_Model, ...]:
        """Return the elements in order; those that are URLs are read."""
        self._left -= sum(isinstance(one, str) for one in collection.elements)
        if self._left < 0:
            raise EsiaAnswerInvalid
        async with _together() as group:
            tasks = [group.create_task(self._element(kind, one)) for one in collection.elements]
        return tuple(task.result() for task in tasks)

    async def _element(self, kind: _Kind[_Model], element: object) -> _Model:
        if isinstance(element, str):
            under = f"{self._url}/{kind.path}/"
            if not element.startswith(under) or not _ELEMENT_ID.fullmatch(element.removeprefix(under)):
                raise EsiaAnswerInvalid
            return _parse(kind.model, await self._get(element, None))
        return _parse(kind.model, element)

    async def _get(self, url: str, embed: str | None) -> object:
        parameters = {} if embed is None else {"embed": embed}
        request = self._http.build_request("GET", url, params=parameters, headers=self._headers)
        async with self._turns:
            return await fetch_json(self._http, request)


def _parse(model: type[_Model], value: object) -> _Model:
    try:
        return model.model_validate(value)
    except ValidationError:
        # The cause holds the person's data: it must not reach a log.
        raise EsiaAnswerInvalid from None


@asynccontextmanager
async def _together() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks together; the first failure ends the others and comes out as itself."""
    failure: Exception | None = None
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except ExceptionGroup as failed:
        failure = failed.exceptions[0]
    if failure is not None:
        raise failure
