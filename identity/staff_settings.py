"""Settings of staff and systems: which organisations work with us, as what, and which systems they run."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from identity.pem import Pem
from identity.positions import STAFF, Position
from identity.principal import ActorKind

Ogrn = Annotated[str, Field(pattern=r"^(\d{13}|\d{15})$")]
"""Of a legal person, 13 digits, or of an entrepreneur, 15."""


class AccessGroupSettings(BaseModel):
    """What membership of an access group of our system makes of an employee.

    The groups are ours to name (config); an organisation's administrator puts employees into them at ESIA.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str = Field(min_length=1, max_length=128)
    kind: ActorKind
    level: int | None = Field(default=None, description="Of an insurance representative, 1 to 3.")

    @model_validator(mode="after")
    def _staff_only(self) -> Self:
        if self.kind not in STAFF:
            raise ValueError("a group gives a kind of staff")
        Position(self.kind, "", self.level)
        return self


class OrganizationSettings(BaseModel):
    """An organisation whose employees may work with us."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ogrn: Ogrn
    name: str = Field(min_length=1, max_length=255, description="For people, in their access log.")
    groups: tuple[AccessGroupSettings, ...] = Field(min_length=1)


class SystemKeySettings(BaseModel):
    """A public key of a system: EC P-256 signs by ES256, RSA by PS256. Give one of the two forms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kid: str = Field(min_length=1, max_length=128)
    pem: Pem = Field(default=Pem(), description="The public key as PEM.")
    jwk: Mapping[str, JsonValue] | None = Field(default=None, description="The same as a JWK (RFC 7517).")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.pem.is_given is (self.jwk is not None):
            raise ValueError("give either pem or jwk")
        return self


class SystemSettings(BaseModel):
    """A system that signs in by itself, with a key of its own (private_key_jwt)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(min_length=1, max_length=64)
    ogrn: Ogrn = Field(description="Whose system it is.")
    name: str = Field(default="", max_length=64)
    keys: tuple[SystemKeySettings, ...] = Field(min_length=1, description="Two during a change.")
    is_portal: bool = Field(
        default=False, description="Whether it books for people whom it names, as a public services portal does."
    )
    must_bind: bool = Field(default=True, description="Whether tokens are given only for a DPoP key (FAPI 2).")

    @model_validator(mode="after")
    def _keys_apart(self) -> Self:
        if len({key.kid for key in self.keys}) != len(self.keys):
            raise ValueError("each key needs a kid of its own")
        return self

    @property
    def position(self) -> Position:
        """As what it signs in."""
        return Position(ActorKind.SERVICE, self.ogrn)
