from pathlib import Path

from typer.testing import CliRunner

from backend.entrypoints.cli import app
from backend.entrypoints.commands.messages import CATALOGUE, HOME, PUBLISHED, commands
from notifications.messages import MessageKind

CLI = CliRunner()


def test_a_preview_is_of_one_kind_language_and_channel() -> None:
    outcome = CLI.invoke(commands, ["preview", "appointment_reminder", "--language", "en", "--channel", "sms"])
    assert outcome.exit_code == 0, outcome.output
    assert [line for line in outcome.stdout.splitlines() if line.startswith("[")] == [
        "[en inbox] Reminder: cardiologist, November 24",
        "[en sms]",
    ]
    assert outcome.stdout.endswith("    1 segment (GSM-7, 82)\n")


def test_without_options_all_is_shown() -> None:
    outcome = CLI.invoke(app, ["messages", "preview", "erasure_requested"])
    shown = [line.partition("]")[0] for line in outcome.stdout.splitlines() if line.startswith("[")]
    assert shown == [
        f"[{language} {form}" for language in ("ru", "en") for form in ("inbox", "push", "sms", "email")
    ], outcome.output


def test_other_values_show_other_variants() -> None:
    outcome = CLI.invoke(
        commands, ["preview", "prescription_expiring", "--language", "ru", "--channel", "push", "--with", "days=21"]
    )
    assert outcome.stdout.splitlines()[-1] == "    Остался 21 день. Подробности — в приложении."


def test_a_value_that_cannot_be_read_is_one_line() -> None:
    for wrong, why in (("days=many", "unreadable: days"), ("doctor=x", "has no ['doctor']")):
        outcome = CLI.invoke(commands, ["preview", "erasure_requested", "--with", wrong])
        assert outcome.exit_code == 1
        assert outcome.stderr.endswith(f"{why}\n")


def test_an_unknown_kind_is_answered_with_those_there_are() -> None:
    outcome = CLI.invoke(commands, ["preview", "nothing"])
    assert outcome.exit_code == 2
    assert MessageKind.WELCOME.value in outcome.output


def test_the_page_and_the_register_are_as_the_commands_write_them(tmp_path: Path) -> None:
    for path, command, told in (
        (CATALOGUE, "catalogue", "written: docs/messages.md\n"),
        (PUBLISHED, "publish", "0 texts published\n"),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        assert CLI.invoke(commands, [command, "--home", str(tmp_path)]).stdout == told
        assert (tmp_path / path).read_bytes() == (HOME / path).read_bytes()
