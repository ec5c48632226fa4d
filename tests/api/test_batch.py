"""Many calls in one transaction: all of them, or none; each as if it came alone."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from db.database import Database
from tests.api.conftest import Api, running


@pytest.fixture(scope="module")
def api(shed: Database) -> Iterator[Api]:
    with running(shed.serve_url, api_schemas=("api", "shed")) as client:
        yield client


@pytest.fixture
def ada(api: Api) -> Iterator[Api]:
    with api.as_user(1, "member") as client:
        yield client


def batch(api: Api, *calls: Any, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.post("/batch", json={"calls": list(calls)}, headers=named)


def call(method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"method": method, "path": path, **({} if body is None else {"body": body}), **more}


def add(name: str, **more: Any) -> dict[str, Any]:
    return call("POST", "/tools", {"name": name}, **more)


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def names(shed: Database, like: str) -> list[str]:
    return [
        row[0]
        for row in shed.rows("select name from shed.tools where name like %s order by id", like)
    ]


def made(shed: Database) -> int:
    """How many tools were made, also those that were taken back."""
    return int(shed.rows("select last_value from shed.calls")[0][0])


def pointers(answer: httpx.Response) -> list[str]:
    problem = answer.json()
    return [error["pointer"] for error in problem.get("problem", problem).get("errors", [])]


# ── All of them ──────────────────────────────────────────────────────────────────────────────────


def test_calls_are_made_in_their_order_in_one_transaction(ada: Api, shed: Database) -> None:
    answer = batch(
        ada,
        add("first", id="a"),
        call("GET", "/tools/${a/id}"),
        call("PUT", "/tools/${a/id}", {"name": "second", "version": "${a/version}"}),
        call("GET", "/tools?name=${2/name}"),
        call("DELETE", "/tools/${a/id}"),
        call("GET", "/tools?name=second"),
    )

    made, read, renamed, found, gone, none = results(answer)
    assert (made["id"], made["status"], made["body"]["made_by"]) == ("a", 201, "1")
    assert made["headers"]["location"] == f"/api/v1/tools/{made['body']['id']}"
    assert read["body"] == made["body"]
    assert read["headers"]["etag"].startswith('"1-')
    assert (renamed["body"]["name"], renamed["body"]["version"]) == ("second", 2)
    assert found["body"] == [renamed["body"]]
    assert (gone["status"], gone["body"]) == (204, None)
    assert none["body"] == []
    assert "id" not in read
    assert answer.headers["cache-control"] == "no-store"


def test_a_reference_keeps_its_type_and_is_text_within_a_text(api: Api) -> None:
    value = {
        "n": 12345678901234567890.5,
        "t": "a/b?&%\u00fc",
        "b": True,
        "z": None,
        "l": [1, {"a~/b": 2}],
    }
    content = json.dumps({"calls": [
        call("POST", "/echo", value, id="v"),
        call("POST", "/echo", {
            "whole": "${v}", "n": "${v/n}", "z": "${0/z}", "deep": "${v/l/1/a~0~1b}",
            "text": "<${v/t}${v/b}${v/l/0}>", "escaped": "$${v/t} $ {} $$${v/b}", "plain": "$v.t",
        }),
        add("${v/t}", id="t"),
        call("GET", "/tools?name=${v/t}"),
    ]})  # fmt: skip
    answer = api.post(
        "/batch", content=content.replace("1.2345678901234567e+19", "12345678901234567890.5"),
        headers={"content-type": "application/json"},
    )  # fmt: skip

    _, echo, tool, listed = results(answer)
    assert "12345678901234567890.5" in answer.text
    assert echo["body"]["whole"] == value
    assert echo["body"] | {"whole": None} == {
        "whole": None, "n": value["n"], "z": None, "deep": 2, "text": "<a/b?&%\u00fctrue1>",
        "escaped": "${v/t} $ {} $${v/b}", "plain": "$v.t",
    }  # fmt: skip
    assert tool["body"]["name"] == "a/b?&%\u00fc"
    assert listed["body"] == [tool["body"]]


def test_each_says_for_itself_what_it_answers(api: Api) -> None:
    said, asked, plain = results(
        batch(
            api,
            call("POST", "/tools/say", {"name": "loud"}),
            call("GET", "/said"),
            add("quiet"),
        )
    )

    assert (said["status"], said["headers"]["x-tool"], said["body"]) == (202, "loud", "loud")
    assert asked["body"] == ["", ""]
    assert (plain["status"], "x-tool" in plain["headers"]) == (201, False)


def test_functions_see_the_call_and_the_caller(ada: Api) -> None:
    who, where, asks = results(
        batch(
            ada, call("GET", "/who"), call("GET", "/where/asked"), call("GET", "/who/asks"),
            x_tenant="7",
        )
    )  # fmt: skip

    assert who["body"] == {"sub": "1", "role": "member"}
    assert where["body"] == "GET /api/v1/where/asked"
    assert asks["body"]["x-tenant"] == "7"


def test_the_rules_put_off_to_the_end_are_asked_at_the_end(api: Api, shed: Database) -> None:
    tool = add("late", id="t")
    rename = call("PUT", "/tools/${t/id}", {"name": "good", "version": 1})
    seal = call("POST", "/tools/${t/id}/seal")

    mended, left = batch(api, tool, seal, rename), batch(api, tool, seal)

    assert [each["status"] for each in results(mended)] == [201, 204, 200]
    assert (left.status_code, left.json()["type"]) == (422, "/problems/seals_good")
    assert names(shed, "late") == []


def test_what_was_touched_is_forgotten_before_the_answer(api: Api) -> None:
    number = api.post("/tools", json={"name": "hot"}).json()["id"]
    for _ in range(20):
        api.get(f"/tools/{number}")

    results(batch(api, call("PUT", f"/tools/{number}", {"name": "cold", "version": 1})))

    assert api.get(f"/tools/{number}").json()["name"] == "cold"


def test_versions_are_compared(api: Api, shed: Database) -> None:
    number = api.post("/tools", json={"name": "v1"}).json()["id"]
    etag = api.get(f"/tools/{number}").headers["etag"]
    rename = call("PUT", f"/tools/{number}", {"name": "v2"}, headers={"If-Match": etag})

    known = call("GET", f"/tools/{number}", headers={"If-None-Match": etag})
    assert [each["status"] for each in results(batch(api, known, rename))] == [304, 200]
    again = batch(api, add("v3"), rename)
    without = batch(api, call("PUT", f"/tools/{number}", {"name": "v2"}))

    assert (again.status_code, again.json()["call"]) == (412, 1)
    assert without.status_code == 428
    assert names(shed, "v3") == []


def test_a_batch_of_reads_is_read_only_and_so_are_reads_in_another(
    api: Api, shed: Database
) -> None:
    alone = batch(api, call("GET", "/who"), call("GET", "/liar"))
    among = batch(api, add("honest"), call("GET", "/liar"))

    assert (alone.status_code, among.status_code) == (500, 500)
    assert among.json()["call"] == 1
    assert names(shed, "a lie") == names(shed, "honest") == []


def test_the_strictest_isolation_is_that_of_all(api: Api, shed: Database) -> None:
    shed.psql(
        "create or replace function shed.isolation() returns text stable language sql"
        " as $$ select current_setting('transaction_isolation') $$;"
        "comment on function shed.isolation is 'HTTP GET /isolation';"
        "grant execute on function shed.isolation() to anon"
    )
    deadline = time.monotonic() + 5
    while api.get("/isolation").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.1)

    plain = results(batch(api, add("x"), call("GET", "/isolation")))
    strict = results(
        batch(api, call("GET", "/isolation"), call("POST", "/tools/serial", {"name": "s"}))
    )

    assert plain[1]["body"] == "read committed"
    assert strict[0]["body"] == "serializable"


# ── Or none ──────────────────────────────────────────────────────────────────────────────────────


def test_the_first_that_fails_takes_all_back(api: Api, shed: Database) -> None:
    answer = batch(
        api, add("gone 1"), add("gone 2"), call("POST", "/tools/fail", {"name": "x"}, id="bad"),
        add("gone 3"),
    )  # fmt: skip

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "/problems/batch-call-failed"
    assert (problem["call"], problem["id"]) == (2, "bad")
    assert problem["detail"].startswith("Call 2 (bad) failed, so nothing of the batch was done")
    assert problem["problem"]["type"] == "/problems/tools_fail"
    assert problem["problem"]["detail"] == "It fails."
    assert names(shed, "gone%") == []
    assert results(batch(api, add("next")))[0]["status"] == 201


@pytest.mark.parametrize(
    ("failing", "status"),
    [
        (call("GET", "/tools/999999999"), 404),
        (call("GET", "/no-such-thing"), 404),
        (call("GET", "/auth/login"), 404),
        (call("POST", "/batch", {"calls": []}), 404),
        (call("GET", "/openapi.json"), 404),
        (call("DELETE", "/who"), 405),
        (call("POST", "/tools", {"nam": "x"}), 422),
        (call("POST", "/tools", {"name": "x" * 100}), 422),
        (call("GET", "/tools/x"), 422),
        (call("GET", "/tools/%00"), 422),
        (call("GET", "/tools/%ff"), 400),
        (call("GET", "/tools?name=%ff"), 400),
        (call("GET", "/tools?nam=x"), 422),
        (call("POST", "/tools/say", {"name": "x", "status": "418"}), 418),
        (call("POST", "/tools/import", {}), 422),
        (call("GET", "/who", {"name": "x"}), 422),
        (call("POST", "/tools/must", {"name": "x"}), 400),
    ],
)
def test_whatever_fails(api: Api, shed: Database, failing: dict[str, Any], status: int) -> None:
    answer = batch(api, add("undone"), failing)

    assert answer.status_code == status, answer.text
    assert (answer.json()["call"], answer.json()["problem"]["status"]) == (1, status)
    assert names(shed, "undone") == []


def test_a_function_that_fails_for_no_reason_of_the_client_s_is_500(
    api: Api, shed: Database
) -> None:
    answer = batch(api, add("undone"), call("POST", "/tools/say", {"name": 'a"b', "status": "x"}))

    assert answer.status_code == 500
    assert names(shed, "undone") == []


def test_roles_are_asked_for_each(api: Api, ada: Api, shed: Database) -> None:
    secret, before = call("GET", "/who/secret"), made(shed)

    nobody, member = batch(api, add("sneak"), secret), batch(ada, add("sneak"), secret)
    staff = batch(api.as_user(3, "staff"), secret)

    assert (nobody.status_code, member.status_code) == (401, 403)
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert nobody.json()["problem"]["type"] == "/problems/token-needed"
    assert results(staff)[0]["body"] == 1
    assert made(shed) == before  # it was seen before anything was begun
    assert names(shed, "sneak") == []
    assert batch(api, add("x"), authorization="Bearer x").status_code == 401


def test_rates_count_each(api: Api) -> None:
    with api.as_user(44, "member") as caller:
        often = call("GET", "/who/often")
        first = results(batch(caller, often, often))
        second = batch(caller, add("rated"), often, often)
        assert caller.get("/who/often").status_code == 429

    assert first[1]["headers"]["ratelimit"].startswith('"user-day";r=1')
    assert (second.status_code, second.json()["call"]) == (429, 2)
    assert "retry-after" in second.headers


def test_all_share_one_timeout(shed: Database) -> None:
    with running(shed.serve_url, api_schemas=("api", "shed"), statement_timeout=600) as api:
        api.get("/who")
        began = time.monotonic()
        answer = batch(api, *[call("GET", "/slow?seconds=0.25")] * 20)
        took = time.monotonic() - began

    assert answer.status_code == 504
    assert answer.json()["call"] in (1, 2)
    assert took < 3


# ── References that lead nowhere, and other things nobody should send ────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "${b/id}", "${1/id}", "${2/id}", "${9}", "${-1}", "${}", "${ a}", "${/id}",
        "${a.id}", "${a/~2}", "${a/id", "${a/no}", "${a/id/no}", "${a/}", "${a/name/0}",
        "${__proto__}", "${a/made_by}/x", "${nothing/id}", "x${a}x",
    ],
)  # fmt: skip
def test_a_reference_that_leads_nowhere_is_422(api: Api, shed: Database, text: str) -> None:
    answer = batch(
        api,
        add("ref", id="a"),
        call("POST", "/echo", {"x": [text]}, id="b"),
        add("ref", id="c"),
    )

    assert answer.status_code == 422, answer.text
    assert answer.json()["call"] == 1
    assert pointers(answer)[0].startswith("/calls/1/body")
    assert names(shed, "ref") == []


def test_nor_may_it_in_a_path(api: Api, shed: Database) -> None:
    for path in ("/tools/${b/id}", "/tools/${a}", "/tools/${a", "/tools?name=${a/made_by}"):
        answer = batch(api, add("ref", id="a"), call("GET", path))
        assert answer.status_code == 422, path
        assert pointers(answer) == ["/calls/1/path"]
    assert batch(api, call("GET", "/${0}"), add("x")).status_code == 422
    assert names(shed, "ref") == []


def test_what_is_referred_to_never_chooses_the_route(api: Api) -> None:
    """A name that is also a path goes where the placeholder is."""
    answer = batch(api, add("import", id="a"), call("DELETE", "/tools/${a/name}"))

    assert answer.status_code == 422
    assert answer.json()["problem"]["pointer"] == "/id"
    dots = batch(api, add("../who?x=1#", id="a"), call("DELETE", "/tools/${a/name}"))
    assert dots.status_code == 422


def test_answers_do_not_grow_without_end(api: Api) -> None:
    double = [call("POST", "/echo", {"x": f"${{{n}}}", "y": f"${{{n}}}"}) for n in range(40)]
    answer = batch(api, call("POST", "/echo", {"x": "y" * 1000}), *double)

    assert answer.status_code in (413, 422), answer.status_code


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", ""),
        (b"{}", ""),
        (b'{"calls": []}', "/calls"),
        (b'{"calls": {}}', "/calls"),
        (b'{"calls": [], "x": 1}', ""),
        (b'{"calls": [1]}', "/calls/0"),
        (b'{"calls": [{}]}', "/calls/0/method"),
        (b'{"calls": [{"method": "GET"}]}', "/calls/0/path"),
        (b'{"calls": [{"method": "get", "path": "/who"}]}', "/calls/0/method"),
        (b'{"calls": [{"method": ["GET"], "path": "/who"}]}', "/calls/0/method"),
        (b'{"calls": [{"method": "GET", "path": "who"}]}', "/calls/0/path"),
        (b'{"calls": [{"method": "GET", "path": 7}]}', "/calls/0/path"),
        (b'{"calls": [{"method": "GET", "path": "/a b"}]}', "/calls/0/path"),
        (b'{"calls": [{"method": "GET", "path": "/a#b"}]}', "/calls/0/path"),
        (b'{"calls": [{"method": "GET", "path": "/%EE%80%800%EE%80%80"}]}', "/calls/0/path"),
        (b'{"calls": [{"method": "GET", "path": "/who", "x": 1}]}', "/calls/0/x"),
        (b'{"calls": [{"method": "GET", "path": "/who", "id": "0"}]}', "/calls/0/id"),
        (b'{"calls": [{"method": "GET", "path": "/who", "id": null}]}', "/calls/0/id"),
        (b'{"calls": [{"method": "GET", "path": "/who", "headers": []}]}', "/calls/0/headers"),
        (
            b'{"calls": [{"method": "GET", "path": "/who", "headers": {"Authorization": "x"}}]}',
            "/calls/0/headers",
        ),
        (
            b'{"calls": [{"method": "GET", "path": "/who", "headers": {"If-Match": "\\r\\nx"}}]}',
            "/calls/0/headers/If-Match",
        ),
        (b'{"calls": [{"method": "GET", "path": "/who?x=\\u0000"}]}', None),
        (b'{"calls": [{"method": "POST", "path": "/echo", "body": "\\ud800"}]}', None),
        (b'{"calls": [{"method": "POST", "path": "/echo", "body": NaN}]}', None),
        (b'{"calls": [{"a": 1, "a": 2}]}', None),
        (b'{"calls": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", None),
        (b"\xff", None),
    ],
)
def test_what_is_no_batch_says_why(api: Api, content: bytes, pointer: str | None) -> None:
    headers = {"content-type": "application/json"}
    answer = api.post("/batch", content=content, headers=headers)

    assert answer.status_code in (400, 422), answer.text
    if pointer is not None:
        assert pointer in pointers(answer)


def test_two_may_not_have_one_id(api: Api) -> None:
    answer = batch(api, add("x", id="a"), add("y", id="a"))

    assert (answer.status_code, pointers(answer)) == (422, ["/calls/1/id"])


def test_only_so_many_and_only_so_much(shed: Database) -> None:
    with running(
        shed.serve_url, api_schemas=("api", "shed"), batch_calls=3, max_body_bytes=2000
    ) as api:
        assert len(results(batch(api, *[call("GET", "/who")] * 3))) == 3
        many = batch(api, *[call("GET", "/who")] * 4)
        much = batch(api, call("POST", "/echo", {"x": "y" * 2000}))

    assert (many.status_code, pointers(many)) == (422, ["/calls"])
    assert much.status_code == 413


def test_how_it_is_sent(api: Api) -> None:
    assert api.get("/batch").status_code == 405
    assert api.get("/batch").headers["allow"] == "OPTIONS, POST"
    assert api.options("/batch").status_code == 204
    assert api.post("/batch", content=b"{}").status_code == 415


def test_there_may_be_none(shed: Database) -> None:
    with running(shed.serve_url, api_schemas=("api", "shed"), batch_calls=0) as api:
        assert batch(api, call("GET", "/who")).status_code == 404
        assert "/api/v1/batch" not in api.get("/openapi.json").json()["paths"]


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_done_once(ada: Api, api: Api, shed: Database) -> None:
    key = str(uuid4())
    calls = (
        add("once", id="a"),
        call("GET", "/tools/${a/id}"),
        call("POST", "/tools/must", {"name": "once"}),
    )

    first, second = batch(ada, *calls, idempotency_key=key), batch(ada, *calls, idempotency_key=key)
    another = batch(ada, add("other"), idempotency_key=key)
    elsewhere = batch(api, *calls, idempotency_key=key)

    assert len(results(first)) == 3
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    assert (another.status_code, another.json()["type"]) == (
        422,
        "/problems/idempotency-key-reused",
    )
    assert "idempotency-replayed" not in elsewhere.headers
    assert names(shed, "once") == ["once"] * 4
    assert names(shed, "other") == []


def test_a_batch_that_fails_keeps_nothing(ada: Api, shed: Database) -> None:
    key = str(uuid4())
    calls = add("fails"), call("POST", "/tools/fail", {"name": "x"})
    ((before,),) = shed.rows("select count(*) from penstock.idempotency_keys")

    statuses = [batch(ada, *calls, idempotency_key=key).status_code for _ in range(2)]

    assert statuses == [409, 409]
    assert shed.rows("select count(*) from penstock.idempotency_keys") == [(before,)]
    assert batch(ada, add("works"), idempotency_key=key).status_code == 200


def test_a_foreign_database_has_batches_too(empty_database: Database) -> None:
    empty_database.psql(
        "create function public.word(word text) returns text language sql as 'select word';"
        "comment on function public.word(text) is 'HTTP POST /words'"
    )
    with running(empty_database.serve_url, api_schemas=("public",), api_prefix="") as api:
        answer = batch(
            api, call("POST", "/words", {"word": "a"}), call("POST", "/words", {"word": "${0}b"})
        )
        keyed = batch(api, call("POST", "/words", {"word": "a"}), idempotency_key="k")

    assert [each["body"] for each in results(answer)] == ["a", "ab"]
    assert (keyed.status_code, keyed.json()["type"]) == (400, "/problems/idempotency-key-unknown")


def test_the_description_has_it(api: Api) -> None:
    operation = api.get("/openapi.json").json()["paths"]["/api/v1/batch"]["post"]

    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["calls"]["maxItems"] == 100
    assert operation["parameters"][0]["name"] == "Idempotency-Key"
