"""The outside systems of the demo region in one application, knowing the same people as the database."""

from collections.abc import Sequence
from datetime import date

from starlette.applications import Starlette
from starlette.routing import Mount

from backend.clock import Clock
from backend.entrypoints.demo.fer import demo_concentrator
from backend.entrypoints.demo.message_simulators import MessageSimulators
from backend.entrypoints.demo.organisations import EMPLOYMENTS, INSURER, OTHER_INSURER
from backend.entrypoints.demo.people import DemoPerson, generate_people
from backend.entrypoints.demo.plan import Plan
from backend.entrypoints.tokens import identity_settings
from backend.integrations.fer_registry.simulator import create_simulator as create_fer_registry
from backend.integrations.oms_registry.simulator import OmsRecord
from backend.integrations.oms_registry.simulator import create_simulator as create_oms_registry
from backend.profile.values import Sex
from backend.settings import Settings
from identity.development_keys import SIMULATOR_KEY
from identity.esia.people import EsiaPerson, SimulatedDocument, SimulatedKid
from identity.esia.simulated_client import SimulatorSettings
from identity.esia.simulator import create_simulator as create_esia
from identity.keys import load_rsa_private_key
from identity.principal import Assurance

UNIFIED_SINCE = date(2022, 12, 1)
"""From this day the policy is a digital record of the unified form (326-ФЗ as amended)."""

INSURERS = (
    (INSURER, "+74842000001"),
    (OTHER_INSURER, "+74842000002"),
)


def create_simulators(settings: Settings, clock: Clock, *, people: int) -> Starlette:
    """Build ESIA (/esia), the OMS registry (/oms) and the federal registry (/fer), for the first `people`.

    Beside them stands what carries messages.

    Raises:
        OSError: The keys of a development machine were not made yet.
    """
    plan = Plan(people=people, seed=settings.demo_seed, now=clock(), issuer=settings.identity.esia.issuer)
    everybody = list(generate_people(people, seed=plan.seed, today=plan.today))
    esia = create_esia(
        esia_people(everybody, today=plan.today),
        settings=SimulatorSettings(
            client_id=settings.identity.esia.client_id,
            redirect_uris=(identity_settings(settings).callback_url,),
            certificate_pem=settings.identity.esia.certificate.read(),
            issuer=settings.identity.esia.issuer,
        ),
        clock=clock,
        key=load_rsa_private_key((settings.data_dir / "keys" / SIMULATOR_KEY).read_bytes()),
    )
    records = {record.snils: record for record in oms_records(everybody)}
    oms = create_oms_registry(records, token=settings.oms_registry.token, clock=clock)
    fer = create_fer_registry(
        demo_concentrator(everybody, seed=plan.seed, today=plan.today, clock=clock), token=settings.fer_registry.token
    )
    messages = MessageSimulators(settings)
    return Starlette(
        routes=[Mount("/esia", esia), Mount("/oms", oms), Mount("/fer", fer), *messages.routes()],
        lifespan=messages.lifespan,
    )


def esia_people(everybody: Sequence[DemoPerson], *, today: date) -> list[EsiaPerson]:
    """Return the ESIA accounts of the demo people, named ones first."""
    return [_esia_person(person, everybody, today) for person in everybody]


def oms_records(everybody: Sequence[DemoPerson]) -> list[OmsRecord]:
    """Return the insured people as the OMS registry knows them."""
    return [_oms_record(person) for person in everybody]


def _esia_person(person: DemoPerson, everybody: Sequence[DemoPerson], today: date) -> EsiaPerson:
    return EsiaPerson(
        oid=person.oid,
        last_name=person.family_name,
        first_name=person.given_name,
        middle_name=person.patronymic,
        birth_date=person.birth_date,
        sex=person.sex,
        nick=person.nick or "",
        snils=person.snils,
        trusted=person.assurance is Assurance.CONFIRMED,
        mobile=person.phone,
        email=person.email,
        address=f"{person.town}, Садовая улица, {person.number % 90 + 1}",
        documents=_documents(person, today),
        roles=EMPLOYMENTS.get(person.nick or "", ()),
        kids=tuple(_kid(everybody[number]) for number in person.children if number < len(everybody)),
        role_ru=person.label,
        role_en=person.kind.value.replace("_", " ") if person.nick else "",
    )


def _documents(person: DemoPerson, today: date) -> tuple[SimulatedDocument, ...]:
    """Return the policy, and a passport from 14 or a birth certificate before (Положение о паспорте, п. 1)."""
    came_of_passport_age = person.birth_date.replace(year=person.birth_date.year + 14)
    is_adult = came_of_passport_age <= today
    identity_document = SimulatedDocument(
        kind="RF_PASSPORT" if is_adult else "BRTH_CERT",
        series="0000" if is_adult else "I-ДМ",
        number=f"{person.number:06d}",
        issue_date=came_of_passport_age if is_adult else person.birth_date,
        issued_by="Демонстрационное отделение",
    )
    return (identity_document, SimulatedDocument(kind="MDCL_PLCY", number=person.enp))


def _kid(child: DemoPerson) -> SimulatedKid:
    return SimulatedKid(
        oid=child.oid,
        last_name=child.family_name,
        first_name=child.given_name,
        middle_name=child.patronymic,
        birth_date=child.birth_date,
        sex=child.sex,
        snils=child.snils,
        certificate=SimulatedDocument(
            kind="KID_RF_BRTH_CERT", series="I-ДМ", number=f"{child.number:06d}", issue_date=child.birth_date
        ),
    )


def _oms_record(person: DemoPerson) -> OmsRecord:
    insurer, phone = INSURERS[person.number % len(INSURERS)]
    return OmsRecord(
        snils=person.snils,
        birth_date=person.birth_date,
        sex=Sex(person.sex),
        enp=person.enp,
        valid_from=max(UNIFIED_SINCE, person.birth_date),
        insurer_name=insurer.full_name,
        insurer_ogrn=insurer.ogrn,
        insurer_phone=phone,
    )
