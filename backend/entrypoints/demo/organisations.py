"""Where the named people of the demo region work, as ESIA knows it: invented organisations and access groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from identity.esia.people import SimulatedRole

_FIRST_ORGANISATION = 1_000_900_000


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """An invented employer; its OGRN is generated from `number`, which keeps its place."""

    number: int
    full_name: str

    @property
    def ogrn(self) -> str:
        """Return a generated OGRN with a right check digit. Source: order of МНС of 2003, as in docs/domain."""
        first = f"1404000{self.number:05d}"
        return f"{first}{int(first) % 11 % 10}"

    def employs(self, *groups: str, chief: bool = False) -> SimulatedRole:
        """Return the role of an employee in these access groups of our system."""
        return SimulatedRole(
            organisation=_FIRST_ORGANISATION + self.number,
            full_name=self.full_name,
            ogrn=self.ogrn,
            groups=groups,
            chief=chief,
        )


CALL_CENTRE = DemoOrganisation(1, "Единый контакт-центр 122 Калужской области (вымышленный)")
INSURER = DemoOrganisation(2, "Калужская страховая медицинская компания (вымышленная)")
HOSPITAL = DemoOrganisation(3, "Калужская городская поликлиника (вымышленная)")
AMBULANCE = DemoOrganisation(4, "Станция скорой медицинской помощи Калуги (вымышленная)")
FUND = DemoOrganisation(5, "Территориальный фонд ОМС Калужской области (вымышленный)")
OTHER_INSURER = DemoOrganisation(6, "Страховая компания «Забота» (вымышленная)")

EMPLOYMENTS: Mapping[str, tuple[SimulatedRole, ...]] = MappingProxyType(
    {
        "operator": (CALL_CENTRE.employs("MZ_OPERATOR_122"),),
        "representative": (INSURER.employs("MZ_INSURANCE_REPRESENTATIVE_1"),),
        "representative2": (INSURER.employs("MZ_INSURANCE_REPRESENTATIVE_2"),),
        "representative3": (INSURER.employs("MZ_INSURANCE_REPRESENTATIVE_3"),),
        "doctor": (HOSPITAL.employs("MZ_CLINICIAN"),),
        "crew": (AMBULANCE.employs("MZ_AMBULANCE_CREW"),),
        "auditor": (FUND.employs("MZ_AUDITOR"),),
        "officer": (FUND.employs("MZ_SECURITY_OFFICER", chief=True),),
    }
)
"""By nick; the groups are ours to name (config), an organisation's administrator puts employees into them at ESIA."""

OGRN_OF: Mapping[str, str] = MappingProxyType({"Калужская областная медицинская организация": HOSPITAL.ogrn})
"""By the name of a medical organisation of the region: the OGRN by which ESIA knows its staff."""
