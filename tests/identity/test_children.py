"""What ESIA tells of children at a sign-in becomes the parent's candidates, in the same transaction."""

from dataclasses import replace

from backend.database import Database
from identity.esia.people import SimulatedDocument
from identity.known_children import BirthCertificate, children_of
from identity.principal import PersonId
from tests.factories.identity import ANNA, MITYA, open_house

CERTIFICATE = SimulatedDocument(kind="KID_RF_BRTH_CERT", series="I-ДМ", number="000123", act_record="12011940040")


async def candidates(database: Database, person_id: PersonId) -> list[tuple[str, str, BirthCertificate | None]]:
    async with database.reading() as session:
        found = await children_of(session, person_id)
    return [(one.told.subject, one.told.given_name, one.told.certificate) for one in found]


async def test_a_sign_in_keeps_the_children_of_the_account_and_their_certificates(database: Database) -> None:
    mother = replace(ANNA, kids=(replace(MITYA, certificate=CERTIFICATE),))
    async with open_house(database, people=(mother,)) as house:
        await house.sign_in("anna")
        ((person_id, _),) = house.directory.told
    assert await candidates(database, person_id) == [
        (str(MITYA.oid), MITYA.first_name, BirthCertificate("I-ДМ", "000123", "12011940040"))
    ]


async def test_a_child_that_left_the_account_is_no_candidate_any_more(database: Database) -> None:
    for kids in ((replace(MITYA, certificate=CERTIFICATE),), ()):
        async with open_house(database, people=(replace(ANNA, kids=kids),)) as house:
            await house.sign_in("anna")
            ((person_id, _),) = house.directory.told
    assert await candidates(database, person_id) == []
