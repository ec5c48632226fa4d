"""What `penstock worker` reads from the environment."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.mail import MAIL_SCHEMES, parse_sender
from api.settings import check_database_url


class WorkerSettings(BaseSettings):
    """Each field is the variable of that name."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr = Field(description="libpq URL of the login the API serves with.")
    smtp_url: SecretStr | None = Field(
        None,
        description="Where mails go: smtp://user:password@host:587 (STARTTLS), smtps://host:465, or"
        " file:///folder, where they are left as files. Without it mails wait.",
    )
    mail_from: str = Field(
        "", description="Whom mails are from, as in Shop <shop@example.com>; needed with SMTP_URL."
    )
    mail_connections: int = Field(
        4, ge=1, le=32, description="Connections to the mail server of a worker."
    )
    webhook_private: bool = Field(
        default=False,
        description="Let webhooks reach private networks, and go without TLS: not in production.",
    )
    send_timeout: float = Field(
        10.0, gt=0, le=300, allow_inf_nan=False, description="Seconds that one attempt may take."
    )
    delivery_attempts: int = Field(
        16, ge=1, le=100, description="Attempts after which a delivery is given up."
    )
    delivery_pause: float = Field(
        5.0,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds before the second attempt; twice as many each time, up to six hours.",
    )
    delivery_lease: float = Field(
        60.0,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds after which others may take what a worker has taken and not done.",
    )
    worker_concurrency: int = Field(
        64, ge=4, le=1000, description="Deliveries that a worker has under way at once."
    )
    worker_jobs: bool = Field(default=True, description="Whether this worker does jobs, too.")
    worker_metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of /metrics for Prometheus; 0 is none."
    )
    worker_metrics_host: str = Field(
        "127.0.0.1", description="Address of that port. It is not for the public."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error."
    )

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr) -> SecretStr:
        return check_database_url(value)

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            parts = urlsplit(value.get_secret_value())
            port_is_right = parts.port is None or parts.port > 0
        except ValueError:
            port_is_right = False
        named = parts.path if port_is_right and parts.scheme == "file" else parts.hostname
        if not port_is_right or parts.scheme not in MAIL_SCHEMES or not named:
            raise ValueError(
                "must be a URL like smtp://user:password@host:587, smtps://host or file:///folder"
            )
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_from(cls, value: str) -> str:
        if value:
            parse_sender(value)
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _log_level(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.smtp_url is not None and not self.mail_from:
            raise ValueError("MAIL_FROM is not set: with SMTP_URL it says whom mails are from")
        if self.delivery_lease < 2 * self.send_timeout:
            raise ValueError(
                "DELIVERY_LEASE must be twice SEND_TIMEOUT or more: what is being sent would be"
                " taken by others"
            )
        return self
