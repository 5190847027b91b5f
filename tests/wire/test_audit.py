"""GraphQL over HTTP, as the npm package `graphql-http` audits it: all of its items, none less."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.graphql_schema.endpoint import build_endpoint
from tests.plugins.serving import serving

HERE = Path(__file__).parent
ITEMS = 61


@pytest.fixture
def node() -> str:
    """Return the interpreter; `make install-dev` installs the audit beside this file."""
    program = shutil.which("node")
    if program is None or not (HERE / "node_modules" / "graphql-http").is_dir():
        pytest.skip("Node or the audit is missing: install Node 20, then `make install-dev`")
    return program


async def test_every_item_of_the_audit_passes(node: str) -> None:
    async with serving(build_endpoint()) as base_url:
        process = await asyncio.create_subprocess_exec(
            node, "audit.mjs", f"{base_url}/graphql", cwd=HERE, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()

    results = json.loads(output)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == ITEMS
