"""Where a key or certificate of the settings is read from."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator


class Pem(BaseModel):
    """A key or certificate in PEM form: in a file or written out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path | None = None
    text: SecretStr | None = None

    @model_validator(mode="after")
    def _refuse_both(self) -> Self:
        if self.path is not None and self.text is not None:
            raise ValueError("give either path or text")
        return self

    @property
    def is_given(self) -> bool:
        """Whether there is anything to read."""
        return self.path is not None or self.text is not None

    def read(self) -> bytes:
        """Return the PEM bytes.

        Raises:
            ValueError: Nothing is given.
            OSError: The file cannot be read.
        """
        if self.text is not None:
            return self.text.get_secret_value().encode()
        if self.path is None:
            raise ValueError("no PEM is given")
        return self.path.read_bytes()
