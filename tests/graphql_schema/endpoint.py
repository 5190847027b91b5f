"""A small schema with every kind of behaviour, served by the real endpoint, and a client for it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import strawberry

from backend.clock import SettableClock
from backend.errors import DatabaseBusy, NotFound
from backend.lifecycle import Lifecycle
from backend.services import Services
from backend.settings import GraphQLSettings
from graphql_schema.catalogue import ErrorCatalogue
from graphql_schema.connections import Connection, connect, decode_cursor, page_size
from graphql_schema.context import Info
from graphql_schema.documents import TrustedDocuments
from graphql_schema.ended_sessions import Follow, follow_nobody
from graphql_schema.fields import field as resolver
from graphql_schema.fields import mutation, subscription
from graphql_schema.http import Authenticate, EndpointOptions, GraphQL
from graphql_schema.scalars import DateTime, Duration
from graphql_schema.schema import schema_config
from identity.admission import Credentials
from identity.errors import TokenRefused
from identity.principal import ActorKind, Assurance, PersonId, Principal, SessionId
from tests.plugins.http import http_client

CATALOGUE = ErrorCatalogue.parse((Path(__file__).parents[2] / "mobile_contracts" / "errors.yaml").read_text())
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PUBLIC_URL = "https://zdorovye.example"


class Secret(Exception):
    """A bug whose text must never leave the process."""


@strawberry.type(description="A thing with things inside.")
class Item:
    """Nests without end."""

    name: str = strawberry.field(description="Its name.")

    @resolver(description="Things inside, a page.")
    def items(self, info: Info, first: int | None = None, after: str | None = None) -> Connection["Item"] | None:
        """Return a page of one thing a row."""
        if after is not None:
            decode_cursor(after, 1)
        items = [Item(name=f"{number}") for number in range(page_size(first))]
        return connect(items, write_cursor=str, has_next=False)

    @resolver(description="A thing inside.")
    def inner(self) -> "Item | None":
        """Return another."""
        return Item(name="inner")


@strawberry.type(description="Reading.")
class Query:
    """Every way to answer and to fail."""

    @resolver(description="Says hello.")
    def hello(self, name: str = "мир") -> str:
        """Greet."""
        return f"Привет, {name}"

    @resolver(description="A thing.")
    def item(self) -> Item | None:
        """Return one."""
        return Item(name="root")

    @resolver(description="Fails with a bug that holds a secret.")
    async def bug(self, secret: str) -> str | None:
        """Fail after letting others run."""
        await asyncio.sleep(0)
        raise Secret(secret)

    @resolver(description="Answers with a value of another type.")
    def wrong_type(self, secret: str) -> int | None:
        """Lie about the type."""
        return {"secret": secret}  # type: ignore[return-value] # the lie is the test

    @resolver(description="Refuses.")
    def refusal(self) -> str | None:
        """Refuse as a missing object does."""
        raise NotFound

    @resolver(description="Fails for now.")
    def busy(self) -> str | None:
        """Fail as a busy database does."""
        raise DatabaseBusy

    @resolver(description="Never answers.")
    async def endless(self) -> str | None:
        """Wait for what never comes."""
        await asyncio.Event().wait()
        return None

    @resolver(description="The next text of `SCREEN`.")
    async def next_screen(self) -> str | None:
        """Wait for a change."""
        with SCREEN.watched() as changed:
            await changed.wait()
        return SCREEN.text

    @resolver(description="Who is signed in.")
    async def who(self, info: Info) -> str | None:
        """Return the person's id, after letting others run."""
        await asyncio.sleep(0)
        return str(info.context.principal.person_id) if info.context.principal else None

    @resolver(description="Returns the instant given.")
    def instant(self, at: DateTime) -> DateTime:
        """Return it."""
        return at

    @resolver(description="Returns the span given.")
    def span(self, of: Duration) -> Duration:
        """Return it."""
        return of

    @resolver(description="Adds to the answer's extensions.")
    def mark(self, info: Info, value: str) -> str:
        """Mark this answer only."""
        info.context.extensions["mark"] = value
        return value


@dataclass
class Deeds:
    """What mutations have done."""

    done: list[str] = field(default_factory=list)


DEEDS = Deeds()


@dataclass
class Screen:
    """A state to be watched."""

    text: str = ""
    computed: int = 0
    watching: set[asyncio.Event] = field(default_factory=set)

    def show(self, text: str) -> None:
        """Change it."""
        self.text = text
        for changed in self.watching:
            changed.set()

    @contextmanager
    def watched(self) -> Iterator[asyncio.Event]:
        """Watch it."""
        changed = asyncio.Event()
        self.watching.add(changed)
        try:
            yield changed
        finally:
            self.watching.discard(changed)


SCREEN = Screen()
WATCHERS: list[asyncio.Event] = []
"""One event a running `watched` subscription."""


@strawberry.type(description="Writing.")
class Mutation:
    """Leaves a trace."""

    @mutation(description="Does a thing.")
    def act(self, name: str) -> str | None:
        """Remember it."""
        DEEDS.done.append(name)
        return name

    @mutation(description="Books.")
    def book_appointment(self, name: str) -> str | None:
        """Remember it."""
        DEEDS.done.append(name)
        return name


@strawberry.type(description="Watching.")
class Subscription:
    """Streams."""

    @subscription(description="Counts.")
    async def count(self, to: int = 3) -> AsyncIterator[int]:
        """Count up."""
        for number in range(to):
            yield number

    @subscription(description="Waits for ever after the first.")
    async def forever(self) -> AsyncIterator[int]:
        """Yield once."""
        yield 0
        await asyncio.Event().wait()

    @subscription(description="Waits for ever after the first, and tells when it is ended.")
    async def watched(self) -> AsyncIterator[int]:
        """Yield once; the event in `WATCHERS` is set at the end."""
        ended = asyncio.Event()
        WATCHERS.append(ended)
        try:
            yield 0
            await asyncio.Event().wait()
        finally:
            ended.set()

    @subscription(description="The state of `SCREEN`, at once and after each change.")
    async def screen(self) -> AsyncIterator[str]:
        """Follow it."""
        with SCREEN.watched() as changed:
            while True:
                SCREEN.computed += 1
                yield SCREEN.text
                await changed.wait()
                changed.clear()

    @subscription(description="Fails with a bug after the first.")
    async def broken(self, secret: str) -> AsyncIterator[int]:
        """Yield once, then fail."""
        yield 0
        raise Secret(secret)


def principal(number: int, *, expires_at: datetime = NOW + timedelta(minutes=10)) -> Principal:
    """Return a person whose id says their number."""
    return Principal(
        kind=ActorKind.CITIZEN,
        person_id=PersonId(UUID(int=number)),
        assurance=Assurance.CONFIRMED,
        session_id=SessionId(UUID(int=number)),
        expires_at=expires_at,
    )


async def authenticate(credentials: Credentials) -> Principal:
    """Prove `Bearer person-N`, and `brief-N`, which ends at once."""
    scheme, _, token = credentials.authorization.partition(" ")
    kind, _, number = token.strip().partition("-")
    if scheme != "Bearer" or kind not in {"person", "brief"} or not number.isdecimal():
        raise TokenRefused
    return principal(int(number), expires_at=NOW + timedelta(minutes=10 if kind == "person" else 0))


def build_endpoint(
    *,
    limits: GraphQLSettings | None = None,
    development: bool = True,
    trusted_documents_only: bool = False,
    manifests: Iterable[Mapping[str, Any]] = (),
    clock: SettableClock | None = None,
    explorer_folder: Path | None = None,
    lifecycle: Lifecycle | None = None,
    admit: Authenticate = authenticate,
    follow: Follow = follow_nobody,
) -> GraphQL:
    """Return the endpoint over the small schema."""
    return GraphQL(
        strawberry.Schema(Query, Mutation, Subscription, config=schema_config()),
        EndpointOptions(
            public_url=PUBLIC_URL,
            limits=limits or GraphQLSettings(websocket_init_seconds=20),  # a busy machine is slow
            trusted_documents_only=trusted_documents_only,
            development=development,
            allowed_origins=("https://app.example",),
            explorer_folder=explorer_folder,
        ),
        services=object.__new__(Services),  # the small schema asks none
        catalogue=CATALOGUE,
        clock=clock or SettableClock(NOW),
        authenticate=admit,
        follow=follow,
        documents=TrustedDocuments(manifests),
        lifecycle=lifecycle,
    )


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client that calls the application in this process."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    async with http_client(transport=transport, base_url="http://testserver") as client:
        yield client


async def ask(app: Any, query: str, *, headers: Mapping[str, str] | None = None, **parameters: Any) -> httpx2.Response:
    """POST one operation."""
    async with client_of(app) as client:
        return await client.post("/graphql", json={"query": query, **parameters}, headers=dict(headers or {}))
