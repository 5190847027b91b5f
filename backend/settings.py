"""Settings of the whole application: read once by the roof, passed down as values."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url

from identity.settings import IdentitySettings
from notifications.settings import NotificationSettings

PLACEHOLDER = "placeholder"
"""A secret nobody chose; refused in production."""

POSTS = {
    "109": "therapist",
    "122": "paediatrician",
    "35": "general-practitioner",
    "171": "dentist",
    "15": "gynaecologist",
    "88": "ophthalmologist",
    "85": "otolaryngologist",
    "75": "neurologist",
    "46": "cardiologist",
    "159": "surgeon",
}
"""Which specialty each post of the demo region's concentrator is; a real one follows НСИ 1.2.643.5.1.13.13.11.1002."""

LONGEST_DRAIN_SECONDS = 13
"""A process ends within 15 s of SIGTERM (R63); taking leave, cutting and closing take their moments."""

_SQLITE = "sqlite+aiosqlite://"
_DRIVERS = ("postgresql+asyncpg://", _SQLITE)


class Environment(StrEnum):
    """Where the process runs; production refuses simulators, placeholders and development doors."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Executor(StrEnum):
    """Which operations run compiled; the others run on graphql-core's own executor."""

    TRUSTED = "trusted"
    ALWAYS = "always"
    NEVER = "never"


class DatabaseSettings(BaseModel):
    """How to reach the database; the time-outs are seconds.

    Waiting for a connection, making one and one statement together stay below the deadline of a request, so that a
    database that hangs empties a section and not the screen (R61).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite in the data folder.", repr=False)
    pool_size: int = Field(default=6, ge=1, le=100)
    pool_timeout_seconds: float = Field(default=2.0, gt=0)
    connect_timeout_seconds: float = Field(default=2.0, gt=0)
    lock_timeout_seconds: float = Field(default=4.0, gt=0)
    statement_timeout_seconds: float = Field(default=5.0, gt=0)

    @field_validator("url")
    @classmethod
    def _known_driver(cls, value: str) -> str:
        if value and not value.startswith(_DRIVERS):
            raise ValueError(f"an address begins with {' or '.join(_DRIVERS)}")
        if value.startswith(_SQLITE) and _is_in_memory(value):
            raise ValueError("SQLite needs a file: in memory every connection would open an empty one of its own")
        return value


def _is_in_memory(address: str) -> bool:
    """Whether SQLite would keep the database in memory, or in a nameless file that one connection alone can see."""
    try:
        url = make_url(address)
    except ValueError:  # `sqlite+aiosqlite://:memory:` is read as a port
        return True
    name = (url.database or "").removeprefix("file:")
    return name in {"", ":memory:"} or url.query.get("mode") == "memory" or url.query.get("vfs") == "memdb"


class GraphQLSettings(BaseModel):
    """Limits of the endpoint. Source of the figures: OWASP GraphQL cheat sheet; our requirements S1-S5, S12."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_depth: int = Field(default=12, ge=1)
    max_aliases_of_one_field: int = Field(default=15, ge=1)
    max_tokens: int = Field(default=1_000, ge=1)
    max_directives: int = Field(default=50, ge=1)
    max_characters: int = Field(default=15_000, ge=1)
    max_body_bytes: int = Field(default=200_000, ge=1)
    max_cost: int = Field(default=5_000, ge=1, description="Cost of one operation: fields, times list sizes.")
    cost_per_minute: int = Field(default=60_000, ge=1, description="Cost one principal may spend in a minute.")
    deadline_seconds: float = Field(default=10.0, gt=0)
    allowed_origins: tuple[str, ...] = Field(
        default=(), description="Other web origins that may open a WebSocket; our own always may (S16)."
    )
    websocket_init_seconds: float = Field(default=5.0, gt=0)
    max_connections_of_person: int = Field(
        default=10, ge=1, description="WebSockets and event streams of one person at once, in a worker (S17)."
    )
    max_streams_of_worker: int = Field(
        default=16_000, ge=1, description="WebSockets and event streams of a worker; who comes after them gets 503."
    )
    executor: Executor = Field(default=Executor.TRUSTED, description="Which operations run compiled.")
    prepare_at_start: bool = Field(
        default=True, description="Prepare every trusted operation at the start, else each when it is first asked for."
    )
    compress_from_bytes: int = Field(default=1_024, ge=0, description="Shorter answers are sent as they are.")


class OmsRegistrySettings(BaseModel):
    """The regional register of insured people (ЕРЗЛ segment) behind `backend.policy.ports`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl = HttpUrl("http://127.0.0.1:8001/oms")
    token: str = Field(default=PLACEHOLDER, repr=False, description="Bearer token the register gave us.")
    timeout_seconds: float = Field(default=2.0, gt=0)
    is_simulator: bool = True
    fresh_for_seconds: int = Field(default=900, ge=0, description="How long a cached answer is shown without asking.")
    stale_for_seconds: int = Field(
        default=86_400, ge=0, description="How long it may be shown while the source is down."
    )


class FerRegistrySettings(BaseModel):
    """The concentrator of the federal electronic registry (ФЭР) behind `backend.booking.ports`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: HttpUrl = HttpUrl("http://127.0.0.1:8001/fer")
    token: str = Field(default=PLACEHOLDER, repr=False, description="Bearer token the concentrator gave us.")
    timeout_seconds: float = Field(default=4.0, gt=0, description="One call to book, with all it asks.")
    is_simulator: bool = True
    visit_minutes: int = Field(
        default=20, ge=1, le=480, description="Longest visit: its words name no end, only the next start."
    )
    specialties_by_post: dict[str, str] = Field(
        default=POSTS, description="Which specialty of ours each of its posts (Post_Id) is."
    )
    schedules_kept: bool = Field(default=True, description="Whether this process asks for its free times.")
    schedule_days: int = Field(default=14, ge=1, le=60, description="How many days ahead its free times are kept.")
    schedule_seconds: int = Field(default=300, ge=10, description="How old its free times become at most.")
    schedules_at_once: int = Field(default=4, ge=1, le=64, description="How many resources are asked for at once.")


class RightsSettings(BaseModel):
    """Copies of one's data, and erasure. Source of the figures: our requirements S44, S51; waiting is (config)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    export_most_bytes: int = Field(default=1_000_000_000, ge=1, le=2_000_000_000, description="Size of one copy.")
    export_kept_days: int = Field(default=7, ge=1, le=30)
    exports_a_day: int = Field(default=3, ge=1)
    download_link_seconds: int = Field(default=300, ge=10, le=300)
    erasure_waits_days: int = Field(
        default=14, ge=1, le=30, description="To change one's mind; 152-ФЗ art. 21 part 5.1 gives 10 working days."
    )


class Settings(BaseSettings):
    """Every setting, from `ZDOROVYE_…` variables (`ZDOROVYE_DATABASE__URL`, …)."""

    model_config = SettingsConfigDict(
        env_prefix="ZDOROVYE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    environment: Environment = Environment.DEVELOPMENT
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65_534, description="The simulators take the next one by default.")
    simulators_port: int | None = Field(default=None, ge=1, le=65_535, description="Default: port + 1.")
    public_url: HttpUrl | None = Field(default=None, description="How clients reach us; default: http://host:port.")
    trusted_proxies: str = Field(default="", description="Addresses whose X-Forwarded-* headers are believed.")
    data_dir: Path = Path(".data")
    redis_url: str = Field(default="", repr=False, description="Joins several workers; empty: one process only.")
    drain_seconds: int = Field(default=12, ge=0, le=13, description="How long open requests may take after SIGTERM.")
    drain_notice_seconds: float = Field(
        default=1.0, ge=0, le=5, description="Between saying `not ready` and accepting no more connections."
    )
    trusted_documents_only: bool | None = Field(default=None, description="Default: only in production (S13).")
    demo_seed: int = 40
    database: DatabaseSettings = DatabaseSettings()
    graphql: GraphQLSettings = GraphQLSettings()
    identity: IdentitySettings = IdentitySettings()
    oms_registry: OmsRegistrySettings = OmsRegistrySettings()
    fer_registry: FerRegistrySettings = FerRegistrySettings()
    notifications: NotificationSettings = NotificationSettings()
    rights: RightsSettings = RightsSettings()

    @model_validator(mode="after")
    def _end_in_time(self) -> Self:
        if self.drain_seconds + self.drain_notice_seconds > LONGEST_DRAIN_SECONDS:
            raise ValueError(f"drain_seconds and drain_notice_seconds are {LONGEST_DRAIN_SECONDS} together at most")
        return self

    @model_validator(mode="after")
    def _refuse_development_parts_in_production(self) -> Self:
        if self.environment is not Environment.PRODUCTION:
            return self
        wrong = [*self.identity.unfit_for_production(), *self.notifications.unfit_for_production()]
        if self.oms_registry.is_simulator:
            wrong.append("oms_registry.is_simulator: a simulator cannot serve people")
        if self.oms_registry.token == PLACEHOLDER:
            wrong.append("oms_registry.token: a placeholder secret")
        if self.fer_registry.is_simulator:
            wrong.append("fer_registry.is_simulator: a simulator cannot serve people")
        if self.fer_registry.token == PLACEHOLDER:
            wrong.append("fer_registry.token: a placeholder secret")
        if not self.database.url:
            wrong.append("database.url: name the database")
        if self.public_url is None or self.public_url.scheme != "https":
            wrong.append("public_url: an https address is needed")
        if wrong:
            raise ValueError("unfit for production: " + "; ".join(wrong))
        return self
