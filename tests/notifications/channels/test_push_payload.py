"""What a push says, and what it never says."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OKPKey
from structlog.testing import capture_logs

from notifications.channels.port import Content
from notifications.channels.push_payload import wake_for
from notifications.channels.sealing import KeyUnusable, read_public_key, seal
from notifications.messages import Severity
from tests.notifications.channels.parcels import BODY, CANARIES, NOW, TITLE, make_parcel

PARCEL = make_parcel()


def public_of(key: ECKey | OKPKey) -> str:
    return json.dumps(key.as_dict(private=False))


def opened(sealed: str, key: ECKey | OKPKey) -> Any:
    return json.loads(jwe.decrypt_compact(sealed, key, algorithms=["ECDH-ES", "A256GCM"]).plaintext or b"")


def test_without_a_key_a_push_names_the_message_and_its_kind_only() -> None:
    assert wake_for(PARCEL, now=NOW).data == {
        "notification_id": str(PARCEL.notification_id),
        "kind": "appointment_booked",
    }


@pytest.mark.parametrize("key", [ECKey.generate_key("P-256"), OKPKey.generate_key("X25519")], ids=["ec", "okp"])
def test_with_a_key_the_device_alone_reads_the_text(key: ECKey | OKPKey) -> None:
    data = wake_for(make_parcel(public_key=public_of(key)), now=NOW).data
    assert set(data) == {"notification_id", "kind", "jwe"}
    assert opened(data["jwe"], key) == {"id": str(PARCEL.notification_id), "title": TITLE, "body": BODY}
    assert [canary for canary in CANARIES if canary in str(data)] == []
    with pytest.raises(Exception, match=r".+"):
        opened(data["jwe"], ECKey.generate_key("P-256"))


def test_a_body_that_would_not_fit_stays_in_the_inbox() -> None:
    public_key = public_of(ECKey.generate_key("P-256"))
    fits, too_long = (
        wake_for(make_parcel(public_key=public_key, content=Content("t", "x" * length)), now=NOW).data
        for length in (2_300, 2_900)
    )
    assert len(json.dumps(fits)) <= 3_900
    assert "jwe" in fits
    assert "jwe" not in too_long


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "{" * 10_000,
        json.dumps({"kty": "EC", "crv": "P-256"}),
        json.dumps({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}),
        json.dumps({"kty": "EC", "crv": "P-256", "x": 1, "y": 2}),
        json.dumps(ECKey.generate_key("P-256").as_dict(private=True)),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=False)),
        json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False)),
        json.dumps({"kty": "oct", "k": "c2VjcmV0"}),
        json.dumps({"kty": "OKP", "crv": "X25519", "x": "AAAA"}),
        json.dumps({"kty": ["EC"], "crv": {}}),
        json.dumps(ECKey.generate_key("P-256").as_dict(private=False) | {"padding": "x" * 1_024}),
    ],
    ids=range(15),  # keys are new in each worker of a parallel run
)
def test_a_key_that_is_none_leaves_a_bare_wake_up(text: str) -> None:
    with pytest.raises(KeyUnusable):
        read_public_key(text)
    with capture_logs() as logs:
        data = wake_for(make_parcel(public_key=text), now=NOW).data
    assert set(data) == {"notification_id", "kind"}
    assert [(log["event"], log["reason"]) for log in logs] == [("push_not_sealed", "key_unusable")]


def test_two_seals_of_one_text_are_unlike() -> None:
    public_key = public_of(ECKey.generate_key("P-256"))
    sealed = {seal(PARCEL.content, notification_id=PARCEL.notification_id, public_key=public_key) for _ in range(3)}
    assert len(sealed) == 3


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        (None, 2_419_200),
        (timedelta(days=400), 2_419_200),
        (timedelta(minutes=5), 300),
        (timedelta(milliseconds=900), 0),
        (timedelta(minutes=-5), 0),
    ],
)
def test_a_push_lives_no_longer_than_its_message(left: timedelta | None, seconds: int) -> None:
    parcel = replace(PARCEL, expires_at=None if left is None else NOW + left)
    assert wake_for(parcel, now=NOW).seconds_to_live == seconds


def test_only_what_is_critical_is_urgent() -> None:
    urgent = [severity for severity in Severity if wake_for(replace(PARCEL, severity=severity), now=NOW).is_urgent]
    assert urgent == [Severity.CRITICAL]
