"""Databases that no migration has seen yet."""

from pathlib import Path

import pytest

from tests.plugins.engines import fresh_url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where an empty database is, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'fresh.sqlite'}"
    return fresh_url(request)
