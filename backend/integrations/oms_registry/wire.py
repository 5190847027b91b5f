"""The register's own words, as JSON, and their parsing into values.

`POST {base}/v1/insured/search` with a bearer token. No public interface document of the regional facade exists: these
words are ours until the regional fund gives its own, and stand in this one file.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from backend.policy.values import Enp, InsuredPerson, Insurer, Policy, PolicyKind, PolicyRecord, PolicyStatus
from backend.profile.errors import PhoneInvalid
from backend.profile.values import Phone, Sex, Snils

SEARCH_PATH = "/v1/insured/search"

KINDS = {1: PolicyKind.OLD, 2: PolicyKind.TEMPORARY, 3: PolicyKind.UNIFIED}
STATUSES = {"ACTIVE": PolicyStatus.ACTIVE, "SUSPENDED": PolicyStatus.SUSPENDED, "CLOSED": PolicyStatus.CLOSED}
SEXES = {"M": Sex.MALE, "F": Sex.FEMALE}

Words = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="ignore",
        hide_input_in_errors=True,
    )


class SearchRequest(_Wire):
    """Whom to look for: in the body, because addresses end up in logs."""

    snils: str
    birth_date: date


class InsuredWire(_Wire):
    """Whom the register found."""

    snils: str
    birth_date: date
    sex: Literal["M", "F"]


class InsurerWire(_Wire):
    """The insurance company."""

    name: Words
    phone: str | None = None
    ogrn: str | None = None


class PolicyWire(_Wire):
    """The policy: kinds 1 and 2 have a number, kind 3 an ENP."""

    kind: Literal[1, 2, 3]
    status: Literal["ACTIVE", "SUSPENDED", "CLOSED"]
    valid_from: date
    region: Words
    insurer: InsurerWire
    enp: str | None = None
    series: str | None = None
    number: str | None = None


class NothingFound(_Wire):
    """The register's own word that it knows no policy; any other answer means that we do not know."""

    found: Literal[False]


class Found(_Wire):
    """The register's word about one insured person."""

    found: Literal[True]
    as_of: AwareDatetime
    insured: InsuredWire
    policy: PolicyWire


def parse_found(wire: Found) -> PolicyRecord:
    """Turn an answer into values.

    Raises:
        SnilsInvalid: The SNILS breaks its rule.
        EnpInvalid: The ENP breaks its rule, or a unified policy has none.
    """
    policy = wire.policy
    return PolicyRecord(
        holder=InsuredPerson(
            snils=Snils(wire.insured.snils), birth_date=wire.insured.birth_date, sex=SEXES[wire.insured.sex]
        ),
        policy=Policy(
            kind=KINDS[policy.kind],
            status=STATUSES[policy.status],
            insurer=Insurer(
                name=policy.insurer.name, phone=_parse_phone(policy.insurer.phone), ogrn=policy.insurer.ogrn
            ),
            valid_from=policy.valid_from,
            region=policy.region,
            enp=Enp(policy.enp or "") if policy.enp is not None or policy.kind == 3 else None,
            series=policy.series,
            number=policy.number,
        ),
        as_of=wire.as_of,
    )


def _parse_phone(text: str | None) -> Phone | None:
    """Read the insurer's telephone; one that is not a number must not hide the policy."""
    try:
        return Phone.parse(text) if text else None
    except PhoneInvalid:
        return None
