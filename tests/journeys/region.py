"""A whole running region for one test: the application and the simulators, each on a real loopback socket."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2

from backend.clock import SettableClock
from backend.database import Database
from backend.entrypoints.asgi import create_app
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.plan import Plan
from backend.entrypoints.demo.seed import seed_region
from backend.entrypoints.demo.simulators import create_simulators
from backend.entrypoints.development import completed, simulators_url
from backend.settings import DatabaseSettings, Environment, Executor, Settings
from identity.development_keys import ensure_development_keys
from identity.esia_settings import EsiaSettings
from tests.factories.identity import PATIENT_WITH_ESIA
from tests.plugins.http import http_client
from tests.plugins.serving import free_listener, serving

MONDAY = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
"""08:30 in Калуга, a working day."""

DAYS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Region:
    """Where to reach everything.

    `clock` is the present of every part, `database` is for assertions about rows, `app_database` is the application's
    own, to be watched only.
    """

    base_url: str
    simulators_url: str
    clock: SettableClock
    database: Database
    app_database: Database
    settings: Settings
    http: httpx2.AsyncClient

    async def break_simulator(self, system: str, **fault: Any) -> None:
        """Order the next faults of `esia`, `oms` or `sms`."""
        answer = await self.http.post(f"{self.simulators_url}/{system}/_control/faults", json=fault)
        assert answer.is_success, answer.text


def free_port() -> int:
    """Return a port that was free a moment ago, for who cannot be given a listener."""
    listener, _ = free_listener()
    with listener:
        return int(listener.getsockname()[1])


def keys_made_once(folder: Path) -> Path:
    """Make the keys of a development machine in `folder`; they serve every region of a run."""
    ensure_development_keys(folder / "keys", client_id=EsiaSettings().client_id, now=MONDAY)
    return folder / "keys"


async def seed_small_region(database_settings: DatabaseSettings) -> None:
    """Write the named people and two days of slots into an empty, migrated database."""
    settings = Settings(environment=Environment.TEST)
    issuer = settings.identity.esia.issuer
    plan = Plan(people=len(NAMED), seed=settings.demo_seed, now=MONDAY, issuer=issuer, days_ahead=DAYS_AHEAD)
    database = Database(database_settings)
    await seed_region(database, plan)
    await database.close()


@asynccontextmanager
async def running_region(
    database_settings: DatabaseSettings,
    folder: Path,
    keys: Path,
    *,
    executor: Executor = Executor.TRUSTED,
    identity: Mapping[str, Any] = MappingProxyType({}),
    patience_with_register: float = 20,
    delivering: bool = False,
) -> AsyncIterator[Region]:
    """Serve a region that `seed_small_region` has seeded; `identity` are settings of it, `delivering`: it sends."""
    clock = SettableClock(MONDAY)
    shutil.copytree(keys, folder / "keys")
    app_listener, base_url = free_listener()
    simulators_listener, _ = free_listener()
    settings = completed(
        Settings.model_validate(
            {
                "environment": Environment.TEST,
                "port": app_listener.getsockname()[1],
                "simulators_port": simulators_listener.getsockname()[1],
                "data_dir": folder,
                "database": database_settings,
                "graphql": {"deadline_seconds": 60, "executor": executor, "prepare_at_start": False},
                "identity": {"esia": PATIENT_WITH_ESIA, **identity},
                "oms_registry": {"timeout_seconds": patience_with_register},
                "fer_registry": {"schedules_kept": False, "timeout_seconds": 10},
                "notifications": {
                    "delivery": {"in_server": delivering, "poll_seconds": 0.1},
                    "smtp": {"enabled": delivering, "port": free_port()},
                },
            }
        ),
        clock,
    )
    database = Database(settings.database)
    simulators = create_simulators(settings, clock, people=len(NAMED))
    app = create_app(settings, clock)
    async with (
        serving(simulators, listener=simulators_listener),
        serving(app, listener=app_listener),
        http_client(timeout=90) as http,
    ):
        yield Region(base_url, simulators_url(settings), clock, database, app.state.database, settings, http)
    await database.close()
    assert not app.state.graphql.bailouts, "a value is not of the type that its Strawberry type says"
