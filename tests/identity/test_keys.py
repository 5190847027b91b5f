import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from identity.development_keys import ensure_development_keys
from identity.esia.signer import RsaSigner
from identity.keys import (
    KeyUnusable,
    load_ec_private_key,
    load_ec_public_key,
    load_rsa_private_key,
    load_rsa_public_key,
    make_ec_key,
    make_rsa_key,
    private_pem,
    public_pem,
)
from tests.factories.identity import CERTIFICATE, NOW


def test_development_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys"
    keys = ensure_development_keys(folder, client_id="DEV", now=NOW)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(before) == 7
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert ensure_development_keys(folder, client_id="DEV", now=NOW) == keys
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_development_keys_fit_together(tmp_path: Path) -> None:
    keys = ensure_development_keys(tmp_path, client_id="DEV", now=NOW)
    load_ec_private_key(keys.tokens_signing_key.read_bytes())
    client = load_rsa_private_key(keys.esia_client_key.read_bytes())
    assert len(RsaSigner(key=client, certificate_pem=keys.esia_client_certificate.read_bytes()).certificate_hash) == 64
    simulator = load_rsa_private_key(keys.esia_simulator_key.read_bytes())
    assert load_rsa_public_key(keys.esia_simulator_public_key.read_bytes()) == simulator.public_key()


def test_another_kind_of_key_is_refused() -> None:
    curve, rsa_key = private_pem(make_ec_key()), private_pem(make_rsa_key())
    weak = private_pem(rsa.generate_private_key(public_exponent=65_537, key_size=1_024))  # noqa: S505 # the point
    other_curve = private_pem(ec.generate_private_key(ec.SECP384R1()))
    for load, wrong in (
        (load_ec_private_key, (rsa_key, other_curve, b"", b"garbage")),
        (load_rsa_private_key, (curve, weak, b"garbage")),
        (load_ec_public_key, (public_pem(make_rsa_key()), curve, b"garbage")),
        (load_rsa_public_key, (public_pem(make_ec_key()), rsa_key, b"garbage")),
    ):
        for pem in wrong:
            with pytest.raises(KeyUnusable):
                load(pem)


def test_a_certificate_of_another_key_is_refused() -> None:
    with pytest.raises(ValueError, match="another key"):
        RsaSigner(key=make_rsa_key(), certificate_pem=CERTIFICATE)
