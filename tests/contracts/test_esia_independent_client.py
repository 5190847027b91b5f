"""A client that others wrote signs in at our simulator: proof that it speaks ESIA's words and not only ours.

It is `esia-connector` (v1, PKCS#7 made by openssl), in an environment of its own that `make install-dev` builds.
"""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.clock import SettableClock
from identity.keys import make_rsa_key, private_pem, public_pem
from tests.architecture.source import ROOT
from tests.factories.esia import REDIRECT, simulated
from tests.factories.identity import ANNA, CERTIFICATE, CLIENT_ID, CLIENT_KEY, ESIA_KEY

ENVIRONMENT = Path(os.environ.get("ESIA_INDEPENDENT", ROOT / ".venv" / "esia-independent"))
PYTHON = ENVIRONMENT / "bin" / "python"
SCRIPT = Path(__file__).parent / "independent" / "esia_sign_in.py"

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="the independent client is not installed: `make install-dev` builds its environment"
)


async def run(url: str, folder: Path, *, key: bytes, check_key: bytes) -> tuple[int | None, str, str]:
    """Run the independent client and return its exit code, output and complaints."""
    for name, content in (("certificate.pem", CERTIFICATE), ("key.pem", key), ("esia.pem", check_key)):
        (folder / name).write_bytes(content)
    process = await asyncio.create_subprocess_exec(
        *(str(PYTHON), "-I", str(SCRIPT), url, CLIENT_ID, REDIRECT),
        *(str(folder / name) for name in ("certificate.pem", "key.pem", "esia.pem")),
        "anna",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"},
    )
    output, complaints = await process.communicate()
    return process.returncode, output.decode(), complaints.decode()


async def test_an_independent_client_signs_in_and_reads_the_person(tmp_path: Path) -> None:
    async with simulated(clock=SettableClock(datetime.now(UTC))) as side:
        code, output, complaints = await run(
            side.url, tmp_path, key=private_pem(CLIENT_KEY), check_key=public_pem(ESIA_KEY)
        )
    assert code == 0, complaints
    learnt = json.loads(output)
    assert learnt["oid"] == ANNA.oid
    person = learnt["person"]
    assert (person["lastName"], person["birthDate"], person["snils"]) == ("Ёлкина", "14.03.1984", "112-233-445 95")
    assert (person["gender"], person["trusted"]) == ("F", True)
    assert [(one["type"], one["value"]) for one in learnt["contacts"]["elements"]] == [
        ("MBT", "+7(910)1234567"),
        ("EML", "anna@example.org"),
    ]
    assert [one["addressStr"] for one in learnt["addresses"]["elements"]] == [ANNA.address, ANNA.address]
    assert [one["number"] for one in learnt["documents"]["elements"]] == ["4006410835001233"]


async def test_an_independent_client_refuses_tokens_of_another_key(tmp_path: Path) -> None:
    async with simulated(clock=SettableClock(datetime.now(UTC))) as side:
        code, output, complaints = await run(
            side.url, tmp_path, key=private_pem(CLIENT_KEY), check_key=public_pem(make_rsa_key())
        )
    assert (code, output) == (1, "")
    assert "IncorrectMarkerError" in complaints
