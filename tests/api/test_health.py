"""Whether it lives, whether it is ready, what it counts, and what it writes into its log."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from api.log import JsonFormatter
from db.database import Database
from db.home import ROOT
from db.testbed import Testbed
from tests.api.conftest import SECRET, Api, closed, running

SQL = """
create function public.divides(n int) returns int stable language sql as 'select 1 / n';
comment on function public.divides is 'HTTP GET /divides/{n}';
create function public.notes_add(words text) returns text volatile language sql as 'select words';
comment on function public.notes_add is 'HTTP POST /notes';
"""


@pytest.fixture
def base(bed: Testbed) -> Iterator[Database]:
    with bed.database("template0") as database:
        database.psql(SQL)
        yield database


def until(api: Api, *, ready: bool) -> httpx.Response:
    deadline = time.monotonic() + 8
    while True:
        answer = httpx.get(api.origin + "/readyz")
        if answer.json()["ready"] == ready or time.monotonic() > deadline:
            return answer
        time.sleep(0.05)


def test_a_database_that_goes_and_comes_back_is_told_at_readyz(base: Database) -> None:
    with running(base.serve_url, api_schemas=("public",), api_prefix="", pool_timeout=0.2) as api:
        assert until(api, ready=True).status_code == 200
        with closed(base):
            gone = until(api, ready=False)
            read, written = api.get("/divides/1"), api.post("/notes", json={"words": "x"})
            alive = httpx.get(api.origin + "/healthz")
        back = until(api, ready=True)

        assert gone.status_code == 503
        assert gone.json()["database"].startswith("The database does not answer")
        assert alive.status_code == 200
        assert [read.status_code, written.status_code] == [503, 503]
        assert read.headers["retry-after"] == "1"
        assert back.status_code == 200
        assert back.json()["database"] == "ok"
        assert api.get("/divides/1").json() == 1


def test_a_start_without_a_database_waits_for_it(base: Database) -> None:
    with closed(base), running(base.serve_url, api_schemas=("public",), api_prefix="") as api:
        refused = api.get("/divides/1")
        not_ready = httpx.get(api.origin + "/readyz")
        described = api.get("/openapi.json")
        assert [refused.status_code, not_ready.status_code, described.status_code] == [503] * 3
        assert refused.headers["retry-after"] == "1"
        base.psql(
            f"alter database {base.name} allow_connections true", base.cluster.url("postgres")
        )

        assert until(api, ready=True).status_code == 200
        assert api.get("/divides/1").json() == 1


def test_readyz_knows_the_change_that_was_deployed_last(shared_api: Api) -> None:
    report = shared_api.ready()

    assert report["ready"] is True
    assert report["errors"] == []
    assert report["routes"] > 25
    assert re.fullmatch(r"\w+/\w+|\w+", report["deployed"])


def test_a_change_of_a_type_alone_is_noticed(base: Database) -> None:
    base.psql(
        "create type public.pair as (a int, b int);"
        "create function public.get_pair(p public.pair default null) returns public.pair stable"
        " language sql as 'select (1, 2)::public.pair';"
        "comment on function public.get_pair is 'HTTP POST'"
    )
    with running(base.serve_url, api_schemas=("public",), api_prefix="") as api:
        base.psql("alter type public.pair rename attribute b to c cascade")

        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            pair = api.get("/openapi.json").json()["components"]["schemas"]["pair"]
            if "c" in pair["properties"]:
                break
            time.sleep(0.05)

        assert set(pair["properties"]) == {"a", "c"}
        assert api.post("/get-pair", json={"p": {"a": 1, "c": 2}}).status_code == 200


def counted(api: Api) -> dict[str, float]:
    lines = httpx.get(api.origin + "/metrics").text.splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")
    }


def test_each_answer_is_counted_by_route_and_never_by_path(base: Database) -> None:
    with running(base.serve_url, api_schemas=("public",), api_prefix="") as api:
        for n in (0, 1, 2):
            api.get(f"/divides/{n}")
        api.get("/divides/x")
        api.request("PROPFIND", "/divides/1")
        for n in range(5):
            api.get(f"/scan/{n}")
        api.request("PROPFIND", "/scan")
        found = counted(api)

    def requests(method: str, route: str, status: int) -> float:
        labels = f'method="{method}",route="{route}",status="{status}"'
        return found[f"penstock_requests_total{{{labels}}}"]

    assert requests("GET", "/divides/{n}", 200) == 2
    assert requests("GET", "/divides/{n}", 500) == 1
    assert requests("GET", "/divides/{n}", 422) == 1
    assert requests("GET", "none", 404) == 5
    assert found["penstock_routes"] == 2
    assert found['penstock_catalog_reloads_total{result="ok"}'] == 1
    assert found['penstock_request_seconds_count{method="GET",route="/divides/{n}"}'] == 4
    assert not any("scan" in name or "PROPFIND" in name for name in found)


def test_metrics_are_in_the_form_that_prometheus_reads(shared_api: Api) -> None:
    answer = httpx.get(shared_api.origin + "/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    for line in answer.text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) .+|[a-z_]+(\{.*\})? [-+.\dinfNae]+", line), line


GOOD_IDS = ["a", "a1-b.c_D", "0" * 128]
BAD_IDS = ["", "a b", "a" * 129, "é", "<script>", "a,b", '"', "a\tb"]


@pytest.mark.parametrize("given", GOOD_IDS)
def test_a_request_id_is_taken_over(shared_api: Api, given: str) -> None:
    answer = shared_api.get("/nothing", headers={"x-request-id": given})

    assert answer.headers["x-request-id"] == answer.json()["request_id"] == given


@pytest.mark.parametrize("given", BAD_IDS)
def test_a_request_id_that_could_do_harm_is_replaced(shared_api: Api, given: str) -> None:
    answer = shared_api.get("/nothing", headers={"x-request-id": given.encode("latin-1")})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize("path", ["/products", "/nothing", "/openapi.json", "/products/0x"])
def test_every_answer_has_its_id_and_its_time_once(shared_api: Api, path: str) -> None:
    answer = shared_api.get(path)

    assert len(answer.headers.get_list("x-request-id")) == 1
    (seconds,) = answer.headers.get_list("x-process-time")
    assert 0 < float(seconds) < 5


@contextmanager
def serving(base: Database, **environment: str) -> Iterator[tuple[str, list[str]]]:
    """The real command in a process of its own: its address, and afterwards its log."""
    lines: list[str] = []
    variables = {
        "PATH": os.environ["PATH"], "DATABASE_URL": base.serve_url, "API_SCHEMAS": "public",
        "API_PREFIX": "", "JWT_SECRET": SECRET, "PORT": "0", **environment,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "db.cli", "serve"],
        cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.append(line)
            if match := re.search(r"running on (http://[\d.]+:\d+)", line):
                break
        assert match, lines
        yield match[1], lines
    finally:
        process.send_signal(signal.SIGTERM)
        lines += process.communicate(timeout=15)[0].splitlines(keepends=True)


def test_the_log_is_json_and_holds_no_secret(base: Database) -> None:
    with serving(base) as (origin, lines):
        token = "a-canary-token"
        headers = {"authorization": f"Bearer {token}", "x-request-id": "seen-once"}
        httpx.get(origin + "/divides/1?secret=query-canary", headers=headers)
        httpx.get(origin + "/divides/1?secret=query-canary")
        httpx.post(origin + "/notes", json={"words": "body-canary"})
        httpx.get(origin + "/divides/0", headers={"x-request-id": "divided"})
        httpx.get(origin + "/weird\npath\x1b[31m".replace("\n", "%0A").replace("\x1b", "%1B"))
        httpx.get(origin + "/divides/2", headers={"x-request-id": "seen-last"})

    entries = [json.loads(line) for line in lines]
    assert "canary" not in "".join(lines)
    assert SECRET not in "".join(lines)
    assert base.serve_url not in "".join(lines)
    requests = [entry for entry in entries if entry["logger"] == "penstock.access"]
    (last,) = (entry for entry in requests if entry["request_id"] == "seen-last")
    assert set(last) == {
        "time", "level", "logger", "message", "request_id", "method", "path", "route", "status",
        "ms", "role", "client",
    }  # fmt: skip
    assert (last["method"], last["path"], last["route"]) == ("GET", "/divides/2", "/divides/{n}")
    assert (last["status"], last["role"], last["level"]) == (200, "anon", "info")
    assert last["client"] == "127.0.0.1"
    (failed,) = (entry for entry in entries if entry["logger"] == "penstock.dispatch")
    assert (failed["request_id"], failed["sqlstate"]) == ("divided", "22012")
    assert not any("traceback" in entry for entry in entries)


def test_several_workers_count_together(base: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(base, WORKERS="2", PORT=str(port)) as (origin, _):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                if httpx.get(origin + "/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        for _ in range(20):
            assert httpx.get(origin + "/divides/1").status_code == 200
        sought = 'requests_total{method="GET",route="/divides/{n}",status="200"} 20.0'
        deadline = time.monotonic() + 4
        while sought not in (text := httpx.get(origin + "/metrics").text):
            assert time.monotonic() < deadline, text
            time.sleep(0.05)


def test_a_log_entry_is_one_line_whatever_is_in_it() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, 'a "b"\n%s', ("\u2028\x00",), None)
    record.extra_thing = {1, 2}

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert line.isascii()
    assert json.loads(line)["message"] == 'a "b"\n\u2028\x00'
