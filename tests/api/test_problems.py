"""From SQLSTATE to an answer: the right status, a sentence, and nobody else's rows."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from api.catalog import Catalog
from api.problems import STATUS, Problem, from_database, invalid, status_of
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running

CANARY = "canary-7f3a"
SQL = f"""
create schema hidden;
grant usage on schema hidden to public;
create table hidden.owners (id int primary key, email text, nick text not null);
comment on constraint owners_pkey on hidden.owners is 'That owner is here already.';
create unique index owners_email_once on hidden.owners (lower(email));
comment on index hidden.owners_email_once is 'The e-mail address is taken.';
create table hidden.pets (
    id int constraint pets_id_once unique,
    owner_id int constraint pets_owner_known references hidden.owners,
    name text constraint pets_name_short check (length(name) < 20),
    span int4range,
    later_id int constraint pets_later_known references hidden.owners deferrable initially deferred,
    constraint pets_never_overlap exclude using gist (span with &&)
);
comment on constraint pets_name_short on hidden.pets is 'A name has under 20 letters.';
comment on constraint pets_later_known on hidden.pets is 'There is no such owner.';
insert into hidden.owners values (1, '{CANARY}@example.com', '{CANARY}');
insert into hidden.pets values (1, 1, '{CANARY}', '[1,5)', 1);
grant select, insert, update, delete on hidden.owners, hidden.pets to public;
create table hidden.safe (secret text);
insert into hidden.safe values ('{CANARY}');
create sequence public.attempts;
grant all on sequence public.attempts to public;
create table public.counter (n int);
insert into public.counter values (0);
grant all on public.counter to public;
create domain public.even as int constraint even_is_even check (value % 2 = 0);
comment on constraint even_is_even on domain public.even is 'It must be even.';
create domain public.odd as int constraint odd_is_odd check (value % 2 = 1);

create function public.owner_add(id int, email text, nick text default null)
    returns int language sql as $$
    insert into hidden.owners as o values (id, email, nick) returning o.id
$$;
comment on function public.owner_add is 'HTTP POST /owners';
create function public.pet_add(
    id int, owner_id int default 1, name text default 'x', span int4range default null,
    later_id int default null
) returns int language sql as $$
    insert into hidden.pets as p values (id, owner_id, name, span, later_id) returning p.id
$$;
comment on function public.pet_add is 'HTTP POST /pets';
create function public.owner_drop(id int) returns void language sql as $$
    delete from hidden.owners as o where o.id = owner_drop.id
$$;
comment on function public.owner_drop is 'HTTP DELETE /owners/{{id}}';
create function public.pet_count() returns bigint stable language sql
    as 'select count(*) from hidden.pets';
comment on function public.pet_count is 'HTTP GET /pets/count';
create function public.peek() returns setof text stable language sql
    as 'select secret from hidden.safe';
comment on function public.peek is 'HTTP GET /peek';
create function public.raises(state text, says text default 'Said.', rule text default '')
    returns void language plpgsql as $$
begin
    raise exception using errcode = state, message = says, detail = '{CANARY}', hint = '{CANARY}',
        constraint = rule, schema = 'hidden', table = 'safe', column = 'secret';
end $$;
comment on function public.raises is 'HTTP POST /raises';
create function public.divides(n int) returns int stable language sql as 'select 1 / n';
comment on function public.divides is 'HTTP GET /divides/{{n}}';
create function public.casts(t text) returns int stable language plpgsql
    as 'begin return t::int; end';
comment on function public.casts is 'HTTP GET /casts';
create function public.evens(n public.even, o public.odd default 1) returns int immutable
    language sql as 'select n';
comment on function public.evens is 'HTTP GET /evens';
create function public.even_inside(n int) returns int stable language plpgsql
    as 'begin return n::public.even; end';
comment on function public.even_inside is 'HTTP GET /even-inside';
create function public.on_day(day date) returns date immutable language sql as 'select day';
comment on function public.on_day is 'HTTP GET /on-day';
create function public.sleeps() returns void stable language sql as 'select pg_sleep(5)';
comment on function public.sleeps is E'HTTP GET /sleeps\\n@timeout 50ms';
create function public.locks() returns int language sql
    as 'select o.id from hidden.owners as o where o.id = 1 for update nowait';
comment on function public.locks is 'HTTP POST /locks';
create function public.fails_until(nth bigint, state text) returns bigint language plpgsql as $$
declare v_now bigint := nextval('public.attempts');
begin
    if v_now < nth then
        raise exception '%', '{CANARY}' using errcode = state;
    end if;
    return v_now;
end $$;
comment on function public.fails_until is 'HTTP POST /fails-until';
create function public.attempts_reset() returns void language sql
    as $$ select setval('public.attempts', 1, false) $$;
comment on function public.attempts_reset is 'HTTP POST /attempts-reset';
create function public.attempts_made() returns bigint stable language sql
    as 'select last_value from public.attempts';
comment on function public.attempts_made is 'HTTP GET /attempts-made';
create function public.adds_one() returns int language plpgsql as $$
declare v_n int := (select n from public.counter);
begin
    perform pg_sleep(0.1);
    update public.counter set n = v_n + 1;
    return v_n + 1;
end $$;
comment on function public.adds_one is E'HTTP POST /adds-one\\n@isolation serializable';
"""


@pytest.fixture(scope="module")
def base(bed: Testbed) -> Iterator[Database]:
    with bed.database("template0") as database:
        database.psql(SQL)
        yield database


@pytest.fixture(scope="module")
def shop(base: Database) -> Iterator[Api]:
    with running(base.serve_url, api_schemas=("public",), api_prefix="") as client:
        assert client.ready()["errors"] == []
        yield client


@pytest.fixture(scope="module")
def member(shop: Api) -> Iterator[Api]:
    with shop.as_user(1, "member") as client:
        yield client


def assert_problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text + str(answer.headers)
    assert not re.search(r"hidden|select |insert |SQL|psycopg|PL/pgSQL|relation", answer.text)
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    return problem


RULES = [
    ("/owners", {"id": 1, "email": "a", "nick": "n"}, 409, "owners_pkey",
     "That owner is here already.", "/id"),
    ("/owners", {"id": 2, "email": f"{CANARY}@EXAMPLE.com", "nick": "n"}, 409,
     "owners_email_once", "The e-mail address is taken.", "/email"),
    ("/owners", {"id": 2, "email": "b"}, 422, "nick", "nick is required.", "/nick"),
    ("/pets", {"id": 1}, 409, "pets_id_once", "There is already one with this value.", "/id"),
    ("/pets", {"id": 2, "owner_id": 9}, 409, "pets_owner_known",
     "Something refers to what is not there, or is still referred to.", "/owner_id"),
    ("/pets", {"id": 2, "name": "x" * 20}, 422, "pets_name_short",
     "A name has under 20 letters.", "/name"),
    ("/pets", {"id": 2, "span": "[4,9)"}, 409, "pets_never_overlap",
     "It overlaps with one that is there already.", "/span"),
    ("/pets", {"id": 2, "later_id": 9}, 409, "pets_later_known",
     "There is no such owner.", "/later_id"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "given", "status", "rule", "sentence", "pointer"), RULES)
def test_a_broken_rule_answers_with_its_own_sentence(
    shop: Api, path: str, given: object, status: int, rule: str, sentence: str, pointer: str
) -> None:
    answer = shop.post(path, json=given)

    problem = assert_problem(answer, status)
    assert problem["type"] == f"/problems/{rule}"
    assert problem["detail"] == sentence
    assert problem["pointer"] == pointer


def test_a_row_that_is_still_referred_to_is_409(shop: Api) -> None:
    problem = assert_problem(shop.delete("/owners/1"), 409)

    assert problem["type"] == "/problems/pets_owner_known"
    assert "pointer" not in problem


def test_what_fails_at_the_very_end_leaves_nothing(shop: Api) -> None:
    before = shop.get("/pets/count").json()

    assert_problem(shop.post("/pets", json={"id": 50, "later_id": 99}), 409)

    assert shop.get("/pets/count").json() == before
    assert shop.post("/pets", json={"id": 50, "later_id": 1}).json() == 50


RAISED = [
    ("P0001", 400, True), ("P0002", 404, True), ("PT400", 400, True), ("PT409", 409, True),
    ("PT418", 418, True), ("PT499", 499, True), ("PT503", 503, True), ("PT599", 599, True),
    ("PT100", 500, False), ("PT199", 500, False), ("PT204", 500, False), ("PT304", 500, False),
    ("PT600", 500, False), ("PTABC", 500, False), ("P0003", 500, False), ("42501", 403, False),
    ("22012", 500, False), ("22P02", 500, False), ("23514", 422, False), ("23505", 409, False),
    ("23000", 409, False), ("28000", 403, False), ("42883", 500, False), ("42P01", 500, False),
    ("0A000", 500, False), ("53100", 503, False), ("54001", 500, False), ("55P03", 409, False),
    ("57014", 504, False), ("XX000", 500, False), ("ZZZZZ", 500, False), ("25006", 500, False),
]  # fmt: skip


@pytest.mark.parametrize(("state", "status", "for_clients"), RAISED)
def test_each_sqlstate_has_its_status_and_only_some_messages_are_for_clients(
    member: Api, state: str, status: int, *, for_clients: bool
) -> None:
    says = "Only 3 are left." if for_clients else CANARY
    answer = member.post("/raises", json={"state": state, "says": says})

    problem = assert_problem(answer, status)
    assert (problem["detail"] == says) == for_clients
    assert ("retry-after" in answer.headers) == (status == 503)


def test_a_raised_rule_is_the_type_and_quoted(shop: Api) -> None:
    given = {"state": "PT409", "rule": 'a rule/with "odd" letters ü'}

    problem = assert_problem(shop.post("/raises", json=given), 409)

    assert problem["type"] == "/problems/a%20rule%2Fwith%20%22odd%22%20letters%20%C3%BC"


def test_what_a_role_may_not_see_is_401_for_nobody_and_403_for_somebody(
    shop: Api, member: Api
) -> None:
    assert_problem(shop.get("/peek"), 401)
    assert_problem(member.get("/peek"), 403)


@pytest.mark.parametrize(
    ("path", "status", "pointer"),
    [
        ("/divides/0", 500, None),
        ("/casts?t=x", 500, None),
        ("/on-day?day=2024-02-30", 422, "/day"),
        ("/on-day?day=20240229x", 422, "/day"),
        ("/evens?n=3", 422, "/n"),
        ("/evens?o=2&n=2", 422, "/o"),
        ("/even-inside?n=3", 422, None),
    ],
)
def test_what_a_type_refuses_is_the_clients_only_at_bind(
    shop: Api, path: str, status: int, pointer: str | None
) -> None:
    problem = assert_problem(shop.get(path), status)

    assert problem.get("pointer") == pointer


def test_a_domain_answers_with_the_comment_on_its_check_at_bind_and_inside(shop: Api) -> None:
    at_bind, inside = shop.get("/evens?n=3"), shop.get("/even-inside?n=3")

    assert "It must be even" in at_bind.json()["detail"]
    assert inside.json()["detail"] == "It must be even."
    assert inside.json()["type"] == "/problems/even_is_even"


def test_what_takes_too_long_is_504_at_its_timeout(shop: Api) -> None:
    started = time.monotonic()

    assert_problem(shop.get("/sleeps"), 504)

    assert time.monotonic() - started < 2


def test_a_row_that_somebody_holds_is_409(shop: Api, base: Database) -> None:
    assert shop.post("/locks").json() == 1
    with psycopg.connect(base.superuser_url) as other:
        other.execute("select from hidden.owners where id = 1 for update")

        answer = shop.post("/locks")

    assert_problem(answer, 409)


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_lost_race_is_run_again_and_given_up_in_the_end(shop: Api, state: str) -> None:
    shop.post("/attempts-reset")
    once_more = shop.post("/fails-until", json={"nth": 3, "state": state})
    shop.post("/attempts-reset")
    never = shop.post("/fails-until", json={"nth": 1000, "state": state})

    assert once_more.json() == 3
    assert_problem(never, 503)
    assert never.headers["retry-after"] == "1"
    assert 2 <= shop.get("/attempts-made").json() <= 10


def test_any_other_failure_is_not_run_again(shop: Api) -> None:
    """The control of the one above."""
    shop.post("/attempts-reset")

    assert_problem(shop.post("/fails-until", json={"nth": 3, "state": "55P03"}), 409)

    assert shop.get("/attempts-made").json() == 1


def test_serializable_functions_that_meet_lose_no_update(shop: Api, base: Database) -> None:
    base.psql("update public.counter set n = 0")
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: shop.post("/adds-one"), range(3)))

    assert {answer.status_code for answer in answers} <= {200, 503}
    done = sum(answer.status_code == 200 for answer in answers)
    assert base.rows("select n from public.counter") == [(done,)]
    assert done >= 1


def test_a_failed_call_leaves_its_connection_fit_for_the_next(shop: Api) -> None:
    for _ in range(20):
        assert shop.get("/divides/0").status_code == 500
        assert shop.get("/divides/1").json() == 1
        assert shop.post("/fails-until", json={"nth": 0, "state": "x"}).status_code == 200


def test_every_status_of_the_table_is_one_of_http() -> None:
    for state, status in STATUS.items():
        assert status_of(state.ljust(5, "0")) == status
        assert 400 <= status <= 599


def test_a_thousand_wrong_arguments_make_no_thousand_sentences() -> None:
    problem = invalid([{"pointer": f"/{i}", "detail": "is wrong"} for i in range(1000)])

    assert len(problem.errors) == 50
    assert problem.detail == "0 is wrong. (999 more)"


def test_an_error_without_a_state_is_the_databases_absence() -> None:
    catalog = Catalog((), {}, (), sets_response=False)

    problem = from_database(psycopg.OperationalError("gone"), catalog, anonymous=False, names=set())

    assert problem.status == 503
    assert isinstance(problem, Problem)
