"""`zdorovye bookings norms` over a migrated database, and over one that is not."""

from pathlib import Path

from backend.settings import DatabaseSettings
from tests.plugins.command_line import run_to_end


async def test_norms_are_counted_by_specialty(database_settings: DatabaseSettings, tmp_path: Path) -> None:
    env = {"ZDOROVYE_DATA_DIR": str(tmp_path), "ZDOROVYE_DATABASE__URL": database_settings.url}
    ended = await run_to_end("bookings", "norms", env=env)
    assert (ended.exit_code, ended.stdout) == (0, "nothing was booked\n")


async def test_a_database_that_is_not_migrated_is_said_clearly(tmp_path: Path) -> None:
    ended = await run_to_end("bookings", "norms", env={"ZDOROVYE_DATA_DIR": str(tmp_path)})
    assert ended.exit_code == 1
    assert "zdorovye migrate" in ended.stderr
    assert "Traceback" not in ended.stderr
