"""Settings of identity; nested into the application's settings by the cellar."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict


class IdentitySettings(BaseModel):
    """Sign-in, tokens and ESIA."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production: placeholders and simulators, one line each."""
        yield from ()
