"""The clinics of the demo region whose times the federal registry keeps: the same doctors, their times over there."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from backend.booking.slot_times import slot_times
from backend.booking.values import Registry
from backend.clock import Clock
from backend.entrypoints.demo import entitlements
from backend.entrypoints.demo.people import DemoPerson, snils_of
from backend.entrypoints.demo.region import CLINICS, SLOT_MINUTES, DemoDoctor, demo_id, generate_doctors
from backend.integrations.fer_registry.simulated_concentrator import (
    SimulatedConcentrator,
    SimulatedPatient,
    SimulatedReferral,
    SimulatedSlot,
)
from backend.integrations.fer_registry.wire import ResourceName
from backend.settings import POSTS

_DOCTORS_FROM = 500_000_000
"""Doctors' numbers begin here, people's at 0."""

_SHARE_SOLD = 0.3
"""How much of a day others have taken, who came by other ways."""

_POST_IDS = {code: post_id for post_id, code in POSTS.items()}


def resource_key(doctor: DemoDoctor, *, seed: int) -> str | None:
    """Return what the federal registry calls a doctor at the post; None for a doctor of a clinic of our own."""
    return None if doctor.clinic.kept_by is Registry.OWN else _resource(doctor, seed).key


def demo_concentrator(
    everybody: Sequence[DemoPerson], *, seed: int, today: date, clock: Clock
) -> SimulatedConcentrator:
    """Return the concentrator that knows the demo people and keeps the times of its clinics.

    Args:
        everybody: In order of number.
        seed: The same number gives the same doctors, and the same times to others.
        today: In Moscow's reckoning; referrals are counted from it.
        clock: The present over there.
    """
    return SimulatedConcentrator(
        patients=[_patient(person, today) for person in everybody], slots_of=_Receptions(seed).slots_of, clock=clock
    )


@dataclass(frozen=True, slots=True)
class _Receptions:
    seed: int

    def slots_of(self, day: date) -> Iterator[SimulatedSlot]:
        """Yield every slot of a day; always the same ones."""
        for doctor in generate_doctors(seed=self.seed):
            if doctor.clinic.kept_by is not Registry.OWN and (hours := doctor.reception(day)):
                for starts_at, ends_at in slot_times(
                    day=day,
                    opens=hours[0],
                    closes=hours[1],
                    slot_minutes=SLOT_MINUTES,
                    time_zone=doctor.clinic.time_zone,
                ):
                    name = f"{doctor.number}:{starts_at.isoformat()}"
                    yield SimulatedSlot(
                        slot_id=str(demo_id("fer-slot", name)),
                        mo_oid=doctor.clinic.oid,
                        resource=_resource(doctor, self.seed),
                        starts_at=starts_at,
                        ends_at=ends_at,
                        room=doctor.room,
                        time_zone=doctor.clinic.time_zone,
                        needs_referral=not doctor.specialty.direct,
                        needs_attachment=doctor.specialty.attached,
                        sold=random.Random(f"{self.seed}:{name}").random() < _SHARE_SOLD,  # noqa: S311 # demo data
                    )


def _resource(doctor: DemoDoctor, seed: int) -> ResourceName:
    return ResourceName(_POST_IDS[doctor.specialty.code], "snils", snils_of(_DOCTORS_FROM + doctor.number, seed))


def _patient(person: DemoPerson, today: date) -> SimulatedPatient:
    organisation = entitlements.organisation_of(person)
    attached = (one.oid for one in CLINICS if one.kept_by is not Registry.OWN and one.organisation == organisation)
    return SimulatedPatient(
        patient_id=str(demo_id("fer-patient", person.number)),
        last_name=person.family_name,
        first_name=person.given_name,
        birth_date=person.birth_date,
        snils=person.snils,
        oms_number=person.enp,
        attached_oids=frozenset(attached),
        referrals=tuple(_referrals(person, today)),
    )


def _referrals(person: DemoPerson, today: date) -> Iterator[SimulatedReferral]:
    for one in entitlements.demo_referrals(person, today=today):
        yield SimulatedReferral(one.number, _POST_IDS[one.specialty.code], one.issued_on, one.expires_on)
