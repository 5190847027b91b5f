"""PKCS#7 signatures of v1: made by us, made by a real openssl, read by both, and refused when anything is wrong."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import given
from hypothesis import strategies as st

from identity.esia.cms_message import CmsUnreadable, read_cms
from identity.esia.cms_signer import CmsSigner
from identity.keys import make_certificate, make_rsa_key, private_pem
from tests.factories.identity import CERTIFICATE, CLIENT_ID, CLIENT_KEY, CMS_SIGNER, NOW

TEXT = b"openid2026.11.22 09:00:00 +0000ZDOROVYE_DEVa-state"
OURS = x509.load_pem_x509_certificate(CERTIFICATE)
OTHER_KEY = make_rsa_key()
OTHER = make_certificate(OTHER_KEY, name=CLIENT_ID, now=NOW)


def built(*options: PKCS7Options, text: bytes = TEXT, algorithm: SHA256 | SHA1 | None = None) -> bytes:
    builder = PKCS7SignatureBuilder().set_data(text).add_signer(OURS, CLIENT_KEY, algorithm or SHA256())  # type: ignore[arg-type] # SHA1 on purpose
    return builder.sign(Encoding.DER, options)


async def test_our_message_proves_the_text_and_nothing_else() -> None:
    message = read_cms(await CMS_SIGNER.sign(TEXT))
    assert message.is_signed_by(OURS, text=TEXT)
    assert not message.is_signed_by(OURS, text=TEXT + b" ")
    assert not message.is_signed_by(x509.load_pem_x509_certificate(OTHER), text=TEXT)
    assert not message.carries_another_certificate(OURS)
    assert message.carries_another_certificate(x509.load_pem_x509_certificate(OTHER))


async def test_our_message_holds_for_a_real_openssl(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "signature").write_bytes(await CMS_SIGNER.sign(TEXT))
    (tmp_path / "certificate.pem").write_bytes(CERTIFICATE)
    verify = [
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "text"),
        *("-CAfile", "certificate.pem", "-purpose", "any", "-attime", str(int((NOW + timedelta(days=1)).timestamp()))),
    ]
    verified = subprocess.run(verify, cwd=tmp_path, check=False, capture_output=True)  # noqa: S603, ASYNC221
    assert (verified.returncode, verified.stdout) == (0, TEXT)
    (tmp_path / "text").write_bytes(TEXT + b"x")
    assert subprocess.run(verify, cwd=tmp_path, check=False, capture_output=True).returncode != 0  # noqa: S603, ASYNC221


@pytest.mark.parametrize("more", [[], ["-noattr"], ["-nocerts"]])
def test_messages_of_a_real_openssl_are_read_in_each_of_their_forms(tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "key.pem").write_bytes(private_pem(CLIENT_KEY))
    (tmp_path / "certificate.pem").write_bytes(CERTIFICATE)
    sign = ["openssl", "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-signer", "certificate.pem"]
    signed = subprocess.run(  # noqa: S603
        [*sign, "-inkey", "key.pem", *more], cwd=tmp_path, input=TEXT, check=True, capture_output=True
    )
    message = read_cms(signed.stdout)
    assert message.is_signed_by(OURS, text=TEXT)
    assert not message.is_signed_by(OURS, text=b"another")


def test_what_is_not_detached_or_of_another_digest_is_not_read() -> None:
    with pytest.raises(CmsUnreadable, match="not detached"):
        read_cms(built(PKCS7Options.Binary))
    signed_twice = PKCS7SignatureBuilder().set_data(TEXT)
    for key, certificate in ((CLIENT_KEY, OURS), (OTHER_KEY, x509.load_pem_x509_certificate(OTHER))):
        signed_twice = signed_twice.add_signer(certificate, key, SHA256())
    with pytest.raises(CmsUnreadable, match="not one signer"):
        read_cms(signed_twice.sign(Encoding.DER, [PKCS7Options.DetachedSignature]))


def test_a_certificate_of_another_key_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="another key"):
        CmsSigner(key=OTHER_KEY, certificate_pem=CERTIFICATE)


@given(st.binary(max_size=300))
def test_no_bytes_are_read_as_a_message_by_chance(data: bytes) -> None:
    with pytest.raises(CmsUnreadable):
        read_cms(data)


@given(place=st.integers(0, 2_000), bit=st.integers(0, 7))
def test_no_changed_bit_gives_another_signed_text(place: int, bit: int) -> None:
    """A flipped bit is unreadable, or the message proves our text or nothing: never another text."""
    message = bytearray(GOOD)
    message[place % len(message)] ^= 1 << bit
    try:
        read = read_cms(bytes(message))
    except CmsUnreadable:
        return
    assert not read.is_signed_by(OURS, text=TEXT + b"!")


@given(st.integers(0, 2_000))
def test_a_message_cut_short_is_unreadable(length: int) -> None:
    with pytest.raises(CmsUnreadable):
        read_cms(GOOD[: length % len(GOOD)])


GOOD = built(PKCS7Options.DetachedSignature, PKCS7Options.Binary)
