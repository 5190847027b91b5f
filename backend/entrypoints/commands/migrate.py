"""`zdorovye migrate`."""

from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from backend.entrypoints.migrations.run import autogenerate, upgrade
from backend.entrypoints.terminal import settings_or_fail

commands = typer.Typer(add_completion=False)


@commands.command()
def migrate(
    autogenerate_message: Annotated[
        str | None, typer.Option("--autogenerate", help="Write a new migration instead of applying.")
    ] = None,
    revision: Annotated[str, typer.Option(help="Number of the new migration.")] = "next",
) -> None:
    """Bring the database to the newest shape."""
    url = settings_or_fail().database.url
    if autogenerate_message is not None:
        autogenerate(url, autogenerate_message, revision)
        return
    upgrade(url)
    typer.echo(f"migrated: {make_url(url).render_as_string(hide_password=True)}")
