"""Real worker processes that send, started quickly: forked from one that has everything imported."""

import multiprocessing
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess

from backend.entrypoints.commands.worker import work
from backend.entrypoints.event_loop import run_async
from backend.entrypoints.logs import configure_logging
from backend.settings import DatabaseSettings, Environment, Settings


def worker_settings(database: DatabaseSettings, gateway_url: str, **delivery: float) -> Settings:
    """Return settings of a worker that sends by the gateway at `gateway_url`; `delivery` are its own."""
    return Settings.model_validate(
        {
            "environment": Environment.TEST,
            "database": database.model_dump(),
            "notifications": {
                "sms": {"base_url": gateway_url, "token": "token-of-the-tests"},
                "delivery": {"poll_seconds": 0.05, **delivery},
            },
        }
    )


def forking() -> ForkServerContext:
    """Return a context whose processes begin with everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.notifications.sending"])
    return context


def start_worker(context: ForkServerContext, settings: Settings) -> BaseProcess:
    """Start `zdorovye worker` with these settings."""
    process = context.Process(target=_run, args=(settings.model_dump(mode="json"),), daemon=True)
    process.start()
    return process


def _run(settings: dict[str, object]) -> None:
    configure_logging(as_json=True, level="ERROR")
    run_async(work(Settings.model_validate(settings)))
