"""Our schema on Strawberry's own ASGI view, as its documentation shows it, and the ordinary ORM schema on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from backend.entrypoints.bootstrap import Parts
from graphql_schema.catalogue import ErrorCatalogue
from graphql_schema.context import Context
from graphql_schema.schema import build_schema
from identity.principal import Principal
from mobile_contracts.manifest import HOME
from tests.bench.peers.actors import KnownActors
from tests.bench.peers.orm import OrmRows
from tests.bench.peers.relation_types import LoaderContext
from tests.bench.peers.relations import build_loader_schema
from tests.bench.peers.screen import Screen, screen_of
from tests.bench.peers.screen_types import build_screen_schema

MakeContext = Callable[[Principal], Any]


class StockView(GraphQL[Any, None]):
    """The stock view; only the context is ours."""

    def __init__(
        self, schema: strawberry.Schema, verify: Callable[[str], Principal], make_context: MakeContext
    ) -> None:
        """Serve `schema` to whoever a token proves."""
        super().__init__(schema, graphql_ide=None)
        self._verify = verify
        self._make_context = make_context

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        """Return the state of one request."""
        return self._make_context(self._verify(request.headers["authorization"].removeprefix("Bearer ")))


def create_stock(parts: Parts, *, cached: bool = False) -> Starlette:
    """Serve our schema over our services by stock Strawberry, with or without its own two caches."""
    catalogue = ErrorCatalogue.parse((HOME / "errors.yaml").read_text())
    schema = build_schema()
    if cached:
        schema.extensions = (ParserCache, ValidationCache)

    def make_context(principal: Principal) -> Context:
        return Context(services=parts.services, catalogue=catalogue, clock=parts.clock, principal=principal)

    return _serve(StockView(schema, parts.tokens.verify, make_context), parts)


def create_orm(parts: Parts) -> Starlette:
    """Serve the ordinary gateway: SQLModel sessions, data loaders, no caches."""

    def make_context(principal: Principal) -> LoaderContext:
        return LoaderContext(OrmRows(parts.database), principal.person_id, parts.clock)

    return _serve(StockView(build_loader_schema(), parts.tokens.verify, make_context), parts)


def create_stock_screen(parts: Parts) -> Starlette:
    """Serve home's facts from one statement by stock Strawberry with its own two caches; tokens are checked once."""
    schema = build_screen_schema()
    schema.extensions = (ParserCache, ValidationCache)

    def make_context(principal: Principal) -> Screen:
        return screen_of(parts, principal)

    return _serve(StockView(schema, KnownActors(parts.tokens).find, make_context), parts)


def _serve(view: StockView, parts: Parts) -> Starlette:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await parts.close()

    return Starlette(routes=[Route("/graphql", view)], lifespan=lifespan)
