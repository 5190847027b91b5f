"""What the page at `/` offers to paste does the main job."""

import asyncio
import html
import json
import re
import shutil
from asyncio.subprocess import PIPE

import pytest

from tests.journeys.region import Region


async def test_pasted_requests_do_the_main_job(region: Region) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is missing")
    page = await region.http.get(region.base_url)
    offered = [
        html.unescape(block) for block in re.findall(r'<pre class="paste"><code>(.*?)</code>', page.text, re.DOTALL)
    ]
    assert len(offered) == 7
    shell = await asyncio.create_subprocess_exec("sh", "-eu", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    script = "\n".join(f"{commands}\necho" for commands in offered)
    output, errors = await asyncio.wait_for(shell.communicate(script.encode()), 60)
    assert shell.returncode == 0, errors.decode()
    answers = [json.loads(line) for line in output.decode().splitlines() if line]
    assert [next(iter(answer["data"])) for answer in answers] == [
        *("serverTime", "searchSlots", "holdSlot", "bookAppointment", "viewer", "cancelAppointment")
    ]
    assert all("errors" not in answer for answer in answers)
    assert answers[3]["data"]["bookAppointment"]["appointment"]["status"] == "CONFIRMED"
    assert answers[5]["data"]["cancelAppointment"]["appointment"]["status"] == "CANCELLED"
