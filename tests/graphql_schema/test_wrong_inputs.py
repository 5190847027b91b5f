"""Every id and text of an input spoilt: its code, and nothing is done (S11, S36)."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.entrypoints.migrations.tables import METADATA
from graphql_schema.node import encode_id
from tests.graphql_schema.wrong_inputs import TRIED, Scene, spoil, spoilable

DEEDS = (
    "appointment_events",
    "cancellation_proposals",
    "consents",
    "data_exports",
    "emergencies",
    "erasure_requests",
    "guardianships",
    "message_preferences",
    "no_show_appeals",
    "notifications",
    "quiet_hours",
    "representations",
    "reviews",
    "schedule_templates",
)
"""Tables that would tell that something was done."""

REPEATED = frozenset({"sendCallerCode", "giveConsent", "proposeCancellation"})
"""What may be done again: a new code; a consent that takes the place of the former one; a proposal,
which changes nothing."""

WRONG = {
    "ID": ("", "не идентификатор", "A" * 10_000, encode_id("Slot", uuid7()), encode_id("Person", uuid7())),
    "String": ("я" * 10_000,),
}


async def deeds(database: Database) -> list[Sequence[Any]]:
    """Return all rows of the tables."""
    async with database.reading() as session:
        connection = await session.connection()
        return [tuple((await connection.execute(select(METADATA.tables[name]))).all()) for name in DEEDS]


@pytest.mark.parametrize("mutation", TRIED)
async def test_each_spoilt_part_of_an_input_is_refused_with_its_code(database: Database, mutation: str) -> None:
    tried = TRIED[mutation]
    parts = dict(spoilable(mutation))
    assert parts.keys() == tried.codes.keys(), "every id and text has its code"
    scene = Scene(database)
    for part, scalar in parts.items():
        actor, right = await tried.ready(scene)
        before = await deeds(database)
        for wrong in WRONG[scalar]:
            payload = await scene.act(actor, mutation, **spoil(right, part, wrong))
            found = [error["code"] for error in payload["errors"]]
            assert found == [one for one in (tried.codes[part],) if one], (part, wrong[:20])
        assert await deeds(database) == before, part


@pytest.mark.parametrize("mutation", TRIED)
async def test_what_is_done_is_not_done_again_under_another_key(database: Database, mutation: str) -> None:
    scene, tried = Scene(database), TRIED[mutation]
    actor, right = await tried.ready(scene)
    assert (await scene.act(actor, mutation, **right))["errors"] == []
    done = await deeds(database)
    again = await scene.act(actor, mutation, **right)
    assert [error["code"] for error in again["errors"]] == [one for one in (tried.again,) if one]
    if tried.again or mutation not in REPEATED:
        assert await deeds(database) == done
