"""The endpoint `/graphql`: GraphQL over HTTP, SSE and WebSocket, as one ASGI application.

Its own view, because the stock one answers 53 of the 61 items of the graphql-http audit. Source: GraphQL over HTTP,
working draft; `docs/guides/graphql-endpoint.md` lists what is promised beyond it.
"""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import strawberry
from graphql import OperationType
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from backend.clock import Clock
from backend.lifecycle import Lifecycle
from backend.services import Services
from backend.settings import GraphQLSettings
from graphql_schema.budget import CostBudget, MemoryCostBudget
from graphql_schema.catalogue import ErrorCatalogue
from graphql_schema.compiled.operations import Bailout, Fallback
from graphql_schema.documents import TrustedDocuments
from graphql_schema.ended_sessions import Follow, follow_nobody
from graphql_schema.engine import Answer, Caller, Engine
from graphql_schema.entry import has_one_proof, refused_entry
from graphql_schema.events import Event, Watch
from graphql_schema.explorer_page import explorer_page
from graphql_schema.faults import RequestRefused, refused
from graphql_schema.negotiation import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    HTML,
    JSON,
    LONGEST_CHOICE,
    choose_language,
    names,
    negotiate,
    trace_id,
)
from graphql_schema.open_streams import OpenStreams
from graphql_schema.preparation import check_kind
from graphql_schema.presentation import Presentation
from graphql_schema.requests import (
    ClientGone,
    OperationRequest,
    check_content_type,
    operation_request,
    parse_json,
    parse_query_string,
    read_body,
)
from graphql_schema.responses import send_answer, send_page
from graphql_schema.sse import send_stream, start_stream
from graphql_schema.streams import Streams
from graphql_schema.websocket import WebSocketDoor
from identity.admission import Credentials
from identity.errors import IdentityOperational, IdentityRefusal
from identity.principal import Principal

Authenticate = Callable[[Credentials], Awaitable[Principal]]
"""Says who comes in, as `identity.admission.Admission.admit` does."""

PATH = "/graphql"
_ANSWERS = (JSON, GRAPHQL_RESPONSE)
_QUERY_ONLY = frozenset({OperationType.QUERY})
_READ_AND_WRITE = frozenset({OperationType.QUERY, OperationType.MUTATION})
_REMEMBERED = frozenset({b"accept", b"accept-language", b"accept-encoding"})


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """How the endpoint is set up; `development` opens the schema, its suggestions and the explorer (S8)."""

    public_url: str
    limits: GraphQLSettings
    trusted_documents_only: bool
    development: bool
    allowed_origins: tuple[str, ...] = ()
    explorer_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One HTTP request, before its body is read."""

    method: str
    query_string: bytes
    headers: Mapping[str, str]
    receive: Receive
    has_one_proof: bool

    @property
    def allowed(self) -> frozenset[OperationType]:
        return _QUERY_ONLY if self.method == "GET" else _READ_AND_WRITE


class GraphQL:
    """The ASGI application; everything that can be done once is done here at the start."""

    def __init__(
        self,
        schema: strawberry.Schema,
        options: EndpointOptions,
        *,
        services: Services,
        catalogue: ErrorCatalogue,
        clock: Clock,
        authenticate: Authenticate,
        documents: TrustedDocuments,
        budget: CostBudget | None = None,
        lifecycle: Lifecycle | None = None,
        around: Callable[[str], AbstractContextManager[object]] = nullcontext,
        follow: Follow = follow_nobody,
    ) -> None:
        """Join the parts; `budget` is shared by several processes, by default it is this one's.

        `follow` tells long connections that the session behind them ended (S18).

        Each operation is executed inside `around`, which is given its trace id: there what is read at the same time may
        take one round trip, and what is asked about a person one entry of the audit.
        When `lifecycle` drains, WebSockets and event streams are ended so that their clients come again elsewhere.
        """
        self._options = options
        self._authenticate = authenticate
        self._clock = clock
        limits = options.limits
        self._engine = Engine(
            schema,
            services=services,
            presentation=Presentation(catalogue, options.public_url.rstrip("/")),
            documents=documents,
            trusted_documents_only=options.trusted_documents_only,
            open_schema=options.development,
            limits=limits,
            budget=budget or MemoryCostBudget(cost_per_minute=limits.cost_per_minute, clock=clock),
            clock=clock,
            around=around,
        )
        self._credentials_url = options.public_url.rstrip("/") + PATH
        self._streams = Streams(self._engine, clock=clock, limits=limits, follow=follow)
        self._open_streams = OpenStreams(lifecycle or Lifecycle(), limits=limits)
        self._door = WebSocketDoor(
            self._engine,
            self._streams,
            self._open_streams,
            authenticate=self._admit_socket,
            follow=follow,
            clock=clock,
            limits=limits,
            allowed_origins=frozenset({options.public_url.rstrip("/"), *options.allowed_origins}),
        )

    def routes(self) -> list[BaseRoute]:
        """Return the routes of HTTP and of WebSocket: one of them alone does not match the other."""
        return [Route(PATH, endpoint=self), WebSocketRoute(PATH, endpoint=self)]

    def warm(self) -> None:
        """Prepare and compile every trusted operation now, so that no first caller waits for it."""
        self._engine.warm()

    @property
    def fallbacks(self) -> Mapping[Fallback, int]:
        """What compiled operations left to graphql-core, and how often."""
        return self._engine.fallbacks

    @property
    def bailouts(self) -> AbstractSet[Bailout]:
        """Where compiled operations met values that they were not written for."""
        return self._engine.bailouts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or one WebSocket connection."""
        headers = _read_headers(scope)
        caller = Caller(
            principal=None,
            address=scope["client"][0] if scope.get("client") else "",
            language=choose_language(headers.get("accept-language")),
            trace_id=trace_id(headers.get("traceparent")),
        )
        if scope["type"] == "websocket":
            await self._door.serve(scope, receive, send, caller)
            return
        try:
            await self._serve_http(scope, headers, caller, receive, send)
        except ClientGone:
            return

    async def _serve_http(
        self, scope: Scope, headers: Mapping[str, str], caller: Caller, receive: Receive, send: Send
    ) -> None:
        accept = headers.get("accept")
        if scope["method"] == "GET" and not scope["query_string"] and self._wants_page(accept):
            page = explorer_page(self._options.explorer_folder)
            await send_page(send, page.headers, page.body)
            return
        exchange = _Exchange(scope["method"], scope["query_string"], headers, receive, has_one_proof(scope))
        outcome = await self._answer(exchange, caller)
        if isinstance(outcome, Answer):
            await send_answer(
                outcome,
                send,
                media_type=negotiate(accept, _ANSWERS) or JSON,
                accept_encoding=headers.get("accept-encoding"),
                compress_from_bytes=self._options.limits.compress_from_bytes,
            )
        else:
            await send_stream(outcome, scope, receive, send, self._open_streams)

    async def _answer(self, exchange: _Exchange, caller: Caller) -> Answer | Event | Watch:
        try:
            return await self._execute(exchange, caller)
        except RequestRefused as refusal:
            return self._engine.refuse(refusal, caller)
        except ClientGone:
            raise
        except Exception as error:  # the boundary: logged and masked
            return self._engine.mask(error, caller)

    async def _execute(self, exchange: _Exchange, caller: Caller) -> Answer | Event | Watch:
        accept = exchange.headers.get("accept")
        only_stream = negotiate(accept, _ANSWERS) is None
        if only_stream and negotiate(accept, (EVENT_STREAM,)) is None:
            raise refused("NOT_ACCEPTABLE", "no acceptable media type", status=406)
        request = await self._read(exchange)
        caller = await self._identify(exchange, caller)
        operation = self._engine.choose(request)
        is_subscription = operation.kind is OperationType.SUBSCRIPTION
        streaming = only_stream or (is_subscription and names(accept, EVENT_STREAM))
        check_kind(operation, exchange.allowed | {OperationType.SUBSCRIPTION} if streaming else exchange.allowed)
        if not streaming:
            return await self._engine.execute(operation, request.variables, caller)
        return await start_stream(self._streams, self._open_streams, operation, request.variables, caller)

    async def _read(self, exchange: _Exchange) -> OperationRequest:
        if exchange.method == "GET":
            return operation_request(parse_query_string(exchange.query_string))
        if exchange.method != "POST":
            raise refused("METHOD_NOT_ALLOWED", "use POST", status=405, headers={"allow": "GET, POST"})
        check_content_type(exchange.headers.get("content-type"))
        body = await read_body(
            exchange.receive,
            content_length=exchange.headers.get("content-length"),
            limit=self._options.limits.max_body_bytes,
            seconds=self._options.limits.deadline_seconds,
        )
        return operation_request(parse_json(body))

    async def _identify(self, exchange: _Exchange, caller: Caller) -> Caller:
        authorization = exchange.headers.get("authorization")
        if authorization is None:
            return caller
        proof = exchange.headers.get("dpop") if exchange.has_one_proof else None
        principal = await self._admit(Credentials(authorization, exchange.method, self._credentials_url, proof))
        return Caller(principal, caller.address, caller.language, caller.trace_id)

    async def _admit_socket(self, authorization: str, proof: str | None) -> Principal:
        """Return who connects; the proof is made for the request that opened the WebSocket."""
        return await self._admit(Credentials(authorization, "GET", self._credentials_url, proof))

    async def _admit(self, credentials: Credentials) -> Principal:
        """Return who comes in.

        Raises:
            RequestRefused: Nobody may, by this token or without a proof of the key that it is bound to.
        """
        try:
            return await self._authenticate(credentials)
        except (IdentityRefusal, IdentityOperational) as failure:
            raise refused_entry(failure, credentials) from failure

    def _wants_page(self, accept: str | None) -> bool:
        return self._options.development and negotiate(accept, (*_ANSWERS, HTML)) == HTML


def _read_headers(scope: Scope) -> Mapping[str, str]:
    """Return the headers by their lower-case names; of several lines of one name the first counts.

    Those that are remembered with what was chosen by them are cut to what is read of them: a client could fill our
    memory with long ones, as nothing before us bounds their length.
    """
    return {
        name.decode("latin-1"): (value[:LONGEST_CHOICE] if name in _REMEMBERED else value).decode("latin-1")
        for name, value in reversed(scope["headers"])
    }
