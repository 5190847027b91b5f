"""The one place where ports meet adapters: builds every part from the settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from backend import idempotency
from backend.booking import appointments
from backend.booking.appointments import AppointmentService
from backend.booking.clinics import ClinicService
from backend.booking.slots import SlotService
from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.addresses import public_url
from backend.entrypoints.housekeeping import Sweep
from backend.errors import Operational
from backend.inbox.service import InboxService
from backend.inbox.topics import inbox_topic
from backend.integrations.oms_registry.client import OmsRegistryClient
from backend.policy.service import PolicyService
from backend.profile.directory import Directory
from backend.profile.service import ProfileService
from backend.redis_connection import open_redis
from backend.redis_signals import RedisSignals
from backend.services import Services
from backend.settings import Settings
from backend.sign_ins.queries import read_live
from backend.sign_ins.service import SignInService
from backend.sign_ins.spreading import spread_end
from backend.signals import MemorySignals, Signals
from graphql_schema.budget import CostBudget, MemoryCostBudget
from graphql_schema.shared_budget import RedisLevels, SharedCostBudget
from identity import queries as identity_queries
from identity.admission import Admission, Guards
from identity.dpop import DpopProofs
from identity.esia.client import EsiaClient, open_http
from identity.esia.signer import RsaSigner
from identity.keys import load_ec_private_key, load_ec_public_key, load_rsa_private_key, load_rsa_public_key
from identity.live_sessions import LiveSessions
from identity.replays import MemoryReplays, RedisReplays
from identity.settings import IdentitySettings
from identity.throttling import Throttle
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
    signals: Signals
    guards: Guards
    _stack: AsyncExitStack

    async def close(self) -> None:
        """Close every connection."""
        await self._stack.aclose()


def identity_settings(settings: Settings) -> IdentitySettings:
    """Return the settings of identity, with our public address as the issuer of tokens."""
    return settings.identity.served_at(public_url(settings))


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
    http = open_http(settings.identity.esia)
    stack.push_async_callback(http.aclose)
    redis = _open_redis(settings, stack)
    signals, budget = _shared(settings, clock, redis, stack)
    tokens = build_tokens(settings, clock)
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        services=_services(settings, clock, database, register, signals),
        tokens=tokens,
        esia=EsiaClient(
            settings=settings.identity.esia,
            signer=RsaSigner(
                key=load_rsa_private_key(settings.identity.esia.private_key.read()),
                certificate_pem=settings.identity.esia.certificate.read(),
            ),
            verification_key=load_rsa_public_key(settings.identity.esia.verification_key.read()),
            http=http,
            clock=clock,
        ),
        directory=Directory(clock=clock),
        budget=budget,
        signals=signals,
        guards=_guards(settings, clock, database, redis, tokens),
        _stack=stack,
    )


def _guards(settings: Settings, clock: Clock, database: Database, redis: Redis | None, tokens: AccessTokens) -> Guards:
    """Build who checks proofs, counts attempts and lets in."""
    replays = MemoryReplays(clock=clock) if redis is None else RedisReplays(redis, clock=clock)
    proofs = DpopProofs(clock=clock, replays=replays)
    live = LiveSessions(lambda keys: read_live(database.read, keys), clock=clock, unavailable=(Operational,))
    return Guards(
        proofs=proofs,
        throttle=Throttle(settings.identity.throttle, redis=redis),
        admission=Admission(verify=VerifiedTokens(tokens.verify, clock=clock).verify, proofs=proofs, live=live),
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


def build_tokens(settings: Settings, clock: Clock) -> AccessTokens:
    """Build what issues and checks access tokens.

    Raises:
        KeyUnusable: A key file holds another kind of key.
    """
    identity = identity_settings(settings)
    previous = identity.tokens.previous_key
    return AccessTokens(
        signing_key=load_ec_private_key(identity.tokens.signing_key.read()),
        settings=identity.tokens,
        clock=clock,
        previous_keys=(load_ec_public_key(previous.read()),) if previous.is_given else (),
    )


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
    }


def _services(
    settings: Settings, clock: Clock, database: Database, register: OmsRegistryClient, signals: Signals
) -> Services:
    return Services(
        profile=ProfileService(database=database, clock=clock),
        policies=PolicyService(
            database=database,
            clock=clock,
            register=register,
            fresh_for=timedelta(seconds=settings.oms_registry.fresh_for_seconds),
            stale_for=timedelta(seconds=settings.oms_registry.stale_for_seconds),
        ),
        inbox=InboxService(database=database, clock=clock, signals=signals),
        clinics=ClinicService(database=database),
        slots=SlotService(database=database, clock=clock),
        appointments=AppointmentService(
            database=database, clock=clock, published=lambda person_id: signals.publish(inbox_topic(person_id))
        ),
        sign_ins=SignInService(
            database=database,
            clock=clock,
            apps=settings.identity.apps,
            ended=lambda person_id: spread_end(signals, person_id),
        ),
    )
