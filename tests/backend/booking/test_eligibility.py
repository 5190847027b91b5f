"""Whom a slot is for. Source of the rules: domain reference, §3 "Booking"."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.eligibility import PatientFacts, Referral, SlotTerms, check_person_fits, choose_referral
from backend.booking.errors import (
    AgeNotAllowed,
    BookingRefusal,
    NotAttached,
    PatientNotFound,
    ReferralExpired,
    ReferralRequired,
    ReferralUsed,
    SexNotAllowed,
)
from backend.booking.values import Registry, SpecialtyId
from backend.profile.values import Sex
from tests.factories.booking import make_slot_time
from tests.factories.people import NOW

HERE, ELSEWHERE = uuid7(), uuid7()
EYES = SpecialtyId(uuid7())
ADULT = PatientFacts(date(1984, 5, 17), Sex.FEMALE, HERE)


def terms(**given: Any) -> SlotTerms:
    return SlotTerms(
        **{
            "organisation_id": HERE,
            "clinic_oid": "1.2.3",
            "time_zone": "Europe/Moscow",
            "kept_by": Registry.OWN,
            "clinic_age_from": None,
            "clinic_age_until": None,
            "specialty_id": EYES,
            "specialty_code": "ophthalmologist",
            "direct_booking": True,
            "needs_attachment": False,
            "age_from": None,
            "age_until": None,
            "sex": None,
            "room": None,
            "external_id": None,
            "resource_key": None,
            **given,
        }
    )


def referral(**given: Any) -> Referral:
    return Referral(
        **{
            "id": uuid7(),
            "number": "R-1",
            "specialty_id": EYES,
            "issued_on": NOW.date() - timedelta(days=3),
            "expires_on": NOW.date() + timedelta(days=3),
            **given,
        }
    )


@pytest.mark.parametrize(
    ("asked", "patient", "refusal"),
    [
        (terms(), PatientFacts(None, None), None),
        (terms(age_from=18), PatientFacts(None, None), PatientNotFound),
        (terms(sex=Sex.FEMALE), PatientFacts(date(1984, 5, 17), None), PatientNotFound),
        (terms(kept_by=Registry.FER), PatientFacts(None, None), PatientNotFound),
        (terms(sex=Sex.MALE), ADULT, SexNotAllowed),
        (terms(sex=Sex.FEMALE), ADULT, None),
        (terms(needs_attachment=True), ADULT, None),
        (terms(needs_attachment=True, organisation_id=ELSEWHERE), ADULT, NotAttached),
        (terms(needs_attachment=True), PatientFacts(date(1984, 5, 17), Sex.FEMALE), NotAttached),
        (terms(age_until=17), ADULT, AgeNotAllowed),
        (terms(clinic_age_until=17), ADULT, AgeNotAllowed),
        (terms(age_from=43), ADULT, AgeNotAllowed),
        (terms(age_from=42, age_until=42), ADULT, None),
    ],
)
def test_who_may_come(asked: SlotTerms, patient: PatientFacts, refusal: type[BookingRefusal] | None) -> None:
    slot = make_slot_time(NOW)
    if refusal is None:
        check_person_fits(slot, asked, patient)
        return
    with pytest.raises(refusal):
        check_person_fits(slot, asked, patient)


@pytest.mark.parametrize("zone", ["Europe/Kaliningrad", "Asia/Kamchatka", "Europe/Berlin"])
@pytest.mark.parametrize(("at", "is_child"), [((23, 59), True), ((0, 1), False)])
def test_one_comes_of_age_at_midnight_of_the_clinic(zone: str, at: tuple[int, int], is_child: bool) -> None:
    """Born on 20 December 2008: a child up to the last minute of the 19th, wherever the clinic stands."""
    day = date(2026, 12, 19 if is_child else 20)
    start = datetime(day.year, day.month, day.day, *at, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    teenager = PatientFacts(date(2008, 12, 20), Sex.MALE)
    children_only = terms(time_zone=zone, age_until=17)
    if is_child:
        check_person_fits(make_slot_time(start), children_only, teenager)
    else:
        with pytest.raises(AgeNotAllowed):
            check_person_fits(make_slot_time(start), children_only, teenager)


REFERRALS = st.lists(
    st.builds(
        referral,
        id=st.uuids(),
        specialty_id=st.sampled_from([EYES, SpecialtyId(uuid7())]),
        issued_on=st.integers(-5, 2).map(lambda days: NOW.date() + timedelta(days=days)),
        expires_on=st.integers(2, 9).map(lambda days: NOW.date() + timedelta(days=days)),
        used_by=st.sampled_from([None, HERE]),
    ),
    max_size=5,
)


@given(REFERRALS, st.integers(-6, 10), st.booleans())
def test_a_chosen_referral_is_good_free_and_the_first_to_end(
    referrals: list[Referral], ahead: int, moving: bool
) -> None:
    visit = NOW + timedelta(days=ahead)
    day = visit.astimezone(ZoneInfo("Europe/Moscow")).date()
    mine = [one for one in referrals if one.specialty_id == EYES]
    good = [one for one in mine if one.issued_on <= day <= one.expires_on]
    free = [one for one in good if one.used_by is None or moving]
    held_by = frozenset({HERE}) if moving else frozenset[UUID]()
    asked = terms(direct_booking=False)
    if free:
        chosen = choose_referral(asked, visit, referrals, named=None, held_by=held_by)
        assert chosen in free
        assert chosen.expires_on == min(one.expires_on for one in free)
        return
    wrong = ReferralUsed if good else ReferralExpired if mine else ReferralRequired
    with pytest.raises(wrong):
        choose_referral(asked, visit, referrals, named=None, held_by=held_by)


def test_a_referral_that_is_named_is_the_one_that_is_taken() -> None:
    sooner, later = referral(), referral(expires_on=NOW.date() + timedelta(days=30))
    for one in (sooner, later):
        assert choose_referral(terms(direct_booking=False), NOW, [sooner, later], named=one.id) is one
        assert choose_referral(terms(), NOW, [sooner, later], named=one.id) is one
    assert choose_referral(terms(), NOW, [sooner], named=None) is None
    with pytest.raises(ReferralRequired):
        choose_referral(terms(), NOW, [sooner], named=uuid7())
