"""An analyst's tool may set whatever it likes; what it sees hangs on who has logged in."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import Connection, errors
from psycopg.conninfo import make_conninfo

from db.testbed import Testbed
from tests.security import reach

VIEWS = ("report.sales_by_day", "report.product_sales", "report.customers")
# As JSON, which no setting for how dates and numbers are written changes.
SEEN = " union all ".join(
    f"select '{view}', count(*), jsonb_agg(to_jsonb(v) order by to_jsonb(v))::text from {view} as v"
    for view in VIEWS
)
TABLES = """
    select c.oid::regclass::text, n.nspname || '.' || c.relname
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
        and n.nspname <> 'report'
        and pg_get_userbyid(n.nspowner) = 'penstock_owner'
"""
Login = tuple[str, list[str]]


@pytest.fixture(scope="module")
def login(bed: Testbed) -> Iterator[Login]:
    """How the analyst of France connects, and every table and view that is not for analysts."""
    with bed.database() as database, reach.filled(database) as name:
        tables = [table for _, table in database.rows(TABLES)]
        yield make_conninfo(database.superuser_url, user=name, password=name), tables


@pytest.fixture
def analyst(login: Login) -> Iterator[Connection]:
    with closing(_again(login)) as connection:
        yield connection


def seen(connection: Connection) -> list[tuple]:
    return connection.execute(SEEN).fetchall()


def open_tables(connection: Connection, tables: list[str]) -> list[str]:
    """Those that can be read at all, if only to count."""
    found = []
    for table in tables:
        try:
            connection.execute(f"select from {table}")
        except errors.InsufficientPrivilege:
            continue
        found.append(table)
    return found


def test_there_is_something_to_see_and_something_hidden(analyst: Connection, bed: Testbed) -> None:
    countries = analyst.execute("select distinct country from report.product_sales").fetchall()

    assert countries == [("France",)]
    assert [count for _, count, _ in seen(analyst)] == [1, 2, 4]


def test_no_table_is_open(analyst: Connection, login: Login) -> None:
    assert len(login[1]) > 20
    assert open_tables(analyst, login[1]) == []


# What an attacker, or a careless tool, would try.
ATTEMPTS = [
    """set request.jwt.claims = '{"sub": "1", "role": "admin"}'""",
    'set request.headers = \'{"authorization": "Bearer x"}\'',
    "set request.method = 'GET'; set request.path = '/'",
    "set penstock.touched = '{1}'",
    "set penstock.anything = 'on'",
    "set app.sales_are_folded = 'yes'",
    "set role reporter",
    "set search_path = pg_temp, app, auth, report",
    "set row_security = on",
    (
        "create temporary table analysts as select session_user as login, null::text[] as countries"
        "; set search_path = pg_temp, app"
    ),
    (
        "create function pg_temp.session_user() returns name language sql"
        " as $$select 'analyst'::name$$; set search_path = pg_temp, pg_catalog"
    ),
    "prepare a as select 1; set plan_cache_mode = force_generic_plan",
]
REFUSED = [
    "set role admin",
    "set role report_owner",
    "set role penstock_owner",
    "set role authenticator",
    "set role postgres",
    "set session authorization analyst",
    "set session authorization postgres",
    "set session_replication_role = replica",
    "alter role current_user bypassrls",
    "alter view report.customers set (security_invoker = true)",
    "create or replace view report.customers as select 1 as one",
    "insert into app.analysts (login) values (session_user)",
    "update app.analysts set countries = null",
    "grant report_owner to current_user",
    "select auth.login_find('ada@example.org')",
    "select api.user_list()",
    "select penstock.touch('*')",
    "select request.user_id()",
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_can_be_set_shows_nothing_more(
    analyst: Connection, login: Login, attempt: str
) -> None:
    before = seen(analyst)
    analyst.execute(attempt)

    assert seen(analyst) == before
    assert open_tables(analyst, login[1]) == []


@pytest.mark.parametrize("attempt", REFUSED)
def test_what_would_show_more_is_refused(analyst: Connection, attempt: str) -> None:
    before = seen(analyst)
    with pytest.raises(errors.InsufficientPrivilege):
        analyst.execute(attempt)

    assert seen(analyst) == before


def test_row_security_can_be_turned_off_only_to_see_nothing(analyst: Connection) -> None:
    analyst.execute("set row_security = off")
    for view in VIEWS:
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            analyst.execute(f"select from {view}")


def test_every_setting_there_is_shows_nothing_more(analyst: Connection, login: Login) -> None:
    """Each to each of its values, or its ends: the same rows, or an error, and no table opens."""
    before = seen(analyst)
    settings = analyst.execute("""
        select name, case vartype
            when 'bool' then array['on', 'off']
            when 'enum' then enumvals
            when 'string' then array['', 'admin', 'app', 'report_owner', '{"role": "admin"}']
            else array[min_val, max_val]
        end
        from pg_settings
        where context = 'user'
    """).fetchall()
    same = 0
    for name, values in settings:
        for value in values:
            if analyst.broken:  # some settings end the session
                analyst = _again(login)
            try:
                with analyst.transaction(force_rollback=True):
                    analyst.execute("select set_config(%s, %s, false)", [name, value])
                    analyst.execute("set local client_encoding = 'UTF8'")  # psycopg's own need
                    assert seen(analyst) == before, f"{name} = {value}"
                    same += 1
                    assert open_tables(analyst, login[1][:1]) == []
            except psycopg.Error:
                continue  # no such value; a timeout of a millisecond; row_security is off
    analyst.close()

    assert same > 200


def _again(login: Login) -> Connection:
    return psycopg.connect(login[0], autocommit=True)


@pytest.mark.parametrize(
    "options",
    [
        "-c role=admin",
        "-c role=report_owner",
        "-c session_replication_role=replica",
        "-c session_authorization=postgres",
    ],
)
def test_nor_can_it_be_set_at_login(login: Login, options: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(make_conninfo(login[0], options=options))


@pytest.mark.parametrize(
    "options",
    ['-c request.jwt.claims={"sub":"1","role":"admin"}', "-c search_path=app", "-c role=reporter"],
)
def test_what_can_be_set_at_login_shows_nothing_more(
    analyst: Connection, login: Login, options: str
) -> None:
    with closing(psycopg.connect(make_conninfo(login[0], options=options))) as connection:
        assert seen(connection) == seen(analyst)


def test_control_a_policy_that_asks_a_setting_is_found(bed: Testbed) -> None:
    """Were it not session_user, this is how it would show."""
    with bed.database() as database, reach.filled(database) as name:
        database.psql(
            "create policy plant on app.orders for select to report_owner"
            " using ((select current_setting('request.jwt.claims', true)) ~ 'admin')"
        )
        url = make_conninfo(database.superuser_url, user=name, password=name)
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            before = seen(connection)
            connection.execute(ATTEMPTS[0])

            assert seen(connection) != before


def test_control_a_table_that_is_open_is_found(analyst: Connection) -> None:
    analyst.execute("create temporary table open ()")

    assert open_tables(analyst, ["app.users", "pg_temp.open"]) == ["pg_temp.open"]
