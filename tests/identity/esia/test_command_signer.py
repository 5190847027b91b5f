"""The command signer with real processes: a real openssl signs; a tool that fails ends typed, in time, quietly."""

import asyncio
import hashlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs

from identity.esia.cms_message import read_cms
from identity.esia.command_signer import MAX_SIGNATURE_BYTES, CommandSigner
from identity.esia.dialects import V2_V3, text_to_sign
from identity.esia.errors import EsiaSignerUnavailable
from identity.esia.signer import Signer, is_signed_by
from identity.esia.signing_keys import SigningKey
from identity.esia_settings import SignCommandSettings
from identity.keys import private_pem
from tests.factories.esia import identify, simulated
from tests.factories.identity import ANNA, CERTIFICATE, CLIENT_KEY
from tests.plugins.waiting import until

HASH = "0A" * 32
SECRET = "pin-1234567"


def signer(*argv: str, timeout_seconds: float = 20, environment: Sequence[str] = ("PATH",)) -> CommandSigner:
    command = SignCommandSettings(argv=argv, timeout_seconds=timeout_seconds, environment=tuple(environment))
    return CommandSigner(command=command, certificate_hash=HASH)


def script(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "key.pem").write_bytes(private_pem(CLIENT_KEY))
    (tmp_path / "certificate.pem").write_bytes(CERTIFICATE)
    return tmp_path


def cms_command(files: Path) -> tuple[str, ...]:
    return (
        *("openssl", "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER"),
        *("-signer", str(files / "certificate.pem"), "-inkey", str(files / "key.pem")),
    )


def raw_command(files: Path) -> tuple[str, ...]:
    return ("openssl", "dgst", "-sha256", "-sign", str(files / "key.pem"), "-binary")


async def test_a_real_openssl_cms_signs(files: Path) -> None:
    text = "openid Ёлка".encode()
    message = read_cms(await signer(*cms_command(files)).sign(text))
    assert message.is_signed_by(x509.load_pem_x509_certificate(CERTIFICATE), text=text)


async def test_a_real_openssl_gives_a_raw_signature(files: Path) -> None:
    text = text_to_sign(V2_V3.signed_to_authorize, {"client_id": "C", "scope": "a b"})
    signature = await signer(*raw_command(files)).sign(text)
    assert is_signed_by(CLIENT_KEY.public_key(), signature=signature, text=text)


@pytest.mark.parametrize("dialect", ["v1", "v2_v3"])
async def test_a_person_signs_in_with_a_tool_that_signs(files: Path, dialect: str) -> None:
    der = x509.load_pem_x509_certificate(CERTIFICATE).public_bytes(Encoding.DER)
    command = SignCommandSettings(argv=cms_command(files) if dialect == "v1" else raw_command(files))
    tool: Signer = CommandSigner(command=command, certificate_hash=hashlib.sha256(der).hexdigest())
    async with simulated(dialect=dialect, signing_keys=[SigningKey("current", tool)], deadline_seconds=20) as side:
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


@pytest.mark.parametrize(
    ("argv", "reason", "exit_code"),
    [
        (("/nowhere/a-tool",), "not started", None),
        (script(f"import sys; sys.stderr.write('{SECRET}'); sys.stdout.write('half'); sys.exit(3)"), "exit", 3),
        (script("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"), "exit", -11),
        (script("pass"), "empty", None),
        (script(f"import sys; sys.stdout.write('x' * {MAX_SIGNATURE_BYTES + 1})"), "too long", None),
        (script("import sys\nwhile True: sys.stdout.write('x' * 65536)"), "too long", None),
    ],
)
async def test_a_tool_that_fails_is_told_without_its_words(
    argv: tuple[str, ...], reason: str, exit_code: int | None
) -> None:
    with capture_logs() as logs, pytest.raises(EsiaSignerUnavailable):
        await signer(*argv, SECRET).sign(b"the text")
    told = {"event": "esia.signer_failed", "reason": reason, "log_level": "warning"}
    assert logs == [told if exit_code is None else told | {"exit_code": exit_code}]
    assert SECRET not in str(logs)


async def test_a_tool_that_writes_without_end_is_ended_at_once() -> None:
    """Also when it has written more than is read before it is killed, which is a matter of luck: hence twenty."""
    for _ in range(20):
        with capture_logs() as logs, pytest.raises(EsiaSignerUnavailable):
            await signer(*script("import os\nwhile True: os.write(1, b'x' * 65536)")).sign(b"the text")
        assert logs[0]["reason"] == "too long"


async def test_a_tool_that_hangs_is_killed_in_time_with_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    hanging = script(
        "import os, signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "signal.pause()"
    )
    began = time.monotonic()
    with pytest.raises(EsiaSignerUnavailable):
        await signer(*hanging, timeout_seconds=3).sign(b"text")
    assert time.monotonic() - began < 15
    started = [int(pid) for pid in pids.read_text().split()]
    await until(lambda: gone(started), what="the end of the tool and of what it started")


def is_running(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


async def test_a_tool_that_does_not_read_its_input_still_signs() -> None:
    assert await signer(*script("import os; os.close(0); print('signed', end='')")).sign(b"t" * 200_000) == b"signed"


async def test_a_tool_sees_only_the_variables_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_OF_OURS", "yes")
    monkeypatch.setenv("KEY_STORE", "store")
    seen = await signer(
        *script("import os; print(sorted(set(os.environ) - {'LC_CTYPE'}), end='')"), environment=("KEY_STORE", "ABSENT")
    ).sign(b"text")
    assert seen.decode() == "['KEY_STORE']"


async def test_at_most_four_run_at_once_and_a_cancelled_one_leaves_no_process(tmp_path: Path) -> None:
    """Each writes how many run with it; a signature that is given up kills its process."""
    running = tmp_path / "running"
    running.mkdir()
    counting = script(
        "import os, pathlib, threading\n"
        f"folder = pathlib.Path({str(running)!r})\n"
        "mine = folder / str(os.getpid()); mine.touch(); threading.Event().wait(0.2)\n"
        "print(len(list(folder.iterdir())), end=''); mine.unlink()"
    )
    tool = signer(*counting, timeout_seconds=60)
    counts = [int(count) for count in await asyncio.gather(*(tool.sign(b"text") for _ in range(10)))]
    assert 1 < max(counts) <= 4
    before = children()
    given_up = asyncio.create_task(signer(*script("import signal; signal.pause()")).sign(b"text"))
    await until(lambda: changed(before), what="a process of the tool")
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert children() == before


async def gone(pids: Sequence[int]) -> bool:
    return not any(is_running(pid) for pid in pids)


async def changed(before: set[str]) -> bool:
    return children() != before


def children() -> set[str]:
    """The processes of this one, the dead ones left out."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return {pid for pid in listed if is_running(int(pid))}
