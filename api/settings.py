"""Configuration, all of it from the environment."""

import os
import re
import sys
from typing import Annotated, Literal, Self, TypeVar

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api import address, quota, web
from api.keys import Keyring

MIN_SECRET_BYTES = 32
DEMO_MARK = "demo"
_MOST_WORKERS = 4
_CONNECTIONS = 32  # measured: writes gain up to so many, where a disk takes its time to commit
_LEAST_CONNECTIONS = 8

Names = Annotated[tuple[str, ...], NoDecode]


S = TypeVar("S", bound=BaseSettings)


def check_database_url(value: SecretStr) -> SecretStr:
    """The same; ValueError with a sentence where libpq could not use it."""
    if not re.match(r"postgres(ql)?://", value.get_secret_value()):
        raise ValueError("must be a URL like postgresql://user:password@host:5432/database")
    try:
        ports = conninfo_to_dict(value.get_secret_value()).get("port") or ""
    except ProgrammingError:  # its words may hold the password
        raise ValueError("is no URL that libpq can read") from None
    if not re.fullmatch(r"[0-9,]*", str(ports)):
        raise ValueError("has a port that is no number")
    return value


class Settings(BaseSettings):
    """What `penstock serve` reads from the environment; each field is the variable of that name."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr = Field(description="libpq URL of the login the API serves with.")
    redis_url: SecretStr | None = Field(
        None, description="Redis, which all workers keep answers in; one worker does without."
    )
    cache_bytes: int = Field(
        67_108_864, ge=1, description="Bytes of answers that a worker without Redis keeps."
    )
    api_schemas: Names = Field(("api",), description="Schemas to serve, separated by commas.")
    api_prefix: str = Field("/api/v1", description="What every endpoint's path starts with.")
    api_roles: Names = Field(
        ("anon", "member", "staff", "admin"), description="Roles a token may name."
    )
    anon_role: str | None = Field(
        None, description="Role of a request without a token (anon; the login where it has none)."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int | None = Field(
        None,
        ge=1,
        le=64,
        description="Server processes (one for two cores, four at most; one without Redis).",
    )
    pool_size: int | None = Field(
        None,
        ge=1,
        le=200,
        description="Connections of a worker for writes and slow reads (its part of 32, or 8).",
    )
    shared_size: int = Field(
        2, ge=1, le=16, description="Connections for short reads, of each role."
    )
    copy_size: int = Field(2, ge=1, le=16, description="Connections for files, of each role.")
    export_size: int = Field(
        2, ge=1, le=16, description="Lists that are written to files at once, of each role."
    )
    export_timeout: int = Field(
        600_000,
        ge=1,
        le=2**31 - 1,
        description="Milliseconds such a list may take unless @timeout says otherwise.",
    )
    pool_timeout: float = Field(
        10.0, gt=0, allow_inf_nan=False, description="Seconds to wait for a connection."
    )
    statement_timeout: int = Field(
        10_000,
        ge=1,
        le=2**31 - 1,
        description="Milliseconds a call may take unless @timeout says otherwise.",
    )
    max_body_bytes: int = Field(1_048_576, ge=1, description="Largest request body.")
    max_bulk_bytes: int = Field(
        1_073_741_824, ge=1, description="Largest body of a @bulk endpoint, packed or unpacked."
    )
    idempotency_wait: int = Field(
        5_000,
        ge=1,
        le=600_000,
        description="Milliseconds for which a request waits for another with its Idempotency-Key"
        " (half of the call's timeout at most).",
    )
    tx_rollback: bool = Field(
        default=True,
        description="Honour `Prefer: tx=rollback`; false where functions count what callers try.",
    )
    batch_calls: int = Field(
        100, ge=0, le=10_000, description="Most calls of a batch; 0 for no batches."
    )
    batch_size: int = Field(
        2, ge=1, le=16, description="Connections of a worker for batches, of each role."
    )
    body_timeout: float = Field(
        30.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds for a request's body to arrive; that of a @bulk endpoint has a second"
        " more for each 64 KB.",
    )
    keep_alive: int = Field(
        75,
        ge=1,
        le=3600,
        description="Seconds that a connection may idle: more than a balancer in front keeps one.",
    )
    jwt_keys: Names = Field(
        (),
        description=(
            "PEM files of the tokens' keys (Ed25519 or P-256), separated by commas: the first"
            " signs, all verify."
        ),
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description=(
            "Shared key of HS256 tokens, 32 bytes or more; without it and JWT_KEYS every caller"
            " is anon."
        ),
    )
    jwt_issuer: str = Field("penstock", min_length=1, description="`iss` of the tokens.")
    jwt_audience: str = Field("penstock", min_length=1, description="`aud` of the tokens.")
    jwt_ttl: int = Field(900, ge=1, le=86_400, description="Seconds an access token is good for.")
    auth_rate: Names = Field(
        ("30/min per=ip",),
        description="How often each path below auth/ may be called, as `@rate` says it, separated"
        " by commas; empty for no limit.",
    )
    trusted_proxies: Names = Field(
        (),
        description="Networks of proxies whose X-Forwarded-For and Forwarded count, as in"
        " 10.0.0.0/8, separated by commas.",
    )
    allowed_hosts: Names = Field(
        (),
        description="Hosts to answer for, as in api.example.com or *.example.com, separated by"
        " commas; none means any.",
    )
    cors_origins: Names = Field(
        (),
        description="Origins whose pages may call, with credentials, as in"
        " https://app.example.com, separated by commas.",
    )
    hsts_seconds: int = Field(
        0,
        ge=0,
        description="Seconds for which browsers shall come by TLS alone (a year is 31536000);"
        " 0 where no TLS is in front.",
    )
    streams: int = Field(
        5_000, ge=0, le=100_000, description="Streams of events that a worker holds at once."
    )
    streams_per_caller: int = Field(
        16, ge=1, le=10_000, description="Of those, how many of one caller."
    )
    stream_heartbeat: float = Field(
        15.0,
        ge=1,
        le=300,
        allow_inf_nan=False,
        description="Seconds after which a stream that has nothing to say shows that it is there.",
    )
    penstock_demo: bool = Field(default=False, description="Accept secrets marked as demo values.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error; requests are logged at info."
    )

    @property
    def takes_tokens(self) -> bool:
        """Whether there is a key to verify them with."""
        return bool(self.jwt_keys) or self.jwt_secret is not None

    @property
    def processes(self) -> int:
        """How many workers: a second on two cores would only take PostgreSQL's."""
        if self.workers is not None or self.redis_url is None:
            return self.workers or 1
        return max(1, min(_MOST_WORKERS, (os.cpu_count() or 1) // 2))

    @property
    def connections(self) -> int:
        """Connections of each worker's exclusive lane."""
        return self.pool_size or max(_LEAST_CONNECTIONS, _CONNECTIONS // self.processes)

    @field_validator("api_schemas", "api_roles", "jwt_keys", mode="before")
    @classmethod
    def _split(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(name.strip() for name in value.split(",") if name.strip())
        if not names and info.field_name != "jwt_keys":
            raise ValueError("must name at least one, separated by commas")
        return names

    @field_validator("auth_rate", "trusted_proxies", "allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _split_or_none(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(item.strip() for item in value.split(",") if item.strip())

    @field_validator("auth_rate")
    @classmethod
    def _auth_rate(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for rate in quota.together(map(quota.parse, value)):
            if rate.per != "ip":
                raise ValueError("must count per=ip: who calls is not known before they log in")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _trusted_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(address.network(each)) for each in value)
        except ValueError:
            raise ValueError("must name networks like 10.0.0.0/8 or fd00::/8") from None

    @field_validator("allowed_hosts")
    @classmethod
    def _allowed_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(web.host, value))

    @field_validator("cors_origins")
    @classmethod
    def _cors_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(web.origin, value))

    @field_validator("api_prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if value in ("", "/"):
            return ""
        if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value):
            raise ValueError("must be empty or a path like /api/v1, without a slash at the end")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr) -> SecretStr:
        return check_database_url(value)

    @field_validator("anon_role")
    @classmethod
    def _anon_role(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("redis_url")
    @classmethod
    def _redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if not re.match(r"(rediss?|unix)://", value.get_secret_value()):
            raise ValueError("must be a URL like redis://host:6379/0")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _log_level(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("jwt_keys")
    @classmethod
    def _jwt_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        Keyring(value, None)
        return value

    @model_validator(mode="after")
    def _secret(self) -> Self:
        if self.jwt_secret is None:
            return self
        secret = self.jwt_secret.get_secret_value()
        if len(secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(
                f"JWT_SECRET must be {MIN_SECRET_BYTES} bytes or longer: openssl rand -hex 32"
            )
        if DEMO_MARK in secret.lower() and not self.penstock_demo:
            raise ValueError(
                "JWT_SECRET is a demo value: make your own (openssl rand -hex 32),"
                " or set PENSTOCK_DEMO=1 to try things out"
            )
        return self


def load() -> Settings:
    """The settings, or an exit with a sentence for each variable that is wrong."""
    return load_as(Settings)


def load_as(kind: type[S]) -> S:
    """As load(), for settings of this kind."""
    try:
        return kind()
    except ValidationError as error:
        sys.exit("\n".join(_sentence(dict(item), kind) for item in error.errors()))


def _sentence(item: dict[str, object], kind: type[BaseSettings]) -> str:
    location = item["loc"]
    message = str(item["msg"]).removeprefix("Value error, ")
    if not isinstance(location, tuple) or not location:
        return f"penstock: {message}."
    name = str(location[0]).upper()
    if item["type"] == "missing":
        message = f"is not set. It is needed: {kind.model_fields[name.lower()].description}"
        return f"penstock: {name} {message}"
    return f"penstock: {name} is wrong: {message[0].lower()}{message[1:]}."
