"""Lists that are answered with 202 and taken in afterwards: what a job says is true."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from db.database import Database
from db.home import ROOT
from db.testbed import Testbed
from tests.api.conftest import SECRET, Api, running, within

GATE = 4_711  # who holds this lock keeps lists from being taken in
SQL = """
create schema lab;
grant usage on schema lab to anon, member, staff, admin;
create table lab.lamps (name text constraint lamps_name_unique unique, watts int);
comment on constraint lamps_name_unique on lab.lamps is 'There is a lamp of that name.';
grant all on lab.lamps to anon, member, staff, admin;
create type lab.lamp as (name text, watts int);
create function lab.lamps_add() returns bigint volatile language plpgsql as $$
begin
    insert into lab.lamps select r.name, r.watts from pg_temp.bulk_rows as r;
    perform pg_advisory_xact_lock_shared(4711);
    insert into pg_temp.bulk_rejects
    select r.line, 'watts', 'Too bright.' from pg_temp.bulk_rows as r where r.watts > 1000;
    return (select count(*) from lab.lamps);
end $$;
comment on function lab.lamps_add is E'HTTP POST /lamps
@status 201
@timeout 2min
@idempotent
@bulk lab.lamp needs=name,watts';
create function lab.lamps_answer() returns json volatile language plpgsql as $$
begin
    insert into lab.lamps select l.name, l.watts::int from pg_temp.bulk_lines as l;
    perform set_config('response.status', '207', true);
    return '{"as": "it is"}';
end $$;
comment on function lab.lamps_answer is E'HTTP PUT /lamps\\n@bulk lab.lamp_text';
create type lab.lamp_text as (name text, watts text);
grant execute on all functions in schema lab to anon, member, staff, admin;
"""
SCHEMAS = ("api", "lab")
ASYNC = {"prefer": "respond-async"}
GOOD = "name,watts\na,5\nb,7\n"
BAD = "name,watts\na,5\nb,many\nc,5000\n"


@pytest.fixture(scope="module")
def lab(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(SQL)
        yield database


@pytest.fixture(scope="module")
def api(lab: Database) -> Iterator[Api]:
    with running(lab.serve_url, api_schemas=SCHEMAS, copy_size=3) as client:
        yield client


@pytest.fixture
def ada(api: Api) -> Iterator[Api]:
    with api.as_user(1, "member") as client:
        yield client


@pytest.fixture(autouse=True)
def dark(lab: Database) -> Iterator[None]:
    yield
    lab.psql("truncate lab.lamps")


@contextmanager
def shut(lab: Database) -> Iterator[None]:
    """The gate is shut, until the end of the block."""
    with psycopg.connect(lab.superuser_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (GATE,))
        yield


def send(api: Api, content: str = GOOD, method: str = "POST", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    said = {"content-type": "text/csv", **ASYNC, **named}
    return api.request(method, "/lamps", content=content, headers=said)


def job_of(api: Api, answer: httpx.Response) -> dict[str, Any]:
    """What is at the Location of a 202."""
    assert answer.status_code == 202, answer.text
    said = api.get(answer.headers["location"].removeprefix(api.settings.api_prefix))
    assert said.status_code == 200, said.text
    found: dict[str, Any] = said.json()
    assert found["id"] == answer.json()["id"]
    return found


def ended(api: Api, answer: httpx.Response) -> dict[str, Any]:
    assert within(20, lambda: job_of(api, answer)["state"] != "running")
    return job_of(api, answer)


def count(lab: Database) -> int:
    return int(lab.psql("select count(*) from lab.lamps"))


def test_it_runs_until_it_is_done(ada: Api, lab: Database) -> None:
    with shut(lab):
        answer = send(ada)

        assert answer.headers["preference-applied"] == "respond-async"
        assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
        running_ = answer.json()
        assert running_ == job_of(ada, answer)
        assert (running_["state"], running_["lines"], running_["request"]) == (
            "running", 2, "POST /lamps",
        )  # fmt: skip
        assert (running_["status"], running_["result"], running_["ended_at"]) == (None, None, None)
        assert count(lab) == 0
    done = ended(ada, answer)

    assert (done["state"], done["status"]) == ("done", 201)
    assert done["result"] == {
        "lines": 2, "accepted": 2, "rejected": 0, "rejects": [], "result": 2,
    }  # fmt: skip
    assert done["ended_at"] >= done["begun_at"]
    assert count(lab) == 2


def test_only_its_owner_and_admins_see_it(api: Api, ada: Api, lab: Database) -> None:
    answer = send(ada)
    path = f"/jobs/{answer.json()['id']}"
    said = {
        (user, role): api.as_user(user, role).get(path).status_code
        for user, role in [(1, "member"), (2, "member"), (1, "staff"), (3, "staff"), (4, "admin")]
    }

    assert said == {
        (1, "member"): 200, (2, "member"): 404, (1, "staff"): 404, (3, "staff"): 404,
        (4, "admin"): 200,
    }  # fmt: skip
    assert api.get(path).status_code == 401
    assert ada.get(f"/jobs/{uuid4()}").status_code == 404
    assert ended(ada, answer)["state"] == "done"


@pytest.mark.parametrize("content", [BAD, "name,watts\na,5\na,6\n", "name,watts\n"])
@pytest.mark.parametrize("lenient", [False, True])
def test_it_comes_to_what_the_answer_would_have_been(
    ada: Api, lab: Database, content: str, lenient: bool
) -> None:
    wish = ", handling=lenient" if lenient else ""
    job = ended(ada, send(ada, content, prefer="respond-async" + wish))
    kept = count(lab)
    lab.psql("truncate lab.lamps")
    answer = send(ada, content, prefer=wish.strip(", "))

    assert job["status"] == answer.status_code
    told, expected = job["result"], answer.json()
    told.pop("request_id", None)
    expected.pop("request_id", None)
    assert told == expected
    assert (job["state"] == "done") == (answer.status_code < 400)
    assert kept == count(lab)


def test_both_wishes_are_granted_or_one(ada: Api, lab: Database) -> None:
    answer = send(ada, BAD, prefer="handling=lenient, respond-async, wait=5")

    assert set(answer.headers.get_list("preference-applied", split_commas=True)) == {
        "respond-async", "handling=lenient",
    }  # fmt: skip
    assert ended(ada, answer)["result"]["accepted"] == 1
    assert count(lab) == 2  # the function enters what it then rejects

    rehearsal = send(ada, "name,watts\nz,5\n", prefer="tx=rollback, respond-async")

    assert rehearsal.status_code == 201
    assert rehearsal.headers["preference-applied"] == "tx=rollback"
    assert count(lab) == 2


def test_openapi_tells_of_it(api: Api) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    job = paths["/api/v1/jobs/{job_id}"]["get"]["responses"]["200"]["content"]
    for path, method in [("/lamps", "post"), ("/lamps", "put"), ("/products/bulk", "delete")]:
        operation = paths[f"/api/v1{path}"][method]
        (prefer,) = (each for each in operation["parameters"] if each["name"] == "Prefer")

        assert operation["responses"]["202"]["content"] == job
        assert "respond-async" in prefer["schema"]["examples"]
    assert "202" not in paths["/api/v1/products"]["post"]["responses"]


def test_what_is_no_list_is_refused_at_once(ada: Api) -> None:
    assert send(ada, "nothing,of,it\n").status_code == 422
    assert send(ada, content_type="text/plain").status_code == 415
    assert send(ada, GOOD, content_encoding="gzip").status_code == 400


def test_who_could_not_ask_for_it_is_answered_as_ever(api: Api) -> None:
    answer = send(api)

    assert answer.status_code == 201
    assert "preference-applied" not in answer.headers


def test_a_function_may_answer_with_a_status_of_its_own(ada: Api) -> None:
    job = ended(ada, send(ada, method="PUT"))

    assert (job["state"], job["status"], job["result"]) == ("done", 207, {"as": "it is"})


def test_a_key_gives_the_same_job_however_often(ada: Api, lab: Database) -> None:
    key = str(uuid4())
    with shut(lab):
        first = send(ada, idempotency_key=key)
        again = send(ada, idempotency_key=key)

        assert again.status_code == 202
        assert again.json() == first.json()
        assert again.headers["location"] == first.headers["location"]
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert send(ada, "name,watts\nz,1\n", idempotency_key=key).status_code == 422
    assert ended(ada, first)["result"]["result"] == 2
    last = send(ada, idempotency_key=key)

    assert last.json() == job_of(ada, first)
    assert count(lab) == 2
    assert lab.psql("select count(*) from pg_locks where locktype = 'advisory'") == "0"


def test_a_job_that_nobody_does_is_failed(ada: Api, lab: Database) -> None:
    """Its connection is cut: its transaction is rolled back, and nobody can say why."""
    with shut(lab):
        answer = send(ada)
        lab.psql(
            "select pg_terminate_backend(pid) from pg_locks"
            f" where locktype = 'advisory' and objid = {GATE} and not granted"
        )
        failed = ended(ada, answer)

    assert (failed["state"], failed["status"]) == ("failed", 503)
    assert count(lab) == 0


def test_what_was_told_lost_is_not_committed(ada: Api, lab: Database) -> None:
    """Whoever no longer holds the lock can't say that it is done."""
    with shut(lab):
        answer = send(ada)
        lab.psql(
            f"update penstock.long_calls set state = 'failed', status = 503, ended_at = now()"
            f" where id = '{answer.json()['id']}'"
        )

    assert within(
        10, lambda: lab.psql("select count(*) from pg_locks where locktype = 'advisory'") == "0"
    )
    assert job_of(ada, answer)["status"] == 503
    assert count(lab) == 0


@contextmanager
def serving(lab: Database) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The real command in a process of its own, and where it serves."""
    variables = {
        "PATH": os.environ["PATH"], "DATABASE_URL": lab.serve_url, "API_SCHEMAS": "api,lab",
        "JWT_SECRET": SECRET, "PORT": "0",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "db.cli", "serve"],
        cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        match = None
        for line in process.stdout:
            if match := re.search(r"running on (http://[\d.]+:\d+)", line):
                break
        assert match
        yield process, match[1]
    finally:
        process.kill()
        process.communicate(timeout=15)


@pytest.mark.parametrize(
    ("by", "slug"), [(signal.SIGKILL, "call-lost"), (signal.SIGTERM, "call-stopped")]
)
def test_a_server_that_ends_leaves_no_job_that_runs(
    ada: Api, lab: Database, by: signal.Signals, slug: str
) -> None:
    with shut(lab):
        with serving(lab) as (process, origin), Api(ada.settings, origin) as there:
            there.headers["authorization"] = ada.headers["authorization"]
            answer = send(there)
            assert job_of(ada, answer)["state"] == "running"
            process.send_signal(by)
            process.wait(15)
        # The gate is still shut: PostgreSQL notices by itself, amid the function.
        began = time.monotonic()
        failed = ended(ada, answer)
        assert time.monotonic() - began < 15

    assert (failed["state"], failed["status"]) == ("failed", 503)
    assert failed["result"]["type"] == f"/problems/{slug}"
    assert count(lab) == 0


def test_a_database_without_the_machinery_answers_as_ever(empty_database: Database) -> None:
    empty_database.psql("""
        create table public.lamps (name text);
        grant all on public.lamps to anon, member;
        create type public.lamp as (name text);
        create function public.lamps_add() returns void language sql
            set check_function_bodies = off
            as 'insert into public.lamps select r.name from pg_temp.bulk_rows as r';
        comment on function public.lamps_add is E'HTTP POST /lamps\\n@bulk public.lamp needs=name';
        create function public.job_get(job_id uuid) returns uuid stable language sql
            as 'select job_id';
        comment on function public.job_get is 'HTTP GET /jobs/{job_id}';
    """)
    with running(empty_database.serve_url, api_schemas=("public",)) as api:
        answer = send(api, "name\na\n")

    assert answer.status_code == 200, answer.text
    assert "preference-applied" not in answer.headers
