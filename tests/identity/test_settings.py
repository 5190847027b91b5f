from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from identity.esia_settings import EsiaSettings, SignCommandSettings, SignerKind
from identity.pem import Pem
from identity.settings import IdentitySettings, TokenSettings

GIVEN = Pem(text=SecretStr("pem"))


def test_defaults_are_unfit_for_production_and_say_why() -> None:
    lines = list(IdentitySettings().unfit_for_production())
    assert [line.partition(":")[0] for line in lines] == [
        "identity.esia.is_simulator",
        "identity.esia.base_url",
        "identity.esia.client_id",
        "identity.esia.signer",
        "identity.esia.command",
        "identity.esia.certificate",
        "identity.esia.certificate_hash",
        "identity.esia.verification_key",
        "identity.tokens.issuer",
        "identity.tokens.signing_key",
    ]


def test_complete_settings_are_fit_for_production() -> None:
    settings = IdentitySettings(
        esia=EsiaSettings(
            base_url="https://esia.gosuslugi.ru",
            client_id="REGION40",
            is_simulator=False,
            signer=SignerKind.COMMAND,
            command=SignCommandSettings(argv=("sign-for-esia",)),
            certificate=GIVEN,
            certificate_hash="0A" * 32,
            verification_key=GIVEN,
        ),
        tokens=TokenSettings(signing_key=GIVEN),
    ).served_at("https://zdorovye.example/")
    assert list(settings.unfit_for_production()) == []
    assert settings.callback_url == "https://zdorovye.example/auth/esia/callback"


def test_a_key_never_shows_in_a_text() -> None:
    settings = EsiaSettings(private_key=Pem(text=SecretStr("very secret")))
    assert "very secret" not in repr(settings) + str(settings.model_dump())
    assert settings.private_key.read() == b"very secret"


def test_pem_is_read_from_its_file_and_never_from_two_places(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(b"pem")
    assert Pem(path=tmp_path / "key.pem").read() == b"pem"
    with pytest.raises(ValidationError):
        Pem(path=tmp_path / "key.pem", text=SecretStr("pem"))
    with pytest.raises(ValueError, match="no PEM"):
        Pem().read()


@pytest.mark.parametrize("url", ["", "zdorovye.example", "ftp://zdorovye.example", "https://zdorovye.example/?a=b"])
def test_issuer_is_a_plain_address(url: str) -> None:
    with pytest.raises(ValidationError):
        IdentitySettings().served_at(url)
