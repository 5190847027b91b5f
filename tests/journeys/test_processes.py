"""`zdorovye run` and its fellows as a newcomer and an operator meet them."""

import os
import signal
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from backend.entrypoints.demo.named import NAMED
from backend.settings import DatabaseSettings
from tests.journeys.phone import OPERATIONS
from tests.journeys.process import environment, free_ports, production_environment, running_command
from tests.journeys.slow_request import SlowRequest
from tests.plugins.command_line import run_to_end
from tests.plugins.http import http_client

PEOPLE = ("--people", str(len(NAMED)))


async def ask(base_url: str, token: str, name: str, **variables: Any) -> dict[str, Any]:
    async with http_client(timeout=60) as http:
        answer = await http.post(
            f"{base_url}/graphql",
            json={"documentId": f"sha256:{OPERATIONS[name].id}", "variables": variables},
            headers={"authorization": f"Bearer {token}"},
        )
    body: dict[str, Any] = answer.json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def first_slot(base_url: str, token: str, person_id: str) -> str:
    """Return the first slot of a therapist that a person may take."""
    wanted = {"specialties": ["therapist"], "personId": person_id}
    found = await ask(base_url, token, "FindSlots", filter=wanted, first=1)
    slot_id: str = found["searchSlots"]["slots"]["nodes"][0]["id"]
    return slot_id


async def test_one_command_brings_up_the_main_job_and_a_second_run_keeps_the_data(tmp_path: Path) -> None:
    ports = free_ports()
    env = environment(tmp_path, ports)
    base_url = f"http://127.0.0.1:{ports[0]}"
    async with running_command("run", *PEOPLE, env=env) as process:
        async with http_client(timeout=30) as http:
            page = await http.get(base_url, headers={"accept-language": "en"})
            errors = await http.get(f"{base_url}/docs/errors")
            ready = await http.get(f"{base_url}/health/ready")
        assert page.status_code == 200
        assert "zdorovye token --as anna" in page.text
        assert "BookAppointment" in page.text
        assert 'id="SLOT_TAKEN"' in errors.text
        assert ready.json() == {"status": "ready"}
        code, token, _ = await run_to_end("token", "--as", "anna", env=env)
        assert code == 0
        home = await ask(base_url, token.strip(), "HomeScreen")
        assert home["viewer"]["person"]["givenName"] == "Анна"
        assert home["viewer"]["policy"]["status"] == "ACTIVE"
        slot_id = await first_slot(base_url, token.strip(), home["viewer"]["person"]["id"])
        held = await ask(base_url, token.strip(), "HoldSlot", input={"slotId": slot_id, "idempotencyKey": str(uuid4())})
        hold_id = held["holdSlot"]["hold"]["id"]
        code, report, _ = await run_to_end("doctor", env=env)
        assert code == 0, report
    assert process.returncode == 0
    async with running_command("run", *PEOPLE, env=env):
        booked = await ask(
            base_url, token.strip(), "BookAppointment", input={"holdId": hold_id, "idempotencyKey": str(uuid4())}
        )
        assert booked["bookAppointment"]["appointment"]["status"] == "CONFIRMED"


async def test_kill_nine_between_hold_and_confirmation_loses_nothing(
    database_settings: DatabaseSettings, tmp_path: Path
) -> None:
    """R65: what was acknowledged survives the death of the process, on both engines."""
    ports = free_ports()
    env = environment(
        tmp_path / "data",
        ports,
        ZDOROVYE_DATABASE__URL=database_settings.url,
        ZDOROVYE_GRAPHQL__PREPARE_AT_START="false",  # what prepares and serves: the test above
    )
    base_url = f"http://127.0.0.1:{ports[0]}"
    async with running_command("run", *PEOPLE, env=env) as process:
        token = (await run_to_end("token", "--as", "boris", env=env)).stdout.strip()
        home = await ask(base_url, token, "HomeScreen")
        slot_id = await first_slot(base_url, token, home["viewer"]["person"]["id"])
        held = await ask(base_url, token, "HoldSlot", input={"slotId": slot_id, "idempotencyKey": str(uuid4())})
        hold_id = held["holdSlot"]["hold"]["id"]
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    async with running_command("run", *PEOPLE, env=env) as process:
        key = str(uuid4())
        confirmation = {"holdId": hold_id, "idempotencyKey": key}
        body = {"documentId": f"sha256:{OPERATIONS['BookAppointment'].id}", "variables": {"input": confirmation}}
        doomed = await SlowRequest.begin(ports[0], orjson.dumps(body), authorization=f"Bearer {token}")
        await doomed.send_body()
        os.kill(process.pid, signal.SIGKILL)  # it handles the request: nobody can say what became of it
        await process.wait()
        await doomed.answer()
    async with running_command("run", *PEOPLE, env=env):
        booked = await ask(base_url, token, "BookAppointment", input=confirmation)
        assert booked["bookAppointment"]["appointment"]["status"] == "CONFIRMED"
        home = await ask(base_url, token, "HomeScreen")
        assert len(home["viewer"]["appointments"]["nodes"]) == 1
        assert [one["kind"] for one in home["viewer"]["inbox"]["nodes"]] == ["APPOINTMENT_BOOKED"]


async def test_a_taken_port_is_said_clearly(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, errors = await run_to_end("run", env=environment(tmp_path, (port, free_ports()[0])))
    assert code == 1
    assert f"port {port}" in errors
    assert "ZDOROVYE_PORT" in errors
    assert "Traceback" not in errors


async def test_an_unfit_production_names_every_reason_and_makes_nothing(tmp_path: Path) -> None:
    env = environment(tmp_path / "data", free_ports(), ZDOROVYE_ENVIRONMENT="production")
    code, output, errors = await run_to_end("serve", env=env)
    assert (code, output) == (1, "")
    assert "unfit for production" in errors
    assert "identity.esia.is_simulator" in errors
    assert "oms_registry.token" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("words", [("token", "--as", "anna"), ("seed",), ("run",), ("simulate",)])
async def test_production_refuses_every_development_door(
    tmp_path: Path, development_keys: Path, words: tuple[str, ...]
) -> None:
    """Not for a want of settings: with the same ones production is served below."""
    env = production_environment(tmp_path, free_ports(), development_keys)
    code, output, errors = await run_to_end(*words, env=env)
    assert (code, output) == (1, "")
    assert errors.strip() == "refused: this is for development only, and ZDOROVYE_ENVIRONMENT says production"


async def test_production_serves_no_development_door(tmp_path: Path, development_keys: Path) -> None:
    ports = free_ports()
    env = production_environment(tmp_path, ports, development_keys)
    assert (await run_to_end("migrate", env=env)).exit_code == 0
    async with (
        running_command("serve", env=env, ready="https://health.example"),
        http_client(base_url=f"http://127.0.0.1:{ports[0]}", timeout=30) as http,
    ):
        for path in ("/dev/people", "/graphql-explorer/index.html"):
            assert (await http.get(path)).status_code == 404, path
        assert (await http.post("/dev/token?as=anna")).status_code == 404
        assert "anna" not in (await http.get("/")).text
        page = await http.get("/graphql", headers={"accept": "text/html"})
        assert page.status_code == 406
        free_text = (await http.post("/graphql", json={"query": "{ serverTime }"})).json()
    assert [error["extensions"]["code"] for error in free_text["errors"]] == ["DOCUMENT_NOT_TRUSTED"]


async def test_an_unknown_demo_person_is_said_clearly(tmp_path: Path) -> None:
    env = environment(tmp_path, free_ports())
    assert (await run_to_end("migrate", env=env)).exit_code == 0
    code, output, errors = await run_to_end("token", "--as", "ivan", env=env)
    assert (code, output) == (1, "")
    assert "anna" in errors
    code, _, errors = await run_to_end("token", "--as", "anna", env=env)
    assert code == 1
    assert "zdorovye seed" in errors


@pytest.mark.parametrize("words", [("serve",), ("seed",), ("token", "--as", "anna")])
async def test_an_unmigrated_database_is_said_clearly(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, output, errors = await run_to_end(*words, env=environment(tmp_path, free_ports()))
    assert (code, output) == (1, "")
    assert "zdorovye migrate" in errors


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ZDOROVYE_DATA_DIR": "/proc/nowhere"}, "ZDOROVYE_DATA_DIR"),
        ({"ZDOROVYE_DATABASE": "sqlite"}, "ZDOROVYE_DATABASE__URL"),
        ({"ZDOROVYE_PORT": "65535"}, "port"),
        ({"ZDOROVYE_DATABASE__URL": "postgresql+asyncpg://nobody@127.0.0.1:1/none"}, "DATABASE_UNAVAILABLE"),
    ],
)
async def test_a_wrong_setting_is_said_in_one_line(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    env = environment(tmp_path, free_ports())
    code, output, errors = await run_to_end("seed", env={**env, **changes})
    assert (code, output) == (1, "")
    assert said in errors
    assert "Traceback" not in errors
