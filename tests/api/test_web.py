"""What browsers are told: who may read an answer from another page, and what it may do."""

import http.client
import json
import logging
from collections.abc import Iterator

import httpx
import pytest

from api.web import Web
from db.database import Database
from tests.api.conftest import Api, closed, running

APP, OTHER = "https://app.example.com", "https://evil.example"
CORS = ["access-control-allow-origin", "access-control-allow-credentials",
        "access-control-expose-headers"]  # fmt: skip
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
PROBES = ["/healthz", "/readyz", "/metrics"]


@pytest.fixture(scope="module")
def api(module_database: Database) -> Iterator[Api]:
    with running(
        module_database.serve_url, cors_origins=(APP, "http://localhost:3000"), hsts_seconds=600
    ) as client:
        yield client


@pytest.fixture(scope="module")
def hosted(module_database: Database) -> Iterator[Api]:
    hosts = ("api.example.com", "*.wild.example")
    with running(module_database.serve_url, allowed_hosts=hosts) as client:
        yield client


def raw(api: Api, *lines: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """The answer to a request of these lines, and its headers one by one."""
    connection = http.client.HTTPConnection(api.origin.removeprefix("http://"), timeout=10)
    connection.connect()
    connection.sock.sendall("\r\n".join((*lines, "", "")).encode("latin-1"))
    response = http.client.HTTPResponse(connection.sock, method=lines[0].split()[0])
    response.begin()
    answer = response.status, response.getheaders(), response.read()
    connection.close()
    return answer


# ── In all answers ───────────────────────────────────────────────────────────────────────────────

ANSWERS = {
    "a read": ("GET", "/api/v1/products", 200),
    "a head": ("HEAD", "/api/v1/products", 200),
    "a missing page": ("GET", "/api/v1/nothing", 404),
    "a missing row": ("GET", "/api/v1/products/999999", 404),
    "a wrong argument": ("GET", "/api/v1/products?limit=x", 422),
    "a wrong method": ("TRACE", "/api/v1/products", 405),
    "options": ("OPTIONS", "/api/v1/products", 204),
    "a login": ("POST", "/api/v1/auth/login", 422),
    "the description": ("GET", "/api/v1/openapi.json", 200),
    "health": ("GET", "/healthz", 200),
    "metrics": ("GET", "/metrics", 200),
    "a script": ("GET", "/docs/start.js", 200),
    "an asset": ("GET", "/assets/swagger-ui.css", 200),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_has_each_header_once(api: Api, case: str) -> None:
    method, path, status = ANSWERS[case]

    answer = httpx.request(method, api.origin + path)

    assert answer.status_code == status
    for name, value in SECURITY.items():
        assert answer.headers.get_list(name) == [value]
    assert answer.headers["strict-transport-security"] == "max-age=600"


def test_no_tls_is_promised_where_there_is_none(shared_api: Api) -> None:
    assert "strict-transport-security" not in shared_api.get("/products").headers


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_page_has_its_own_policy_alone(api: Api, path: str) -> None:
    (policy,) = httpx.get(api.origin + path).headers.get_list("content-security-policy")
    directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))

    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert "unsafe-eval" not in policy
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"


def test_a_function_may_have_a_policy_of_its_own(database: Database) -> None:
    database.psql(
        "create function api.page() returns text stable language plpgsql as $$ begin"
        "  perform set_config('response.headers', '[{\"Content-Security-Policy\": \"sandbox\"}]',"
        "    true); return ''; end $$;"
        "comment on function api.page is 'HTTP GET /page';"
        "grant execute on function api.page to anon"
    )
    with running(database.serve_url) as api:
        answer = api.get("/page")

    assert answer.headers.get_list("content-security-policy") == ["sandbox"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nobody_keeps_what_was_for_a_token(api: Api) -> None:
    staff = api.as_user(1, "staff")

    assert "cache-control" not in api.get("/nothing").headers
    assert staff.get("/users").headers.get_list("cache-control") == ["no-store"]
    assert staff.get("/nothing").headers.get_list("cache-control") == ["no-store"]
    assert staff.get("/openapi.json").headers.get_list("cache-control") == ["no-store"]
    assert api.post("/auth/login", json={}).headers.get_list("cache-control") == ["no-store"]


def test_what_has_an_etag_or_says_how_long_it_counts_may_be_kept(
    api: Api, module_database: Database
) -> None:
    module_database.psql(
        "insert into app.products (id, sku, name, price) overriding system value"
        " values (77, 'WEB-77', 'Lantern', 5) on conflict do nothing"
    )
    staff = api.as_user(1, "staff")
    product = staff.get("/products/77")
    known = staff.get("/products/77", headers={"if-none-match": product.headers["etag"]})
    kept = [staff.get("/products") for _ in range(2)]

    assert (product.status_code, known.status_code) == (200, 304)
    assert all("no-store" not in str(each.headers) for each in (product, known, *kept))
    assert [len(each.headers.get_list("cache-control")) for each in kept] == [1, 1]


# ── CORS ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", ANSWERS)
@pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
def test_a_listed_origin_may_read_every_answer(api: Api, case: str, origin: str) -> None:
    method, path, _ = ANSWERS[case]

    answer = httpx.request(method, api.origin + path, headers={"origin": origin})

    assert answer.headers.get_list("access-control-allow-origin") == [origin]
    assert answer.headers.get_list("access-control-allow-credentials") == ["true"]
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"etag", "link", "location", "ratelimit", "ratelimit-policy", "x-request-id"} <= {
        *exposed
    }
    assert "origin" in answer.headers["vary"]


LIES = [
    OTHER, "null", "*", "", APP + "/", APP + ":443", APP.upper(), APP + ".evil.example",
    "https://evil-app.example.com", "http://app.example.com", "https://app.example.com.",
    f"{APP}, {OTHER}", f"{OTHER} {APP}",
]  # fmt: skip


@pytest.mark.parametrize("origin", LIES)
def test_no_other_origin_may(api: Api, origin: str) -> None:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    read = api.get("/products", headers={"origin": origin})
    preflight = api.options("/products", headers=asked)

    assert read.status_code == 200
    for answer in (read, preflight):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "origin" in answer.headers["vary"]


def test_two_origins_are_none(api: Api) -> None:
    _, headers, _ = raw(
        api, "GET /api/v1/products HTTP/1.1", "Host: x", f"Origin: {APP}", f"Origin: {OTHER}"
    )

    assert not [name for name, _ in headers if name.lower().startswith("access-control")]


def test_without_an_origin_the_answer_says_that_it_depends_on_it(api: Api) -> None:
    answer = api.get("/nothing")

    assert answer.headers["vary"] == "origin"
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_by_default_no_origin_may(shared_api: Api) -> None:
    answer = shared_api.get("/products", headers={"origin": APP})

    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "origin" not in answer.headers["vary"]


PREFLIGHT = {"origin": APP, "access-control-request-method": "PUT",
             "access-control-request-headers": "authorization,if-match"}  # fmt: skip


@pytest.mark.parametrize("path", ["/products/1", "/auth/login", "/nothing", "/../healthz"])
def test_a_preflight_is_answered_at_the_door(api: Api, path: str) -> None:
    answer = api.options(path, headers=PREFLIGHT)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == APP
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization,if-match"
    assert answer.headers["access-control-max-age"] == "7200"
    assert answer.headers["vary"] == "origin"
    assert "content-type" not in answer.headers


def test_a_preflight_needs_no_database(database: Database) -> None:
    with (
        running(database.serve_url, cors_origins=(APP,), pool_timeout=0.2) as api,
        closed(database),
    ):
        preflight = api.options("/products", headers=PREFLIGHT)
        read = api.get("/products", headers={"origin": APP})

    assert preflight.status_code == 204
    assert read.status_code == 503
    assert read.headers["access-control-allow-origin"] == APP


def test_odd_header_names_are_not_sent_back(api: Api) -> None:
    odd = {**PREFLIGHT, "access-control-request-headers": "x;y\\z"}

    answer = api.options("/products", headers=odd)

    assert answer.status_code == 204
    assert "access-control-allow-headers" not in answer.headers


def test_what_is_kept_is_given_to_each_origin_as_its_own(database: Database) -> None:
    """A kept answer's head is remembered; what it says to browsers is not."""
    database.psql(
        "create function api.kept() returns int stable language sql as 'select 1';"
        "comment on function api.kept is 'HTTP GET /kept\n@cache 1min vary=none';"
        "grant execute on function api.kept to anon"
    )
    with running(database.serve_url, cors_origins=(APP, "http://localhost:3000")) as api:
        origins = [APP, None, "http://localhost:3000", OTHER, APP] * 4
        answers = [
            api.get("/kept", headers={"origin": origin} if origin else {}) for origin in origins
        ]

    assert "hit" in answers[-1].headers["cache-status"]
    listed = [origin if origin in (APP, "http://localhost:3000") else None for origin in origins]
    assert [each.headers.get("access-control-allow-origin") for each in answers] == listed


# ── Hosts ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    ["api.example.com", "API.example.COM", "api.example.com:8443", "a.wild.example",
     "a.b.wild.example:1"],
)  # fmt: skip
def test_a_host_of_ours_is_answered_for(hosted: Api, host: str) -> None:
    assert hosted.get("/products", headers={"host": host}).status_code == 200


WRONG_HOSTS = ["evil.example", "wild.example", "xwild.example", "api.example.com.evil.example",
               "127.0.0.1", "", "api.example.com:x", "api.example.com@evil.example", "[::1]",
               "evil.example/api.example.com", ".wild.example/"]  # fmt: skip


@pytest.mark.parametrize("host", WRONG_HOSTS)
@pytest.mark.parametrize("path", ["/api/v1/products", "/api/v1/auth/login", "/docs", "/nothing"])
def test_for_no_other(hosted: Api, host: str, path: str) -> None:
    status, headers, body = raw(hosted, f"GET {path} HTTP/1.1", f"Host: {host}")

    assert status == 421
    assert ("content-type", "application/problem+json") in headers
    assert json.loads(body)["type"] == "/problems/wrong-host"


@pytest.mark.parametrize("lines", [(), ("Host: api.example.com", "Host: evil.example")])
def test_a_request_must_name_one_host(hosted: Api, lines: tuple[str, ...]) -> None:
    assert raw(hosted, "GET /api/v1/products HTTP/1.1", *lines)[0] in (400, 421)


@pytest.mark.parametrize("path", PROBES)
def test_probes_come_by_address(hosted: Api, path: str) -> None:
    assert httpx.get(hosted.origin + path).status_code == 200


def test_by_default_any_host_is_answered_for(shared_api: Api) -> None:
    assert shared_api.get("/products", headers={"host": "evil.example"}).status_code == 200


def test_where_nothing_is_decided_by_them_no_header_is_looked_at() -> None:
    assert not Web((), (), 600).looks


# ── The log ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1/32",)])
def test_the_log_has_the_client_as_the_trusted_tell_it(
    module_database: Database,
    trusted: tuple[str, ...],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    headers = {"x-forwarded-for": '"}, 192.0.2.9', "x-request-id": "me"}
    with (
        caplog.at_level(logging.INFO, "penstock.access"),
        running(module_database.serve_url, trusted_proxies=trusted) as api,
    ):
        api.get("/products", headers=headers)

    lines = [line for line in capfd.readouterr().err.splitlines() if '"request_id": "me"' in line]
    (entry,) = map(json.loads, lines)
    assert entry["client"] == ("192.0.2.9" if trusted else "127.0.0.1")
