"""`zdorovye deliveries …` and `zdorovye worker`: what somebody on duty sees, on both engines."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import update

from backend.clock import system_clock
from backend.database import Database
from backend.settings import DatabaseSettings
from notifications.channels.port import Outcome, Verdict
from notifications.delivery_tables import DeliveryRow, DeliveryState
from tests.factories.deliveries import Post, RememberingSender
from tests.journeys.process import environment, free_ports
from tests.plugins.command_line import Ended, run_to_end


@pytest.fixture
def env(database_settings: DatabaseSettings, tmp_path: Path) -> dict[str, str]:
    """A development machine of this database."""
    return environment(tmp_path / "data", free_ports(), ZDOROVYE_DATABASE__URL=database_settings.url)


async def ask(env: dict[str, str], *words: str) -> Ended:
    return await run_to_end("deliveries", *words, env=env)


async def post_of_today(database: Database) -> Post:
    """Return a queue whose clock shows the present, as the command's does."""
    post = Post(database)
    post.clock.set(system_clock())
    return post


async def test_what_failed_is_shown_and_sent_again(database: Database, env: dict[str, str]) -> None:
    post = await post_of_today(database)
    await post.tell()
    await post.courier().deliver_due()  # no gateway is set up
    shown = await ask(env, "statistics", "--hours", "2")
    assert shown.exit_code == 0
    (line,) = [line for line in shown.stdout.splitlines() if "caller_code" in line]
    cells = [cell.strip() for cell in line.split("│")]
    assert cells[2:9] == ["caller_code", "sms", "", "failed", "no_provider", "1", "0"]
    assert (await ask(env, "replay", "something_else")).stdout == "waiting again: 0\n"
    assert (await ask(env, "replay", "no_provider")).stdout == "waiting again: 1\n"
    assert [row.state for row in await post.rows()] == [DeliveryState.WAITING]
    late = await ask(env, "statistics", "--hours", "1")
    assert "due and not sent: sms 1, the oldest since " in late.stdout


async def test_a_text_at_rest_is_listed_and_released(database: Database, env: dict[str, str]) -> None:
    post = await post_of_today(database)
    await post.tell()
    refused = RememberingSender(answers=[Outcome(Verdict.CONTENT_REFUSED, "invalid_text")])
    await post.courier(refused).deliver_due()
    listed = await ask(env, "parked")
    assert listed.stdout.startswith("caller_code 1 sms: invalid_text, 1 refused, since ")
    assert (await ask(env, "release", "caller_code", "1", "sms")).stdout == "released\n"
    again = await ask(env, "release", "caller_code", "1", "sms")
    assert (again.exit_code, again.stdout, again.stderr) == (1, "", "this text does not rest\n")
    assert (await ask(env, "parked")).stdout == ""


WRONG = [("release", "caller_code", "x", "sms"), ("release", "nothing", "1", "sms"), ("replay",)]


@pytest.mark.parametrize("words", WRONG)
async def test_a_wrong_word_is_refused_before_anything_is_done(env: dict[str, str], words: tuple[str, ...]) -> None:
    ended = await ask(env, *words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "Usage: " in ended.stderr


async def test_a_worker_without_a_usable_provider_does_not_say_that_it_sends(
    database: Database, env: dict[str, str]
) -> None:
    post = await post_of_today(database)
    await post.tell()
    fcm = "ZDOROVYE_NOTIFICATIONS__FCM__"
    wrong = {f"{fcm}SIMULATOR_URL": "http://127.0.0.1:9/fcm", f"{fcm}SERVICE_ACCOUNT": '{"type": "service_account"}'}
    ended = await run_to_end("worker", env={**env, **wrong})
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1].startswith("nothing can be sent: notifications.fcm: ")
    assert [(row.state, row.attempt) for row in await post.rows()] == [(DeliveryState.WAITING, 0)]


async def test_a_worker_refuses_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    ended = await run_to_end("worker", env=environment(tmp_path / "data", free_ports()))
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == "the database is not at the newest shape: run `zdorovye migrate`\n"


async def test_what_is_too_late_is_not_sent_again(database: Database, env: dict[str, str]) -> None:
    post = await post_of_today(database)
    await post.tell()
    await post.courier().deliver_due()
    async with database.transaction() as session:
        await session.exec(update(DeliveryRow).values(expires_at=post.clock() - timedelta(seconds=1)))
    assert (await ask(env, "replay", "no_provider")).stdout == "waiting again: 0\n"
