"""Lines that a constraint refuses are found one by one, though the function looked for none."""

import random
from collections.abc import Iterator, Sequence

import httpx
import pytest

from db.testbed import Testbed
from tests.api.conftest import Api, running
from tests.api.test_bulk_rows import LENIENT, rejects

SQL = """
create table public.rows (row_no int primary key);
insert into public.rows select generate_series(1, 50);
create table public.parties (name text primary key);
create table public.seats (
    party text not null,
    row_no int constraint seats_row references public.rows deferrable initially deferred,
    label text constraint seats_label_once unique
        constraint seats_label_short check (length(label) < 10)
);
comment on constraint seats_label_short on public.seats is 'A label has at most nine letters.';
comment on constraint seats_row on public.seats is 'There is no such row.';
grant all on public.rows, public.parties, public.seats to anon;
create type public.seat as (party text, row_no int, label text);

create function public.seats_add() returns bigint language plpgsql as $$
declare
    v_count bigint;
begin
    insert into public.seats select b.party, b.row_no, b.label from pg_temp.bulk_rows as b;
    get diagnostics v_count = row_count;
    return v_count;
end $$;
comment on function public.seats_add is E'HTTP POST /seats\\n@bulk public.seat needs=label';

create function public.seats_add_so(how text) returns bigint language plpgsql as $$
begin
    if how = 'late' and (select min(line) > 2 from pg_temp.bulk_rows)
        or how = 'whole' and (select count(*) < 8 from pg_temp.bulk_rows)
    then
        perform pg_sleep(60);
    elsif how = 'never' then
        insert into public.parties values ('twice'), ('twice');
    end if;
    return public.seats_add();
end $$;
comment on function public.seats_add_so is
    E'HTTP POST /seats/{how}\\n@bulk public.seat needs=label\\n@timeout 3s';

create function public.parties_seat() returns bigint language plpgsql as $$
declare
    v_count bigint;
begin
    if (select count(*) > 200 from pg_temp.bulk_rows) then
        raise exception 'The hall has 200 seats.';
    end if;
    insert into public.parties select distinct b.party from pg_temp.bulk_rows as b
    where b.party not in (
        select l.party
        from pg_temp.bulk_lines as l
        join pg_temp.bulk_rejects as r on r.line = l.line
    );
    get diagnostics v_count = row_count;
    insert into public.seats
    select b.party, b.row_no, b.label
    from pg_temp.bulk_rows as b
    join public.parties as p on p.name = b.party;
    return v_count;
end $$;
comment on function public.parties_seat is
    E'HTTP POST /parties\\n@bulk public.seat needs=party,label';

create function public.seat_list() returns setof public.seats stable language sql
    as 'select * from public.seats order by label';
comment on function public.seat_list is 'HTTP GET /seats';
"""
LONG = "A label has at most nine letters."
TAKEN = "There is already one with this value."
NO_ROW = "There is no such row."


@pytest.fixture
def hall(bed: Testbed) -> Iterator[Api]:
    with bed.database("template0") as database:
        database.psql(SQL)
        with running(
            database.serve_url, api_schemas=("public",), api_prefix="", copy_size=1
        ) as client:
            yield client


def send(hall: Api, lines: Sequence[str], path: str = "/seats", **headers: str) -> httpx.Response:
    content = "party,row_no,label\n" + "".join(line + "\n" for line in lines)
    return hall.post(path, content=content, headers={"content-type": "text/csv", **headers})


def labels(hall: Api) -> list[str]:
    return [row["label"] for row in hall.get("/seats").json()]


LIST = ["x,1,a", "x,2,far too long", "x,99,c", "x,1,a", ",1,e", "x,many,f", "x,3,g"]
REFUSED = [
    (3, "label", LONG),
    (4, "row_no", NO_ROW),
    (5, "label", TAKEN),
    (6, "party", "party is required."),
    (7, "row_no", "row_no is no valid integer."),
]


def test_a_strict_client_is_told_each_line_and_its_rule(hall: Api) -> None:
    answer = send(hall, LIST)

    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/problems/lines-rejected"
    assert answer.json()["detail"] == f"Line 3: label: {LONG.rstrip('.')}. (4 more lines)"
    assert rejects(answer) == REFUSED
    assert labels(hall) == []


def test_a_lenient_client_gets_the_rest_in(hall: Api) -> None:
    answer = send(hall, LIST, **LENIENT)

    assert answer.status_code == 200, answer.text
    assert rejects(answer) == REFUSED
    assert (answer.json()["accepted"], answer.json()["result"]) == (2, 2)
    assert labels(hall) == ["a", "g"]
    again = send(hall, ["x,1,b", "x,1,g"], **LENIENT)
    assert rejects(again) == [(3, "label", TAKEN)]
    assert labels(hall) == ["a", "b", "g"]


def test_all_may_be_refused(hall: Api) -> None:
    answer = send(hall, [f"x,{row},{row}" for row in range(51, 71)], **LENIENT)

    assert (answer.status_code, answer.json()["accepted"]) == (200, 0), answer.text
    assert rejects(answer) == [(line, "row_no", NO_ROW) for line in range(2, 22)]


@pytest.mark.parametrize("seed", range(4))
def test_exactly_those_are_refused_that_one_after_another_would_be(hall: Api, seed: int) -> None:
    dice = random.Random(seed)
    lines, refused, taken = [], [], set[str]()
    for line in range(2, 102):
        row = dice.choice((1, 2, 3)) if dice.random() > 0.1 else 99
        label = f"l{dice.randrange(90)}" if dice.random() > 0.1 else f"far too long {line}"
        lines.append(f"x,{row},{label}")
        if row == 99 or len(label) > 9 or label in taken:
            refused.append(line)
        else:
            taken.add(label)

    answer = send(hall, lines, **LENIENT)

    assert answer.status_code == 200, answer.text
    assert [line for line, _, _ in rejects(answer)] == refused
    assert labels(hall) == sorted(taken)


def test_what_belongs_together_is_not_refused_for_being_taken_apart(hall: Api) -> None:
    lines = [f"p{number // 3},1,{number}" for number in range(30)]
    lines[16] = "p5,1,far too long"

    answer = send(hall, lines, "/parties", **LENIENT)

    assert answer.status_code == 200, answer.text
    assert rejects(answer) == [(18, "label", LONG)]
    assert answer.json()["result"] == 9  # the function saw that one of p5's was rejected
    assert set(labels(hall)) == {str(number) for number in range(30) if number // 3 != 5}


def test_what_the_function_says_of_the_list_is_of_no_line(hall: Api) -> None:
    lines = [f"p,1,{number}" for number in range(300)]

    answer = send(hall, lines, "/parties", **LENIENT)

    assert (answer.status_code, answer.json()["detail"]) == (400, "The hall has 200 seats.")


@pytest.mark.parametrize("lines", [[], ["x,1,a"], LIST[:4]])
def test_what_is_refused_without_any_line_is_of_no_line(hall: Api, lines: list[str]) -> None:
    answer = send(hall, lines, "/seats/never", **LENIENT)

    assert (answer.status_code, answer.json()["detail"]) == (409, TAKEN), answer.text
    assert "rejects" not in answer.json()


@pytest.mark.parametrize("headers", [{}, LENIENT])
def test_where_looking_takes_too_long_nothing_is_taken(hall: Api, headers: dict[str, str]) -> None:
    lines = [f"x,1,{number}" for number in range(8)]
    lines[0] = lines[7] = "x,1,far too long"

    some = send(hall, lines, "/seats/late", **headers)
    none = send(hall, lines, "/seats/whole", **headers)

    assert some.status_code == 422, some.text
    assert rejects(some) == [(2, "label", LONG)]
    assert some.json()["detail"].endswith("There may be others: looking for them took too long.")
    assert (none.status_code, none.json()["detail"]) == (422, LONG)
    assert "rejects" not in none.json()
    assert labels(hall) == []
