"""Configuration from the environment: a wrong value stops the start and names its variable."""

import subprocess
import sys

import pytest

from api.settings import Settings, load
from db.home import ROOT

PASSWORD = "hunter2-canary"
URL = f"postgresql://penstock:{PASSWORD}@127.0.0.1:5/nowhere"
SECRET = "0123456789abcdef0123456789abcdef-canary"
DEMO = "demo-secret-of-32-bytes-and-more-canary"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", URL)
    return monkeypatch


def refusal() -> str:
    with pytest.raises(SystemExit) as caught:
        load()
    return str(caught.value.code)


def test_a_database_is_all_it_needs(environment: pytest.MonkeyPatch) -> None:
    settings = load()

    assert settings.database_url.get_secret_value() == URL
    assert settings.api_schemas == ("api",)
    assert settings.api_prefix == "/api/v1"
    assert (settings.jwt_secret, settings.redis_url, settings.anon_role) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("API_SCHEMAS", " public , api,", "api_schemas", ("public", "api")),
        ("API_ROLES", "reader", "api_roles", ("reader",)),
        ("API_PREFIX", "", "api_prefix", ""),
        ("API_PREFIX", "/", "api_prefix", ""),
        ("API_PREFIX", "/a/b-c", "api_prefix", "/a/b-c"),
        ("REDIS_URL", "", "redis_url", None),
        ("ANON_ROLE", "", "anon_role", None),
        ("ANON_ROLE", "web", "anon_role", "web"),
        ("LOG_LEVEL", "WARNING", "log_level", "warning"),
        ("PORT", "0", "port", 0),
        ("WORKERS", "4", "workers", 4),
        ("PENSTOCK_DEMO", "1", "penstock_demo", True),
        ("DATABASE_URL", "postgres://x/y", "api_prefix", "/api/v1"),
        ("AUTH_RATE", "", "auth_rate", ()),
        ("AUTH_RATE", "5/min per=ip,50/h per=ip", "auth_rate", ("5/min per=ip", "50/h per=ip")),
        ("TRUSTED_PROXIES", "", "trusted_proxies", ()),
        ("TRUSTED_PROXIES", "10.0.0.1, fd00::1/8", "trusted_proxies", ("10.0.0.1/32", "fd00::/8")),
        ("ALLOWED_HOSTS", "API.example.com,*.x.y", "allowed_hosts", ("api.example.com", "*.x.y")),
        (
            "CORS_ORIGINS",
            "https://a.b, http://[::1]:3000",
            "cors_origins",
            ("https://a.b", "http://[::1]:3000"),
        ),
        ("CORS_ORIGINS", "https://a.b:8443", "cors_origins", ("https://a.b:8443",)),
        ("HSTS_SECONDS", "31536000", "hsts_seconds", 31_536_000),
    ],
)
def test_each_form_is_read(
    environment: pytest.MonkeyPatch, name: str, value: str, field: str, expected: object
) -> None:
    environment.setenv(name, value)

    assert getattr(load(), field) == expected


@pytest.mark.parametrize(
    ("cores", "given", "workers", "connections"),
    [
        (2, {}, 1, 32),
        (4, {}, 2, 16),
        (64, {}, 4, 8),
        (64, {"REDIS_URL": ""}, 1, 32),
        (64, {"REDIS_URL": "", "WORKERS": "3"}, 3, 10),
        (2, {"WORKERS": "64"}, 64, 8),
        (64, {"POOL_SIZE": "5"}, 4, 5),
    ],
)
def test_workers_suit_the_machine_and_share_the_connections(
    environment: pytest.MonkeyPatch,
    cores: int,
    given: dict[str, str],
    workers: int,
    connections: int,
) -> None:
    environment.setattr("os.cpu_count", lambda: cores)
    for name, value in ({"REDIS_URL": "redis://x"} | given).items():
        environment.setenv(name, value)

    assert (load().processes, load().connections) == (workers, connections)


WRONG = [
    ("DATABASE_URL", "host=db dbname=x", "must be a URL like postgresql://"),
    ("DATABASE_URL", "", "must be a URL like postgresql://"),
    ("DATABASE_URL", "mysql://x/y", "must be a URL like postgresql://"),
    ("DATABASE_URL", "postgresql://u:canary@h:notaport/d", "has a port that is no number"),
    ("DATABASE_URL", "postgresql://u:canary@h/d?nonsense=1", "is no URL that libpq can read"),
    ("REDIS_URL", "http://x", "must be a URL like redis://"),
    ("API_SCHEMAS", " , ", "must name at least one"),
    ("API_ROLES", "", "must name at least one"),
    ("API_PREFIX", "api", "must be empty or a path like /api/v1"),
    ("API_PREFIX", "/api/", "without a slash at the end"),
    ("API_PREFIX", "/a b", "must be empty or a path"),
    ("API_PREFIX", "/a{b}", "must be empty or a path"),
    ("PORT", "http", "valid integer"),
    ("PORT", "65536", "less than or equal to 65535"),
    ("PORT", "-1", "greater than or equal to 0"),
    ("WORKERS", "0", "greater than or equal to 1"),
    ("WORKERS", "65", "less than or equal to 64"),
    ("POOL_SIZE", "0", "greater than or equal to 1"),
    ("POOL_TIMEOUT", "0", "greater than 0"),
    ("POOL_TIMEOUT", "inf", "finite"),
    ("POOL_TIMEOUT", "nan", "finite"),
    ("STATEMENT_TIMEOUT", "0", "greater than or equal to 1"),
    ("STATEMENT_TIMEOUT", "9999999999", "less than or equal to 2147483647"),
    ("STATEMENT_TIMEOUT", "2s", "valid integer"),
    ("MAX_BODY_BYTES", "0", "greater than or equal to 1"),
    ("MAX_BULK_BYTES", "64M", "valid integer"),
    ("BODY_TIMEOUT", "-1", "greater than 0"),
    ("BODY_TIMEOUT", "inf", "finite"),
    ("JWT_SECRET", "short-canary", "must be 32 bytes or longer"),
    ("JWT_SECRET", "", "must be 32 bytes or longer"),
    ("JWT_SECRET", DEMO, "is a demo value"),
    ("JWT_SECRET", DEMO.upper(), "is a demo value"),
    ("JWT_TTL", "0", "greater than or equal to 1"),
    ("JWT_TTL", "86401", "less than or equal to 86400"),
    ("JWT_ISSUER", "", "at least 1 character"),
    ("JWT_AUDIENCE", "", "at least 1 character"),
    ("AUTH_RATE", "often", "takes calls (1 to 100,000) in a s, min, h or day"),
    ("AUTH_RATE", "10/min", "must count per=ip"),
    ("AUTH_RATE", "10/min per=ip, 20/min per=ip", "of which only the smaller can count"),
    ("TRUSTED_PROXIES", "balancer", "must name networks like 10.0.0.0/8"),
    ("TRUSTED_PROXIES", "10.0.0.0/33", "must name networks like 10.0.0.0/8"),
    ("ALLOWED_HOSTS", "https://api.example.com", "must name hosts like api.example.com"),
    ("ALLOWED_HOSTS", "api.example.com:443", "without a port"),
    ("ALLOWED_HOSTS", "*", "must name hosts like api.example.com"),
    ("ALLOWED_HOSTS", "a.*.example.com", "must name hosts like api.example.com"),
    ("CORS_ORIGINS", "*", "can't be *: callers send credentials"),
    ("CORS_ORIGINS", "https://x.example, *", "can't be *"),
    ("CORS_ORIGINS", "null", "must name origins as browsers send them"),
    ("CORS_ORIGINS", "shop.example.org", "must name origins as browsers send them"),
    ("CORS_ORIGINS", "https://app.example.com/", "without a path"),
    ("CORS_ORIGINS", "https://App.example.com", "in lower case"),
    ("CORS_ORIGINS", "https://app.example.com:443", "the scheme's own port"),
    ("CORS_ORIGINS", "http://app.example.com:80", "the scheme's own port"),
    ("CORS_ORIGINS", "https://*.example.com", "must name origins"),
    ("HSTS_SECONDS", "-1", "greater than or equal to 0"),
    ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
    ("PENSTOCK_DEMO", "perhaps", "valid boolean"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_wrong_value_is_named_in_a_sentence(
    environment: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    environment.setenv(name, value)

    said = refusal()

    assert said.startswith(f"penstock: {name} ")
    assert sentence in said
    assert said.endswith(".")
    assert len(said.splitlines()) == 1
    assert "canary" not in said.lower()
    assert not value or len(value) < 6 or value not in said


def test_a_missing_database_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("DATABASE_URL")

    assert refusal() == (
        "penstock: DATABASE_URL is not set. It is needed: libpq URL of the login the API serves"
        " with."
    )


def test_every_wrong_variable_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "x")
    environment.setenv("WORKERS", "0")

    assert [line.split()[1] for line in refusal().splitlines()] == ["PORT", "WORKERS"]


def test_a_demo_secret_is_taken_where_somebody_says_it_is_a_demo(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("JWT_SECRET", DEMO)
    environment.setenv("PENSTOCK_DEMO", "1")

    assert load().penstock_demo


def test_a_secret_is_never_printed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("JWT_SECRET", SECRET)
    environment.setenv("REDIS_URL", f"redis://:{PASSWORD}@127.0.0.1/0")
    settings = load()

    for printed in (repr(settings), str(settings), str(settings.model_dump())):
        assert "canary" not in printed
    assert "canary" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("JWT_SECRET", DEMO), ("DATABASE_URL", PASSWORD)]
)
def test_the_command_stops_with_the_sentence_and_no_traceback(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)

    done = subprocess.run(
        [sys.executable, "-m", "db.cli", "serve"],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert done.stderr.startswith(f"penstock: {name} ")
    assert "Traceback" not in done.stderr + done.stdout
    assert "canary" not in done.stderr + done.stdout
