"""What an app says of a phone is read strictly."""

import json
from typing import Any

import pytest

from backend.devices.errors import (
    DeviceAddressInvalid,
    DeviceKeyInvalid,
    DeviceLocaleInvalid,
    DeviceTimeZoneInvalid,
    DeviceVersionInvalid,
)
from backend.errors import Refusal
from notifications.channels.port import AddressKind, Provider
from tests.factories.registered import make_install, make_public_key

KEY = json.loads(make_public_key())


@pytest.mark.parametrize(
    ("refusal", "wrong"),
    [
        *((DeviceAddressInvalid, {"address": one}) for one in ("", " ", "a b", "токен", "a\n", "a\x00", "a" * 4_097)),
        (DeviceAddressInvalid, {"provider": Provider.RUSTORE, "address_kind": AddressKind.FID}),
        (DeviceAddressInvalid, {"address_kind": AddressKind.PHONE}),
        (DeviceAddressInvalid, {"provider": Provider.SMTP, "address_kind": AddressKind.EMAIL}),
        *((DeviceVersionInvalid, {"app_version": one}) for one in ("", "-1", "7 4", "7" * 33, "семь", "7.4\n")),
        *(
            (DeviceLocaleInvalid, {"locale": one})
            for one in ("", "r", "ru_RU", "русский", "ru-", "ru--RU", "ru-RU\n", "ru-x", "x-ru", "ru" + "-aaaaaaaa" * 4)
        ),
        *(
            (DeviceTimeZoneInvalid, {"time_zone": one})
            for one in ("", "MSK+3", "UTC+3", "europe/moscow", "Europe/Moscow ", "../etc/passwd", "Asia/Atlantis")
        ),
    ],
)
def test_what_cannot_be_so_is_refused(refusal: type[Refusal], wrong: dict[str, Any]) -> None:
    with pytest.raises(refusal):
        make_install(**wrong)


@pytest.mark.parametrize(
    "right",
    [
        *(
            {"locale": one}
            for one in ("ru", "ru-RU", "zh-Hant-TW", "sr-Latn", "es-419", "de-CH-1996", "ru-RU-u-ca-gregory")
        ),
        *({"time_zone": one} for one in ("Europe/Moscow", "Asia/Kolkata", "Asia/Kamchatka", "UTC", "Etc/GMT-12")),
        {"address": "a" * 4_096},
        {"address_kind": AddressKind.FID},
        {"provider": Provider.RUSTORE},
        {"app_version": "7.4.0-beta.1+build_5"},
    ],
)
def test_what_phones_really_say_is_taken(right: dict[str, Any]) -> None:
    install = make_install(**right)
    assert {name: getattr(install, name) for name in right} == right


def test_a_public_key_is_kept_in_one_form() -> None:
    told = json.dumps({"use": "enc", "kid": "1", **{name: KEY[name] for name in sorted(KEY, reverse=True)}}, indent=2)
    kept = make_install(public_key=told).public_key
    assert kept == json.dumps(KEY, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "{",
        "[]",
        "null",
        '"key"',
        json.dumps({**KEY, "d": KEY["x"]}),
        json.dumps({**KEY, "k": "AAAA"}),
        json.dumps({**KEY, "crv": "P-384"}),
        json.dumps({**KEY, "kty": "RSA"}),
        json.dumps({**KEY, "x": KEY["y"], "y": KEY["x"]}),  # not on the curve
        json.dumps({**KEY, "x": KEY["x"][:-4]}),
        json.dumps({**KEY, "x": 1}),
        json.dumps({"kty": "EC", "crv": "P-256", "x": KEY["x"]}),
        json.dumps({**KEY, "kid": "k" * 1_000}),
        "[" * 900,
    ],
)
def test_another_key_or_a_private_part_is_refused(wrong: str) -> None:
    with pytest.raises(DeviceKeyInvalid):
        make_install(public_key=wrong)


def test_neither_an_address_nor_a_key_is_shown() -> None:
    install = make_install("secret-address", public_key=make_public_key())
    assert "secret-address" not in repr(install)
    assert KEY["kty"] not in repr(install)
