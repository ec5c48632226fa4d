"""A member can't reach another's rows, nor learn that they are there.

Every endpoint that is described is asked, as member B, with the numbers of A's private rows and
with numbers that nobody has: the answers must be alike to the last byte, reads and writes. And no
list shows another thing for A's rows being there. A leak, planted beside the store, is found.
"""

import asyncio
import json
import re
import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.database import Database
from db.testbed import Testbed
from tests.security.grounds import LONG, Server, seeded, served, token
from tests.security.places import Operation, operations
from tests.security.wire import Answer, Request, Wire, ask_all

A, B, POST, ORDER, PRODUCT = range(700_000_001, 700_000_006)
NOBODYS = 90_000_000  # further on there is nothing, in as many digits: no more than they may differ
PRIVATE = f"""
insert into app.users (id, email, username, full_name) overriding system value
values ({A}, 'a@private.example', 'private.a', 'Private A');
insert into app.posts (id, author_id, title, body) overriding system value
values ({POST}, {A}, 'A private draft', 'of A alone');
insert into app.products (id, sku, name, price, stock, is_active) overriding system value
values ({PRODUCT}, 'PRIVATE-1', 'A private product', 1, 5, false);
insert into app.orders (id, user_id, country, total) overriding system value
values ({ORDER}, {A}, 'Private', 1);
insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
values ({ORDER}, 1, {PRODUCT}, 1, 1);
"""
HIDDEN = {A: "users", POST: "posts", PRODUCT: "products", ORDER: "orders"}
# What a member or a visitor may write, and must be the only one with: that it is taken is told by
# the answer itself, so the clock has nothing to add. docs/security.md says why it is told.
TOLD = {"app.users_email_unique", "app.users_username_unique"}
WRITABLE_KEYS = """
select i.indexrelid::regclass::text
from pg_index as i
join pg_class as c on c.oid = i.indrelid and c.relkind in ('r', 'p') and c.relrowsecurity
join pg_namespace as n on n.oid = c.relnamespace and n.nspname in ('app', 'auth')
where i.indisunique
    and exists (
        select
        from pg_attribute as a
        where a.attrelid = c.oid
            and (
                a.attnum = any (i.indkey)
                or exists (
                    select
                    from pg_depend as d
                    where (d.classid, d.objid) = ('pg_class'::regclass, i.indexrelid)
                        and (d.refobjid, d.refobjsubid) = (c.oid, a.attnum)
                )
            )
            and exists (
                select
                from unnest(array['anon', 'member']) as r (name)
                where has_schema_privilege(r.name, n.oid, 'usage')
                    and has_column_privilege(r.name, c.oid, a.attnum, 'insert, update')
            )
    )
"""
# So many requests for each of two medians, and by how much of it they may differ.
SAMPLES, TOLERANCE = (400, 0.05) if LONG else (15, 0.5)
NOISE_SECONDS = 0.0001 if LONG else 0.005
# Four ways to tell: another status, another sentence, another header, more time.
LEAKS = f"""
create schema lab;
grant usage on schema lab to member;
create function lab.order_exists(id bigint) returns boolean stable security definer language sql
    as $$ select exists (select from app.orders as o where o.id = order_exists.id) $$;
alter function lab.order_exists owner to penstock_clerk;

create function lab.by_status(order_id bigint) returns void stable language plpgsql as $$
begin
    raise exception using
        errcode = case when lab.order_exists(order_id) then 'PT403' else 'PT404' end,
        message = 'No.';
end $$;
comment on function lab.by_status is 'HTTP GET /leaks/{{order_id}}/status';

create function lab.by_sentence(order_id bigint) returns void volatile language plpgsql as $$
begin
    raise exception using errcode = 'PT404',
        message = case when lab.order_exists(order_id) then 'Not yours.' else 'Not there.' end;
end $$;
comment on function lab.by_sentence is 'HTTP POST /leaks/sentence';

create function lab.by_header(order_id bigint) returns text volatile language plpgsql as $$
begin
    if lab.order_exists(order_id) then
        perform set_config('response.headers', '{{"X-Owner": "{A}"}}', true);
    end if;
    return 'the same';
end $$;
comment on function lab.by_header is 'HTTP PUT /leaks/{{order_id}}/header';

create function lab.by_time(order_id bigint) returns void stable language plpgsql as $$
begin
    perform pg_sleep(0.05) where lab.order_exists(order_id);
end $$;
comment on function lab.by_time is 'HTTP GET /leaks/{{order_id}}/time';
grant execute on all functions in schema lab to member;
"""
_DIFFERS_ANYWAY = ("date", "x-request-id", "x-process-time")
# The request's id, and what is new each time: a key that is issued.
_OWN_ID = re.compile(
    rb'"request_id": "[^"]+"|"(?:id|key|created_at)":"(?:psk_)?[0-9a-fA-F:T.+-]{20,}"'
)


@pytest.fixture(scope="module")
def shop(bed: Testbed) -> Iterator[Database]:
    for database in seeded(bed):
        database.psql(
            "insert into app.users (id, email, username) overriding system value"
            f" values ({B}, 'b@private.example', 'private.b')"
        )
        database.psql(LEAKS)
        yield database


@pytest.fixture(scope="module")
def server(shop: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log: Path = tmp_path_factory.mktemp("ownership") / "api.log"
    with served(shop, log, API_SCHEMAS="api,lab") as running:
        yield running


@pytest.fixture(scope="module")
def everything(server: Server) -> list[Operation]:
    return operations(server.document(), token(str(B), "member"))


@pytest.fixture(scope="module")
def lists(server: Server, shop: Database, everything: list[Operation]) -> dict[str, bytes]:
    """What B is shown before A's rows are there; from here on they are."""
    before = listed(server, everything)
    shop.psql(PRIVATE)
    return before


def listed(server: Server, everything: list[Operation]) -> dict[str, bytes]:
    """What each list without a path parameter answers, bare and with each of its filters."""
    requests = []
    for operation in everything:
        if operation.method != "GET" or "{" in operation.path:
            continue
        pages = [b"limit=100"] if "limit" in operation.query else [b""]
        for name, value in operation.query.items():
            if name != "limit":
                pages += [pages[0] + f"&{name}={each}".encode() for each in (value, "false")]
        requests += [operation.request(query=each, what=operation.path) for each in pages]
    answered = asyncio.run(ask_all(server.port, requests, connections=1))
    return {r.target.decode(): alike(r, a) for r, a in answered}


def alike(request: Request, answer: Answer, number: int = 0) -> bytes:
    """An answer without what differs each time, and without the number that was asked for."""
    body = _OWN_ID.sub(b"", answer.body)
    # Of these the length differs as well: a time may end in a nought.
    differs = _DIFFERS_ANYWAY if body == answer.body else (*_DIFFERS_ANYWAY, "content-length")
    head = [
        line
        for line in answer.head.split(b"\r\n")
        if not line.lower().startswith(tuple(f"{name}:".encode() for name in differs))
    ]
    text = b"\n".join(head) + b"\n" + body
    return text.replace(str(number).encode(), b"<number>") if number else text


def with_number(operation: Operation, number: int) -> Iterator[Request]:
    """The requests of an operation in which this number stands: good ones, and with a fault."""
    said = str(number).encode()
    in_path = [p["name"] for p in operation.described.get("parameters", ()) if p["in"] == "path"]
    for name in in_path:
        yield operation.request(path={name: said})
        for header in ("If-Match", "If-None-Match"):
            for value in (b'"1-0123456789abcdef"', b"*"):
                yield operation.request(path={name: said}, headers=((header, value),))
        if operation.media:
            yield operation.request(path={name: said}, body=b'{"nothing": "known"}')
            yield operation.request(path={name: said}, body=b"{}")
    for name in operation.query:
        pairs = {**operation.query, name: str(number)}
        yield operation.request(query="&".join(f"{k}={v}" for k, v in pairs.items()).encode())
    if isinstance(operation.body, dict):
        yield from (operation.request(body=each) for each in _bodies(operation.body, number))


def _bodies(body: Any, number: int) -> Iterator[bytes]:
    """The body with the number in place of each number that it holds."""
    text = json.dumps(body)
    for found in re.finditer(r'(?<="[:] )1(?=[,}\]])', text.replace('":1', '": 1')):
        yield (text[: found.start()] + str(number) + text[found.end() :]).encode()


def test_the_rows_are_hidden_from_b_and_no_table_was_forgotten(
    shop: Database, lists: dict[str, bytes]
) -> None:
    """Each table that hides rows from a member must be among those that are tried here."""
    tables = [name for (name,) in shop.rows(
        "select c.relname from pg_class as c"
        " where c.relnamespace = 'app'::regnamespace and c.relkind = 'r'"
        " and exists (select from pg_attribute as a where a.attrelid = c.oid"
        "     and a.attname = 'id' and a.attidentity <> '')"
        " and has_table_privilege('member', c.oid, 'select')")]  # fmt: skip
    claims = json.dumps({"sub": str(B), "role": "member"})
    hiding = set()
    for table in tables:
        shown = shop.psql(
            f"begin; select set_config('request.jwt.claims', '{claims}', true);"
            f" set local role member; select count(*) from app.{table}"
        ).split()[-1]
        ((there,),) = shop.rows(f"select count(*) from app.{table}")
        if int(shown) < there:
            hiding.add(table)

    assert {"users", "posts", "orders"} <= hiding
    assert hiding <= set(HIDDEN.values())


def test_what_is_another_s_is_answered_as_what_is_not_there(
    server: Server, everything: list[Operation], lists: dict[str, bytes]
) -> None:
    """After an admin has read it all, so that a cache might give it away."""
    warm = [replace(each, bearer=token("1", "admin")) for each in everything]
    numbers = list(HIDDEN)
    reads = [
        request
        for operation in warm
        if operation.method == "GET"
        for number in [*numbers, *(each + NOBODYS for each in numbers)]
        for request in with_number(operation, number)
    ]
    seen = asyncio.run(ask_all(server.port, reads))
    assert sum(answer.status == 200 for _, answer in seen) >= len(numbers)

    different, compared = asyncio.run(compare(server, everything, numbers))

    print(f"{compared:,} pairs of answers compared")
    assert compared > 300
    assert {route for route in different if "/leaks/" in route} == {
        "GET /api/v1/leaks/{order_id}/status",
        "POST /api/v1/leaks/sentence",
        "PUT /api/v1/leaks/{order_id}/header",
    }
    assert {route: how for route, how in different.items() if "/leaks/" not in route} == {}


async def compare(
    server: Server, everything: list[Operation], numbers: list[int]
) -> tuple[dict[str, tuple[bytes, bytes]], int]:
    """The routes whose answers differ, with two that do, and how many pairs were compared."""
    wire = Wire(server.port)
    different: dict[str, tuple[bytes, bytes]] = {}
    compared = 0
    for operation in everything:
        for number in numbers:
            nobody = number + NOBODYS
            pairs = zip(with_number(operation, number), with_number(operation, nobody), strict=True)
            for theirs, nobodys in pairs:
                one = alike(theirs, await wire.ask(theirs), number)
                other = alike(nobodys, await wire.ask(nobodys), nobody)
                compared += 1
                if one != other:
                    different[f"{operation.method} {operation.path}"] = one, other
    wire.close()
    return different, compared


def test_nor_does_the_clock_tell(server: Server, lists: dict[str, bytes]) -> None:
    """By turns, what is another's and what is nobody's: reads, and changes that are refused."""
    everything = operations(server.document(), token(str(B), "member"))

    slower = asyncio.run(timed(server, everything))

    print({route: f"{by * 1000:+.2f} ms" for route, by in slower.items()})
    assert set(slower) == {"GET /api/v1/leaks/{order_id}/time"}


async def timed(server: Server, everything: list[Operation]) -> dict[str, float]:
    """The routes whose medians differ too much, and by how many seconds."""
    wire = Wire(server.port)
    slower: dict[str, float] = {}
    compared = 0
    for operation in everything:
        for number in HIDDEN:
            pair = [next(with_number(operation, n), None) for n in (number, number + NOBODYS)]
            took: list[list[float]] = [[], []]
            if "{" not in operation.path or operation.is_dear:
                continue
            for _ in range(SAMPLES):
                for request, seconds in zip(pair, took, strict=True):
                    assert request is not None
                    seconds.append((await wire.ask(request)).seconds)
            theirs, nobodys = map(statistics.median, took)
            compared += 1
            if abs(theirs - nobodys) > TOLERANCE * nobodys + NOISE_SECONDS:
                slower[f"{operation.method} {operation.path}"] = theirs - nobodys
    wire.close()
    assert compared > 40
    return slower


def test_what_is_the_only_one_of_its_kind_is_not_private(shop: Database) -> None:
    """Whoever may enter a value that must be unique learns whether it is taken."""
    keys = {name for (name,) in shop.rows(WRITABLE_KEYS)}

    assert keys == TOLD


def test_nothing_of_another_s_was_changed(shop: Database, lists: dict[str, bytes]) -> None:
    rows = shop.rows(
        "select u.full_name, p.title, p.published_at, o.status::text, o.country, x.stock"
        " from app.users as u, app.posts as p, app.orders as o, app.products as x"
        f" where (u.id, p.id, o.id, x.id) = ({A}, {POST}, {ORDER}, {PRODUCT})"
    )

    assert rows == [("Private A", "A private draft", None, "placed", "Private", 5)]


def test_no_list_shows_that_another_s_rows_are_there(
    server: Server, everything: list[Operation], shop: Database, lists: dict[str, bytes]
) -> None:
    """The comparisons above have bought and written as B: so B's own are put away first."""
    shop.psql(f"delete from app.posts where author_id = {B}")
    shop.psql(f"delete from app.orders where user_id = {B}")
    shop.psql(
        f"update app.users set (email, username, full_name) ="
        f" ('b@private.example', 'private.b', null) where id = {B}"
    )
    after = listed(server, everything)

    assert len(after) > 15
    changing = re.compile(
        rb"content-length: .*|etag: .*|cache-status: .*|\"(?:updated_at|stock|version)\": ?[^,}]+"
    )
    for target, answer in after.items():
        assert changing.sub(b"", answer) == changing.sub(b"", lists[target]), target
        assert b"rivate" not in answer.replace(b"private.b", b"").replace(
            b"b@private.example", b""
        ).replace(b"cache-control: private", b"")


def test_the_owner_is_shown_what_others_are_not(
    server: Server, everything: list[Operation], lists: dict[str, bytes]
) -> None:
    """The control: the rows are there, and readable, for whom they belong to."""
    as_a = [replace(each, bearer=token(str(A), "member")) for each in everything]
    for number, path in ((ORDER, "/orders/{order_id}"), (POST, "/posts/{post_id}")):
        (get,) = [o for o in as_a if (o.method, o.path) == ("GET", server.prefix + path)]
        ((_, answer),) = asyncio.run(ask_all(server.port, [next(with_number(get, number))], 1))
        assert answer.status == 200
