"""Sessions: who gets another role, or is put out, is out within a second, through any process."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import jwt
import psycopg
import pytest

from api.cache import Cache
from api.drain import Drain
from api.heard import Heard
from api.metrics import Metrics
from api.sessions import Sessions
from db.database import Database
from tests.api.conftest import SECRET, Api, closed

PASSWORD = "correct horse"
NEVER = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
PROMISED_SECONDS = 1.0
Serve = Callable[..., Api]


@pytest.fixture
def here(database: Database, serve: Serve) -> Api:
    return serve(database.serve_url)


@pytest.fixture
def there(database: Database, serve: Serve) -> Api:
    """Another process on the same database, for all that the first knows."""
    return serve(database.serve_url)


def register(api: Api, name: str) -> int:
    person = {"email": f"{name}@example.com", "username": name, "password": PASSWORD}
    answer = api.post("/users", json=person)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def log_in(api: Api, name: str) -> str:
    """The token of a new session."""
    given = {"email": f"{name}@example.com", "password": PASSWORD}
    answer = api.post("/auth/login", json=given)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, SECRET, ["HS256"], audience="penstock")


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def me(api: Api, token: str) -> int:
    return api.get("/me", headers=bearer(token)).status_code


@pytest.fixture
def ada(here: Api) -> int:
    return register(here, "ada")


@pytest.fixture
def admin(here: Api, database: Database) -> dict[str, str]:
    """The headers of an admin who has logged in."""
    eve = register(here, "eve")
    database.rows("update app.users set role = 'admin' where id = %s", eve)
    return bearer(log_in(here, "eve"))


@pytest.fixture
def token(here: Api, there: Api, ada: int) -> str:
    """Of a session that both processes know to be live."""
    token = log_in(here, "ada")
    time.sleep(0.6)  # the beginning of the session was touched, too, and has been heard of
    assert [me(api, token) for api in (here, there) * 2] == [200] * 4
    return token


def seconds_until_refused(api: Api, token: str) -> float:
    began = time.monotonic()
    while me(api, token) != 401:
        assert time.monotonic() < began + 5, "the token still works"
        time.sleep(0.02)
    return time.monotonic() - began


CHANGES = {
    "another role": "update app.users set role = 'staff' where username = 'ada'",
    "deactivated": "update app.users set is_active = false where username = 'ada'",
    "deleted": "delete from app.users where username = 'ada'",
    "ended": "update auth.sessions set ended_at = now() where ended_at is null",
    "all forgotten": "truncate auth.sessions cascade",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_by_sql_is_seen_by_all_within_a_second(
    database: Database, here: Api, there: Api, token: str, change: str
) -> None:
    database.rows(change, url=database.deployer_url)

    assert seconds_until_refused(here, token) < PROMISED_SECONDS
    assert seconds_until_refused(there, token) < PROMISED_SECONDS
    refused = there.get("/me", headers=bearer(token))
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert refused.json()["detail"] == "The session has ended; log in again."


def test_the_next_login_has_the_new_role(
    database: Database, here: Api, there: Api, token: str
) -> None:
    assert there.get("/users", headers=bearer(token)).status_code == 403
    database.rows("update app.users set role = 'staff' where username = 'ada'")

    fresh = log_in(here, "ada")

    assert (claims_of(token)["role"], claims_of(fresh)["role"]) == ("member", "staff")
    assert there.get("/users", headers=bearer(fresh)).status_code == 200


REQUESTS = {
    "another role": ("PATCH", "/users/{}", {"role": "staff"}, 200),
    "deactivated": ("POST", "/users/{}/deactivate", None, 200),
    "deleted": ("DELETE", "/users/{}", None, 204),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), REQUESTS.values(), ids=REQUESTS)
def test_a_change_by_the_api_is_seen_at_once_here_and_soon_there(
    here: Api,
    there: Api,
    ada: int,
    token: str,
    admin: dict[str, str],
    method: str,
    path: str,
    body: dict[str, str] | None,
    status: int,
) -> None:
    changed = here.request(method, path.format(ada), json=body, headers=admin)

    assert changed.status_code == status, changed.text
    assert me(here, token) == 401
    assert seconds_until_refused(there, token) < PROMISED_SECONDS
    assert here.get("/me", headers=admin).status_code == 200  # others' sessions go on


def test_what_was_missed_may_be_anything(
    database: Database, here: Api, there: Api, token: str
) -> None:
    """A server that lost what was touched, in a crash or to a restored copy, has a new life."""
    database.psql(
        "begin; update auth.sessions set ended_at = now();"
        " delete from penstock.touches; delete from penstock.incarnation; commit"
    )

    assert seconds_until_refused(there, token) < PROMISED_SECONDS + 0.5


# ── Controls: what each part is for ──────────────────────────────────────────────────────────────


def test_control_without_listening_it_goes_on(
    database: Database, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Heard, "_hear", lambda *_: None)
    deaf = serve(database.serve_url)
    register(deaf, "ada")
    token = log_in(deaf, "ada")
    assert me(deaf, token) == 200

    database.rows("update auth.sessions set ended_at = now()")
    time.sleep(PROMISED_SECONDS + 0.2)

    assert me(deaf, token) == 200


@contextmanager
def nothing_is_heard(database: Database) -> Iterator[None]:
    """Nobody can read what was touched."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("lock table penstock.incarnation in access exclusive mode")
        time.sleep(PROMISED_SECONDS + 0.1)
        yield


def test_who_does_not_hear_asks_each_time(database: Database, there: Api, token: str) -> None:
    with nothing_is_heard(database):
        assert me(there, token) == 200

        database.rows("update auth.sessions set ended_at = now()")

        assert me(there, token) == 401


def test_control_who_does_not_hear_and_trusts_is_wrong(
    database: Database, there: Api, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nothing_is_heard(database):
        monkeypatch.setattr(Cache, "hears", True)
        database.rows("update auth.sessions set ended_at = now()")

        assert me(there, token) == 200


def test_without_a_database_nobody_comes_in(
    database: Database, here: Api, there: Api, ada: int, token: str
) -> None:
    unseen = log_in(here, "ada")

    with closed(database):
        time.sleep(PROMISED_SECONDS + 0.1)
        answers = [there.get("/me", headers=bearer(each)) for each in (unseen, token)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert [answer.headers["retry-after"] for answer in answers] == ["1", "1"]
    deadline = time.monotonic() + 5
    while me(there, token) != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [me(there, each) for each in (unseen, token)] == [200, 200]


def test_a_check_that_takes_too_long_is_no_access(
    database: Database, serve: Serve, here: Api, ada: int
) -> None:
    impatient = serve(database.serve_url, statement_timeout=300)
    token = log_in(here, "ada")

    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("lock table auth.sessions in access exclusive mode")
        assert me(impatient, token) == 504

    assert me(impatient, token) == 200


# ── What is asked, and what is remembered ────────────────────────────────────────────────────────


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions that the database was asked about."""
    asked: list[str] = []
    check = Sessions.check

    async def counted(self: Sessions, session: str) -> None:
        asked.append(session)
        await check(self, session)

    monkeypatch.setattr(Sessions, "check", counted)
    return asked


def test_the_database_is_asked_once(here: Api, token: str, checked: list[str]) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:  # what was touched by others may come late
        checked.clear()
        assert [me(here, token) for _ in range(5)] == [200] * 5
        if not checked:
            break

    assert checked == []


def test_first_sight_is_asked_about(
    database: Database, token: str, serve: Serve, checked: list[str]
) -> None:
    fresh = serve(database.serve_url)

    assert [me(fresh, token) for _ in range(5)] == [200] * 5
    assert checked == [claims_of(token)["sid"]]


def test_a_token_that_is_forged_is_not_asked_about(
    here: Api, token: str, checked: list[str]
) -> None:
    forged = jwt.encode(claims_of(token), "another secret of 32 bytes or more, at least")
    expired = jwt.encode({**claims_of(token), "exp": 1}, SECRET)

    assert [me(here, each) for each in (forged, expired)] == [401, 401]
    assert checked == []


@pytest.mark.parametrize("sid", [NEVER, "no uuid", "", "\0", 7, None, ["a"]], ids=repr)
def test_a_session_that_never_was(shared_api: Api, sid: Any) -> None:
    claims = claims_of(shared_api.token(1, "member"))
    token = jwt.encode({**claims, "sid": sid}, SECRET)

    # Null says that there is none, as leaving it out does.
    answer = shared_api.get("/products", headers=bearer(token))
    assert answer.status_code == (200 if sid is None else 401)


def test_an_id_in_another_form_would_not_be_known_by_its_tag(here: Api, token: str) -> None:
    claims = claims_of(token)

    for sid in (claims["sid"].upper(), f"{{{claims['sid']}}}", claims["sid"] + "\0x"):
        assert me(here, jwt.encode({**claims, "sid": sid}, SECRET)) == 401


def test_a_token_without_a_session_is_good_until_it_expires(
    database: Database, here: Api, ada: int
) -> None:
    elsewhere = here.token(ada, "member")

    database.rows("update app.users set role = 'staff'")
    time.sleep(0.5)

    assert me(here, elsewhere) == 200


def test_a_database_without_sessions(database: Database, here: Api, there: Api, ada: int) -> None:
    database.psql("drop function auth.session_start, auth.session_find")

    token = log_in(here, "ada")
    elsewhere = jwt.encode({**claims_of(token), "sid": "its own"}, SECRET)

    assert "sid" not in claims_of(token)
    assert [me(there, each) for each in (token, elsewhere, elsewhere)] == [200] * 3


def test_a_session_start_that_is_broken_is_no_way_round(
    database: Database, here: Api, ada: int
) -> None:
    database.psql(
        "create or replace function auth.session_start("
        "user_id bigint, refresh_hash bytea, device_hash bytea, agent text, attempt timestamptz)"
        " returns table (session_id uuid, role text, expires_at timestamptz) language plpgsql"
        " as $$begin return query select auth.gone(); end$$"
    )
    answer = here.post("/auth/login", json={"email": "ada@example.com", "password": PASSWORD})

    assert answer.status_code == 500


# ── Races ────────────────────────────────────────────────────────────────────────────────────────


class Slow:
    """A gatekeeper that has looked already, and says so when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()

    async def read(self, _statement: str, session: str, *, lane: str) -> bytes:
        self.asked.set()
        await self.go_on.wait()
        return session.encode()


class Deaf:
    """A lane for a cache that reads nothing."""

    def start(self, *_: Any) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("tags", "remembered"),
    [
        (["session:7"], False),
        (["session:*"], False),
        (["*"], False),
        (["products", "session"], True),
        ([], True),
    ],
)
def test_what_is_touched_while_it_is_asked_about_is_not_remembered(
    tags: list[str], *, remembered: bool
) -> None:
    async def run() -> bool:
        cache, slow = Cache(Deaf(), Metrics()), Slow()
        sessions = Sessions(slow, cache)  # type: ignore[arg-type]
        check = asyncio.create_task(sessions.check("7"))
        await slow.asked.wait()
        cache.heard([("1", tags)], time.monotonic(), missed=False)
        slow.go_on.set()
        await check
        return sessions.trusts("7")

    assert asyncio.run(run()) == remembered


def test_what_is_touched_afterwards_is_forgotten() -> None:
    async def run() -> list[bool]:
        cache, slow = Cache(Deaf(), Metrics()), Slow()
        sessions = Sessions(slow, cache)  # type: ignore[arg-type]
        slow.go_on.set()
        seen = []
        for tags, missed in ((["session:8"], False), (["session:7"], False), ([], True)):
            await sessions.check("7")
            cache.heard([("1", tags)], time.monotonic(), missed=missed)
            seen.append(sessions.trusts("7"))
        return seen

    assert asyncio.run(run()) == [True, False, False]


def test_sessions_that_are_not_remembered_any_more_are_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.heard._MOST", 2)

    async def run() -> list[bool]:
        cache, slow = Cache(Deaf(), Metrics()), Slow()
        sessions = Sessions(slow, cache)  # type: ignore[arg-type]
        slow.go_on.set()
        cache.heard([], time.monotonic(), missed=False)
        for each in "123":
            await sessions.check(each)
        return [sessions.trusts(each) for each in "123"]

    assert asyncio.run(run()) == [False, True, True]


def test_a_login_waits_for_a_change_of_the_role(database: Database, here: Api, ada: int) -> None:
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database.deployer_url) as change:
        change.execute("update app.users set role = 'staff' where id = %s", [ada])
        login = pool.submit(log_in, here, "ada")
        time.sleep(0.5)
        assert not login.done()
        change.commit()
        token = login.result()

    assert claims_of(token)["role"] == "staff"
    assert me(here, token) == 200


@pytest.mark.parametrize("isolation", psycopg.IsolationLevel)
def test_a_change_of_the_role_finds_a_login_that_is_under_way(
    database: Database, ada: int, isolation: psycopg.IsolationLevel
) -> None:
    with (
        psycopg.connect(database.superuser_url) as login,
        psycopg.connect(database.superuser_url) as change,
    ):
        change.isolation_level = isolation
        change.execute("select count(*) from app.users")  # a snapshot, before the session is there
        login.execute("set role gatekeeper")
        start = "select session_id from auth.session_start(%s::int, %s, %s, '', now())"
        row = login.execute(start, [ada, bytes(32), bytes(32)]).fetchone()
        assert row is not None
        update = "update app.users set role = 'staff' where id = %s"
        waits = threading.Thread(target=change.execute, args=(update, [ada]))
        waits.start()
        time.sleep(0.3)
        assert waits.is_alive()
        login.commit()
        waits.join()
        change.commit()

    found = database.rows("select count(*) from auth.session_find(%s)", row[0])
    touched = {
        tag for (tags,) in database.rows("select tags from penstock.touches") for tag in tags
    }
    assert found == [(0,)]
    named = isolation in (
        psycopg.IsolationLevel.READ_COMMITTED,
        psycopg.IsolationLevel.READ_UNCOMMITTED,
    )
    ended = database.rows("select ended_at is not null from auth.sessions")
    assert (ended == [(True,)]) == named
    assert ("session:*" in touched) == (not named)


def test_a_database_that_can_not_be_listened_to_is_not_heard(
    database: Database, empty_database: Database
) -> None:
    async def hears(url: str) -> bool:
        cache = Cache(Deaf(), Metrics())
        drain = Drain(url, cache)
        await drain.open()
        await asyncio.sleep(0.3)  # the first of all finds that its database has no name yet
        heard = cache.hears
        await drain.close()
        return heard

    assert asyncio.run(hears(database.serve_url))
    assert not asyncio.run(hears(empty_database.serve_url))


def test_an_error_of_the_database_is_no_access(database: Database, here: Api, ada: int) -> None:
    token = log_in(here, "ada")
    time.sleep(0.5)
    database.psql("revoke execute on function auth.session_find from gatekeeper")

    assert me(here, token) == 503
