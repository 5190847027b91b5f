"""Which position an employee signs in to: a pure decision over what ESIA says and who is registered with us."""

from collections.abc import Iterable, Sequence

from identity.errors import EsiaAccountUnconfirmed, OrganizationNotChosen
from identity.esia.errors import EsiaEmployeeUnknown
from identity.esia.values import EsiaIdentity, EsiaRole
from identity.positions import AS_CITIZEN, AT_KIOSK, Position
from identity.principal import ActorKind, Assurance
from identity.staff_settings import OrganizationSettings


def position_at(
    identity: EsiaIdentity, *, kind: ActorKind, organizations: Sequence[OrganizationSettings], chosen: str | None
) -> Position:
    """Return as what somebody whom ESIA has identified is signed in by an app.

    Args:
        identity: Of this sign-in, with the organisations the person works for today.
        kind: What the app signs in.
        organizations: Those registered with us.
        chosen: OGRN that the app named; None when it named none.

    Raises:
        EsiaAccountUnconfirmed: Staff, or somebody at a kiosk, with an account that is not confirmed.
        EsiaEmployeeUnknown: Nowhere, or not in the organisation named, employed for this.
        OrganizationNotChosen: Employed for this in several organisations, and none is named.

    Source: ESIA, «Методические рекомендации по использованию», on organisations and access groups.
    """
    if kind is ActorKind.CITIZEN:
        return AS_CITIZEN
    if identity.assurance is not Assurance.CONFIRMED:
        raise EsiaAccountUnconfirmed
    if kind is ActorKind.KIOSK:
        return AT_KIOSK
    return employee_position(identity.roles, kind=kind, organizations=organizations, chosen=chosen)


def employee_position(
    roles: Iterable[EsiaRole], *, kind: ActorKind, organizations: Sequence[OrganizationSettings], chosen: str | None
) -> Position:
    """Return the position of an employee with these roles; of several levels in one organisation the highest.

    Raises:
        EsiaEmployeeUnknown: As `position_at`.
        OrganizationNotChosen: As `position_at`.
    """
    groups: dict[str, set[str]] = {}
    for role in roles:
        if role.ogrn is not None:
            groups.setdefault(role.ogrn, set()).update(role.groups)  # a branch is a role of its own
    found = [
        position
        for one in organizations
        if chosen in {None, one.ogrn} and (position := _in(one, kind, groups.get(one.ogrn, set()))) is not None
    ]
    if not found:
        raise EsiaEmployeeUnknown
    if len(found) > 1:
        raise OrganizationNotChosen
    return found[0]


def _in(organization: OrganizationSettings, kind: ActorKind, groups: set[str]) -> Position | None:
    held = [one.level or 0 for one in organization.groups if one.kind is kind and one.group in groups]
    return Position(kind, organization.ogrn, max(held) or None) if held else None
