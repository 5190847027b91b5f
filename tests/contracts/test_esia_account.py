"""What is read of a person: children, documents, addresses, roles, embedded or element by element, and its limits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from identity.errors import EsiaAnswerInvalid, EsiaUnavailable, SignInStateInvalid
from identity.esia.errors import EsiaEmployeeUnknown, EsiaPermissionMissing
from identity.esia.values import EsiaChild, EsiaIdentity, EsiaRole
from tests.factories.esia import REDIRECT, Side, identify, simulated
from tests.factories.identity import ANNA, MITYA, NOW, OLGA, query_of

EVERYTHING = (
    *("openid", "fullname", "birthdate", "gender", "snils", "email", "mobile", "medical_doc", "id_doc", "addresses"),
    *("kid_fullname", "kid_birthdate", "kid_gender", "kid_snils"),
)
PERMISSION = {
    "sysname": "HEALTH",
    "responsible_object": "Региональный оператор",
    "expire_minutes": 60,
    "scopes": ["fullname"],
    "purposes": ["MEDICAL_CARE"],
    "actions": ["READ"],
}


@pytest.fixture(params=[True, False], ids=["embedded", "element by element"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with simulated(embeds=request.param, scopes=EVERYTHING) as side:
        yield side


async def test_an_account_is_read_whole(side: Side) -> None:
    found = await identify(side, "anna")
    assert found.children == (
        EsiaChild(
            subject=str(MITYA.oid),
            family_name="Ёлкин",
            given_name="Дмитрий",
            patronymic=None,
            birth_date=date(2017, 9, 1),
            sex="male",
            snils="54454454369",
        ),
    )
    assert [(one.kind, one.text) for one in found.addresses] == [
        ("living", "Калуга, ул. Ленина, 1"),
        ("registration", "Калуга, ул. Ленина, 1"),
    ]
    assert [(one.kind, one.verified) for one in found.documents] == [("MDCL_PLCY", False)]
    assert (found.facts.phone, found.facts.email) == ("+79101234567", "anna@example.org")
    assert found.roles == ()


async def test_an_employee_has_the_roles_of_today(side: Side) -> None:
    found = await identify(side, str(OLGA.oid))
    assert found.roles == (
        EsiaRole(
            organisation="1000900001",
            full_name="Контакт-центр 122",
            ogrn="1027700132195",
            branch=None,
            branch_name=None,
            is_chief=False,
            groups=("MZ_OPERATOR_122",),
        ),
    )


async def test_what_was_not_asked_for_is_not_read() -> None:
    async with simulated(scopes=("openid", "fullname", "birthdate", "gender"), reads_roles=False) as side:
        await side.fault("collection", "error", times=1)
        found = await identify(side, "anna")
    assert (found.children, found.documents, found.addresses, found.roles) == ((), (), (), ())
    assert (found.facts.snils, found.facts.phone) == (None, None)


async def test_urls_in_the_place_of_embedded_elements_are_followed() -> None:
    async with simulated() as side:
        await side.fault("person", "not_embedded")
        found = await identify(side, "anna")
    assert [child.subject for child in found.children] == [str(MITYA.oid)]
    assert found.facts.phone == "+79101234567"


@pytest.mark.parametrize("kind", ["foreign_element", "many_elements"])
@pytest.mark.parametrize("embeds", [True, False])
async def test_elements_elsewhere_or_without_end_are_refused(kind: str, *, embeds: bool) -> None:
    async with simulated(embeds=embeds) as side:
        person = "anna" if kind == "foreign_element" else str(OLGA.oid)
        await side.fault("collection", kind, times=5)
        with pytest.raises(EsiaAnswerInvalid):
            await identify(side, person)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("slow", EsiaUnavailable),
        ("error", EsiaUnavailable),
        ("garbage", EsiaAnswerInvalid),
        ("huge", EsiaAnswerInvalid),
    ],
)
async def test_a_collection_that_fails_fails_the_sign_in_in_time(kind: str, expected: type[Exception]) -> None:
    async with simulated(deadline_seconds=2 if kind == "slow" else 20) as side:
        await side.fault("collection", kind, seconds=3)
        with pytest.raises(expected):
            await identify(side, "anna")
        assert (await identify(side, "anna")).subject == str(ANNA.oid)


async def test_tokens_of_esia_stand_in_no_text(side: Side) -> None:
    found = await identify(side, "anna")
    assert found.grant is not None
    assert found.grant.refresh_token is not None
    assert found.grant.expires_at == NOW + timedelta(hours=1)
    assert found.grant.access_token not in repr(found)
    assert found.grant.refresh_token not in repr(found)


def refresh_token_of(identity: EsiaIdentity) -> str:
    assert identity.grant is not None
    assert identity.grant.refresh_token is not None
    return identity.grant.refresh_token


@pytest.mark.parametrize("dialect", ["v1", "v2_v3"])
async def test_a_person_is_read_again_by_the_stored_subject(dialect: str) -> None:
    async with simulated(dialect=dialect, access_type="offline") as side:
        first = await identify(side, "anna")
        side.clock.advance(timedelta(days=3))
        token = refresh_token_of(first)
        again = await side.client.refresh(subject=first.subject, refresh_token=token, redirect_uri=REDIRECT)
        assert again.facts == replace(first.facts, as_of=NOW + timedelta(days=3))
        assert again.authenticated_at == first.authenticated_at
        with pytest.raises(SignInStateInvalid):
            await side.client.refresh(subject=first.subject, refresh_token=token, redirect_uri=REDIRECT)
        token = refresh_token_of(again)
        with pytest.raises(EsiaAnswerInvalid):
            await side.client.refresh(subject=str(OLGA.oid), refresh_token=token, redirect_uri=REDIRECT)


async def test_a_withdrawn_or_expired_permission_ends_reading_again() -> None:
    async with simulated(permissions=[PERMISSION]) as side:
        withdrawn, expired = await identify(side, "anna"), await identify(side, str(OLGA.oid))
        await side.order("consents", {"oid": ANNA.oid})
        with pytest.raises(EsiaPermissionMissing):
            await side.client.refresh(
                subject=withdrawn.subject, refresh_token=refresh_token_of(withdrawn), redirect_uri=REDIRECT
            )
        side.clock.advance(timedelta(minutes=60))
        with pytest.raises(EsiaPermissionMissing):
            await side.client.refresh(
                subject=expired.subject, refresh_token=refresh_token_of(expired), redirect_uri=REDIRECT
            )


async def test_a_permission_that_ends_before_the_token_closes_the_register() -> None:
    async with simulated(permissions=[PERMISSION | {"expire_minutes": 1}]) as side:
        url = await side.client.authorization_url(state="s", verifier=side.pkce.verifier, redirect_uri=REDIRECT)
        chosen = await side.browser.post(url, data={"person": "anna"})
        await side.order("consents", {"oid": ANNA.oid})
        with pytest.raises(EsiaPermissionMissing):
            await side.client.identify(
                code=query_of(chosen.headers["location"])["code"],
                verifier=side.pkce.verifier,
                redirect_uri=REDIRECT,
            )


@pytest.mark.parametrize("text", ["!", "bm8", "e30", "W3t9XQ", "W10" * 9000 + "x"])
async def test_permissions_of_another_form_are_refused(side: Side, text: str) -> None:
    assert (await side.choose(permissions=text))["error_description"].startswith("ESIA-007003")


async def test_who_is_no_employee_is_told_so_where_employees_are_asked_for() -> None:
    async with simulated(scopes=("openid", "fullname", "birthdate", "gender", "usr_org")) as side:
        refused = await side.choose("anna", scope="openid usr_org")
        failure = await side.client.explain(refused["error_description"], redirect_uri=REDIRECT)
        assert type(failure) is EsiaEmployeeUnknown
        assert [role.groups for role in (await identify(side, str(OLGA.oid))).roles] == [("MZ_OPERATOR_122",)]


async def test_sign_out_leads_through_esia_and_back(side: Side) -> None:
    url = side.client.logout_url(redirect_uri="https://zdorovye.example/bye?a=b")
    left = await side.browser.get(url)
    assert left.headers["location"] == "https://zdorovye.example/bye?a=b"
