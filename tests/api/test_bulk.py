"""Lists posted as files: every line is accounted for, with its number, whatever is in it."""

from collections.abc import Iterator

import httpx
import pytest

from db.testbed import Testbed
from tests.api.conftest import Api, running

SQL = """
set check_function_bodies = off;
create type public.reading as (meter_id text, taken_on text, "größe" text);
create function public.readings_add(source text default null)
    returns table (line bigint, raw text, problem text, fields text[]) language sql as $$
    select b.line, b.raw, b.problem, array[b.meter_id, b.taken_on, b."größe"]
    from pg_temp.bulk_lines as b
    order by b.line
$$;
comment on function public.readings_add is E'HTTP POST /readings\\n@bulk public.reading';
create type public.only_one as (name text);
create function public.ones_add() returns bigint security definer language sql
    as 'select count(*) from pg_temp.bulk_lines';
comment on function public.ones_add is E'HTTP POST /ones\\n@bulk public.only_one';
create function public.bulk_fails() returns int language plpgsql
    as $$ begin
    raise exception 'There are % lines.', (select count(*) from pg_temp.bulk_lines);
end $$;
comment on function public.bulk_fails is E'HTTP POST /fails\\n@bulk public.only_one';
create function public.any_left() returns boolean stable language sql
    as $$ select to_regclass('pg_temp.bulk_lines') is not null $$;
comment on function public.any_left is 'HTTP GET /any-left';
"""
HEADER = b"meter_id,taken_on,gr\xc3\xb6\xc3\x9fe\n"


@pytest.fixture(scope="module")
def meters(bed: Testbed) -> Iterator[Api]:
    with bed.database("template0") as database:
        database.psql(SQL)
        with running(
            database.serve_url,
            api_schemas=("public",), api_prefix="", max_bulk_bytes=3_000_000, pool_size=1,
        ) as client:  # fmt: skip
            yield client


def send(meters: Api, content: bytes, path: str = "/readings") -> httpx.Response:
    return meters.post(path, content=content, headers={"content-type": "text/csv"})


def lines(meters: Api, content: bytes) -> list[tuple[int, str, str | None, list[str | None]]]:
    answer = send(meters, content)
    assert answer.status_code == 200, answer.text
    return [(row["line"], row["raw"], row["problem"], row["fields"]) for row in answer.json()]


NONE = [None, None, None]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (HEADER, []),
        (HEADER.rstrip(b"\n"), []),
        (b"\xef\xbb\xbf" + HEADER + b"a,b,c\n", [(2, "a,b,c", None, ["a", "b", "c"])]),
        (HEADER + b"a,b,c", [(2, "a,b,c", None, ["a", "b", "c"])]),
        (
            HEADER.replace(b"\n", b"\r\n") + b"a,b,c\r\nd,e,f\r\n",
            [(2, "a,b,c", None, ["a", "b", "c"]), (3, "d,e,f", None, ["d", "e", "f"])],
        ),
        (
            HEADER.replace(b"\n", b"\r") + b"a,b,c\rd,e,f",
            [(2, "a,b,c", None, ["a", "b", "c"]), (3, "d,e,f", None, ["d", "e", "f"])],
        ),
        (
            HEADER + b'a,"b\nb",c\nd,e,f\n',
            [(2, 'a,"b\nb",c', None, ["a", "b\nb", "c"]), (4, "d,e,f", None, ["d", "e", "f"])],
        ),
        (
            HEADER + b'a,"b\r\n\r\nb",c\r\nd,e,f',
            [(2, 'a,"b\r\n\r\nb",c', None, ["a", "b\r\n\r\nb", "c"]),
             (5, "d,e,f", None, ["d", "e", "f"])],
        ),
        (HEADER + b'"a""x",",",""\n', [(2, '"a""x",",",""', None, ['a"x', ",", ""])]),
        (HEADER + b"\n\na,b,c\n\n", [(4, "a,b,c", None, ["a", "b", "c"])]),
        (HEADER + b"a,b\nc,d,e,f\n", [(2, "a,b", "has 2 fields, not 3", NONE),
                                      (3, "c,d,e,f", "has 4 fields, not 3", NONE)]),
        (HEADER + b" \n", [(2, " ", "has 1 fields, not 3", NONE)]),
        (HEADER + b"a,\xff,c\nd,e,f\n", [(2, "a,\ufffd,c", "not UTF-8 at byte 3", NONE),
                                         (3, "d,e,f", None, ["d", "e", "f"])]),
        (HEADER + b"a,\x00,c\nd,e,f\n", [(2, "a,\ufffd,c", "not text: it contains NUL", NONE),
                                         (3, "d,e,f", None, ["d", "e", "f"])]),
        (HEADER + b'a,"b"x,c\nd,e,f\n', [(2, 'a,"b"x,c', "not CSV: ',' expected after '\"'", NONE),
                                         (3, "d,e,f", None, ["d", "e", "f"])]),
        (HEADER + b'a,"b,c\nd,e,f\n',
         [(2, 'a,"b,c\nd,e,f', "not CSV: unexpected end of data", NONE)]),
        (HEADER + b"\\.\n", [(2, "\\.", "has 1 fields, not 3", NONE)]),
        (HEADER + b"\\N,\t,\\\n", [(2, "\\N,\t,\\", None, ["\\N", "\t", "\\"])]),
        (HEADER + "ä,\u2028,\x0b\n".encode(),
         [(2, "ä,\u2028,\x0b", None, ["ä", "\u2028", "\x0b"])]),
    ],
)  # fmt: skip
def test_each_line_is_there_with_its_number_and_text(
    meters: Api, content: bytes, expected: object
) -> None:
    assert lines(meters, content) == expected


@pytest.mark.parametrize(
    "header",
    [
        "Taken On,METER-ID,GRÖSSE\n".encode(),
        b'"takenon","Meter_Id","gr\xc3\xb6\xc3\x9fe"\n',
        "\ufefftaken_on,meter id,Größe\r\n".encode(),
    ],
)
def test_the_header_may_be_in_any_order_and_case(meters: Api, header: bytes) -> None:
    ((_, _, problem, fields),) = lines(meters, header + b"day,meter,size\n")

    assert (problem, fields) == (None, ["meter", "day", "size"])


HEADERS = {
    b"": "The file is empty; its first line must name meter_id, taken_on, größe.",
    b"\n\n": "The file is empty",
    b"\xef\xbb\xbf": "The file is empty",
    b"meter_id,taken_on\na,b\n": "The first line names no column größe.",
    b"a,b,c\n": "The first line names no column meter_id, taken_on, größe.",
    HEADER.strip()
    + b",extra\n": "The first line names extra; known are meter_id, taken_on, größe.",
    HEADER.strip() + b",METER_ID\n": "The first line names one column twice",
    HEADER.strip() + b",\n": "known are",
    b'"meter_id\n': "The first line is not CSV",
    b"\xff" + HEADER: "The first line is not UTF-8 at byte 1.",
    b"\x00" + HEADER: "The first line is not text: it contains NUL.",
    b"," * 5000: "too wide",
}


@pytest.mark.parametrize("content", HEADERS, ids=lambda content: repr(content[:20]))
def test_a_wrong_header_is_422_with_a_sentence(meters: Api, content: bytes) -> None:
    answer = send(meters, content)

    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/problems/wrong-csv-header"
    assert HEADERS[content] in answer.json()["detail"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_odd_lines_among_many_plain_ones_are_found(meters: Api, end: str) -> None:
    odd = {
        5_000: ("a,b", "has 2 fields, not 3"),
        9_000: ("a,b,c,d", "has 4 fields, not 3"),
        9_001: ('"a,",b,c', None),
        15_000: ("\x00,b,c", "not text: it contains NUL"),
        19_999: ("\\N,b,c", None),
    }
    rows = [odd[n][0] if n in odd else f"{n},ä,x" for n in range(20_000)]

    found = lines(meters, HEADER.replace(b"\n", end.encode()) + end.join(rows).encode())

    assert [line for line, _, _, _ in found] == list(range(2, 20_002))
    assert {n: found[n][2] for n in range(20_000) if found[n][2]} == {
        n: problem for n, (_, problem) in odd.items() if problem
    }
    assert found[7][3] == ["7", "ä", "x"]
    assert found[9_001][3] == ["a,", "b", "c"]
    assert found[19_999][3] == ["\\N", "b", "c"]
    assert [raw for _, raw, _, _ in found] == [row.replace("\x00", "\ufffd") for row in rows]


def test_a_huge_field_is_one_bad_line_and_no_more(meters: Api) -> None:
    found = lines(meters, HEADER + b"a," + b"x" * 200_000 + b",c\nd,e,f\n")

    assert [(line, bool(problem)) for line, _, problem, _ in found] == [(2, True), (3, False)]
    assert "field larger than" in str(found[0][2])


def test_a_quote_that_never_ends_in_a_large_file_is_answered_in_time(meters: Api) -> None:
    content = HEADER + b'a,"b,c\n' + b"d,e,f\n" * 150_000

    answer = send(meters, content)

    assert answer.status_code == 200
    assert answer.json()[0]["problem"].startswith("not CSV")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/csv", 200), ("text/csv; charset=utf-8", 200), ("TEXT/CSV; charset=UTF-8", 200),
        ("text/csv; charset=latin1", 415), ("application/xml", 415), ("text/csvx", 415), ("", 415),
    ],
)  # fmt: skip
def test_only_utf8_of_known_forms_is_taken(meters: Api, content_type: str, status: int) -> None:
    answer = meters.post("/ones", content=b"name\n", headers={"content-type": content_type})

    assert answer.status_code == status


def test_lines_come_as_json_too(meters: Api) -> None:
    rows = '{"meter_id": 5, "taken_on": "x", "größe": true}'
    expected = [["5", "x", "true"]]

    for kind, content in (("application/x-ndjson", rows), ("application/json", f"[{rows}]")):
        answer = meters.post("/readings", content=content, headers={"content-type": kind})
        assert [row["fields"] for row in answer.json()] == expected
        assert answer.json()[0]["raw"] == rows


def test_a_file_over_the_limit_is_413(meters: Api) -> None:
    assert send(meters, b"name\n" + b"x\n" * 1_500_000, "/ones").status_code == 413


def test_other_arguments_come_from_the_query(meters: Api) -> None:
    assert send(meters, HEADER, "/readings?source=x").status_code == 200
    assert send(meters, HEADER, "/readings?sauce=x").json()["pointer"] == "/sauce"


def test_the_table_is_gone_whether_the_call_went_well_or_not(meters: Api) -> None:
    for _ in range(7):
        assert send(meters, b"name\na\nb\n", "/ones").json() == 2
        assert meters.get("/any-left").json() is False
        failed = send(meters, b"name\na\nb\n", "/fails")
        assert (failed.status_code, failed.json()["detail"]) == (400, "There are 2 lines.")
        assert meters.get("/any-left").json() is False


def test_a_client_can_not_post_a_file_where_json_is_wanted(meters: Api) -> None:
    assert meters.post("/any-left", content=b"x").status_code == 405
