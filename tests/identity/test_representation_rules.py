"""What each relation gives at each moment (S38)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.profile.rules import age_in_years
from identity.access import RULES, Action, require
from identity.ages import first_instant, turns
from identity.capacities import Capacity, Category, Mandate
from identity.errors import AccessRefused
from identity.ports import Birth
from identity.principal import PersonId
from identity.representation_rules import OF_TEENAGER, end_of, mandates_of, of_guardian, of_parent, of_trust
from identity.representation_values import ACTIONS_OF, GrantedRight, Representation, RepresentationKind, Term
from tests.factories.people import NOW, make_principal

REFERENCE = uuid7()
RUSSIAN = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka", "Asia/Kolkata")
EPOCH = datetime(2005, 1, 1, tzinfo=UTC)
ZONES = st.one_of(st.sampled_from(RUSSIAN), st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})))
MOMENTS = st.integers(0, 45 * 365 * 24 * 60).map(lambda minutes: EPOCH + timedelta(minutes=minutes))
BORN = st.dates(date(1990, 1, 1), date(2030, 12, 31))
EVERYTHING = frozenset(Category)


def representation(kind: RepresentationKind, **given: object) -> Representation:
    facts = {"ends": {}, "term": None, **given}
    return Representation(
        id=REFERENCE,
        person_id=PersonId(uuid7()),
        representative_id=PersonId(uuid7()),
        kind=kind,
        begun_at=NOW,
        **facts,  # type: ignore[arg-type] # a test names what it needs
    )


@given(born=BORN, zone=ZONES, now=MOMENTS)
def test_a_parent_has_what_the_age_of_the_child_gives(born: date, zone: str, now: datetime) -> None:
    birth = Birth(born, zone)
    mandate = of_parent(birth, now, REFERENCE)
    near_fold = any(abs(now - turns(birth, years)) < timedelta(hours=2) for years in (15, 18))
    if not near_fold:  # where a clock is put back over midnight, a birthday is not taken back
        age = age_in_years(born, now=now, time_zone=zone)
        capacity = None if age >= 18 else Capacity.PARENT_OF_TEENAGER if age >= 15 else Capacity.PARENT_OF_CHILD
        assert (mandate.capacity if mandate else None) is capacity
    if mandate is not None:
        assert mandate.until in {turns(birth, 15), turns(birth, 18)}
        assert mandate.until > now
        assert mandate.withheld == (EVERYTHING if mandate.capacity is Capacity.PARENT_OF_TEENAGER else frozenset())


@given(born=BORN, zone=ZONES, moments=st.lists(MOMENTS, min_size=2, max_size=6))
def test_what_a_parent_has_never_grows_with_time(born: date, zone: str, moments: list[datetime]) -> None:
    order = [Capacity.PARENT_OF_CHILD, Capacity.PARENT_OF_TEENAGER, None]
    had = [of_parent(Birth(born, zone), now, REFERENCE) for now in sorted(moments)]
    places = [order.index(one.capacity if one else None) for one in had]
    assert places == sorted(places)


@pytest.mark.parametrize("zone", ["Asia/Kamchatka", "Europe/Kaliningrad"])
@pytest.mark.parametrize(
    ("years", "before", "after"),
    [
        (15, Capacity.PARENT_OF_CHILD, Capacity.PARENT_OF_TEENAGER),
        (18, Capacity.PARENT_OF_TEENAGER, None),
    ],
)
def test_at_23_59_before_a_birthday_nothing_has_changed_yet(
    zone: str, years: int, before: Capacity, after: Capacity | None
) -> None:
    birth = Birth(date(2010, 6, 1), zone)
    midnight = first_instant(date(2010 + years, 6, 1), zone)
    late = of_parent(birth, midnight - timedelta(minutes=1), REFERENCE)
    at = of_parent(birth, midnight, REFERENCE)
    assert late is not None
    assert (late.capacity, late.until) == (before, midnight)
    assert (at.capacity if at else None) is after


@given(born=BORN, zone=ZONES, now=MOMENTS, first=BORN, days=st.integers(0, 6_000))
def test_a_guardian_has_no_more_than_a_parent_of_the_same_minor_and_only_on_the_days_of_the_document(
    born: date, zone: str, now: datetime, first: date, days: int
) -> None:
    birth, term = Birth(born, zone), Term(first, first + timedelta(days=days))
    mandate = of_guardian(term, birth, now, REFERENCE)
    begins, ends = first_instant(term.first, zone), first_instant(term.last + timedelta(days=1), zone)
    adult = turns(birth, 18)
    was_minor = begins < adult
    assert (mandate is not None) is (begins <= now < ends and not (was_minor and now >= adult))
    if mandate is None:
        return
    assert mandate.until is not None
    assert now < mandate.until <= ends
    if now < turns(birth, 15):
        assert (mandate.rights, mandate.withheld) == (None, frozenset())
    elif now < adult:
        assert (mandate.rights, mandate.withheld) == (OF_TEENAGER, EVERYTHING)
    else:
        assert (mandate.rights, mandate.withheld, mandate.until) == (None, frozenset(), ends)


@given(
    ends=st.dictionaries(st.sampled_from(GrantedRight), st.integers(-5, 5).map(lambda h: NOW + timedelta(hours=h))),
    action=st.sampled_from(Action),
)
def test_trust_opens_exactly_what_was_given_and_has_not_ended(
    ends: dict[GrantedRight, datetime], action: Action
) -> None:
    mandates = of_trust(ends, NOW, REFERENCE)
    expected = any(end > NOW and action in ACTIONS_OF[right] for right, end in ends.items())
    assert is_allowed(action, mandates) is (expected or RULES[action].public)


def test_collecting_opens_nothing_yet() -> None:
    assert of_trust({GrantedRight.COLLECT: NOW + timedelta(days=1)}, NOW, REFERENCE) == ()


def test_each_right_opens_what_an_adult_who_is_trusted_may_do_at_all() -> None:
    opened = frozenset[Action]().union(*ACTIONS_OF.values())
    assert opened == {action for action, rule in RULES.items() if Capacity.TRUSTED_ADULT in rule.capacities}


def test_without_a_birth_date_the_law_gives_nothing() -> None:
    term = Term(NOW.date(), NOW.date())
    for kind, of in ((RepresentationKind.PARENT, None), (RepresentationKind.GUARDIAN, term)):
        one = representation(kind, term=of)
        assert mandates_of(one, None, NOW) == ()
        assert end_of(one, None) == one.begun_at


def test_a_representation_ends_with_the_last_of_its_rights() -> None:
    ends = {GrantedRight.READ: NOW + timedelta(days=3), GrantedRight.BOOK: NOW + timedelta(days=5)}
    assert end_of(representation(RepresentationKind.TRUSTED, ends=ends), None) == NOW + timedelta(days=5)
    birth = Birth(date(2010, 2, 1), "Europe/Moscow")
    assert end_of(representation(RepresentationKind.PARENT), birth) == turns(birth, 18)
    to_adulthood = Term(date(2020, 1, 1), date(2035, 1, 1))
    assert end_of(representation(RepresentationKind.GUARDIAN, term=to_adulthood), birth) == turns(birth, 18)


def is_allowed(action: Action, mandates: tuple[Mandate, ...]) -> bool:
    try:
        require(make_principal(), action, PersonId(uuid7()), mandates, now=NOW)
    except AccessRefused:
        return False
    return True
