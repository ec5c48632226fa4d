"""Lists that are read by their types: all or nothing with a report by line, or the good lines."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from db.testbed import Testbed
from tests.api.conftest import Api, running

SQL = """
create domain public.watts as integer constraint watts_positive check (value > 0);
comment on constraint watts_positive on domain public.watts is 'A lamp has at least one watt.';
create domain public.code as varchar(4);
create type public.lamp as (name text, watts public.watts, code public.code, lit date, tags text[]);
create table public.lamps (
    name text constraint lamps_name_unique unique, watts int, code text, lit date, tags text[]
);
grant all on public.lamps to anon;
create function public.lamps_add(dim boolean default false) returns bigint language plpgsql as $$
declare
    v_count bigint;
begin
    if lamps_add.dim then
        raise exception using errcode = 'PT409', constraint = 'lamps_bright', message = 'Too dim.';
    end if;
    insert into public.lamps select b.name, b.watts, b.code, b.lit, b.tags
    from pg_temp.bulk_rows as b order by b.line on conflict do nothing;
    get diagnostics v_count = row_count;
    insert into pg_temp.bulk_rejects
    select b.line, 'name', 'There is such a lamp.' from (
        select b.line, row_number() over (partition by b.name order by b.line) as nth
        from pg_temp.bulk_rows as b
    ) as b where b.nth > 1;
    return v_count;
end $$;
comment on function public.lamps_add is E'HTTP POST /lamps\\n@bulk public.lamp needs=name,watts';
create function public.lamps_forget() returns void language sql set check_function_bodies = off
    as 'delete from public.lamps';
comment on function public.lamps_forget is
    E'HTTP DELETE /lamps\\n@bulk public.lamp needs=name';
create function public.lamp_list() returns setof public.lamps stable language sql
    as 'select * from public.lamps order by name';
comment on function public.lamp_list is 'HTTP GET /lamps';
create function public.any_left() returns boolean stable language sql as $$
    select to_regclass('pg_temp.bulk_lines') is not null
        or to_regclass('pg_temp.bulk_rows') is not null
        or to_regclass('pg_temp.bulk_rejects') is not null $$;
comment on function public.any_left is 'HTTP GET /any-left';
"""
LENIENT = {"prefer": "handling=lenient"}
GOOD = 'name,watts,code,lit,tags\na,5,abcd,2024-02-29,"{x,y}"\nb,7,,,\n'


@pytest.fixture(scope="module")
def lamps(bed: Testbed) -> Iterator[Api]:
    with bed.database("template0") as database:
        database.psql(SQL)
        with running(
            database.serve_url, api_schemas=("public",), api_prefix="", copy_size=1
        ) as client:
            yield client


@pytest.fixture(autouse=True)
def dark(lamps: Api) -> Iterator[None]:
    yield
    assert lamps.get("/any-left").json() is False
    gone = lamps.request(
        "DELETE", "/lamps", content=b"name\nx\n", headers={"content-type": "text/csv"}
    )
    assert gone.status_code == 200, gone.text


def send(
    lamps: Api, content: str | bytes, kind: str = "text/csv", path: str = "/lamps", **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lamps.post(path, content=content, headers={"content-type": kind, **named})


def rejects(answer: httpx.Response) -> list[tuple[int, str | None, str]]:
    return [(each["line"], each["field"], each["detail"]) for each in answer.json()["rejects"]]


ROWS = [
    {"name": "a", "watts": 5, "code": "abcd", "lit": "2024-02-29", "tags": ["x", "y"]},
    {"name": "b", "watts": 7, "code": None, "lit": None, "tags": None},
]
FORMS: list[tuple[str, str]] = [
    ("text/csv", GOOD),
    ("text/csv; charset=utf-8", GOOD.replace("\n", "\r\n")),
    ("text/csv", "\ufeff" + GOOD.rstrip("\n")),
    ("application/x-ndjson", "\n".join(map(json.dumps, ROWS))),
    ("application/x-ndjson", "".join(json.dumps(row) + "\r\n\n" for row in ROWS)),
    ("application/json", json.dumps(ROWS)),
    ("application/json", "\ufeff" + json.dumps(ROWS, indent=4) + "\n"),
]


@pytest.mark.parametrize(("kind", "content"), FORMS)
@pytest.mark.parametrize("packed", [False, True])
def test_three_forms_packed_or_not_come_to_the_same(
    lamps: Api, kind: str, content: str, packed: bool
) -> None:
    body = content.encode()
    headers = {"content_encoding": "gzip"} if packed else {}

    answer = send(lamps, gzip.compress(body) if packed else body, kind, **headers)

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"lines": 2, "accepted": 2, "rejected": 0, "rejects": [], "result": 2}
    assert lamps.get("/lamps").json() == ROWS


def test_the_header_may_lack_what_is_not_needed(lamps: Api) -> None:
    assert send(lamps, "Watts,Name\n5,a\n").status_code == 200
    assert send(lamps, "name\na\n").json()["detail"] == "The first line names no column watts."
    assert "known are name, watts" in send(lamps, "name,watts,color\n").json()["detail"]


WRONG = [
    ("a,5,,,", None),
    ("b,x,,,", (3, "watts", "watts is no valid watts.")),
    ("c,0,,,", (4, "watts", "A lamp has at least one watt.")),
    ("d,,,,", (5, "watts", "watts is required.")),
    ("e,1,toolong,,", (6, "code", "code is no valid code.")),
    ("f,1,,2023-02-29,", (7, "lit", "lit is no valid date.")),
    ("g,1,,", (8, None, "has 4 fields, not 5")),
    ("h,1,,,{x", (9, "tags", "tags is no valid text[].")),
    ("a,6,,,", (10, "name", "There is such a lamp.")),
    ("i,99999999999,,,", (11, "watts", "watts is no valid watts.")),
]
MIXED = "name,watts,code,lit,tags\n" + "".join(line + "\n" for line, _ in WRONG)
EXPECTED = [reject for _, reject in WRONG if reject]


def test_a_bad_line_refuses_all_with_a_report(lamps: Api) -> None:
    answer = send(lamps, MIXED)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "/problems/lines-rejected"
    assert (problem["lines"], problem["rejected"]) == (10, 9)
    assert rejects(answer) == EXPECTED
    assert problem["detail"] == "Line 3: watts: watts is no valid watts. (8 more lines)"
    assert lamps.get("/lamps").json() == []


def test_a_lenient_client_gets_the_good_lines_in(lamps: Api) -> None:
    answer = send(lamps, MIXED, **LENIENT)

    assert answer.status_code == 200, answer.text
    assert answer.headers["preference-applied"] == "handling=lenient"
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (1, 9)
    assert rejects(answer) == EXPECTED
    assert [row["name"] for row in lamps.get("/lamps").json()] == ["a"]


def test_a_line_may_have_several_faults(lamps: Api) -> None:
    answer = send(lamps, "name,watts,lit\na,x,never\n", **LENIENT)

    assert (answer.json()["lines"], answer.json()["rejected"]) == (1, 1)
    assert [field for _, field, _ in rejects(answer)] == ["lit", "watts"]


def test_a_strict_client_is_not_told_that_a_wish_was_granted(lamps: Api) -> None:
    assert "preference-applied" not in send(lamps, GOOD, prefer="handling=strict").headers


def test_the_report_is_bounded_and_counts_all(lamps: Api) -> None:
    content = "name,watts\n" + "".join(f"n{i},{'x' if i % 2 else 5}\n" for i in range(20_000))

    answer = send(lamps, content, **LENIENT)

    assert (answer.json()["accepted"], answer.json()["rejected"]) == (10_000, 10_000)
    assert [line for line, _, _ in rejects(answer)] == list(range(3, 203, 2))
    assert len(answer.content) < 20_000
    assert len(lamps.get("/lamps").json()) == 10_000


def test_one_bad_line_among_many_is_found_where_it_is(lamps: Api) -> None:
    lines = [f"n{i},5" for i in range(50_000)]
    lines[31_415] = "bad,-1"

    answer = send(lamps, "name,watts\n" + "\n".join(lines), **LENIENT)

    assert rejects(answer) == [(31_417, "watts", "A lamp has at least one watt.")]
    assert len(lamps.get("/lamps").json()) == 49_999


NDJSON: list[tuple[str, str | None, str]] = [
    ("{", None, "is not JSON: "),
    ("5", None, "is no JSON object"),
    ('{"name": "a", "watts": "x"}', "watts", "must be"),
    ('{"name": "a", "colour": 5}', "colour", "is no field here; known are name, watts"),
    ('{"name": "a", "name": "b"}', None, "stands twice"),
    ('{"name": "\\u0000", "watts": 5}', None, "NUL"),
    ('{"name": "\\ud800", "watts": 5}', None, "surrogate"),
    ('{"name": NaN}', None, "NaN"),
    ('{"name": "x", "watts": 0}', "watts", "A lamp has at least one watt."),
    ('{"name": "x"}', "watts", "watts is required."),
    ('{"name": ' + "[" * 100_000, None, "deep"),
    ('{"name": "\xff"}', None, "UTF-8"),
]


@pytest.mark.parametrize(("line", "field", "said"), NDJSON, ids=lambda each: str(each)[:20])
def test_a_bad_line_of_ndjson_is_one_line(
    lamps: Api, line: str, field: str | None, said: str
) -> None:
    content = b'{"name": "good", "watts": 5}\n' + line.encode("latin-1") + b"\n" * 2

    strict = send(lamps, content, "application/x-ndjson")
    lenient = send(lamps, content, "application/x-ndjson", **LENIENT)

    assert (strict.status_code, lenient.status_code) == (422, 200), strict.text
    ((number, named, detail),) = rejects(lenient)
    assert (number, named) == (2, field)
    assert said in detail
    assert rejects(strict) == rejects(lenient)
    assert [row["name"] for row in lamps.get("/lamps").json()] == ["good"]


ARRAYS = {
    "": 400, " ": 400, "{}": 400, "5": 400, "[": 400, "[]": 200, "[]]": 400, "[,]": 400, "[5]": 400,
    '[{"name": "a", "watts": 5}': 400,
    '[{"name": "a", "watts": 5},]': 400,
    '[{"name": "a", "watts": 5} {"name": "b", "watts": 5}]': 400,
    '[{"name": "a", "watts": 5}, 5]': 400,
    '[{"name": "a", "watts": 5}] x': 400,
    '[{"name": "a", "watts": }]': 400,
    '[{"name": "a", "name": "b"}]': 422,
    '[{"name": NaN}]': 422,
    "[" * 100_000: 400,
    '[{"name": ' + "[" * 100_000 + "]" * 100_000 + "}]": 422,
    '[{"name": "' + "x" * 1_100_000 + '"}]': 400,
}  # fmt: skip


@pytest.mark.parametrize("content", ARRAYS, ids=lambda content: repr(content[:30]))
def test_an_array_is_json_as_a_whole_or_none(lamps: Api, content: str) -> None:
    answer = send(lamps, content, "application/json", **LENIENT)

    assert answer.status_code == ARRAYS[content], answer.text
    assert lamps.get("/lamps").json() == []


def test_an_array_may_be_cut_anywhere(lamps: Api) -> None:
    rows = [{"name": f'ä{i}"\\]}}', "watts": i + 1, "tags": ["[", "{"]} for i in range(3000)]

    answer = send(lamps, json.dumps(rows, ensure_ascii=False), "application/json")

    assert answer.json()["accepted"] == 3000
    assert {row["name"] for row in lamps.get("/lamps").json()} == {row["name"] for row in rows}


def test_what_the_function_refuses_is_its_own_answer(lamps: Api) -> None:
    refused = send(lamps, GOOD, path="/lamps?dim=true")
    rejected_first = send(lamps, MIXED, path="/lamps?dim=true")

    assert (refused.status_code, refused.json()["detail"]) == (409, "Too dim.")
    assert (rejected_first.status_code, rejected_first.json()["rejected"]) == (422, 8)


def test_empty_is_null_and_quoted_empty_is_text(lamps: Api) -> None:
    send(lamps, 'name,watts,code\na,5,""\nb,5,\n')

    assert [row["code"] for row in lamps.get("/lamps").json()] == ["", None]


def test_the_description_says_what_it_takes(lamps: Api) -> None:
    operation = lamps.get("/openapi.json").json()["paths"]["/lamps"]["post"]

    content: dict[str, Any] = operation["requestBody"]["content"]
    assert set(content) == {"text/csv", "application/x-ndjson", "application/json"}
    assert "but name,watts may be missing" in content["text/csv"]["schema"]["description"]
    answered = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert answered["required"] == ["lines", "accepted", "rejected", "rejects", "result"]
    assert any(each["name"] == "Prefer" for each in operation["parameters"])
