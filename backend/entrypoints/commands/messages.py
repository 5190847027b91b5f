"""`zdorovye messages …`: what people are told, shown with made-up examples; nothing is sent."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from backend.entrypoints.terminal import fail
from notifications.catalogue import preview, render
from notifications.channels.port import Channel
from notifications.messages import MessageKind
from notifications.published import REGISTER, fingerprints, publish
from notifications.templates import shipped_sources
from notifications.variables import LANGUAGES, Language

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="What people are told.")

HOME = Path(__file__).parents[3]
CATALOGUE = Path("docs") / "messages.md"
PUBLISHED = Path("notifications") / "locale" / REGISTER

Home = Annotated[Path, typer.Option(help="Folder of the project.")]


class _Language(StrEnum):
    """What `--language` takes."""

    RU = "ru"
    EN = "en"


_NAMED: dict[_Language, Language] = {_Language.RU: "ru", _Language.EN: "en"}


@commands.command("preview")
def preview_kind(
    kind: Annotated[MessageKind, typer.Argument(help="caller_code, appointment_reminder, …")],
    language: Annotated[_Language | None, typer.Option(help="One language; both without it.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="One channel beside the inbox; all without it.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--with", help="Another value, NAME=VALUE; repeatable.")
    ] = None,
) -> None:
    """Show every text of a kind, written with made-up parameters, and how many segments its SMS takes."""
    languages = [_NAMED[language]] if language else LANGUAGES
    instead = {name: value for name, _, value in (one.partition("=") for one in parameter or [])}
    try:
        for line in preview(kind, languages, [channel] if channel else Channel, instead):
            typer.echo(line)
    except ValueError as error:
        fail(str(error))


@commands.command("catalogue")
def write_catalogue(home: Home = HOME) -> None:
    """Write docs/messages.md: every kind, when it is sent, its texts, parameters and segments."""
    (home / CATALOGUE).write_text(render(), "utf-8")
    typer.echo(f"written: {CATALOGUE}")


@commands.command("publish")
def publish_texts(home: Home = HOME) -> None:
    """Register new texts as published, so that they are never changed; run it before a release."""
    try:
        new = publish(fingerprints(shipped_sources()), path=home / PUBLISHED)
    except ValueError as error:
        fail(str(error))
    for name in new:
        typer.echo(name)
    typer.echo(f"{len(new)} texts published")
