import ast
from pathlib import Path

from typer.testing import CliRunner

from mobile_contracts.cli import contracts
from mobile_contracts.manifest import HOME

CLI = CliRunner()


def test_the_committed_contracts_hold() -> None:
    """The gate of CI: schema, operations and every active app against the code."""
    outcome = CLI.invoke(contracts, ["check"])
    assert outcome.exit_code == 0, outcome.output
    assert "the promise holds" in outcome.output


def test_export_writes_what_is_committed(tmp_path: Path) -> None:
    assert CLI.invoke(contracts, ["export-schema", "--home", str(tmp_path)]).exit_code == 0
    assert (tmp_path / "schema/schema.graphql").read_text() == (HOME / "schema/schema.graphql").read_text()


def test_a_second_manifest_of_one_version_is_refused_in_words() -> None:
    outcome = CLI.invoke(contracts, ["build-manifest", "ios", "1.0.0"])
    assert outcome.exit_code == 1
    assert "never change" in outcome.output


def test_findings_end_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "registry.yaml").write_text("[]\n")
    outcome = CLI.invoke(contracts, ["check", "--home", str(tmp_path)])
    assert outcome.exit_code == 1
    assert "export-schema" in outcome.output


def test_explains_how_an_operation_runs() -> None:
    outcome = CLI.invoke(contracts, ["explain", "HomeScreen"])
    assert outcome.exit_code == 0, outcome.output
    ast.parse(outcome.stdout)
    assert "unreadCount" in outcome.stdout
    assert outcome.stderr == ""
    assert CLI.invoke(contracts, ["explain", "HomeScreen"]).stdout == outcome.stdout


def test_an_unknown_operation_is_answered_with_those_there_are() -> None:
    outcome = CLI.invoke(contracts, ["explain", "Nothing"])
    assert outcome.exit_code == 1
    assert "HomeScreen" in outcome.stderr
