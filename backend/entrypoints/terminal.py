"""How a command speaks with whoever called it."""

import sys
from typing import NoReturn

from backend.clock import system_clock
from backend.entrypoints.configuration import SettingsUnusable, read_settings
from backend.settings import Environment, Settings


def fail(reason: str) -> NoReturn:
    """End the command with one reason and exit code 1."""
    sys.stderr.write(f"{reason}\n")
    raise SystemExit(1)


def settings_or_fail() -> Settings:
    """Return the settings of this process, complete; unusable ones end the command."""
    try:
        return read_settings(system_clock)
    except SettingsUnusable as error:
        fail(str(error))


def only_outside_production(settings: Settings) -> None:
    """End the command in production."""
    if settings.environment is Environment.PRODUCTION:
        fail("refused: this is for development only, and ZDOROVYE_ENVIRONMENT says production")
