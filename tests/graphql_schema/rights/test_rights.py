"""Copies and erasure as clients see them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import Assurance, Principal
from tests.factories.people import add_person, make_principal
from tests.factories.rights import DOWNLOADS, RECEIPTS, Planting, RightsHouse
from tests.graphql_schema.own_corner import OwnCorner

EXPORT = "id state progressPercent requestedAt readyAt expiresAt sizeBytes failureCode downloadUrl"
ERASURE = (
    "state requestedAt erasesAt cancelledAt erasedAt receiptUrl items { title treatment rows law { reason act until } }"
)


def mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation($input: {kind}Input!) {{ done: {name}(input: $input) {{ {selection} errors {{ code path }} }} }}"


REQUEST_EXPORT = mutation("requestExport", f"export {{ {EXPORT} }}")
DELETE_EXPORT = mutation("deleteExport", "export { state downloadUrl }")
REQUEST_ERASURE = mutation("requestErasure", f"erasure {{ {ERASURE} }}")
CANCEL_ERASURE = mutation("cancelErasure", "erasure { state }")
VIEWER = f"{{ viewer {{ exports {{ {EXPORT} }} erasure {{ {ERASURE} }} erasurePlan {{ title rows }} }} }}"


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


@pytest.fixture
def house(corner: OwnCorner, tmp_path: Path) -> RightsHouse:
    """A worker and downloads over the same database and clock."""
    return RightsHouse(corner.database, tmp_path / "exports", clock=corner.clock)


async def act(corner: OwnCorner, actor: Principal | None, document: str, **values: Any) -> Mapping[str, Any]:
    """Send a mutation under a new key and return its payload."""
    answer = await corner.ask(actor, document, input={"idempotencyKey": str(uuid4()), **values})
    assert answer.codes == {}
    payload: Mapping[str, Any] = answer.data["done"]
    return payload


async def test_a_copy_from_the_wish_to_the_file_and_its_end(corner: OwnCorner, house: RightsHouse) -> None:
    anna = make_principal(await add_person(corner.database))
    queued = await act(corner, anna, REQUEST_EXPORT)
    assert queued["errors"] == []
    assert (queued["export"]["state"], queued["export"]["downloadUrl"]) == ("QUEUED", None)
    refused = await act(corner, anna, REQUEST_EXPORT)
    assert (refused["export"], refused["errors"]) == (None, [{"code": "EXPORT_IN_PROGRESS", "path": None}])
    await house.worker.run_due()
    (ready,) = (await corner.ask(anna, VIEWER)).data["viewer"]["exports"]
    assert (ready["id"], ready["state"], ready["progressPercent"]) == (queued["export"]["id"], "READY", 100)
    assert ready["failureCode"] is None
    token = ready["downloadUrl"].removeprefix(f"{DOWNLOADS}/")
    assert len(await house.download(token)) == ready["sizeBytes"]
    deleted = await act(corner, anna, DELETE_EXPORT, exportId=ready["id"])
    assert deleted == {"export": {"state": "EXPIRED", "downloadUrl": None}, "errors": []}
    for wrong, code in ((ready["id"], "EXPORT_NOT_READY"), ("x", "EXPORT_NOT_FOUND")):
        refused = await act(corner, anna, DELETE_EXPORT, exportId=wrong)
        assert refused == {"export": None, "errors": [{"code": code, "path": ["input", "exportId"]}]}


async def test_another_asks_for_nothing_and_learns_nothing(corner: OwnCorner, house: RightsHouse) -> None:
    """S35, S36."""
    anna, boris = make_principal(await add_person(corner.database)), make_principal(await add_person(corner.database))
    export = (await act(corner, anna, REQUEST_EXPORT))["export"]
    await house.worker.run_due()
    whose = encode_id("Person", anna.person_id)
    for document, given in ((REQUEST_EXPORT, {}), (DELETE_EXPORT, {"exportId": export["id"]})):
        for person in (whose, encode_id("Person", uuid4()), "x"):
            refused = await act(corner, boris, document, personId=person, **given)
            assert refused == {"export": None, "errors": [{"code": "ACCESS_REFUSED", "path": None}]}
    foreign = await act(corner, boris, DELETE_EXPORT, exportId=export["id"])
    assert foreign["errors"] == [{"code": "EXPORT_NOT_FOUND", "path": ["input", "exportId"]}]
    assert (await corner.ask(boris, VIEWER)).data["viewer"]["exports"] == []
    assert (await house.status(anna)).state.value == "ready"


async def test_an_erasure_from_the_plan_to_the_statement(corner: OwnCorner, house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(corner.database).plant(anna.person_id, "annaA")
    plan = (await corner.ask(anna, VIEWER, language="en")).data["viewer"]["erasurePlan"]
    assert {"title": "Messages", "rows": 1} in plan
    asked = await act(corner, anna, REQUEST_ERASURE)
    erasure = asked["erasure"]
    assert (erasure["state"], asked["errors"]) == ("WAITING", [])
    assert erasure["receiptUrl"].startswith(f"{RECEIPTS}/")
    audit = next(item for item in erasure["items"] if item["title"].startswith("Журнал: кто"))
    assert (audit["treatment"], audit["law"]["act"]) == ("KEPT", "152-ФЗ, ст. 19 ч. 2 п. 8")
    assert {"title": "Уведомления", "treatment": "ERASED", "rows": 1, "law": None} in erasure["items"]
    again = await act(corner, anna, REQUEST_ERASURE)
    assert again["errors"] == [{"code": "ERASURE_IN_PROGRESS", "path": None}]
    assert await act(corner, anna, CANCEL_ERASURE) == {"erasure": {"state": "CANCELLED"}, "errors": []}
    refused = await act(corner, anna, CANCEL_ERASURE)
    assert refused["errors"] == [{"code": "ERASURE_NOT_WAITING", "path": None}]
    shown = (await corner.ask(anna, VIEWER)).data["viewer"]["erasure"]
    assert (shown["state"], shown["receiptUrl"]) == ("CANCELLED", erasure["receiptUrl"])


async def test_a_wish_to_be_erased_and_its_end_are_told(corner: OwnCorner) -> None:
    anna = make_principal()
    await act(corner, anna, REQUEST_ERASURE)
    await act(corner, anna, CANCEL_ERASURE)
    nodes = (await corner.ask(anna, "{ viewer { inbox { nodes { kind body } } } }")).data["viewer"]["inbox"]["nodes"]
    assert [node["kind"] for node in nodes] == ["ERASURE_CANCELLED", "ERASURE_REQUESTED"]
    assert nodes[1]["body"].startswith("Дней на то, чтобы передумать: 14.")


async def test_a_replayed_wish_is_marked(corner: OwnCorner) -> None:
    anna, key = make_principal(), str(uuid4())
    first = await corner.ask(anna, REQUEST_ERASURE, input={"idempotencyKey": key})
    again = await corner.ask(anna, REQUEST_ERASURE, input={"idempotencyKey": key})
    assert (first.extensions, again.extensions) == ({}, {"replayed": True})
    assert first.data == again.data


@pytest.mark.parametrize("document", [REQUEST_EXPORT, REQUEST_ERASURE, CANCEL_ERASURE])
async def test_nobody_signed_in_and_an_unconfirmed_account_are_refused(corner: OwnCorner, document: str) -> None:
    nobody = await corner.ask(None, document, input={"idempotencyKey": str(uuid4())})
    assert nobody.codes == {"done": "UNAUTHENTICATED"}
    unconfirmed = await act(corner, make_principal(assurance=Assurance.STANDARD), document)
    assert unconfirmed["errors"] == [{"code": "ACCOUNT_NOT_CONFIRMED", "path": None}]


async def test_no_text_of_a_lock_screen_says_a_fact_about_the_person(corner: OwnCorner, house: RightsHouse) -> None:
    anna = make_principal(await add_person(corner.database))
    await act(corner, anna, REQUEST_EXPORT)
    await house.worker.run_due()
    for language, title in (("ru", "Копия ваших данных готова"), ("en", "The copy of your data is ready")):
        query = "{ viewer { inbox { nodes { kind title body subject { id } } } } }"
        answer = await corner.ask(anna, query, language="ru" if language == "ru" else "en")
        (node,) = answer.data["viewer"]["inbox"]["nodes"]
        assert (node["kind"], node["title"], node["subject"]) == ("EXPORT_READY", title, None)
        assert "Соколова" not in node["title"] + node["body"]
