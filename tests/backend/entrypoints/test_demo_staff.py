"""Demo staff sign in without a browser as ESIA would sign them in; production settings know none of them."""

from pathlib import Path

import pytest

from backend.clock import SettableClock
from backend.database import Database
from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.organisations import AMBULANCE, CALL_CENTRE, FUND, HOSPITAL, INSURER
from backend.entrypoints.demo.people import generate_people
from backend.entrypoints.demo.sign_in import DemoPersonUnknown, development_token
from backend.entrypoints.development import completed
from backend.entrypoints.registered_organizations import RegisteredOrganizations
from backend.entrypoints.tokens import build_tokens, identity_settings
from backend.settings import Environment, Settings
from identity.principal import ActorKind
from identity.settings import IdentitySettings
from identity.tables import Account
from tests.factories.people import NOW

REPRESENTATIVE = ActorKind.INSURANCE_REPRESENTATIVE
STAFF = {
    "operator": (ActorKind.OPERATOR, CALL_CENTRE.ogrn, None),
    "insurer1": (REPRESENTATIVE, INSURER.ogrn, 1),
    "insurer2": (REPRESENTATIVE, INSURER.ogrn, 2),
    "insurer3": (REPRESENTATIVE, INSURER.ogrn, 3),
    "representative3": (REPRESENTATIVE, INSURER.ogrn, 3),
    "clinician": (ActorKind.CLINICIAN, HOSPITAL.ogrn, None),
    "crew": (ActorKind.AMBULANCE_CREW, AMBULANCE.ogrn, None),
    "auditor": (ActorKind.AUDITOR, FUND.ogrn, None),
    "officer": (ActorKind.AUDITOR, FUND.ogrn, None),
    "anna": (ActorKind.CITIZEN, None, None),
}
CLOCK = SettableClock(NOW)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = {"environment": Environment.TEST, "data_dir": tmp_path}
    return completed(Settings.model_validate(given), CLOCK)


async def write_accounts(database: Database, settings: Settings) -> None:
    async with database.transaction() as session:
        for one in generate_people(len(NAMED), seed=1, today=NOW.date()):
            session.add(
                Account(
                    person_id=one.person_id,
                    issuer=settings.identity.esia.issuer,
                    subject=str(one.oid),
                    kind=one.kind,
                    assurance=one.assurance,
                    created_at=NOW,
                )
            )


async def test_each_of_them_works_where_esia_says(database: Database, settings: Settings) -> None:
    await write_accounts(database, settings)
    tokens, identity = build_tokens(settings, CLOCK), identity_settings(settings)
    found = {}
    for nick in STAFF:
        token = await development_token(nick=nick, database=database, tokens=tokens, settings=identity, clock=CLOCK)
        principal = tokens.verify(token)
        found[nick] = (principal.kind, principal.organization, principal.level)
    assert found == STAFF


async def test_settings_without_their_employer_give_no_token(database: Database, settings: Settings) -> None:
    await write_accounts(database, settings)
    for changes in ({"organizations": ()}, {"apps": IdentitySettings().apps}):
        identity = identity_settings(settings).model_copy(update=changes)
        with pytest.raises(DemoPersonUnknown, match="no app or organisation"):
            await development_token(
                nick="operator",
                database=database,
                tokens=build_tokens(settings, CLOCK),
                settings=identity,
                clock=CLOCK,
            )


def test_only_a_development_machine_makes_staff_for_itself(tmp_path: Path) -> None:
    usual = IdentitySettings()
    assert {app.signs_in for app in usual.apps} == {ActorKind.CITIZEN}
    assert (usual.organizations, usual.systems, usual.kiosks) == ((), (), ())
    named = {"organizations": [{"ogrn": "1" * 13, "name": "x", "groups": [{"group": "g", "kind": "operator"}]}]}
    given = {"environment": Environment.TEST, "data_dir": tmp_path, "identity": named}
    kept = completed(Settings.model_validate(given), CLOCK).identity
    assert [one.ogrn for one in kept.organizations] == ["1" * 13]
    assert len(kept.apps) == len(usual.apps) + 6
    assert [one.client_id for one in kept.kiosks] == ["kiosk"]


async def test_registered_organisations_are_called_by_name(settings: Settings) -> None:
    names = RegisteredOrganizations(settings.identity.organizations)
    assert await names.names_of([INSURER.ogrn, "1" * 13]) == {INSURER.ogrn: INSURER.full_name}
