"""Reads the settings of a process, and says in plain words why they cannot be used."""

import sys

from pydantic import ValidationError
from pydantic_settings import SettingsError

from backend.clock import Clock
from backend.entrypoints.development import completed
from backend.entrypoints.logs import configure_logging
from backend.settings import Environment, Settings


class SettingsUnusable(Exception):
    """The text says which settings, and what is wrong with each; it quotes no value."""


def read_settings(clock: Clock) -> Settings:
    """Return the settings of this process, complete, and let its log speak as they ask.

    Raises:
        SettingsUnusable: A setting is wrong, or the data folder cannot be used.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        reasons = "\n".join(
            f"  {'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg']}"
            for one in error.errors(include_input=False)
        )
        raise SettingsUnusable(f"the settings cannot be used:\n{reasons}") from error
    except SettingsError as error:
        reason = f"the settings cannot be used: {error}; a nested one is written ZDOROVYE_DATABASE__URL"
        raise SettingsUnusable(reason) from error
    configure_logging(as_json=settings.environment is Environment.PRODUCTION or not sys.stderr.isatty())
    try:
        return completed(settings, clock)
    except OSError as error:
        reason = f"the data folder {settings.data_dir} cannot be used ({error.strerror}): set ZDOROVYE_DATA_DIR"
        raise SettingsUnusable(reason) from error
