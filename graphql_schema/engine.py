"""One way for every operation, over HTTP, SSE and WebSocket: find the document, pay, execute in time, present."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from strawberry.utils.await_maybe import await_maybe

from backend.clock import Clock
from backend.services import Services
from backend.settings import Executor, GraphQLSettings
from graphql_schema.budget import CostBudget
from graphql_schema.catalogue import Language
from graphql_schema.compiled.operations import Bailout, Fallback
from graphql_schema.context import Context
from graphql_schema.documents import TrustedDocuments
from graphql_schema.encoding import count_fields, encode_body, encode_data
from graphql_schema.errors import OPERATIONALS, REFUSALS
from graphql_schema.execution import Runners, Source
from graphql_schema.faults import RequestRefused, refused
from graphql_schema.preparation import Preparation, PreparedOperation, check_cost
from graphql_schema.presentation import Presentation, retry_after_ms
from graphql_schema.requests import OperationRequest
from identity.principal import Principal

_ADDRESS_SALT = secrets.token_bytes(16)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in which language, under which trace; `address` names an anonymous one for the budget."""

    principal: Principal | None
    address: str
    language: Language
    trace_id: str

    @property
    def payer(self) -> str:
        """Return the key of the cost budget; an address is kept only as a salted hash."""
        if self.principal is not None:
            return f"person:{self.principal.person_id}"
        return "address:" + hashlib.blake2b(self.address.encode(), key=_ADDRESS_SALT, digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """An encoded body, and what the transports have to know of it.

    `refusal` is set when nothing was executed; then the body has no `data`. `errors` are those in the body.
    """

    body: bytes
    errors: Sequence[Mapping[str, Any]] = ()
    refusal: RequestRefused | None = None
    retry_after_ms: int | None = None
    data: bytes | None = None
    """The part of `body` that was executed; None where nothing was."""
    is_wiping: bool = False
    """Whether the browser is to forget what it keeps: a kiosk from which somebody has signed out."""


@dataclass(slots=True)
class _Bill:
    """What an operation costs, as `extensions.cost` shows it."""

    requested: int
    available: int
    actual: int = 0


class Engine:
    """Executes operations against one schema; holds no state of a request (S10)."""

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        services: Services,
        presentation: Presentation,
        documents: TrustedDocuments,
        trusted_documents_only: bool,
        open_schema: bool,
        limits: GraphQLSettings,
        budget: CostBudget,
        clock: Clock,
        around: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Prepare what is the same for every request; `around` is opened, with the trace id, around each execution."""
        core: GraphQLSchema = schema._schema  # noqa: SLF001 # Strawberry has no public name for it
        self._runners = Runners(core, executor=schema.execution_context_class)
        self._services = services
        self._presentation = presentation
        self._documents = documents
        self._trusted_only = trusted_documents_only
        self._hide_suggestions = not open_schema
        self._limits = limits
        self._budget = budget
        self._clock = clock
        self._around = around
        self._preparation = Preparation(core, limits, self._runners, open_schema=open_schema)

    def choose(self, request: OperationRequest) -> PreparedOperation:
        """Find and prepare the operation a client asks for.

        Raises:
            RequestRefused: Unknown or untrusted document, a wrong one, or no such operation in it.
        """
        text = self._text(request)
        return self._preparation.prepare(text, compiled=self._is_compiled(text)).choose(request.operation_name)

    def warm(self) -> None:
        """Prepare every trusted document now, so that no first caller waits for it.

        Raises:
            ValueError: One cannot be executed: the schema broke it, or a limit was set below it.
        """
        for text in self._documents.texts():
            try:
                self._preparation.prepare(text, compiled=self._is_compiled(text))
            except RequestRefused as refusal:
                beginning = text.partition("{")[0].strip()
                raise ValueError(f"a trusted document cannot be served: {beginning}: {refusal}") from refusal

    @property
    def fallbacks(self) -> Mapping[Fallback, int]:
        """What compiled operations left to graphql-core, and how often; empty for the operations of the contracts."""
        return MappingProxyType(self._runners.fallbacks)

    @property
    def bailouts(self) -> AbstractSet[Bailout]:
        """Where compiled operations met values that they were not written for; empty while all is as the types say."""
        return self._runners.bailouts

    def _is_compiled(self, text: str) -> bool:
        chosen = self._limits.executor
        return chosen is Executor.ALWAYS or (chosen is Executor.TRUSTED and text in self._documents)

    def _text(self, request: OperationRequest) -> str:
        if request.document_id is not None:
            if (text := self._documents.find(request.document_id)) is None:
                raise refused("PERSISTED_DOCUMENT_NOT_FOUND", "no published manifest holds this id")
            return text
        if self._trusted_only or request.text is None:
            raise refused("DOCUMENT_NOT_TRUSTED", "this server executes documents of published manifests only")
        return request.text

    async def execute(self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller) -> Answer:
        """Execute a query or a mutation, within its budget and its time.

        Returns:
            The answer; bugs are masked and logged, and nothing is raised but cancellation.
        """
        context = self._context(caller)
        try:
            bill = await self._pay(operation, variables, caller)
            async with asyncio.timeout(self._limits.deadline_seconds):
                result = await self._run(operation, variables, context)
            return await self._answer(result, context, caller, bill)
        except RequestRefused as refusal:
            return self.refuse(refusal, caller)
        except TimeoutError:
            return self.refuse(too_late(self._limits.deadline_seconds), caller)
        except Exception as error:  # the boundary: logged and masked
            return self.mask(error, caller)

    async def charge(self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller) -> None:
        """Take the cost of a subscription, once for its whole life.

        Raises:
            RequestRefused: The budget is spent, or the operation costs more than one may (S14).
        """
        await self._pay(operation, variables, caller)

    async def events(
        self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller
    ) -> AsyncGenerator[Answer, None]:
        """Open a subscription that was paid for, and yield an answer an event; a refusal is the last one."""
        context = self._context(caller)
        try:
            source = await self._subscribe(operation, variables, context)
            if isinstance(source, ExecutionResult):
                yield await self._answer(source, context, caller, None)
                return
            async with aclosing(cast("Any", source)) as results:
                async for result in results:
                    yield await self._answer(result, context, caller, None)
        except RequestRefused as refusal:
            yield self.refuse(refusal, caller)
        except Exception as error:  # the boundary: a refusal of the source is told, a bug is logged and masked
            yield self._source_failed(error, caller)

    def _source_failed(self, error: Exception, caller: Caller) -> Answer:
        cause = error.original_error if isinstance(error, GraphQLError) else error
        if not isinstance(cause, (*REFUSALS, *OPERATIONALS)):
            return self.mask(error, caller)
        located = GraphQLError("", original_error=cause)
        errors = self._presentation.field_errors([located], caller.language, caller.trace_id)
        body = encode_body(data=None, errors=errors, extensions=self._extensions(caller, None))
        return Answer(body, errors, RequestRefused())

    async def _pay(self, operation: PreparedOperation, variables: Mapping[str, Any], caller: Caller) -> _Bill:
        cost = check_cost(operation, variables, self._limits)
        spending = await self._budget.spend(caller.payer, cost)
        if spending.retry_after_ms is None:
            return _Bill(cost, spending.available)
        bill = self._cost(_Bill(cost, spending.available))
        raise refused(
            "COST_BUDGET_EXCEEDED",
            "the budget of this minute is spent",
            status=429,
            retry_after_ms=spending.retry_after_ms,
            cost=bill,
        )

    async def _run(
        self, operation: PreparedOperation, variables: Mapping[str, Any], context: Context
    ) -> ExecutionResult:
        hide = self._hide_suggestions
        with self._around(context.trace_id):
            result = operation.runner.execute(context_value=context, variable_values=variables, hide_suggestions=hide)
            return await await_maybe(result)

    async def _subscribe(self, operation: PreparedOperation, variables: Mapping[str, Any], context: Context) -> Source:
        source = operation.runner.subscribe(
            context_value=context, variable_values=variables, hide_suggestions=self._hide_suggestions
        )
        return await await_maybe(source)

    async def _answer(self, result: ExecutionResult, context: Context, caller: Caller, bill: _Bill | None) -> Answer:
        errors: Sequence[Mapping[str, Any]] = ()
        refusal = None
        if result.errors:
            errors = self._presentation.field_errors(result.errors, caller.language, caller.trace_id)
            if result.data is None and all(error.path is None for error in result.errors):
                refusal = RequestRefused()
        data = encode_data(result.data)
        if bill is not None:
            bill.actual = max(1, count_fields(result.data))
            if unspent := max(0, bill.requested - bill.actual):
                bill.available = await self._budget.give_back(caller.payer, unspent)
        extensions = self._extensions(caller, bill) | context.extensions
        body = encode_body(data=data if refusal is None else None, errors=errors, extensions=extensions)
        pause = retry_after_ms(result.data, errors) if errors else None
        return Answer(body, errors, refusal, pause, data, is_wiping=context.is_wiping)

    def refuse(self, refusal: RequestRefused, caller: Caller) -> Answer:
        """Present the refusal of a whole request."""
        errors = [
            self._presentation.fault(fault, caller.language, caller.trace_id, refusal.retry_after_ms)
            for fault in refusal.faults
        ]
        body = encode_body(data=None, errors=errors, extensions=self._extensions(caller, None))
        return Answer(body, errors, refusal, refusal.retry_after_ms)

    def mask(self, error: Exception, caller: Caller) -> Answer:
        """Log a bug and present its mask as the refusal of a whole request."""
        errors = [self._presentation.bug(error, caller.language, caller.trace_id)]
        body = encode_body(data=None, errors=errors, extensions=self._extensions(caller, None))
        return Answer(body, errors, RequestRefused(status=500))

    def _context(self, caller: Caller) -> Context:
        return Context(
            services=self._services,
            catalogue=self._presentation.catalogue,
            clock=self._clock,
            principal=caller.principal,
            language=caller.language,
            trace_id=caller.trace_id,
            address=caller.address,
        )

    def _extensions(self, caller: Caller, bill: _Bill | None) -> dict[str, Any]:
        extensions: dict[str, Any] = {"traceId": caller.trace_id, "serverTime": self._clock().isoformat()}
        if bill is not None:
            extensions["cost"] = self._cost(bill)
        return extensions

    def _cost(self, bill: _Bill) -> dict[str, Any]:
        return {
            "requested": bill.requested,
            "actual": bill.actual,
            "limit": self._limits.max_cost,
            "available": bill.available,
            "restoreRate": self._budget.restore_rate,
        }


def too_late(seconds: float) -> RequestRefused:
    """Return the refusal of what was not done in its time."""
    return refused("DEADLINE_EXCEEDED", f"not done in {seconds:g} s", status=503, retry_after_ms=1_000)
