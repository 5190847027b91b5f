import pytest

from backend.database import Database
from backend.policy import values
from graphql_schema.policy.types import PolicyKind, PolicyStatus
from tests.factories.people import add_person, make_principal
from tests.factories.policies import make_policy, make_record
from tests.graphql_schema.own_corner import OwnCorner

WHOLE = """{ viewer { policy { kind status enp series number insurer { name phone ogrn } validFrom region asOf
  isStale } } }"""


async def test_a_policy_is_shown_whole(database: Database) -> None:
    person_id = await add_person(database)
    answer = await OwnCorner(database).ask(make_principal(person_id), WHOLE)
    assert answer.codes == {}
    assert answer.data["viewer"]["policy"] == {
        "kind": "UNIFIED",
        "status": "ACTIVE",
        "enp": "7756410835001233",
        "series": None,
        "number": None,
        "insurer": {"name": "СМО «Калуга»", "phone": "+78005550117", "ogrn": "1027700132195"},
        "validFrom": "2020-03-01",
        "region": "Калужская область",
        "asOf": "2026-11-22T05:00:00+00:00",
        "isStale": False,
    }


async def test_an_old_policy_without_an_enp_is_shown(database: Database) -> None:
    person_id = await add_person(database)
    corner = OwnCorner(database)
    policy = make_policy(
        kind=values.PolicyKind.OLD,
        enp=None,
        series="АБ",
        number="0012345",
        insurer=values.Insurer(name="СМО", phone=None),
    )
    corner.register.answer = make_record(policy=policy)
    shown = (await corner.ask(make_principal(person_id), WHOLE)).data["viewer"]["policy"]
    assert (shown["kind"], shown["enp"], shown["series"], shown["number"]) == ("OLD", None, "АБ", "0012345")
    assert shown["insurer"] == {"name": "СМО", "phone": None, "ogrn": None}


@pytest.mark.parametrize("code", ["POLICY_NOT_FOUND", "SNILS_UNKNOWN", "POLICY_SOURCE_UNAVAILABLE"])
async def test_each_way_to_have_no_policy_has_its_own_code(database: Database, code: str) -> None:
    corner = OwnCorner(database)
    corner.register.is_down = code == "POLICY_SOURCE_UNAVAILABLE"
    corner.register.answer = None
    person_id = await add_person(database, snils=None if code == "SNILS_UNKNOWN" else "11223344595")
    answer = await corner.ask(make_principal(person_id), WHOLE)
    assert answer.data["viewer"]["policy"] is None
    assert answer.codes == {"viewer.policy": code}


def test_every_value_has_its_public_name() -> None:
    assert [PolicyKind(member.value).name for member in values.PolicyKind] == [
        member.name for member in values.PolicyKind
    ]
    assert len(PolicyKind) == len(values.PolicyKind)
    assert [PolicyStatus(member.value).name for member in values.PolicyStatus] == [
        member.name for member in values.PolicyStatus
    ]
    assert len(PolicyStatus) == len(values.PolicyStatus)
