"""A deploy reaches the running API within two seconds, and no request fails meanwhile."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from db.database import Database
from db.home import ROOT
from tests.api.conftest import Api, within

SECONDS = 2.0

DEPLOY = """\
begin;

create or replace function api.greeting_get(name text, times integer default 1)
    returns text
    immutable
    language sql
as $$
    select rtrim(repeat('Hello ' || greeting_get.name || '. ', greeting_get.times))
$$;

comment on function api.greeting_get(text, integer) is $$
Greet somebody.

HTTP GET /greetings/{name}
@tag greetings
$$;

grant execute on function api.greeting_get(text, integer) to anon, member, staff, admin;

commit;
"""
REVERT = "begin;\n\ndrop function api.greeting_get(text, integer);\n\ncommit;\n"
VERIFY = "begin;\n\nselect 'api.greeting_get(text, integer)'::regprocedure;\n\nrollback;\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what Sqitch works on, to add changes to."""
    for name in ("deploy", "revert", "verify"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("sqitch.plan", "sqitch.conf"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_three_small_files_and_a_plan_line_are_an_endpoint(
    api: Api, database: Database, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.get("/greetings/Ada").status_code == 404

    plain_sqitch(checkout, "add", "api/greeting_get", "--note", "Greets.", "--requires", "@core")
    (checkout / "deploy/api/greeting_get.sql").write_text(DEPLOY)
    (checkout / "revert/api/greeting_get.sql").write_text(REVERT)
    (checkout / "verify/api/greeting_get.sql").write_text(VERIFY)
    plain_sqitch(checkout, "deploy", "--target", target(database))

    assert within(SECONDS, lambda: api.get("/greetings/Ada").status_code == 200)
    assert api.get("/greetings/Ada").json() == "Hello Ada."
    assert api.get("/greetings/Ada?times=2").json() == "Hello Ada. Hello Ada."
    assert api.get("/greetings/Ada?times=x").json()["pointer"] == "/times"
    described = api.get("/openapi.json").json()["paths"]["/api/v1/greetings/{name}"]["get"]
    assert described["summary"] == "Greet somebody."
    assert described["parameters"][1]["schema"]["default"] == 1
    assert api.ready()["deployed"] == "api/greeting_get"

    plain_sqitch(checkout, "revert", "-y", "--to", "@HEAD^", "--target", target(database))

    assert within(SECONDS, lambda: api.get("/greetings/Ada").status_code == 404)


def test_a_changed_signature_is_called_right_without_a_failed_request(
    api: Api, database: Database
) -> None:
    database.rows(DEPLOY.replace("begin;", "").replace("commit;", ""), url=database.deployer_url)
    assert within(SECONDS, lambda: api.get("/greetings/Ada").status_code == 200)
    statuses: list[int] = []
    stop = threading.Event()

    def call() -> None:
        with httpx.Client(base_url=api.base_url) as client:
            while not stop.is_set():
                statuses.append(client.get("/greetings/Ada").status_code)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for change in range(3):
        # As a deploy does it: the old signature goes and the new one comes in one transaction.
        old, new = ("integer", "bigint") if change % 2 == 0 else ("bigint", "integer")
        script = DEPLOY.replace("integer", new).replace("commit;", "").replace(
            "begin;", f"drop function api.greeting_get(text, {old});"
        ).replace("greeting_get.times)", "greeting_get.times::integer)")  # fmt: skip
        database.psql(f"begin; {script} commit;", url=database.deployer_url)
        time.sleep(0.3)
    stop.set()
    for caller in callers:
        caller.join()

    assert len(statuses) > 100
    assert set(statuses) == {200}


def test_a_broken_annotation_keeps_the_old_routes_and_is_named(
    api: Api, database: Database
) -> None:
    broken = "comment on function api.product_get(bigint) is 'HTTP GET /products/{id}\n@singel'"
    database.rows(broken, url=database.deployer_url)

    assert within(SECONDS, lambda: bool(api.ready()["errors"]))
    (error,) = api.ready()["errors"]
    assert error.startswith("api.product_get has the unknown annotation @singel")
    assert api.ready()["ready"] is True
    assert api.get("/products/987654321").json()["type"] == "/problems/not-found"

    mended = (
        "comment on function api.product_get(bigint) is 'HTTP GET /things/{product_id}\n@single'"
    )
    database.rows(mended, url=database.deployer_url)

    assert within(SECONDS, lambda: not api.ready()["errors"])
    assert api.get("/things/987654321").json()["type"] == "/problems/not-found"
    assert api.get("/products/987654321").status_code == 405


def test_after_a_start_with_two_errors_each_mended_one_counts(
    database: Database, serve: Callable[..., Api]
) -> None:
    for function in ("product_get(bigint)", "post_get(bigint)"):
        database.rows(
            f"comment on function api.{function} is 'HTTP GET /{function[:4]}/{{no}}'",
            url=database.deployer_url,
        )
    api = serve(database.serve_url)
    assert len(api.ready()["errors"]) == 2

    mended = "comment on function api.product_get(bigint) is 'HTTP GET /p/{product_id}\n@single'"
    database.rows(mended, url=database.deployer_url)

    assert within(SECONDS, lambda: len(api.ready()["errors"]) == 1)
    assert api.get("/p/987654321").json()["type"] == "/problems/not-found"
    assert api.ready()["ready"] is False


def test_a_grant_counts_within_two_seconds(api: Api, database: Database) -> None:
    assert api.get("/products").status_code == 200

    signature = database.rows("select 'api.product_list'::regproc::oid::regprocedure::text")[0][0]
    database.rows(f"revoke execute on function {signature} from anon", url=database.deployer_url)

    assert within(SECONDS, lambda: api.get("/products").status_code == 401)


def target(database: Database) -> str:
    return "db:pg" + database.deployer_url.removeprefix("postgresql")


def plain_sqitch(folder: Path, *words: str) -> None:
    names = {"SQITCH_FULLNAME": "A DBA", "SQITCH_EMAIL": "dba@localhost"}
    done = subprocess.run(
        ["sqitch", *words],
        cwd=folder,
        env=os.environ | names,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
