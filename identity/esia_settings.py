"""Settings of ESIA: where it is, who we are there, how we sign, and with which keys its tokens are checked."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from identity.pem import Pem

PLACEHOLDERS = frozenset({"placeholder", "ZDOROVYE_DEV"})


class EsiaDialect(StrEnum):
    """For which version of OAuth our client is registered at ESIA."""

    V1 = "v1"
    V2_V3 = "v2_v3"


class SignerKind(StrEnum):
    """Who signs our requests: an RSA key in this process (development), or an external tool (production)."""

    RSA = "rsa"
    COMMAND = "command"


class SignCommandSettings(BaseModel):
    """The tool that signs: it reads the text from standard input and writes the signature to standard output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    argv: tuple[str, ...] = Field(min_length=1, description="Program and arguments, run without a shell.", repr=False)
    timeout_seconds: float = Field(default=3.0, gt=0, description="For one signature, waiting for its turn included.")
    environment: tuple[str, ...] = Field(
        default=("PATH", "HOME", "LANG", "OPENSSL_CONF"), description="The only variables of ours that it may see."
    )


class SigningKeySettings(BaseModel):
    """One key of ours. It signs while its certificate is valid; `signs_from` and `signs_until` narrow that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    private_key: Pem = Field(default=Pem(), description="The RSA key; a command keeps its own.")
    certificate: Pem = Field(default=Pem(), description="The certificate registered at ESIA: when it is valid.")
    certificate_hash: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{64})?$")] = Field(
        default="", description="Hex GOST R 34.11-2012-256 over the certificate's DER, for v2/v3 with a command."
    )
    command: SignCommandSettings | None = None
    signs_from: AwareDatetime | None = None
    signs_until: AwareDatetime | None = None


class EsiaPermissionSettings(BaseModel):
    """One permission (согласие) asked of the person; its words are agreed with ESIA's operator (config)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sysname: str = Field(min_length=1)
    responsible_object: str = Field(min_length=1, description="Who is responsible for the data.")
    expire_minutes: int = Field(gt=0)
    scopes: tuple[str, ...] = Field(min_length=1)
    purposes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


class EsiaSettings(BaseModel):
    """How to reach ESIA and how to prove who we are. Time-outs are seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(default="http://127.0.0.1:8001/esia", description="How this server reaches ESIA.")
    browser_base_url: str | None = Field(default=None, description="How a browser reaches it; default: base_url.")
    issuer: str = Field(default="http://esia.gosuslugi.ru/", description="`iss` of its tokens, to the letter.")
    client_id: str = Field(default="ZDOROVYE_DEV", description="Our mnemonic.")
    dialect: EsiaDialect = Field(default=EsiaDialect.V2_V3, description="As our client is registered.")
    scopes: tuple[str, ...] = (
        *("openid", "fullname", "birthdate", "gender", "snils", "email", "mobile", "medical_doc"),
        *("kid_fullname", "kid_birthdate", "kid_gender", "kid_snils", "kid_birth_cert_doc"),
    )
    permissions: tuple[EsiaPermissionSettings, ...] = Field(default=(), description="Sent when there is one (config).")
    access_type: Literal["online", "offline"] = Field(
        default="online", description="`offline` asks for a refresh token that outlives the visit."
    )
    embeds: bool = Field(default=True, description="Ask for a person's collections in one answer.")
    reads_roles: bool = Field(default=True, description="Read the organisations a person works for (config).")
    signer: SignerKind = SignerKind.RSA
    private_key: Pem = Field(default=Pem(), description="Our RSA key, with which requests are signed.")
    certificate: Pem = Field(default=Pem(), description="Our certificate, registered at ESIA.")
    certificate_hash: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{64})?$")] = ""
    command: SignCommandSettings | None = Field(default=None, description="The tool that signs with the current key.")
    next_key: SigningKeySettings | None = Field(default=None, description="The key that takes over, during a change.")
    verification_key: Pem = Field(
        default=Pem(), description="ESIA's public key or certificate, with which its tokens are checked."
    )
    next_verification_key: Pem = Field(default=Pem(), description="The one ESIA announced, accepted beside it.")
    jwks_url: str | None = Field(default=None, description="Where keys are published, in the place of fixed ones.")
    connect_timeout_seconds: float = Field(default=2.0, gt=0)
    read_timeout_seconds: float = Field(default=4.0, gt=0)
    deadline_seconds: float = Field(default=8.0, gt=0, description="For one exchange with ESIA, all requests of it.")
    is_simulator: bool = True

    @model_validator(mode="after")
    def _refuse_two_sources_of_keys(self) -> Self:
        if self.jwks_url is not None and self.verification_key.is_given:
            raise ValueError("give either jwks_url or verification_key")
        return self

    @property
    def current_key(self) -> SigningKeySettings:
        """Our key of today."""
        return SigningKeySettings(
            private_key=self.private_key,
            certificate=self.certificate,
            certificate_hash=self.certificate_hash,
            command=self.command,
        )

    def unfit_for_production(self) -> Iterator[str]:
        """Yield what must not stand in production, one line each."""
        if self.is_simulator:
            yield "identity.esia.is_simulator: a simulator cannot serve people"
        for name in ("base_url", "browser_base_url", "jwks_url"):
            url = getattr(self, name)
            if url is not None and urlsplit(url).scheme != "https":
                yield f"identity.esia.{name}: an https address is needed"
        if self.client_id in PLACEHOLDERS:
            yield "identity.esia.client_id: a placeholder mnemonic"
        if self.signer is SignerKind.RSA:
            yield "identity.esia.signer: ESIA takes GOST signatures only; name the command that makes them"
        yield from self._lacking("identity.esia", self.current_key)
        if self.next_key is not None:
            yield from self._lacking("identity.esia.next_key", self.next_key)
        if not self.verification_key.is_given and self.jwks_url is None:
            yield "identity.esia.verification_key: missing"

    def _lacking(self, where: str, key: SigningKeySettings) -> Iterator[str]:
        if key.command is None:
            yield f"{where}.command: missing"
        if not key.certificate.is_given:
            yield f"{where}.certificate: missing"
        if self.dialect is EsiaDialect.V2_V3 and not key.certificate_hash:
            yield f"{where}.certificate_hash: missing"
