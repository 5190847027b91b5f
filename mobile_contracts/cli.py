"""`zdorovye contracts …`: publish the schema, freeze an app's operations, check the promise."""

from pathlib import Path
from typing import Annotated

import typer
from graphql import GraphQLSchema, parse, validate

from graphql_schema.schema import build_schema, published_sdl
from identity.access_page import render
from mobile_contracts.checks import SCHEMA_FILE, check_all
from mobile_contracts.explain import OperationUnknown, compile_operation, find_operation
from mobile_contracts.manifest import HOME, write_manifest

contracts = typer.Typer(no_args_is_help=True, help="The promise to the clients.")

ACCESS_PAGE = Path(__file__).parents[1] / "docs" / "access.md"

Home = Annotated[Path, typer.Option(help="Folder of the contracts.")]


@contracts.command("export-schema")
def export_schema(home: Home = HOME) -> None:
    """Write the schema that the code builds to schema/schema.graphql."""
    path = home / SCHEMA_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(published_sdl())
    typer.echo(f"written: {SCHEMA_FILE}")


@contracts.command("export-access")
def export_access() -> None:
    """Write who may do what, as the rules say it, to docs/access.md."""
    ACCESS_PAGE.write_text(render())
    typer.echo(f"written: {ACCESS_PAGE.relative_to(ACCESS_PAGE.parents[1])}")


@contracts.command("build-manifest")
def build_manifest(
    platform: Annotated[str, typer.Argument(help="ios, kiosk, operator, …")],
    version: Annotated[str, typer.Argument(help="The app's version.")],
    operations: Annotated[str, typer.Option(help="Folder of operations/ to take.")] = "citizen",
    home: Home = HOME,
) -> None:
    """Freeze the operations of an app's new version; the line printed goes into registry.yaml."""
    try:
        sha256 = write_manifest(platform, version, operations=operations, home=home)
    except (FileExistsError, ValueError) as error:
        reason = (
            "this version has a manifest, and manifests never change" if isinstance(error, FileExistsError) else error
        )
        typer.echo(f"not built: {reason}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"manifests/{platform}/{version}.json sha256: {sha256}")


@contracts.command()
def explain(
    operation: Annotated[str, typer.Argument(help="HomeScreen, SearchSlots, …")],
    home: Home = HOME,
) -> None:
    """Print the Python that an operation is compiled to; what is left to graphql-core stands on standard error."""
    try:
        found = find_operation(operation, home)
    except OperationUnknown as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    schema = _core_schema()
    if errors := validate(schema, parse(found.body)):
        typer.echo(f"{operation} does not fit the schema: {errors[0].message}", err=True)
        raise typer.Exit(1)
    compiled = compile_operation(schema, found)
    typer.echo(compiled.source)
    for fallback in compiled.fallbacks:
        typer.echo(f"left to graphql-core: {fallback.coordinate}: {fallback.reason}", err=True)


@contracts.command()
def check(home: Home = HOME) -> None:
    """Compare the published schema, the operations and every active app with the code."""
    findings = list(check_all(_core_schema(), published_sdl(), home))
    for finding in findings:
        typer.echo(finding, err=True)
    if findings:
        raise typer.Exit(1)
    typer.echo("contracts: the promise holds")


def _core_schema() -> GraphQLSchema:
    core: GraphQLSchema = build_schema()._schema  # noqa: SLF001 # strawberry's one door to graphql-core
    return core
