"""Who is named for a change: by the API, by SQL, in bulk, by somebody who pretends."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from db.database import Database
from db.provision import ANALYST
from tests.api.conftest import Api
from tests.api.test_retail import SMALL, post
from tests.api.test_sessions import bearer, claims_of, log_in, register

ADMIN = 4711  # a token needs no user to be one


@pytest.fixture
def admin(api: Api) -> Iterator[Api]:
    with api.as_user(ADMIN, "admin") as client:
        yield client


def audit(admin: Api, **filters: Any) -> list[dict[str, Any]]:
    answer = admin.get("/audit", params=filters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def who(change: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(change[name] for name in ("login", "role", "subject", "session"))


def test_a_token_s_subject_session_and_request_are_named(api: Api, admin: Api) -> None:
    ada = register(api, "ada")
    token = log_in(api, "ada")

    written = api.post("/posts", json={"title": "T", "body": "B"}, headers=bearer(token)).json()

    (change,) = audit(admin, table="app.posts")
    assert who(change) == ("authenticator", "member", str(ada), claims_of(token)["sid"])
    assert (change["method"], change["path"]) == ("POST", "/api/v1/posts")
    assert (change["operation"], change["key"]) == ("insert", {"id": written["id"]})
    assert (change["before"], change["after"]["title"]) == (None, "T")


def test_who_logs_in_and_out_is_named(api: Api, admin: Api) -> None:
    ada = register(api, "ada")
    token = log_in(api, "ada")
    api.post("/auth/logout", headers=bearer(token))

    session = claims_of(token)["sid"]
    ended, begun = audit(admin, table="auth.sessions")
    (refresh,) = audit(admin, table="auth.refresh_tokens")
    assert who(begun) == ("authenticator", "gatekeeper", str(ada), None)  # its key is the session
    assert begun["key"] == {"id": session}
    for change, path in ((refresh, "login"), (ended, "logout")):
        assert who(change) == ("authenticator", "gatekeeper", str(ada), session)
        assert (change["method"], change["path"]) == ("POST", f"/api/v1/auth/{path}")


def test_an_update_shows_what_differs(api: Api, admin: Api) -> None:
    ada = register(api, "ada")
    with api.as_user(ada, "member") as caller:
        caller.patch(f"/users/{ada}", json={"full_name": "Ada L."})

    change = audit(admin, table="app.users", key=f'{{"id": {ada}}}')[0]
    assert (change["before"], change["after"]) == ({"full_name": None}, {"full_name": "Ada L."})


def test_a_password_s_hash_is_nowhere(api: Api, admin: Api, database: Database) -> None:
    register(api, "ada")

    (change,) = audit(admin, table="auth.credentials")
    assert change["after"]["password_hash"] == "(secret)"
    ((kept,),) = database.rows("select password_hash from auth.credentials")
    assert kept.startswith("$argon2id$")
    query = "select count(*) from audit.changes as c where strpos(c::text, %s) > 0"
    assert database.rows(query, kept) == [(0,)]
    assert database.rows(query, "ada@example.com") != [(0,)]  # control


def test_one_transaction_is_one(api: Api, admin: Api, database: Database) -> None:
    register(api, "ada")

    account, credentials = (
        audit(admin, table=table)[0] for table in ("app.users", "auth.credentials")
    )
    assert account["xid"] == credentials["xid"]
    assert who(account) == ("authenticator", "anon", None, None)


def test_what_is_refused_or_rolled_back_is_no_change(api: Api, admin: Api) -> None:
    register(api, "ada")
    before = audit(admin)
    again = {"email": "ADA@example.com", "username": "ada2", "password": "correct horse"}

    assert api.post("/users", json=again).status_code == 409
    assert audit(admin) == before


def test_by_sql_the_login_is_named(admin: Api, database: Database) -> None:
    insert = "insert into app.products (sku, name, price) values ('L-1', 'Lamp', 1)"
    database.psql(insert, database.deployer_url)

    (change,) = audit(admin, table="app.products")
    assert who(change) == ("penstock_deployer", "penstock_owner", None, None)
    assert (change["method"], change["path"]) == (None, None)


def test_nobody_but_the_api_says_for_whom(admin: Api, database: Database) -> None:
    """An analyst is let in, for once, and pretends to be a request of user 1."""
    database.psql(
        f"grant usage on schema app to {ANALYST};"
        f"grant insert on app.products to {ANALYST};"
        f"create policy planted on app.products for insert to {ANALYST} with check (true)"
    )
    with psycopg.connect(database.analyst_url) as analyst:
        analyst.execute("select set_config('request.jwt.claims', '{\"sub\": \"1\"}', true)")
        analyst.execute("select set_config('request.path', '/products', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), analyst.transaction():
            analyst.execute("set session authorization authenticator")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), analyst.transaction():
            analyst.execute("set local role admin")
        analyst.execute("insert into app.products (sku, name, price) values ('L-1', 'Lamp', 1)")

    (change,) = audit(admin, table="app.products")
    assert who(change) == (ANALYST, ANALYST, None, None)
    assert change["path"] is None


def test_an_import_names_its_caller_for_every_row(api: Api, admin: Api, database: Database) -> None:
    staff = register(api, "sam")
    with api.as_user(staff, "staff") as caller:
        post(caller, SMALL.encode())

    query = """
        select table_name, operation::text, count(*), min(subject), count(distinct xid)
        from audit.changes
        where path = '/api/v1/imports/retail'
        group by table_name, operation
        order by table_name, operation
    """
    subject = str(staff)
    assert database.rows(query) == [
        ("app.import_rejects", "insert", 5, subject, 1),
        ("app.imports", "insert", 1, subject, 1),
        ("app.order_lines", "insert", 2, subject, 1),
        ("app.orders", "insert", 1, subject, 1),
        ("app.orders", "update", 1, subject, 1),
        ("app.products", "insert", 2, subject, 1),
        ("app.users", "insert", 1, subject, 1),
    ]


def test_who_waited_comes_after_those_they_waited_for(database: Database) -> None:
    """Though their transaction began before."""
    database.psql("insert into app.products (sku, name, price) values ('L-1', 'Lamp', 1)")
    update = "update app.products set price = %s"
    with psycopg.connect(database.deployer_url) as early:
        early.execute("select now()")
        database.rows(update, 2)
        early.execute(update, [3])

    query = "select after ->> 'price' from audit.changes where operation = 'update' order by at, id"
    assert database.rows(query) == [("2.00",), ("3.00",)]


def test_what_somebody_did_outlives_them(api: Api, admin: Api) -> None:
    ada = register(api, "ada")
    with api.as_user(ada, "member") as caller:
        caller.patch(f"/users/{ada}", json={"full_name": "Ada L."})

    assert admin.delete(f"/users/{ada}").status_code == 204

    assert [change["operation"] for change in audit(admin, subject=ada)] == ["update"]
    (gone,) = audit(admin, subject=ADMIN, table="app.users")
    assert (gone["operation"], gone["before"]["username"]) == ("delete", "ada")


def test_pages_follow_each_other(api: Api, admin: Api) -> None:
    for name in ("ada", "bob", "cyd"):
        register(api, name)

    answer = admin.get("/audit", params={"limit": 4})
    pages = [answer.json()]
    while "link" in answer.headers:
        answer = admin.get(answer.headers["link"].split(";")[0].strip("<>").removeprefix("/api/v1"))
        pages.append(answer.json())

    assert [each for page in pages for each in page] == audit(admin)
    assert [len(each) for each in pages[:-1]] == [4] * (len(pages) - 1)
    assert len(pages) > 1


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("member", 403), ("staff", 403)])
def test_others_read_nothing(api: Api, role: str | None, status: int) -> None:
    headers = {} if role is None else bearer(api.token(1, role))

    assert api.get("/audit", headers=headers).status_code == status


def test_a_key_that_is_none_is_422(admin: Api) -> None:
    for filters in ({"key": '{"id": 7}'}, {"key": "{", "table": "app.users"}, {"since": "then"}):
        assert admin.get("/audit", params=filters).status_code == 422
