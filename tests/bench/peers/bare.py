"""Compiled GraphQL and nothing else: no token check, cost, limits, log or extensions.

Over our schema and services it is the pair of the bare REST peer; over the schema with loaders, and over that of one
statement, it is the pair of Mercurius.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from inspect import isawaitable
from typing import Any

import orjson
import strawberry
from graphql import GraphQLSchema, parse, validate
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.entrypoints.bootstrap import Parts
from graphql_schema.catalogue import ErrorCatalogue
from graphql_schema.compiled.operations import CompiledOperation, OperationCompiler
from graphql_schema.context import Context
from graphql_schema.execution import LEFT_TO_ENCODER
from graphql_schema.schema import build_schema
from identity.principal import Principal
from mobile_contracts.manifest import HOME, active_operations
from tests.bench.peers.actors import KnownActors
from tests.bench.peers.kept_rows import KeptRows
from tests.bench.peers.relation_types import LoaderContext
from tests.bench.peers.relations import build_loader_schema
from tests.bench.peers.screen import Screen, screen_of
from tests.bench.peers.screen_types import build_screen_schema

MakeContext = Callable[[Principal], Any]


def create_bare(parts: Parts, *, speculates: bool = True) -> ASGIApp:
    """Serve our schema over our services, with speculative code or careful code only."""
    catalogue = ErrorCatalogue.parse((HOME / "errors.yaml").read_text())

    def make_context(principal: Principal) -> Context:
        return Context(services=parts.services, catalogue=catalogue, clock=parts.clock, principal=principal)

    return BareGraphQL(build_schema(), parts, make_context, speculates=speculates)


def create_loaders(parts: Parts) -> ASGIApp:
    """Serve the schema with loaders over kept statements, one a relation."""
    rows = KeptRows(parts.database.read)

    def make_context(principal: Principal) -> LoaderContext:
        return LoaderContext(rows, principal.person_id, parts.clock)

    return BareGraphQL(build_loader_schema(), parts, make_context)


def create_screen(parts: Parts) -> ASGIApp:
    """Serve home's facts from one statement."""

    def make_context(principal: Principal) -> Screen:
        return screen_of(parts, principal)

    return BareGraphQL(build_screen_schema(), parts, make_context, joins=False)


class BareGraphQL:
    """An ASGI app: a JSON body in, the compiled operation, `data` out; anything unexpected is a 500."""

    def __init__(
        self,
        schema: strawberry.Schema,
        parts: Parts,
        make_context: MakeContext,
        *,
        joins: bool = True,
        speculates: bool = True,
    ) -> None:
        """Compile what is met; the operations of the manifests are known by their ids.

        Args:
            schema: What to serve.
            parts: Closed when the app ends.
            make_context: Makes the state of one request.
            joins: Let what a request reads at the same time travel together; of no use where it reads once.
            speculates: See `OperationCompiler`.
        """
        self._schema: GraphQLSchema = schema._schema  # Strawberry has no public name for it
        self._compiler = OperationCompiler(self._schema, left_to_encoder=LEFT_TO_ENCODER, speculates=speculates)
        self._parts = parts
        self._actors = KnownActors(parts.tokens)
        self._make_context = make_context
        self._together: Callable[[], AbstractContextManager[None]] = (
            parts.database.read.together if joins else nullcontext
        )
        self._compiled: dict[str, CompiledOperation] = {}
        self._texts = {one.id: one.body for one in active_operations().values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        request = orjson.loads(await _read(receive))
        principal = self._actors.find(Headers(scope=scope)["authorization"].removeprefix("Bearer "))
        compiled = self._find(request)
        with self._together():
            result = compiled.execute(
                context_value=self._make_context(principal), variable_values=request.get("variables") or {}
            )
            if isawaitable(result):
                result = await result
        if result.errors:
            raise RuntimeError(f"an operation failed: {result.errors}")
        body = orjson.dumps({"data": result.data})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _find(self, request: Mapping[str, Any]) -> CompiledOperation:
        text = request["query"] if "query" in request else self._texts[request["documentId"]]
        if (compiled := self._compiled.get(text)) is None:
            document = parse(text)
            if errors := validate(self._schema, document):
                raise RuntimeError(f"a document is wrong: {errors}")
            compiled = self._compiled[text] = self._compiler.compile(document)
        return compiled

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._parts.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
