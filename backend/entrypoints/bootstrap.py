"""The one place where ports meet adapters: builds every part from the settings."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from backend import idempotency
from backend.booking import appointments
from backend.booking.outside_schedules import OutsideSchedules
from backend.booking.ports import OutsideRegistry
from backend.booking.values import Registry
from backend.call_backs import change_queries as call_back_queries
from backend.call_backs import upkeep as call_back_upkeep
from backend.clock import Clock
from backend.database import Database
from backend.devices.sessions import DeviceWatcher
from backend.entrypoints.delivering import message_sweeps
from backend.entrypoints.domain_services import Ground, build_services
from backend.entrypoints.housekeeping import Sweep
from backend.entrypoints.outside_schedules import build_outside_schedules
from backend.entrypoints.portals import portals_of
from backend.entrypoints.rights import Rights, build_rights
from backend.entrypoints.tokens import build_tokens, identity_settings
from backend.errors import Operational
from backend.family import endings
from backend.inbox.topics import told
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.integrations.oms_registry.client import OmsRegistryClient
from backend.policy.insurers import Insurers
from backend.portal import queries as portal_queries
from backend.portal.mandates import PortalMandates
from backend.profile.directory import Directory
from backend.redis_connection import open_redis
from backend.redis_signals import RedisSignals
from backend.rights import export_queries
from backend.services import Services
from backend.settings import Settings
from backend.sign_ins.queries import read_live
from backend.signals import MemorySignals, Signals
from graphql_schema.budget import CostBudget, MemoryCostBudget
from graphql_schema.shared_budget import RedisLevels, SharedCostBudget
from identity import anchors, call_queries, handovers, own_accesses
from identity import queries as identity_queries
from identity.access_control import AccessControl
from identity.admission import Admission, Guards
from identity.call_mandates import CallMandates
from identity.client_assertions import ClientAssertions
from identity.consent_wordings import consent_texts
from identity.consents import ConsentMandates
from identity.dpop import DpopProofs
from identity.emergencies import EmergencyMandates
from identity.esia.assembly import build_esia
from identity.esia.client import EsiaClient
from identity.esia.transport import open_http
from identity.insured_people import InsuredPeople
from identity.live_sessions import LiveSessions
from identity.own_accesses import OwnAccesses
from identity.replays import MemoryReplays, RedisReplays
from identity.representation import Representations
from identity.sessions import Sessions
from identity.throttling import Throttle
from identity.token_endpoint import TOKEN_PATH
from identity.tokens import AccessTokens
from identity.verified_tokens import VerifiedTokens


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything built, for the roof alone; closed in the reverse order of their making by `closing`."""

    settings: Settings
    clock: Clock
    database: Database
    services: Services
    tokens: AccessTokens
    esia: EsiaClient
    directory: Directory
    budget: CostBudget
    access: AccessControl
    own_accesses: OwnAccesses
    signals: Signals
    guards: Guards
    rights: Rights
    watcher: DeviceWatcher
    registries: Mapping[Registry, OutsideRegistry]
    outside_schedules: OutsideSchedules
    _stack: AsyncExitStack

    @contextmanager
    def around(self, trace_id: str) -> Iterator[None]:
        """Join what one request asks at the same time: its reads, and its entries in the audit."""
        with self.database.read.together(), self.access.request(trace_id):
            yield

    async def close(self) -> None:
        """Close every connection."""
        await self._stack.aclose()


def build_parts(settings: Settings, clock: Clock) -> Parts:
    """Build every part; nothing connects before it is first used.

    Raises:
        KeyUnusable: A key file holds another kind of key.
        OSError: A key file cannot be read.
        ValueError: A key is not given.
    """
    stack = AsyncExitStack()
    database = Database(settings.database)
    stack.push_async_callback(database.close)
    register = OmsRegistryClient(settings.oms_registry)
    stack.push_async_callback(register.close)
    fer = FerRegistryClient(settings.fer_registry, clock=clock)
    stack.push_async_callback(fer.close)
    registries: Mapping[Registry, OutsideRegistry] = {Registry.FER: fer}
    http = open_http(settings.identity.esia)
    stack.push_async_callback(http.aclose)
    esia = build_esia(settings.identity.esia, http=http, clock=clock)
    stack.push_async_callback(esia.close)
    redis = _open_redis(settings, stack)
    signals, budget = _shared(settings, clock, redis, stack)
    tokens = build_tokens(settings, clock)
    directory, own = Directory(clock=clock), OwnAccesses(clock)
    represented = Representations(directory)
    access = AccessControl(
        transaction=database.transaction,
        clock=clock,
        own=own,
        people=directory,
        sources=(
            represented,
            CallMandates(represented),
            InsuredPeople(Insurers()),
            ConsentMandates(consent_texts()),
            EmergencyMandates(),
            PortalMandates(portals_of(settings)),
        ),
    )
    guards = _guards(settings, clock, database, redis, tokens)
    rights = build_rights(
        settings,
        clock,
        database,
        access,
        sessions=Sessions(
            transaction=database.transaction, tokens=tokens, clock=clock, settings=identity_settings(settings).tokens
        ),
        published=told(signals),
    )
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        services=build_services(
            Ground(settings, clock, database, access, signals, directory, represented, guards.throttle),
            register,
            rights,
            registries,
        ),
        tokens=tokens,
        esia=esia,
        directory=directory,
        budget=budget,
        access=access,
        own_accesses=own,
        signals=signals,
        guards=guards,
        rights=rights,
        watcher=DeviceWatcher(people=directory, apps=settings.identity.apps, told=told(signals)),
        registries=registries,
        outside_schedules=build_outside_schedules(settings.fer_registry, clock, database, registries),
        _stack=stack,
    )


def _guards(settings: Settings, clock: Clock, database: Database, redis: Redis | None, tokens: AccessTokens) -> Guards:
    """Build who checks proofs, counts attempts and lets in."""
    identity = identity_settings(settings)
    replays = MemoryReplays(clock=clock) if redis is None else RedisReplays(redis, clock=clock)
    proofs = DpopProofs(clock=clock, replays=replays)
    live = LiveSessions(lambda keys: read_live(database.read, keys), clock=clock, unavailable=(Operational,))
    return Guards(
        proofs=proofs,
        throttle=Throttle(settings.identity.throttle, redis=redis),
        admission=Admission(verify=VerifiedTokens(tokens.verify, clock=clock).verify, proofs=proofs, live=live),
        assertions=ClientAssertions(
            identity.systems,
            audiences=frozenset({identity.tokens.issuer, identity.tokens.issuer + TOKEN_PATH}),
            clock=clock,
            replays=MemoryReplays(clock=clock) if redis is None else RedisReplays(redis, clock=clock),
        ),
    )


def _open_redis(settings: Settings, stack: AsyncExitStack) -> Redis | None:
    """Open what several workers share; without its address there is one process only."""
    if not settings.redis_url:
        return None
    redis = open_redis(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    return redis


def _shared(settings: Settings, clock: Clock, redis: Redis | None, stack: AsyncExitStack) -> tuple[Signals, CostBudget]:
    """Build what works over Redis where there is one, and in memory otherwise."""
    cost_per_minute = settings.graphql.cost_per_minute
    if redis is None:
        return MemorySignals(), MemoryCostBudget(cost_per_minute=cost_per_minute, clock=clock)
    signals = RedisSignals(redis)
    stack.push_async_callback(signals.close)
    levels = RedisLevels(redis, cost_per_minute=cost_per_minute)
    budget = SharedCostBudget(levels, cost_per_minute=cost_per_minute, clock=clock)
    stack.push_async_callback(budget.close)
    return signals, budget


@asynccontextmanager
async def open_parts(settings: Settings, clock: Clock) -> AsyncIterator[Parts]:
    """Build every part for one use and close it afterwards."""
    parts = build_parts(settings, clock)
    try:
        yield parts
    finally:
        await parts.close()


def sweeps() -> dict[str, tuple[Sweep, int]]:
    """Return what time alone asks for: by name the sweep and the seconds between two runs."""
    return {
        "expired_holds": (appointments.release_expired, 60),
        "idempotency_keys": (idempotency.purge, 3_600),
        "sign_ins": (identity_queries.purge, 600),
        "audit_anchors": (anchors.anchor_heads, 60),
        "calls": (call_queries.close_over, 60),
        "numbers_of_calls": (call_queries.forget_numbers, 3_600),
        "call_backs": (call_back_upkeep.end_over, 60),
        "call_backs_of_old": (call_back_queries.purge, 3_600),
        "handovers": (handovers.purge, 600),
        "portals": (portal_queries.purge, 3_600),
        "representations": (endings.end_expired, 600),
        "exports_over": (export_queries.expire, 60),
        "own_access_hours": (own_accesses.chain_hours, 600),
        **message_sweeps(),
    }
