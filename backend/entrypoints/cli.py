"""The `zdorovye` command.

Its commands are loaded when they are called: a server that starts needs neither the demo region nor the checks of the
contracts, and each costs a cold start its time.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from backend.entrypoints.listening import PortTaken
from backend.entrypoints.loading import load
from backend.entrypoints.terminal import fail
from backend.errors import Operational
from identity.keys import KeyUnusable

_OURS = "backend.entrypoints.commands"
_COMMANDS = {
    "run": f"{_OURS}.run:commands",
    "serve": f"{_OURS}.serve:commands",
    "simulate": f"{_OURS}.run:commands",
    "migrate": f"{_OURS}.migrate:commands",
    "seed": f"{_OURS}.demo:commands",
    "token": f"{_OURS}.demo:commands",
    "worker": f"{_OURS}.worker:commands",
    "deliveries": f"{_OURS}.deliveries:commands",
    "doctor": f"{_OURS}.doctor:commands",
    "audit": f"{_OURS}.audit:commands",
    "bookings": f"{_OURS}.bookings:commands",
    "messages": f"{_OURS}.messages:commands",
    "contracts": "mobile_contracts.cli:contracts",
}
"""By name: where the Typer application is that holds the command, or is it."""


class _Commands(TyperGroup):
    """Loads the module of a command when somebody asks for that command, or for the list of all."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Return the names in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """Return one command, or None when there is no such."""
        if cmd_name not in _COMMANDS:
            return None
        loaded = typer.main.get_command(load(_COMMANDS[cmd_name]))
        command = loaded.commands.get(cmd_name, loaded) if isinstance(loaded, TyperGroup) else loaded
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and those may hold personal data (S43)
)


@app.callback()
def root() -> None:
    """«Моё здоровье»: the patients' backend."""


def main() -> None:
    """Run the command line; expected failures are one line and exit code 1."""
    try:
        app()
    except (PortTaken, KeyUnusable) as error:
        fail(str(error))
    except Operational as error:
        fail(f"{error.code}: is the database there, and migrated? `zdorovye doctor` looks")
