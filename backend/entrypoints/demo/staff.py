"""The apps that demo staff work with, and which of the demo organisations' access groups make whom of them."""

from backend.entrypoints.demo.organisations import (
    AMBULANCE,
    CALL_CENTRE,
    FUND,
    HOSPITAL,
    INSURER,
    OTHER_INSURER,
    DemoOrganisation,
)
from identity.principal import ActorKind
from identity.settings import AppSettings, Platform
from identity.staff_settings import AccessGroupSettings, OrganizationSettings

_REDIRECTS = ("http://127.0.0.1/signed-in", "http://[::1]/signed-in")

STAFF_APPS = tuple(
    AppSettings(client_id=client_id, redirect_uris=_REDIRECTS, name=name, platform=Platform.WEB, signs_in=kind)
    for client_id, name, kind in (
        ("operator", "Рабочее место оператора 122", ActorKind.OPERATOR),
        ("insurer", "Рабочее место страхового представителя", ActorKind.INSURANCE_REPRESENTATIVE),
        ("clinician", "Рабочее место врача", ActorKind.CLINICIAN),
        ("crew", "Планшет бригады скорой помощи", ActorKind.AMBULANCE_CREW),
        ("auditor", "Рабочее место аудитора", ActorKind.AUDITOR),
    )
)
"""One for each kind of staff."""

ALIASES = {
    "insurer1": "representative",
    "insurer2": "representative2",
    "insurer3": "representative3",
    "clinician": "doctor",
}
"""Other names of demo staff, for commands."""


def _registered(organisation: DemoOrganisation, *groups: AccessGroupSettings) -> OrganizationSettings:
    return OrganizationSettings(ogrn=organisation.ogrn, name=organisation.full_name, groups=groups)


_INSURANCE = tuple(
    AccessGroupSettings(
        group=f"MZ_INSURANCE_REPRESENTATIVE_{level}", kind=ActorKind.INSURANCE_REPRESENTATIVE, level=level
    )
    for level in (1, 2, 3)
)

ORGANIZATIONS = (
    _registered(CALL_CENTRE, AccessGroupSettings(group="MZ_OPERATOR_122", kind=ActorKind.OPERATOR)),
    _registered(INSURER, *_INSURANCE),
    _registered(OTHER_INSURER, *_INSURANCE),
    _registered(HOSPITAL, AccessGroupSettings(group="MZ_CLINICIAN", kind=ActorKind.CLINICIAN)),
    _registered(AMBULANCE, AccessGroupSettings(group="MZ_AMBULANCE_CREW", kind=ActorKind.AMBULANCE_CREW)),
    _registered(
        FUND,
        AccessGroupSettings(group="MZ_AUDITOR", kind=ActorKind.AUDITOR),
        AccessGroupSettings(group="MZ_SECURITY_OFFICER", kind=ActorKind.AUDITOR),
    ),
)
"""The demo organisations as a region would register them."""
