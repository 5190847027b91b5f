"""Settings of kiosks: which machines there are, by the key of each, and where they stand."""

from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from identity.tables import DEVICE_NAME_LENGTH

Thumbprint = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""Of a key, SHA-256. Source: RFC 7638."""


class KioskSettings(BaseModel):
    """One machine. Its key is made in it and never leaves it; only a known machine gets tokens of a kiosk's app."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(min_length=1, max_length=64, description="The app that runs on it.")
    thumbprint: Thumbprint = Field(description="Of the machine's DPoP key.")
    clinic: str = Field(
        min_length=1, max_length=DEVICE_NAME_LENGTH, description="Where it stands, for people, in their lists."
    )

    @property
    def machine_id(self) -> UUID:
        """By which it stands in the audit."""
        return machine_id_of(self.thumbprint)


def machine_id_of(thumbprint: str) -> UUID:
    """Return the id of a machine by its key; always the same."""
    return uuid5(NAMESPACE_URL, f"urn:zdorovye:kiosks:{thumbprint}")
