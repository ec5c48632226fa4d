"""What is secret is nowhere but where it belongs: passwords, tokens, keys, cookies, values.

Each kind of secret has a text of its own. They are sent on every path there is, good and bad, with
PostgreSQL and Redis up and down, and then looked for: in the logs of the API, of PostgreSQL and
of Redis, in error bodies, metrics, pg_stat_activity, statements, and in Redis.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from api.problems import STATUS
from db.database import Database
from db.redis_server import RedisServer
from db.testbed import Testbed
from tests.api.conftest import closed, within
from tests.security.grounds import DatabaseLog, Server, seeded, served, token, user_id
from tests.security.places import Operation, operations
from tests.security.wire import Answer, Request, ask_all

PASSWORD, BEARER, REFRESH, KEY, COOKIE, QUERY, VALUE = (
    f"zqsecret-{kind}-5d41402abc4b"
    for kind in ("password", "bearer", "refresh", "key", "cookie", "query", "value")
)
EVERY = (PASSWORD, BEARER, REFRESH, KEY, COOKIE, QUERY, VALUE)
HEADERS = (
    ("X-Api-Key", KEY.encode()),
    ("Api-Key", KEY.encode()),
    ("X-Refresh-Token", REFRESH.encode()),
    ("Cookie", f"session={COOKIE}; refresh_token={REFRESH}".encode()),
    ("Proxy-Authorization", f"Basic {BEARER}".encode()),
    ("X-Csrf-Token", COOKIE.encode()),
)
# Functions that fail in every way, with what they were given: PostgreSQL's own sentences quote it.
FAILING = """
create schema lab;
grant usage on schema lab to anon, member, staff, admin;
create table lab.secrets (
    secret text constraint secrets_short check (length(secret) < 10),
    again text unique
);
grant insert, select on lab.secrets to anon, member, staff, admin;

create function lab.raise_it(code text, secret text) returns text volatile language plpgsql as $$
begin
    raise exception using
        errcode = code, message = 'It failed.', detail = secret, hint = secret;
end $$;
comment on function lab.raise_it is 'HTTP POST /lab/raise';
create function lab.cast_it(secret text) returns int volatile language plpgsql
    as $$ begin return secret::int; end $$;
comment on function lab.cast_it is 'HTTP POST /lab/cast';
create function lab.parse_it(secret text) returns jsonb volatile language sql
    as $$ select ('{"a": ' || secret || '}')::jsonb $$;
comment on function lab.parse_it is 'HTTP POST /lab/parse';
create function lab.date_it(secret text) returns date stable language plpgsql
    as $$ begin return secret::date; end $$;
comment on function lab.date_it is 'HTTP GET /lab/date';
create function lab.break_it(secret text) returns void volatile language sql
    as $$ insert into lab.secrets (secret) values (secret) $$;
comment on function lab.break_it is 'HTTP POST /lab/break';
create function lab.repeat_it(secret text) returns void volatile language sql
    as $$ insert into lab.secrets (again) values (secret), (secret) $$;
comment on function lab.repeat_it is 'HTTP POST /lab/repeat';
create function lab.execute_it(secret text) returns void volatile language plpgsql as $$
begin
    execute format('select %L::int', secret);
end $$;
comment on function lab.execute_it is 'HTTP POST /lab/execute';
create function lab.keep_it(secret text) returns text stable language sql
    as $$ select upper(secret) $$;
comment on function lab.keep_it is 'HTTP GET /lab/keep
@cache 1min vary=none';
grant execute on all functions in schema lab to anon, member, staff, admin;
"""


@dataclass
class Scene:
    """Servers, and all that they answered."""

    server: Server
    database: Database
    redis: RedisServer
    log: DatabaseLog
    answered: list[tuple[Request, Answer]]

    def ask(self, requests: list[Request]) -> list[tuple[Request, Answer]]:
        answered = asyncio.run(ask_all(self.server.port, requests, connections=4))
        self.answered += answered
        return answered

    def everywhere(self) -> Iterator[tuple[str, str]]:
        """Each place where a secret might be, with its text. PostgreSQL's log is apart."""
        yield "log of the API", self.server.log.read_text()
        yield "log of Redis", self.redis.log.read_text()
        yield "metrics", httpx.get(f"{self.server.origin}/metrics").text
        with redis.Redis.from_url(self.redis.url) as client:
            for key in client.scan_iter():
                yield "key in Redis", key.decode("utf-8", "replace")
                if client.type(key) == b"string":
                    yield "value in Redis", client.get(key).decode("utf-8", "replace")
        for query, name in self.database.rows(
            "select query, application_name from pg_stat_activity"
        ):
            yield "pg_stat_activity", f"{query} {name}"
        for request, answer in self.answered:
            if answer.status >= 400 or answer.status == 0:
                text = (answer.head + answer.body).decode("utf-8", "replace")
                yield f"answer {answer.status} to {request.what}", text


@pytest.fixture(scope="module")
def shop(bed: Testbed) -> Iterator[Database]:
    for database in seeded(bed):
        database.psql(FAILING)
        # Every statement, without its parameters: what pg_stat_statements would hold as well.
        for setting in ("log_statement = 'all'", "log_parameter_max_length = 0"):
            database.psql(f"alter database {database.name} set {setting}")
        yield database


@contextmanager
def scene(
    shop: Database, redis_server: RedisServer, folder: Path, *program: str
) -> Iterator[Scene]:
    redis_server.start()
    log = DatabaseLog(shop)
    options: dict[str, Any] = {"program": program} if program else {}
    with served(
        shop, folder / "api.log", REDIS_URL=redis_server.url, API_SCHEMAS="api,lab", **options
    ) as server:
        yield Scene(server, shop, redis_server, log, [])


def secretive(operation: Operation) -> Iterator[Request]:
    """An operation with secrets in all places for values, in good requests and bad ones."""
    name = f"{operation.method} {operation.path}"
    body = hidden(operation.body)
    query = "&".join(f"{each}={QUERY}" for each in (*operation.query, "password", "token"))
    good = operation.request(headers=HEADERS, what=name)
    yield good
    yield operation.request(headers=HEADERS, query=query.encode(), what=name)
    yield operation.request(headers=(*HEADERS, ("Authorization", f"Bearer {BEARER}".encode())))
    yield operation.request(headers=(*HEADERS, ("Authorization", f"Basic {BEARER}".encode())))
    yield operation.request(headers=(*HEADERS, ("Authorization", BEARER.encode())), what=name)
    yield replace(good, method=b"PROPFIND")
    yield replace(good, target=good.target.partition(b"?")[0] + b"/nothing?token=" + QUERY.encode())
    if not operation.media:
        return
    whole = json.dumps(body).encode() if not isinstance(body, str) else body.encode()
    bodies = [
        whole,
        whole[:-1],
        whole + whole,
        whole.replace(b'"', b"'"),
        json.dumps([body]).encode(),
        json.dumps({"nothing": VALUE, "password": PASSWORD, "refresh_token": REFRESH}).encode(),
        b'{"password": NaN, "x": "' + VALUE.encode() + b'"}',
        b'{"x": "' + VALUE.encode() + b'\\u0000"}',
        b'{"x": "' + VALUE.encode() + b'", "x": "' + VALUE.encode() + b'"}',
        VALUE.encode(),
        b"\xff" + VALUE.encode(),
    ]
    if isinstance(body, dict):
        wrong = {each: {"inside": VALUE} for each in body}
        bodies += [
            json.dumps(wrong).encode(),
            json.dumps({**body, "password": [PASSWORD]}).encode(),
        ]
        bodies += [
            json.dumps({**operation.body, each: item}).encode() for each, item in body.items()
        ]
    for each in bodies:
        yield operation.request(headers=HEADERS, body=each, what=name)
    for media in (b"text/plain", b"application/x-www-form-urlencoded", b""):
        yield operation.request(headers=(("Content-Type", media), *HEADERS), body=whole, what=name)


def hidden(value: Any, name: str = "") -> Any:
    """The same with a secret for each text."""
    match value:
        case dict():
            return {key: hidden(item, key) for key, item in value.items()}
        case list():
            return [hidden(item) for item in value]
        case str() if "\n" in value:  # a file: keep its header
            header = value.partition("\n")[0]
            return f"{header}\n{','.join(VALUE for _ in header.split(','))}\n"
        case str():
            return PASSWORD if "password" in name else REFRESH if "token" in name else VALUE
    return VALUE if name == "code" else value


def failures(everything: list[Operation]) -> Iterator[Request]:
    """Every SQLSTATE of the table, raised by a function and by PostgreSQL itself."""
    for operation in everything:
        if operation.path.endswith("/lab/raise"):
            codes = {code.ljust(5, "0") for code in STATUS} | {"P0001", "PT418", "PT500", "57P03"}
            for code in sorted(codes - {"57P00"}):
                body = json.dumps({"code": code, "secret": VALUE}).encode()
                yield operation.request(body=body, what=f"lab {code}")


def log_in(scene: Scene) -> list[str]:
    """Register and log in with a secret password; the tokens that came of it, secret from now."""
    person = {"email": "secret@example.com", "username": "secretive", "password": PASSWORD}
    origin = scene.server.origin + scene.server.prefix
    registered = httpx.post(f"{origin}/users", json=person)
    assert registered.status_code in (201, 409), registered.text
    answer = httpx.post(
        f"{origin}/auth/login", json={"email": person["email"], "password": PASSWORD}
    )
    assert answer.status_code == 200, answer.text
    texts = [each for each in answer.json().values() if isinstance(each, str)]
    tokens = [each for each in [*texts, *answer.cookies.values()] if len(each) > 20]
    assert tokens
    me = httpx.get(f"{origin}/me", headers={"authorization": f"Bearer {tokens[0]}"})
    assert me.status_code == 200
    return tokens


def send_everything(scene: Scene) -> tuple[str, ...]:
    """All of it; the secrets to look for."""
    bearer = token(str(user_id(scene.database, "admin")), "admin")
    everything = operations(scene.server.document(), bearer)
    tokens = log_in(scene)
    requests = [each for operation in everything for each in secretive(operation)]
    requests += failures(everything)
    large = next(o for o in everything if o.path.endswith("/posts") and o.method == "POST")
    requests.append(large.request(body=VALUE.encode() * 100_000, what="too large"))
    scene.ask(requests)
    few = [
        replace(each, what=f"in trouble, {each.what}")
        for operation in everything
        for each in list(secretive(operation))[::5]
    ]
    scene.redis.stop()
    try:
        scene.ask(few)
    finally:
        scene.redis.start()
    with closed(scene.database):
        down = scene.ask(few)
    assert any(answer.status == 503 for _, answer in down)
    ready = f"{scene.server.origin}/readyz"
    assert within(20, lambda: httpx.get(ready).status_code == 200)
    signatures = [each.rpartition(".")[2] if each.count(".") == 2 else each for each in tokens]
    return (*EVERY, bearer.rpartition(".")[2], *signatures)


def found(scene: Scene, secrets: tuple[str, ...]) -> set[tuple[str, str]]:
    """Which secret is where it does not belong."""
    return {
        (secret, place)
        for place, text in scene.everywhere()
        for secret in secrets
        if secret in text
    }


def test_no_secret_is_where_it_does_not_belong(
    shop: Database, redis_server: RedisServer, tmp_path: Path
) -> None:
    with scene(shop, redis_server, tmp_path) as here:
        secrets = send_everything(here)
        statuses = {answer.status for _, answer in here.answered}
        leaked = found(here, secrets)
        entries = list(here.log.entries())

    assert {200, 201, 400, 401, 404, 405, 409, 415, 422, 500, 503, 504} <= statuses
    assert leaked == set()
    # PostgreSQL's log tells of a value only where it quotes the one that broke a rule: no client
    # of PostgreSQL can keep it from that, and docs/security.md says so.
    quoted = [
        each for each in entries if each.kind in ("ERROR", "DETAIL", "HINT", "CONTEXT", "QUERY")
    ]
    others = [each for each in entries if each not in quoted]
    assert len(others) > 500
    assert [each for each in others if any(secret in each.text for secret in secrets)] == []
    never = [secret for secret in secrets if secret not in (VALUE, QUERY)]
    assert [each for each in quoted if any(secret in each.text for secret in never)] == []


def test_control_a_body_that_is_logged_is_noticed(
    shop: Database, redis_server: RedisServer, tmp_path: Path
) -> None:
    with scene(shop, redis_server, tmp_path, "-m", "tests.security.leaky") as here:
        log_in(here)
        leaked = found(here, EVERY)

    assert leaked == {(PASSWORD, "log of the API")}


def test_control_what_postgresql_quotes_would_be_noticed(
    shop: Database, redis_server: RedisServer, tmp_path: Path
) -> None:
    """The functions above do fail with the secret in PostgreSQL's words."""
    with scene(shop, redis_server, tmp_path) as here:
        url = f"{here.server.origin}{here.server.prefix}/lab/cast"
        answer = httpx.post(url, json={"secret": VALUE})
        entries = list(here.log.entries())
        log = here.server.log.read_text()

    assert answer.status_code == 500
    assert any(VALUE in each.text for each in entries if each.kind == "ERROR")
    assert "lab.cast_it failed: invalid input syntax for type integer" in log
