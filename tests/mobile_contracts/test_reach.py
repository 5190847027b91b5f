"""In production nothing is reached but by a published operation: so all that may be done has one."""

from collections.abc import Mapping

import pytest
from graphql import build_schema as build

from backend.settings import GraphQLSettings
from graphql_schema.execution import Runners
from graphql_schema.preparation import Preparation, check_cost
from graphql_schema.schema import build_schema
from identity.access import Action
from mobile_contracts.manifest import Operation, ReleaseStatus, active_operations, load_manifest, load_registry
from tests.mobile_contracts.reach import (
    KINDS,
    LEFT_OUT,
    allowed_to,
    always_refused,
    asked_by,
    every_field,
    left_out,
    named_fields,
    out_of_reach,
    unreached,
)

SCHEMA = build_schema()._schema
OPERATIONS = active_operations()
NEWEST = {one.platform: one for one in load_registry() if one.status is ReleaseStatus.ACTIVE}
"""The last active release of each app; the registry is in the order of time."""

NOT_BY_AN_OPERATION: Mapping[Action, frozenset[str]] = {
    Action.DOWNLOAD_EXPORT: frozenset({"ios", "android", "web"}),  # by the link itself, over plain HTTP
    Action.FOLLOW_CALENDAR_FEED: frozenset({"ios", "android", "web"}),  # by a calendar, with the feed's address
    Action.READ_SESSIONS: frozenset({"kiosk"}),  # a screen in a hall lists nobody's devices
}
"""What is done in another way, or on purpose not offered, and by which apps."""


def test_every_field_is_in_an_operation_of_an_active_app() -> None:
    assert unreached(SCHEMA, OPERATIONS.values()) == []


@pytest.mark.parametrize("line", LEFT_OUT)
def test_what_is_left_out_is_there_and_in_no_operation(line: str) -> None:
    left = {f"{kind}.{name}" for kind, name in every_field(SCHEMA) if left_out(kind, name) == line}
    assert left, "nothing falls under it any more: take the line away"
    named = frozenset[str]().union(*(named_fields(SCHEMA, one) for one in OPERATIONS.values()))
    assert left & named == frozenset(), "an app needs it now: take the line away"
    assert {one for one in left if one.startswith(("Query.", "Mutation.", "Subscription.", "Viewer."))} == set()


def test_a_forgotten_field_is_found() -> None:
    """The guard can fail: without an operation, what it alone names is missing."""
    schema = build(
        "type Query { asked: Int forgotten: Int } interface Named { name: Int } type Dog implements Named { name: Int }"
    )
    asks = Operation(id="1", name="Asks", type="query", body="query Asks { asked }")
    assert unreached(schema, [asks]) == ["Dog.name", "Query.forgotten"]
    kept = [one for one in OPERATIONS.values() if one.name not in {"CloseCall", "ErasurePlan"}]
    assert unreached(SCHEMA, kept) == [
        "CloseCallPayload.call",
        "CloseCallPayload.errors",
        "Mutation.closeCall",
        "Viewer.erasurePlan",
    ]


def test_every_app_is_known() -> None:
    assert NEWEST.keys() == KINDS.keys()


@pytest.mark.parametrize("platform", KINDS)
def test_an_app_has_an_operation_for_whatever_its_people_may(platform: str) -> None:
    asked = asked_by(SCHEMA, load_manifest(NEWEST[platform]).operations)
    allowed = allowed_to(KINDS[platform])
    otherwise = {action for action, apps in NOT_BY_AN_OPERATION.items() if platform in apps}
    assert out_of_reach(asked, allowed) == otherwise


@pytest.mark.parametrize("platform", KINDS)
def test_an_app_asks_for_nothing_that_nobody_who_uses_it_may(platform: str) -> None:
    asked = asked_by(SCHEMA, load_manifest(NEWEST[platform]).operations)
    assert always_refused(asked, allowed_to(KINDS[platform])) == set()


def test_what_an_app_lacks_or_may_not_is_found() -> None:
    """The guard can fail: a kiosk's operations at the desk of 122, and the other way round."""
    at_kiosk, at_desk = (asked_by(SCHEMA, load_manifest(NEWEST[one]).operations) for one in ("kiosk", "operator"))
    assert Action.CREATE_HANDOVER in always_refused(at_kiosk, allowed_to(KINDS["operator"]))
    assert Action.HANDLE_CALL in out_of_reach(at_kiosk, allowed_to(KINDS["operator"]))
    assert out_of_reach(at_desk, allowed_to(KINDS["kiosk"])) == {
        Action.CREATE_HANDOVER,
        Action.READ_POLICY,
        Action.READ_APPOINTMENTS,
    }


def test_every_operation_is_within_the_limits_of_one_request() -> None:
    limits, longest = GraphQLSettings(), {"first": 100, "appointments": 100, "messages": 100}
    preparation = Preparation(SCHEMA, limits, Runners(SCHEMA), open_schema=False)
    for operation in OPERATIONS.values():
        [prepared] = preparation.prepare(operation.body).operations
        assert check_cost(prepared, longest, limits) <= limits.max_cost
