"""As what an employee is signed in: decided by the employer's access groups, and by nothing the person says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.employment import employee_position
from identity.errors import OrganizationNotChosen
from identity.esia.errors import EsiaEmployeeUnknown
from identity.esia.values import EsiaRole
from identity.positions import STAFF, Position
from identity.principal import ActorKind
from identity.staff_settings import AccessGroupSettings, OrganizationSettings

INSURER, OTHER, STRANGER = "1027700132195", "1187746123454", "1234567890123"
REPRESENTATIVE = ActorKind.INSURANCE_REPRESENTATIVE
GROUPS = tuple(AccessGroupSettings(group=f"R{level}", kind=REPRESENTATIVE, level=level) for level in (1, 2, 3))
ORGANIZATIONS = (
    OrganizationSettings(
        ogrn=INSURER, name="Страховая", groups=(*GROUPS, AccessGroupSettings(group="OP", kind=ActorKind.OPERATOR))
    ),
    OrganizationSettings(ogrn=OTHER, name="Другая", groups=GROUPS),
)
NAMES = ("R1", "R2", "R3", "OP", "NOTHING")


def role(ogrn: str | None, *groups: str, branch: str | None = None) -> EsiaRole:
    return EsiaRole(
        organisation="1", full_name="", ogrn=ogrn, branch=branch, branch_name=None, is_chief=False, groups=groups
    )


def position(*roles: EsiaRole, kind: ActorKind = REPRESENTATIVE, chosen: str | None = None) -> Position:
    return employee_position(roles, kind=kind, organizations=ORGANIZATIONS, chosen=chosen)


def test_of_several_levels_the_highest_is_held_also_over_branches() -> None:
    roles = (role(INSURER, "R1"), role(INSURER, "R3", "R2", branch="7"))
    assert position(*roles) == Position(REPRESENTATIVE, INSURER, 3)


def test_one_human_holds_another_position_in_another_app() -> None:
    assert position(role(INSURER, "R2", "OP"), kind=ActorKind.OPERATOR) == Position(ActorKind.OPERATOR, INSURER)


@pytest.mark.parametrize(
    "roles",
    [
        (),
        (role(None, "R1"),),
        (role(STRANGER, "R1"),),
        (role(INSURER),),
        (role(INSURER, "NOTHING"),),
        (role(INSURER, "r1"),),
        (role(INSURER, "OP"),),
    ],
    ids=["nowhere", "no OGRN", "not registered", "no group", "another group", "another case", "another kind"],
)
def test_refuses_who_is_not_employed_for_this(roles: tuple[EsiaRole, ...]) -> None:
    with pytest.raises(EsiaEmployeeUnknown):
        position(*roles)


def test_two_employers_need_a_choice_and_the_choice_must_be_an_employer() -> None:
    roles = (role(INSURER, "R1"), role(OTHER, "R2"))
    with pytest.raises(OrganizationNotChosen):
        position(*roles)
    assert position(*roles, chosen=OTHER) == Position(REPRESENTATIVE, OTHER, 2)
    with pytest.raises(EsiaEmployeeUnknown):
        position(*roles, chosen=STRANGER)
    with pytest.raises(EsiaEmployeeUnknown):
        position(role(INSURER, "R1"), chosen=OTHER)


@given(
    roles=st.lists(
        st.builds(
            lambda ogrn, groups: role(ogrn, *groups),
            st.sampled_from([INSURER, OTHER, STRANGER, None]),
            st.sets(st.sampled_from(NAMES)),
        ),
        max_size=6,
    ),
    kind=st.sampled_from(sorted(STAFF)),
    chosen=st.sampled_from([None, INSURER, OTHER, STRANGER]),
)
def test_nobody_gets_what_no_employer_gave(roles: list[EsiaRole], kind: ActorKind, chosen: str | None) -> None:
    try:
        found = position(*roles, kind=kind, chosen=chosen)
    except (EsiaEmployeeUnknown, OrganizationNotChosen):
        return
    held = {group for one in roles if one.ogrn == found.organization for group in one.groups}
    assert found.kind is kind
    assert chosen in {None, found.organization}
    assert ("OP" if found.level is None else f"R{found.level}") in held


@pytest.mark.parametrize(
    ("kind", "organization", "level"),
    [
        (ActorKind.CITIZEN, INSURER, None),
        (ActorKind.CITIZEN, None, 1),
        (ActorKind.OPERATOR, None, None),
        (ActorKind.OPERATOR, INSURER, 1),
        (REPRESENTATIVE, INSURER, None),
        (REPRESENTATIVE, INSURER, 0),
        (REPRESENTATIVE, INSURER, 4),
        (ActorKind.SERVICE, None, None),
        (ActorKind.CLINICIAN, INSURER, 9),
    ],
)
def test_a_position_is_whole(kind: ActorKind, organization: str | None, level: int | None) -> None:
    with pytest.raises(ValueError, match=r"organisation|level"):
        Position(kind, organization, level)
