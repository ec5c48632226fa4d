"""What `./dev check` finds in a database, and what it leaves alone."""

import re
from pathlib import Path

from db import lint
from db.database import Database
from db.home import ROOT


def test_ours_is_in_order(database: Database) -> None:
    assert lint.lint_problems(database.deployer_url) == []
    assert lint.untested_problems(database.deployer_url) == []


def test_a_finding_says_what_and_where_and_what_to_do(database: Database) -> None:
    database.psql("grant execute on function api.me_get() to public", database.deployer_url)

    assert lint.lint_problems(database.deployer_url) == [
        (
            "api.me_get(): PUBLIC may execute it: revoke execute on function … from public. "
            "(no_public_execute)"
        )
    ]


def test_an_endpoint_without_a_test_is_found(database: Database) -> None:
    database.psql(
        "create function api.plant_get() returns text stable language sql as 'select null';"
        "comment on function api.plant_get() is 'A plant.\n\nHTTP GET /plant'",
        database.deployer_url,
    )

    assert lint.untested_problems(database.deployer_url) == [
        (
            "api.plant_get(): It has a route and no test: write tests/db/api/plant_get.sql. "
            "(endpoint_tested)"
        )
    ]


def test_a_test_is_enough(database: Database, tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    before = lint.untested_problems(database.deployer_url, tmp_path)
    (tmp_path / "api" / "me_get.sql").touch()
    after = lint.untested_problems(database.deployer_url, tmp_path)

    assert set(before) - set(after) == {
        "api.me_get(): It has a route and no test: write tests/db/api/me_get.sql. (endpoint_tested)"
    }


def test_where_nothing_of_penstock_is_there_is_nothing_to_say(
    empty_database: Database, tmp_path: Path
) -> None:
    assert lint.lint_problems(empty_database.superuser_url) == []
    assert lint.untested_problems(empty_database.superuser_url) == []


def test_where_there_are_no_tests_none_is_missed(database: Database, tmp_path: Path) -> None:
    assert lint.untested_problems(database.deployer_url, tmp_path / "none") == []


def test_every_rule_is_documented_and_has_a_test() -> None:
    """The names in the views, in the table of the docs, and in the pgTAP tests are the same."""
    views = "".join(file.read_text() for file in (ROOT / "deploy/penstock").glob("lint_*.sql"))
    rules = set(re.findall(r"^select\n    '([a-z_]+)'(?: as rule)?,$", views, re.MULTILINE))
    table = (ROOT / "docs/dba.md").read_text().partition("| rule | finds |")[2]
    documented = set(re.findall(r"^\| `(\w+)` \|", table.partition("\n\n")[0], re.MULTILINE))
    tests = "".join(file.read_text() for file in (ROOT / "tests/db/style").glob("lint*.sql"))

    assert len(rules) > 20
    assert documented == rules | {"endpoint_tested"}
    assert [rule for rule in rules if rule not in tests] == []
