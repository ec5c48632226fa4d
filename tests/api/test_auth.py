"""Sessions that go on: refreshing, logging out, passwords, cookies, keys, and what guessers get."""

import asyncio
import hashlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from api.cookies import ACCESS, CSRF, DEVICE, REFRESH
from db.database import Database
from tests.api.conftest import Api, within

EMAIL, PASSWORD = "ada@example.com", "correct horse"
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}
TRIES = 10
Serve = Callable[..., Api]


@pytest.fixture
def ada(api: Api) -> int:
    answer = api.post("/users", json={**CREDENTIALS, "username": "ada"})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def log_in(api: Api, **more: str) -> dict[str, Any]:
    answer = api.post("/auth/login", json={**CREDENTIALS, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refresh(api: Api, token: str) -> httpx.Response:
    return api.post("/auth/refresh", json={"refresh_token": token})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def me(api: Api, token: str) -> int:
    return api.get("/me", headers=bearer(token)).status_code


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


# ── Refreshing ───────────────────────────────────────────────────────────────────────────────────


def test_a_refresh_token_is_changed_for_new_tokens(api: Api, ada: int, database: Database) -> None:
    first = log_in(api)

    answer = refresh(api, first["refresh_token"])

    second = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert second["refresh_token"] != first["refresh_token"]
    assert (second["token_type"], second["expires_in"]) == ("bearer", 900)
    assert 14 * 86_400 - 60 < second["refresh_expires_in"] <= 14 * 86_400
    assert (me(api, first["access_token"]), me(api, second["access_token"])) == (200, 200)
    kept = database.rows("select token_hash from auth.refresh_tokens order by created_at")
    hashes = [hashlib.sha256(each["refresh_token"].encode()).digest() for each in (first, second)]
    assert [bytes(row[0]) for row in kept] == hashes


@pytest.mark.parametrize("ancestor", [0, 1, 2])
def test_a_replay_of_any_ancestor_ends_the_family(api: Api, ada: int, ancestor: int) -> None:
    family = [log_in(api)]
    for _ in range(3):
        family.append(refresh(api, family[-1]["refresh_token"]).json())
    other = log_in(api)

    replay = refresh(api, family[ancestor]["refresh_token"])

    assert problem(replay) == (401, "refresh-failed")
    assert problem(refresh(api, family[-1]["refresh_token"])) == (401, "refresh-failed")
    assert {me(api, each["access_token"]) for each in family} == {401}
    assert me(api, other["access_token"]) == 200


def test_a_hundred_at_once_leave_one_lineage(api: Api, ada: int, database: Database) -> None:
    """All have come before the first is answered: one gets the next token, and no one is out."""
    token = log_in(api)["refresh_token"]

    async def all_at_once() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(limits=limits, timeout=30) as client:
            with psycopg.connect(database.superuser_url) as holds:
                holds.execute("select from auth.sessions for update")
                url, given = f"{api.base_url}auth/refresh", {"refresh_token": token}
                asked = [asyncio.create_task(client.post(url, json=given)) for _ in range(100)]
                await asyncio.sleep(1)
            return await asyncio.gather(*asked)

    answers = asyncio.run(all_at_once())

    (won,) = [each for each in answers if each.status_code == 200]
    assert {problem(each) for each in answers if each is not won} == {(409, "refresh-overtaken")}
    assert database.rows("select count(*) from auth.refresh_tokens") == [(2,)]
    assert refresh(api, won.json()["refresh_token"]).status_code == 200


def test_a_hundred_in_any_order_never_leave_two(api: Api, ada: int, database: Database) -> None:
    token = log_in(api)["refresh_token"]

    async def stampede() -> list[int]:
        async with httpx.AsyncClient(timeout=30) as client:
            url, given = f"{api.base_url}auth/refresh", {"refresh_token": token}
            answers = await asyncio.gather(*(client.post(url, json=given) for _ in range(100)))
        return [each.status_code for each in answers]

    statuses = asyncio.run(stampede())

    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 401, 409}
    unused = "select count(*) from auth.refresh_tokens where used_at is null"
    assert database.rows(unused) == [(1,)]


@pytest.mark.parametrize(
    "change",
    [
        "update auth.refresh_tokens set expires_at = now()",
        "update auth.sessions set expires_at = now()",
        "update auth.sessions set ended_at = now()",
        "update app.users set is_active = false",
        "update app.users set role = 'staff'",
        "delete from app.users",
    ],
)
def test_what_is_over_is_not_refreshed(api: Api, ada: int, database: Database, change: str) -> None:
    token = log_in(api)["refresh_token"]
    database.psql(change)

    assert problem(refresh(api, token)) == (401, "refresh-failed")


def test_what_never_was_is_told_the_same(api: Api, ada: int) -> None:
    known = log_in(api)["refresh_token"]
    refresh(api, known)

    answers = [refresh(api, known).json(), refresh(api, "x" * 43).json()]

    assert answers[0] | {"request_id": ""} == answers[1] | {"request_id": ""}


@pytest.mark.parametrize(
    ("given", "pointer"),
    [({"refresh_token": 7}, "/refresh_token"), ({"x": 1}, "/x")],
)
def test_a_refresh_that_makes_no_sense(api: Api, given: dict[str, Any], pointer: str) -> None:
    answer = api.post("/auth/refresh", json=given)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("given", [{}, {"refresh_token": None}])
def test_a_refresh_without_a_token(api: Api, given: dict[str, None]) -> None:
    assert problem(api.post("/auth/refresh", json=given)) == (401, "refresh-failed")


def test_a_refresh_token_opens_nothing_else(api: Api, ada: int) -> None:
    assert me(api, log_in(api)["refresh_token"]) == 401


# ── Logging out ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", ["refresh_token", "access_token"])
def test_log_out_of_this_session(api: Api, ada: int, by: str) -> None:
    mine, other = log_in(api), log_in(api)

    if by == "refresh_token":
        answer = api.post("/auth/logout", json={by: mine[by]})
    else:
        answer = api.post("/auth/logout", headers=bearer(mine[by]))

    assert answer.status_code == 204
    assert (me(api, mine["access_token"]), me(api, other["access_token"])) == (401, 200)
    assert refresh(api, mine["refresh_token"]).status_code == 401
    assert refresh(api, other["refresh_token"]).status_code == 200


def test_to_log_out_one_must_be_somebody(api: Api, ada: int) -> None:
    assert problem(api.post("/auth/logout")) == (401, "no-session")
    headers = {"authorization": f"Bearer {api.token(ada, 'member')}"}
    assert problem(api.post("/auth/logout", headers=headers)) == (401, "no-session")


def test_my_sessions_are_listed_and_ended_one_by_one_or_all(api: Api, ada: int) -> None:
    mine = [log_in(api) for _ in range(3)]
    here = bearer(mine[0]["access_token"])

    listed = api.get("/me/sessions", headers={**here, "user-agent": "tests"}).json()
    (current,) = [each for each in listed if each["is_current"]]
    others = [each["id"] for each in listed if not each["is_current"]]
    assert len(listed) == 3
    assert listed[0]["agent"].startswith("python-httpx")
    assert api.delete(f"/me/sessions/{others[0]}", headers=here).status_code == 204
    assert api.delete(f"/me/sessions/{others[0]}", headers=here).status_code == 404
    assert sorted(me(api, each["access_token"]) for each in mine) == [200, 200, 401]
    assert api.delete("/me/sessions", headers=here).status_code == 204
    assert [me(api, each["access_token"]) for each in mine] == [401] * 3
    assert current["id"] not in others


def test_nobody_ends_the_sessions_of_others(api: Api, ada: int) -> None:
    session = log_in(api)
    (listed,) = api.get("/me/sessions", headers=bearer(session["access_token"])).json()
    bob = api.as_user(ada + 1, "member")

    assert bob.get("/me/sessions").json() == []
    theirs = bob.delete(f"/me/sessions/{listed['id']}")
    nobodys = bob.delete("/me/sessions/1b4e28ba-2fa1-41d2-883f-0016d3cca427")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert me(api, session["access_token"]) == 200


# ── Passwords ────────────────────────────────────────────────────────────────────────────────────


def test_another_password_ends_all_other_sessions(api: Api, ada: int) -> None:
    here, there = log_in(api), log_in(api)
    given = {"password": PASSWORD, "new_password": "battery staple"}

    answer = api.post("/auth/password", json=given, headers=bearer(here["access_token"]))

    assert answer.status_code == 204
    assert (me(api, here["access_token"]), me(api, there["access_token"])) == (200, 401)
    assert refresh(api, there["refresh_token"]).status_code == 401
    assert api.post("/auth/login", json=CREDENTIALS).status_code == 401
    log_in(api, password="battery staple")


def test_where_the_password_was_changed_is_not_forgotten(api: Api, ada: int) -> None:
    here, there = log_in(api), log_in(api)
    given = {"password": PASSWORD, "new_password": "battery staple"}
    known = {"device_token": here["device_token"]}
    headers = bearer(here["access_token"])
    assert api.post("/auth/password", json=given | known, headers=headers).status_code == 204
    for number in range(TRIES + 2):
        guess(api, EMAIL, number)

    log_in(api, password="battery staple", **known)

    other = CREDENTIALS | {
        "password": "battery staple",
        "device_token": there["device_token"],
    }
    assert problem(api.post("/auth/login", json=other)) == (429, "too-many-tries")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"password": "wrong", "new_password": "battery staple"}, "/password"),
        ({"password": PASSWORD, "new_password": "short"}, "/new_password"),
        ({"password": PASSWORD}, "/new_password"),
    ],
)
def test_a_change_that_is_refused(api: Api, ada: int, given: dict[str, str], pointer: str) -> None:
    headers = bearer(log_in(api)["access_token"])

    answer = api.post("/auth/password", json=given, headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    log_in(api)


def test_a_stolen_token_is_no_place_to_guess_the_password(api: Api, ada: int) -> None:
    headers = bearer(log_in(api)["access_token"])
    given = {"password": "wrong", "new_password": "battery staple"}

    answers = [api.post("/auth/password", json=given, headers=headers) for _ in range(TRIES + 1)]

    assert [each.status_code for each in answers] == [422] * TRIES + [429]
    assert problem(answers[-1]) == (429, "too-many-tries")
    right = {**given, "password": PASSWORD}
    assert api.post("/auth/password", json=right, headers=headers).status_code == 429


# ── Guessing ─────────────────────────────────────────────────────────────────────────────────────


def guess(api: Api, email: str, number: int, **more: str) -> httpx.Response:
    return api.post("/auth/login", json={"email": email, "password": f"guess {number}", **more})


def test_ten_guesses_are_evaluated_however_many_come(
    api: Api, ada: int, evaluated: list[str]
) -> None:
    async def storm() -> list[int]:
        async with httpx.AsyncClient(timeout=60) as client:
            url = f"{api.base_url}auth/login"

            async def one(number: int) -> int:
                given = {"email": EMAIL.upper(), "password": f"guess {number}"}
                return (await client.post(url, json=given)).status_code

            return await asyncio.gather(*(one(number) for number in range(100)))

    statuses = asyncio.run(storm())

    assert len(evaluated) == TRIES
    assert (statuses.count(401), statuses.count(429)) == (TRIES, 90)


def test_the_owner_has_a_way_in_meanwhile(api: Api, ada: int, evaluated: list[str]) -> None:
    before = log_in(api)
    for number in range(TRIES + 2):
        guess(api, EMAIL, number)
    evaluated.clear()

    # Not from where nobody knows them, even with the right password,
    assert problem(api.post("/auth/login", json=CREDENTIALS)) == (429, "too-many-tries")
    # but where they have logged in before, and where they still are.
    log_in(api, device_token=before["device_token"])
    assert evaluated == [PASSWORD]
    assert refresh(api, before["refresh_token"]).status_code == 200
    # And an admin can let them in.
    admin = api.as_user(ada + 1, "admin")
    assert admin.post(f"/users/{ada}/unlock").status_code == 204
    log_in(api)


def test_a_device_is_no_second_gate_to_guess_at(api: Api, ada: int, evaluated: list[str]) -> None:
    device = log_in(api)["device_token"]
    evaluated.clear()

    for number in range(TRIES + 5):
        guess(api, EMAIL, number, device_token=device)
        guess(api, EMAIL, number, device_token=f"made up {number}")

    assert len(evaluated) == 2 * TRIES  # what is made up is nobody's device


def test_a_device_counts_for_its_own_user_alone(api: Api, ada: int, evaluated: list[str]) -> None:
    bob = {"email": "bob@example.com", "password": PASSWORD}
    assert api.post("/users", json={**bob, "username": "bob"}).status_code == 201
    device = api.post("/auth/login", json=bob).json()["device_token"]
    for number in range(TRIES):
        guess(api, EMAIL, number)

    assert guess(api, EMAIL, 99, device_token=device).status_code == 429


def test_who_knows_the_password_does_not_use_up_tries(api: Api, ada: int) -> None:
    for _ in range(TRIES + 2):
        log_in(api)
    for number in range(TRIES - 1):
        assert guess(api, EMAIL, number).status_code == 401
    log_in(api)
    assert guess(api, EMAIL, 10).status_code == 401
    answer = guess(api, EMAIL, 11)
    assert answer.status_code == 429
    assert 800 < int(answer.headers["retry-after"]) <= 901


def test_tries_come_back_after_fifteen_minutes(api: Api, ada: int, database: Database) -> None:
    for number in range(TRIES + 1):
        guess(api, EMAIL, number)
    past = "array(select t.at - interval '15 minutes' from unnest(recent) as t (at))"
    database.psql(f"update auth.login_attempts set recent = {past}")

    log_in(api)


def test_nobody_is_locked_out_as_somebody_is(api: Api, ada: int, database: Database) -> None:
    def told(email: str) -> list[Any]:
        answers = [guess(api, email, number) for number in range(TRIES + 1)]
        alike = {"request_id": ""}
        return [(each.status_code, each.json() | alike) for each in answers]

    assert told(EMAIL) == told("nobody@example.com")
    assert database.rows("select count(*) from auth.login_attempts") == [(2,)]
    kept = database.rows("select a::text from auth.login_attempts as a")
    assert "nobody" not in str(kept)


def test_past_attempts_are_cleared_away(api: Api, ada: int, database: Database) -> None:
    for number in range(6):
        guess(api, f"nobody-{number}@example.com", 0)
    database.psql("update auth.login_attempts set recent = array[now() - interval '1 hour']")

    for number in range(6, 9):
        guess(api, f"nobody-{number}@example.com", 0)

    assert database.rows("select count(*) from auth.login_attempts") == [(3,)]


def test_known_and_unknown_take_the_same_time(api: Api, ada: int, database: Database) -> None:
    """Far apart without the hash of nobody; `PENSTOCK_FAULTS=long` measures it to 5%."""
    took: dict[str, list[float]] = {EMAIL: [], "nobody@example.com": []}
    for _ in range(15):
        for email, seconds in took.items():
            database.psql("delete from auth.login_attempts")
            began = time.perf_counter()
            assert guess(api, email, 0).status_code == 401
            seconds.append(time.perf_counter() - began)

    known, unknown = (statistics.median(seconds) for seconds in took.values())
    assert 0.6 < known / unknown < 1.6


# ── Cookies ──────────────────────────────────────────────────────────────────────────────────────


class Browser:
    """Sends the cookies of a login by hand: a client keeps none that are Secure over plain HTTP."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.jar: dict[str, str] = {}
        self.login = self._keep(api.post("/auth/login", json={**CREDENTIALS, "mode": "cookie"}))

    def ask(self, method: str, path: str, *, csrf: bool = True, **more: Any) -> httpx.Response:
        kept = "; ".join(f"{name}={value}" for name, value in self.jar.items() if value)
        headers = {"cookie": kept, **more.pop("headers", {})}
        if csrf:
            headers["x-csrf-token"] = self.jar[CSRF]
        return self._keep(self._api.request(method, path, headers=headers, **more))

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.jar[name] = value
        self._api.cookies.clear()
        return answer


@pytest.fixture
def browser(api: Api, ada: int) -> Browser:
    return Browser(api)


def test_a_browser_gets_cookies_and_no_tokens(browser: Browser) -> None:
    given = browser.login.json()
    lines = {line.partition("=")[0]: line for line in browser.login.headers.get_list("set-cookie")}

    assert set(given) == {"token_type", "expires_in", "refresh_expires_in", "csrf_token"}
    assert set(lines) == {ACCESS, CSRF, REFRESH, DEVICE}
    assert all("; Secure; " in line for line in lines.values())
    assert {name for name, line in lines.items() if "HttpOnly" not in line} == {CSRF}
    assert {name for name, line in lines.items() if "SameSite=Strict" in line} == {REFRESH, DEVICE}
    assert {name for name, line in lines.items() if "Path=/;" in line} == {ACCESS, CSRF}
    assert browser.jar[CSRF] == given["csrf_token"]


def test_a_browser_is_let_in(browser: Browser) -> None:
    assert browser.ask("GET", "/me", csrf=False).json()["email"] == EMAIL


@pytest.mark.parametrize("wrong", [None, "", "guess"])
def test_a_change_by_cookie_needs_the_token_beside_it(
    browser: Browser, ada: int, wrong: str | None
) -> None:
    more = {} if wrong is None else {"headers": {"x-csrf-token": wrong}}
    for method, path in (("PATCH", f"/users/{ada}"), ("DELETE", "/me/sessions")):
        answer = browser.ask(method, path, csrf=False, json={"full_name": "Eve"}, **more)
        assert problem(answer) == (403, "csrf"), (method, path)
    for path in ("/auth/refresh", "/auth/logout", "/auth/password"):
        assert problem(browser.ask("POST", path, csrf=False, json={}, **more)) == (403, "csrf")
    changed = browser.ask("PATCH", f"/users/{ada}", json={"full_name": "Ada"})
    assert changed.json()["full_name"] == "Ada"


def test_a_token_that_came_in_the_open_is_no_cookie(api: Api, browser: Browser, ada: int) -> None:
    token = log_in(api)["access_token"]
    api.cookies.clear()
    headers = {"cookie": f"{ACCESS}={token}", "x-csrf-token": browser.jar[CSRF]}

    assert problem(api.patch(f"/users/{ada}", json={}, headers=headers)) == (403, "csrf")


def test_a_browser_refreshes_and_logs_out(api: Api, browser: Browser) -> None:
    old = dict(browser.jar)

    assert (
        browser.ask("POST", "/auth/refresh").json()["csrf_token"] == browser.jar[CSRF] != old[CSRF]
    )
    assert browser.ask("DELETE", "/me/keys/1b4e28ba-2fa1-41d2-883f-0016d3cca427").status_code == 404
    gone = browser.ask("POST", "/auth/logout")
    assert gone.status_code == 204
    assert {name for name, value in browser.jar.items() if not value} == {ACCESS, CSRF, REFRESH}
    headers = {"cookie": f"{ACCESS}={old[ACCESS]}"}
    assert api.get("/me", headers=headers).status_code == 401


def test_two_cookies_of_one_name_are_none(api: Api, browser: Browser) -> None:
    headers = {"cookie": f"{ACCESS}={browser.jar[ACCESS]}; {ACCESS}=another"}

    assert api.get("/me", headers=headers).status_code == 401


def test_a_header_counts_before_a_cookie(api: Api, browser: Browser, ada: int) -> None:
    headers = {"cookie": f"{ACCESS}={browser.jar[ACCESS]}", **bearer(api.token(ada + 1, "admin"))}

    assert api.get("/me", headers=headers).status_code == 404  # there is no such admin


def test_the_csrf_token_never_reaches_a_function(
    api: Api, browser: Browser, database: Database
) -> None:
    database.psql(
        "create or replace function api.me_get() returns setof api.user stable rows 1"
        " language plpgsql"
        " as $$begin raise exception '%', request.claims() using errcode = 'P0001'; end$$"
    )

    assert within(3, lambda: browser.ask("GET", "/me").status_code == 400)
    told = browser.ask("GET", "/me").text
    assert "sid" in told
    assert "csrf" not in told


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────


def issue(api: Api, headers: dict[str, str], **more: Any) -> httpx.Response:
    return api.post("/me/keys", json={"name": "a service", **more}, headers=headers)


@pytest.fixture
def key(api: Api, ada: int) -> dict[str, Any]:
    answer = issue(api, bearer(log_in(api)["access_token"]))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_key_calls_for_its_user(api: Api, ada: int, key: dict[str, Any]) -> None:
    answer = api.get("/me", headers=bearer(key["key"]))

    assert answer.json()["id"] == ada
    listed = api.get("/me/keys", headers=bearer(key["key"])).json()
    assert [each["id"] for each in listed] == [key["id"]]
    assert "key" not in listed[0]


def test_a_key_is_kept_as_its_hash_alone(api: Api, key: dict[str, Any], database: Database) -> None:
    ((kept,),) = database.rows("select k::text from auth.api_keys as k")

    assert key["key"] not in kept
    assert hashlib.sha256(key["key"].encode()).hexdigest() in kept


def test_a_key_that_is_revoked_is_out_at_once_here_and_soon_elsewhere(
    api: Api, serve: Serve, database: Database, key: dict[str, Any]
) -> None:
    there = serve(database.serve_url)
    time.sleep(0.6)
    assert [me(each, key["key"]) for each in (api, there) * 2] == [200] * 4

    answer = api.delete(f"/me/keys/{key['id']}", headers=bearer(key["key"]))

    assert answer.status_code == 204
    assert me(api, key["key"]) == 401
    assert within(1, lambda: me(there, key["key"]) == 401)


@pytest.mark.parametrize(
    "change",
    [
        "update auth.api_keys set revoked_at = now()",
        "update auth.api_keys set expires_at = now()",
        "update app.users set is_active = false",
        "delete from app.users",
    ],
)
def test_a_key_ends_with_what_it_stands_on(
    api: Api, key: dict[str, Any], database: Database, change: str
) -> None:
    time.sleep(0.6)
    assert [me(api, key["key"]) for _ in range(2)] == [200, 200]

    database.psql(change)

    assert within(1, lambda: me(api, key["key"]) == 401)


def test_a_key_expires_by_itself(api: Api, ada: int) -> None:
    headers = bearer(log_in(api)["access_token"])
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    key = issue(api, headers, expires_at=soon).json()["key"]

    assert me(api, key) == 200
    assert within(4, lambda: me(api, key) == 401)


def test_a_key_does_no_more_than_its_user(api: Api, ada: int, database: Database) -> None:
    member = bearer(log_in(api)["access_token"])
    assert problem(issue(api, member, role="staff")) == (403, "api_keys_role")

    database.psql("update app.users set role = 'staff'")
    key = issue(api, bearer(log_in(api)["access_token"]), role="staff").json()["key"]
    assert api.get("/users", headers=bearer(key)).status_code == 200
    database.psql("update app.users set role = 'member'")
    assert within(1, lambda: api.get("/users", headers=bearer(key)).status_code == 401)


def test_a_key_issues_no_keys_and_changes_no_password(api: Api, key: dict[str, Any]) -> None:
    headers = bearer(key["key"])
    given = {"password": PASSWORD, "new_password": "battery staple"}

    assert problem(issue(api, headers)) == (403, "api_keys_of_keys")
    assert problem(api.post("/auth/password", json=given, headers=headers)) == (401, "no-session")


@pytest.mark.parametrize("key", ["psk_", "psk_" + "0" * 64, "psk_" + "x" * 5000, "psk_é" * 9])
def test_what_is_no_key_is_refused(api: Api, key: str) -> None:
    headers = [(b"authorization", b"Bearer " + key.encode())]

    assert api.get("/me", headers=headers).status_code == 401


def test_others_neither_see_nor_revoke_it(api: Api, ada: int, key: dict[str, Any]) -> None:
    bob = api.as_user(ada + 1, "member")

    assert bob.get("/me/keys").json() == []
    assert bob.delete(f"/me/keys/{key['id']}").status_code == 404
    assert me(api, key["key"]) == 200


@pytest.mark.parametrize(
    ("given", "status"), [({"name": ""}, 422), ({"quota": 0}, 422), ({"role": "root"}, 422)]
)
def test_a_key_that_makes_no_sense(api: Api, ada: int, given: dict[str, Any], status: int) -> None:
    assert issue(api, bearer(log_in(api)["access_token"]), **given).status_code == status


# ── Databases that lack it ───────────────────────────────────────────────────────────────────────


def test_without_the_functions_it_says_so(api: Api, ada: int, database: Database) -> None:
    session = log_in(api)
    database.psql(
        "drop function auth.session_refresh, auth.session_end, auth.password_begin,"
        " auth.api_key_find"
    )
    headers = bearer(session["access_token"])
    given = {"password": PASSWORD, "new_password": "battery staple"}

    assert problem(refresh(api, session["refresh_token"])) == (501, "no-refresh")
    assert problem(api.post("/auth/logout", headers=headers)) == (501, "no-logout")
    change = api.post("/auth/password", json=given, headers=headers)
    assert problem(change) == (501, "no-password-change")
    assert me(api, "psk_" + "0" * 64) == 401


def test_too_many_logins_at_once_are_told_to_wait(
    api: Api, ada: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.passwords._MOST_WAITING", 0)

    answer = api.post("/auth/login", json=CREDENTIALS)

    assert (*problem(answer), answer.headers["retry-after"]) == (503, "busy", "1")


def test_a_key_has_its_quota_of_a_day(api: Api, ada: int, database: Database) -> None:
    headers = bearer(log_in(api)["access_token"])
    key, other = (issue(api, headers, quota=3).json()["key"] for _ in range(2))

    answers = [api.get("/me", headers=bearer(key)) for _ in range(5)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    assert answers[0].headers["ratelimit-policy"] == '"key-day";q=3;w=86400'
    assert answers[0].headers["ratelimit"].startswith('"key-day";r=2;t=')
    assert 0 < int(answers[3].headers["retry-after"]) <= 86_400
    assert (me(api, other), me(api, headers["authorization"][7:])) == (200, 200)
