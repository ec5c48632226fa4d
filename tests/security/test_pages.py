"""Who may do what, and which rows they reach, is what the pages say; and no page may say a leak."""

from collections.abc import Iterator

import psycopg
import pytest

from db.database import Database
from db.home import ROOT
from db.testbed import Testbed
from tests.security import house, privileges
from tests.security.doing import VERBS
from tests.security.pages import PRIVILEGES, ROWS, differences, make
from tests.security.reach import Measured

Made = tuple[dict, Measured]


@pytest.fixture(scope="module")
def made(bed: Testbed) -> Iterator[Made]:
    with bed.database() as database:
        yield make(database)


@pytest.mark.parametrize("file", [PRIVILEGES, ROWS], ids=lambda file: file.stem)
def test_it_is_as_it_is_written_down(made: Made, file) -> None:
    told = differences(file.read_text(), made[0][file], str(file.relative_to(ROOT)))

    assert not told, "\n".join(told)
    assert file.read_text() == made[0][file]


def test_everything_was_tried_on_rows_of_several_people(made: Made) -> None:
    assert made[1].untried() == []


def test_nobody_reaches_what_is_anothers(made: Made) -> None:
    assert made[1].trespasses() == []


def test_what_was_measured_is_not_nothing(made: Made) -> None:
    """The measurement itself at work: a few cells that are known without it."""
    measured = made[1]
    posts = next(each for each in measured.relations if str(each) == "app.posts")
    reached = {
        verb: measured.reached["app.posts", "ada", verb].rows == posts.of("ada") for verb in VERBS
    }

    assert len(posts.rows) == 8
    assert len(posts.of("ada")) == len(posts.of("bob")) == 2
    assert reached == {"select": False, "insert": True, "update": True, "delete": True}
    assert measured.reached["app.posts", "anon", "select"].rows == posts.kinds["published"]


def test_every_role_that_holds_something_is_somebody(database: Database) -> None:
    """A new role is shown on its own; put it among ROLES, and among the personas if it reads."""
    before = privileges.strangers(database)
    database.psql("grant select (title) on app.posts to pg_monitor")

    assert before == []
    assert privileges.strangers(database) == ["pg_monitor"]
    assert "    pg_monitor: select (title)\n" in privileges.render(database)


def test_nobody_becomes_what_is_not_theirs_to_become(database: Database) -> None:
    """The personas that need no superuser are all that the two logins can be."""
    query = "select rolname from pg_roles where rolname !~ '^analyst_test_'"  # they come and go
    roles = [name for (name,) in database.rows(query)]
    became = {
        login: {role for role in roles if _may_set_role(url, role)}
        for login, url in (
            ("authenticator", database.serve_url),
            ("analyst", database.analyst_url),
        )
    }

    assert became == {
        "authenticator": {
            *("authenticator", "anon", "member", "staff", "admin"),
            *("gatekeeper", "penstock_agent"),
        },
        "analyst": {"analyst", "reporter"},
    }


def _may_set_role(url: str, role: str) -> bool:
    with psycopg.connect(url) as connection:
        try:
            connection.execute("select set_config('role', %s, true)", [role])
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True


# Each fault, and what is said of it: by the page of privileges, by the page of rows, as a trespass,
# as not tried. A word that has to occur, or nothing.
FAULTS = {
    "a table that nobody may read": (
        "create table app.plants (id bigint)",
        ("table app.plants is new", "app.plants is new", "", "app.plants has no row"),
    ),
    "a function": (
        "create function app.plant(id bigint) returns void language sql as ''",
        ("function app.plant(id bigint) is new:\n+ function", "", "", ""),
    ),
    "a column": (
        "grant select (email) on app.users to anon",
        ("+     anon: select (email)", "+     anon", "", ""),
    ),
    "a schema": (
        "grant usage on schema auth to member",
        ("+     member, gatekeeper: usage", "", "", ""),
    ),
    "truncate": (
        "grant truncate on app.posts to staff",
        ("+     staff: select, insert (author_id, title, body), update", "", "", ""),
    ),
    "a definer": (
        "alter function api.me_get() security definer",
        ("api.me_get() that runs as penstock_owner is new", "", "", ""),
    ),
    "a view that reads as the owner": (
        "create view app.plants as select * from app.orders; grant select on app.plants to member",
        ("view app.plants is new", "+     ada                     all", "", ""),
    ),
    "a policy that shows": (
        "create policy plant on app.orders for select to member using (true)",
        ("", "+     ada                     all", "ada: select of another's row of app.orders", ""),
    ),
    "a policy that lets write": (
        "alter policy posts_own on app.posts with check (true)",
        (
            "",
            "+     bob                     own + published     all",
            "bob: insert of another's",
            "",
        ),
    ),
    "a policy that lets change": (
        "create policy plant on app.posts for update to member using (published_at is not null)",
        ("", "own + published", "ada: update of another's row of app.posts", ""),
    ),
    "a policy that lets delete": (
        "create policy plant on app.posts for delete to member using (published_at is not null)",
        ("", "own + published", "bob: delete of another's row of app.posts", ""),
    ),
    "a table without policies": (
        "alter table app.orders disable row level security",
        ("", "+     ada                     all", "bob: select of another's row of app.orders", ""),
    ),
    "a table for everybody": (
        (
            "create table app.plants (id bigint, user_id bigint);"
            "grant all on app.plants to anon, reporter;"
            "insert into app.plants select id, id from app.users;"
            "create function app.fill() returns trigger security definer language plpgsql as "
            "'begin insert into app.plants values (new.id, new.id); return null; end';"
            "create trigger plant after insert on app.users"
            " for each row execute function app.fill()"
        ),
        ("anon", "anon", "anon: update in app.plants", ""),
    ),
    "an analyst with a table": (
        "grant usage on schema app to reporter; grant select on app.order_transitions to reporter",
        (
            "staff, admin, analyst, pen",
            "+     analyst ",
            "analyst: select in app.order_transitions",
            "",
        ),
    ),
    "a function that reads": (
        (
            "create function api.plant_list() returns setof app.orders stable security definer "
            "language sql as 'select * from app.orders';"
            "grant execute on function api.plant_list() to anon"
        ),
        (
            "api.plant_list() that runs as penstock_owner is new",
            "anon                    12 rows",
            "",
            "",
        ),
    ),
    "a list that is a definer": (
        "alter function api.order_list security definer",
        (
            (
                'api.order_list("limit" api.page_size, cursor jsonb, status app.order_status)'
                " that runs as penstock_owner is new"
            ),
            "-     ada                     own\n",
            "ada: api.order_list tells of app.orders",
            "",
        ),
    ),
    "a function that nobody knows how to call": (
        "create function api.plant_get(what text) returns void stable language sql as ''",
        (
            "api.plant_get(what text) is new",
            "api.plant_get(what) is new",
            "",
            "what to give it for what",
        ),
    ),
    "an owner's policy alone": ("drop policy orders_own on app.orders", ("", "none", "", "")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told(made: Made, database: Database, fault: str) -> None:
    statement, expected = FAULTS[fault]
    database.psql(f"set role penstock_owner; {statement}")
    pages, measured = make(database)
    told = (
        "\n".join(differences(made[0][PRIVILEGES], pages[PRIVILEGES], "privileges.txt")),
        "\n".join(differences(made[0][ROWS], pages[ROWS], "rows.txt")),
        "\n".join(measured.trespasses()),
        "\n".join(measured.untried()),
    )

    for words, said in zip(expected, told, strict=True):
        assert words in said
        assert words or not said


def test_what_is_told_says_what_to_do() -> None:
    page = "# Head\n\na: 1 row\n    x\n\nb\n    y\n"

    assert differences(page, page, "page.txt") == []
    assert differences(page, "a: 2 rows\n    x\n\nc\n    z\n", "page.txt") == [
        "a has changed:\n- a: 1 row\n+ a: 2 rows",
        "b is gone:\n- b\n-     y",
        "c is new:\n+ c\n+     z",
        (
            "If that is meant: `./dev privileges --write`, and review what it does to page.txt. "
            "If not: mend the grant or the policy."
        ),
    ]


def test_the_people_are_those_of_the_fixture(made: Made) -> None:
    users = next(each for each in made[1].relations if str(each) == house.PRINCIPALS)

    assert set(users.owners) == set(house.PEOPLE)
