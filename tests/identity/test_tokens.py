"""The corpus of tokens that must be refused (S23, S32)."""

import base64
import json
import uuid
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import SettableClock
from identity.errors import TokenRefused
from identity.esia.simulated_tokens import sign_with_public_key
from identity.keys import make_ec_key, make_rsa_key, thumbprint
from identity.principal import ActorKind, Assurance, PersonId, SessionId
from identity.settings import TokenSettings
from identity.tokens import AccessTokens, TokenSubject
from tests.factories.identity import NOW, SIGNING_KEY

SETTINGS = TokenSettings(issuer="https://zdorovye.example")
SUBJECT = TokenSubject(
    person_id=PersonId(uuid.UUID(int=1)),
    session_id=SessionId(uuid.UUID(int=2)),
    kind=ActorKind.CITIZEN,
    assurance=Assurance.CONFIRMED,
    authenticated_at=NOW - timedelta(minutes=5),
)
KID = thumbprint(SIGNING_KEY.public_key())


def service(clock: SettableClock | None = None) -> AccessTokens:
    return AccessTokens(signing_key=SIGNING_KEY, settings=SETTINGS, clock=clock or SettableClock(NOW))


def claims() -> dict[str, object]:
    payload: dict[str, object] = jwt.decode(service().issue(SUBJECT), options={"verify_signature": False})
    return payload


def signed(payload: object, **header: object) -> str:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return jwt.PyJWS().encode(body, SIGNING_KEY, algorithm="ES256", headers={"typ": "at+jwt", "kid": KID} | header)


def refuse(token: str, clock: SettableClock | None = None) -> None:
    with pytest.raises(TokenRefused):
        service(clock).verify(token)


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_proves_its_subject() -> None:
    principal = service().verify(service().issue(SUBJECT))
    assert (principal.person_id, principal.session_id) == (SUBJECT.person_id, SUBJECT.session_id)
    assert (principal.kind, principal.assurance) == (SUBJECT.kind, SUBJECT.assurance)
    assert principal.expires_at == NOW + timedelta(minutes=10)


def test_a_bound_token_names_its_key_and_when_the_person_proved_who_they_are_s26() -> None:
    token = service().issue(replace(SUBJECT, key_thumbprint="k" * 43))
    assert jwt.decode(token, options={"verify_signature": False})["cnf"] == {"jkt": "k" * 43}
    principal = service().verify(token)
    assert (principal.key_thumbprint, principal.authenticated_at) == ("k" * 43, SUBJECT.authenticated_at)
    assert service().verify(service().issue(SUBJECT)).key_thumbprint is None


def test_header_and_claims_are_as_promised() -> None:
    token = service().issue(SUBJECT)
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "at+jwt", "kid": KID}
    assert set(claims()) == {
        "iss", "aud", "sub", "sid", "jti", "kind", "assurance", "auth_time", "iat", "nbf", "exp"
    }  # fmt: skip
    assert claims()["auth_time"] == int(SUBJECT.authenticated_at.timestamp())


def test_the_corpus_starts_from_a_token_that_passes() -> None:
    assert service().verify(signed(claims())).person_id == SUBJECT.person_id


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_unsigned_token_is_refused_s23(algorithm: str) -> None:
    head = segment({"alg": algorithm, "typ": "at+jwt", "kid": KID})
    for signature in ("", "AA"):
        refuse(f"{head}.{segment(claims())}.{signature}")


def test_hmac_with_our_public_key_is_refused_s23() -> None:
    public = SIGNING_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    refuse(sign_with_public_key(json.dumps(claims()).encode(), {"typ": "at+jwt", "kid": KID}, public))


def test_rsa_signature_is_refused_s23() -> None:
    header = {"typ": "at+jwt", "kid": KID}
    refuse(jwt.PyJWS().encode(json.dumps(claims()).encode(), make_rsa_key(), algorithm="RS256", headers=header))


def test_another_key_under_our_kid_is_refused_s23() -> None:
    header = {"typ": "at+jwt", "kid": KID}
    refuse(jwt.PyJWS().encode(json.dumps(claims()).encode(), make_ec_key(), algorithm="ES256", headers=header))


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": {"kty": "EC"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AA"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"typ": "JWT"},
        {"typ": "AT+JWT"},
        {"typ": "application/at+jwt"},
        {"typ": None},
        {"kid": "unknown"},
        {"kid": None},
        {"kid": "../../etc/passwd"},
        {"cty": "JWT"},
    ],
)
def test_header_words_cannot_steer_the_check_s23(header: dict[str, object]) -> None:
    body = segment(claims())
    head = segment({"alg": "ES256", "typ": "at+jwt", "kid": KID} | header)
    signature = jwt.get_algorithm_by_name("ES256").sign(f"{head}.{body}".encode(), SIGNING_KEY)
    refuse(f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")


@pytest.mark.parametrize("claim", sorted(claims()))
def test_missing_claim_is_refused_s23(claim: str) -> None:
    refuse(signed({name: value for name, value in claims().items() if name != claim}))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": str(int(NOW.timestamp()) + 600)},
        {"exp": float(NOW.timestamp()) + 0.5},
        {"exp": True},
        {"exp": None},
        {"exp": 10**30},
        {"exp": -1},
        {"iat": "0"},
        {"nbf": []},
        {"iss": "https://evil.example"},
        {"iss": "https://zdorovye.example/"},
        {"iss": ["https://zdorovye.example"]},
        {"aud": "another"},
        {"aud": ["zdorovye-api"]},
        {"aud": None},
        {"sub": "1"},
        {"sub": 1},
        {"sid": "anything"},
        {"kind": "administrator"},
        {"assurance": "absolute"},
        {"scope": "everything"},
        {"cnf": {}},
        {"cnf": []},
        {"cnf": "k" * 43},
        {"cnf": {"jkt": "short"}},
        {"cnf": {"jkt": "k" * 43 + "\n"}},
        {"cnf": {"jkt": 1}},
        {"cnf": {"jkt": "k" * 43, "x5t#S256": "k" * 43}},
    ],
)
def test_wrong_claim_is_refused_s23(change: dict[str, object]) -> None:
    refuse(signed(claims() | change))


def test_duplicate_keys_are_refused_s23() -> None:
    twice = json.dumps(claims())[:-1] + f', "sub": "{uuid.UUID(int=9)}"' + "}"
    refuse(signed(twice.encode()))
    header = '{"alg":"ES256","typ":"at+jwt","kid":"' + KID + '","kid":"' + KID + '"}'
    head, body = base64.urlsafe_b64encode(header.encode()).rstrip(b"=").decode(), segment(claims())
    signature = jwt.get_algorithm_by_name("ES256").sign(f"{head}.{body}".encode(), SIGNING_KEY)
    refuse(f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"text"', b"{", b"\xff", b"[" * 5000, b'{"exp": NaN}'])
def test_payload_that_is_no_object_is_refused_s23(body: bytes) -> None:
    refuse(signed(body))


def test_id_token_of_esia_is_no_access_token_s23() -> None:
    identity = {"aud": "zdorovye-api", "sub": 1000, "iss": "http://esia.gosuslugi.ru/", "exp": 2_000_000_000}
    refuse(jwt.PyJWS().encode(json.dumps(identity).encode(), make_rsa_key(), algorithm="RS256", headers={"sbt": "id"}))
    refuse(signed(identity, typ="JWT"))


def test_token_above_8_kb_is_refused_undecoded_s32() -> None:
    long_kid = signed(claims(), kid="k" * 9_000)
    assert len(long_kid) > 8_192
    refuse(long_kid)
    refuse("." * 1_000_000)
    refuse("A" * 50_000_000)


@pytest.mark.parametrize(("shift", "good"), [(659, True), (660, False), (-60, True), (-61, False)])
def test_times_have_sixty_seconds_of_leeway(shift: int, good: bool) -> None:
    token = service().issue(SUBJECT)
    clock = SettableClock(NOW + timedelta(seconds=shift))
    if good:
        assert service(clock).verify(token).person_id == SUBJECT.person_id
    else:
        refuse(token, clock)


def test_a_key_before_the_last_change_is_still_accepted_and_published() -> None:
    old = service().issue(SUBJECT)
    fresh = make_ec_key()
    changed = AccessTokens(
        signing_key=fresh, settings=SETTINGS, clock=SettableClock(NOW), previous_keys=[SIGNING_KEY.public_key()]
    )
    assert changed.verify(old).person_id == SUBJECT.person_id
    assert changed.verify(changed.issue(SUBJECT)).person_id == SUBJECT.person_id
    assert [key["kid"] for key in changed.jwks()["keys"]] == [thumbprint(fresh.public_key()), KID]
    refuse(changed.issue(SUBJECT))


def test_published_key_verifies_and_holds_no_private_part() -> None:
    [published] = service().jwks()["keys"]
    assert set(published) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    checked = jwt.PyJWS().decode(service().issue(SUBJECT), jwt.PyJWK(published).key, algorithms=["ES256"])
    assert json.loads(checked)["sub"] == str(SUBJECT.person_id)


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_else_escapes(text: str) -> None:
    refuse(text)


@given(st.data())
def test_any_changed_character_is_refused(data: st.DataObject) -> None:
    token = service().issue(SUBJECT)
    place = data.draw(st.integers(0, len(token) - 2))  # the last character holds bits that no decoder reads
    other = data.draw(st.sampled_from("ABCxyz019-_.").filter(lambda one: one != token[place]))
    refuse(token[:place] + other + token[place + 1 :])


def test_a_token_tells_a_position_as_a_whole() -> None:
    position = {"kind": "insurance_representative", "org": "1027700132195", "lvl": 3}
    principal = service().verify(signed(claims() | position))
    assert (principal.kind, principal.organization, principal.level) == tuple(position.values())
    for wrong in (
        {"org": None},
        {"lvl": None},
        {"lvl": 4},
        {"lvl": True},
        {"lvl": "3"},
        {"org": "1"},
        {"kind": "clinician"},
    ):
        refuse(signed(claims() | position | wrong))
    refuse(signed(claims() | {"kind": "operator"}))
    refuse(signed(claims() | {"org": "1027700132195"}))
