"""Lists from those who mean no good: all or nothing, told by line, and never a 5xx."""

import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Iterator

import httpx
import pytest

from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running, within

HEADER = b"sku,name,price\n"
LIMIT = 6_000_000
CSV = "text/csv"
NDJSON = "application/x-ndjson"
JSON = "application/json"


@pytest.fixture(scope="module")
def shop(bed: Testbed) -> Iterator[tuple[Api, Database]]:
    with (
        bed.database() as database,
        running(
            database.serve_url, max_bulk_bytes=LIMIT, body_timeout=1.5, copy_size=1, pool_timeout=5
        ) as api,
    ):
        database.rows("insert into app.users (email, username) values ('u@x.example', 'user')")
        yield api, database


@pytest.fixture
def staff(shop: tuple[Api, Database]) -> Iterator[Api]:
    """Whatever was sent: nothing is kept, no table is left, and the one connection serves on."""
    api, database = shop
    client = api.as_user(1, "staff")
    yield client
    assert database.rows("select count(*) from app.products") == [(0,)]
    answer = post(client, HEADER + b"after,After,5\n")
    assert answer.status_code == 200, answer.text
    assert database.rows("delete from app.products returning sku::text") == [("after",)]
    left = (
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n"
        " on n.oid = c.relnamespace where c.relname like 'bulk\\_%'"
    )
    assert database.rows(left) == []


def post(client: Api, content: bytes, kind: str = CSV, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/products/bulk", content=content, headers={"content-type": kind, **named})


GOOD = b"a,Lamp,5\n"
BOMB = gzip.compress(HEADER + b"a,Lamp,5\n" * 10_000_000)
PACKED = gzip.compress(HEADER + GOOD)
BODIES: list[tuple[str, bytes, dict[str, str], int]] = [
    ("truncated amid a field", HEADER + GOOD + b'b,"Lam', {}, 422),
    ("truncated amid a line", HEADER + GOOD + b"b,Lam", {}, 422),
    ("only a BOM", b"\xef\xbb\xbf", {}, 422),
    ("NUL", HEADER + GOOD + b"b\x00,Lamp,5\n", {}, 422),
    ("NUL alone", b"\x00" * 100_000, {}, 422),
    ("bad UTF-8", HEADER + GOOD + b"b,\xc3\x28,5\n", {}, 422),
    ("UTF-16", (HEADER + GOOD).decode().encode("utf-16"), {}, 422),
    ("10,000 columns in the header", b",".join(b"c%d" % i for i in range(10_000)), {}, 422),
    ("10,000 columns in a line", HEADER + GOOD + b"," * 10_000 + b"\n", {}, 422),
    ("gzip bomb", BOMB, {"content_encoding": "gzip"}, 413),
    (
        "bomb in many streams",
        PACKED + gzip.compress(GOOD * 20_000) * 50,
        {"content_encoding": "gzip"},
        413,
    ),
    ("truncated gzip", PACKED[:-9], {"content_encoding": "gzip"}, 400),
    ("gzip without its end", PACKED[:-4], {"content_encoding": "gzip"}, 400),
    ("gzip with a wrong sum", PACKED[:-8] + b"\0" * 8, {"content_encoding": "gzip"}, 400),
    ("gzip and more", PACKED + b"more", {"content_encoding": "gzip"}, 400),
    ("no gzip at all", HEADER + GOOD, {"content_encoding": "gzip"}, 400),
    ("nothing, packed", b"", {"content_encoding": "gzip"}, 400),
    ("zlib, not gzip", zlib.compress(HEADER), {"content_encoding": "gzip"}, 400),
    ("another packing", HEADER, {"content_encoding": "br"}, 415),
    ("two packings", HEADER, {"content_encoding": "gzip, gzip"}, 415),
    ("packed but not said so", PACKED, {}, 422),
    ("wrong header", b"a,b,c\n" + GOOD, {}, 422),
    ("no header", GOOD, {}, 422),
    ("a header twice", HEADER + HEADER, {}, 422),
    ("empty", b"", {}, 422),
    ("blank lines", b"\n\r\n\r\n", {}, 422),
    ("a quote that never ends", HEADER + GOOD + b'"' + b"b,Lamp,5\n" * 300_000, {}, 422),
    ("a line of 5 MB", HEADER + GOOD + b"b," + b"x" * 5_000_000 + b",5\n", {}, 422),
    ("a header of 5 MB", b"x" * 5_000_000, {}, 422),
    ("COPY's own end", HEADER + GOOD + b"\\.\n", {}, 422),
    ("COPY's null", HEADER + b"\\N,\\N,\\N\n", {}, 422),
    ("SQL", HEADER + b"'; drop table app.products; --,x,y\n", {}, 422),
    ("a million commas", HEADER + b"," * 1_000_000, {}, 422),
]
OTHERS: list[tuple[str, str, bytes, int]] = [
    ("a bad line", NDJSON, b'{"sku": "a", "name": "A", "price": 5}\n{"sku": \n', 422),
    ("no object", NDJSON, b"[1]\n", 422),
    ("a line of 5 MB", NDJSON, b'{"sku": "' + b"x" * 5_000_000 + b'"}\n', 422),
    ("deep", NDJSON, b'{"sku": ' + b"[" * 500_000 + b"\n", 422),
    ("a huge number", NDJSON, b'{"sku": "a", "name": "A", "price": 1' + b"0" * 5000 + b"}", 422),
    ("an exponent", NDJSON, b'{"sku": "a", "name": "A", "price": 1e999999999}', 422),
    ("truncated", JSON, b'[{"sku": "a", "name": "A", "price": 5}', 400),
    ("deep", JSON, b"[" * 1_000_000, 400),
    ("deep within", JSON, b'[{"sku": ' + b"[" * 1_000_000, 422),
    ("an object of 5 MB", JSON, b'[{"sku": "' + b"x" * 5_000_000 + b'"}]', 400),
    ("no array", JSON, b'{"sku": "a", "name": "A", "price": 5}', 400),
    ("another kind", "application/xml", HEADER, 415),
    ("latin1", "text/csv; charset=latin1", HEADER, 415),
    ("no kind", "", HEADER, 415),
    ("a form", "multipart/form-data; boundary=x", HEADER, 415),
]


def check(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text[:2000]
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert len(problem["detail"]) < 1000
    assert len(answer.content) < 100_000
    for reject in problem.get("rejects", ()):
        assert reject["line"] > 1 or answer.request.headers["content-type"] != CSV
        assert reject["detail"]


@pytest.mark.parametrize(
    ("content", "headers", "status"), [each[1:] for each in BODIES], ids=[e[0] for e in BODIES]
)
def test_a_hostile_file_is_refused_whole(
    staff: Api, content: bytes, headers: dict[str, str], status: int
) -> None:
    check(post(staff, content, **headers), status)


@pytest.mark.parametrize(
    ("kind", "content", "status"), [each[1:] for each in OTHERS], ids=[e[0] for e in OTHERS]
)
def test_another_form_is_refused_whole(staff: Api, kind: str, content: bytes, status: int) -> None:
    check(post(staff, content, kind), status)


def test_mixed_line_ends_and_a_bom_are_read(staff: Api, shop: tuple[Api, Database]) -> None:
    content = b"\xef\xbb\xbfsku,name,price\r\na,A,1\nb,B,2\rc,C,3\r\n\r\nd,D,4"

    assert post(staff, content).json()["accepted"] == 4
    found = shop[1].rows("delete from app.products returning sku::text")
    assert sorted(found) == [("a",), ("b",), ("c",), ("d",)]


def test_a_header_alone_is_a_list_of_nothing(staff: Api) -> None:
    assert post(staff, HEADER).json() == {
        "lines": 0, "accepted": 0, "rejected": 0, "rejects": []
    }  # fmt: skip


def test_lenient_clients_get_no_more_of_what_is_broken(staff: Api) -> None:
    for kind, content in ((JSON, b'[{"sku": "a", "name": "A", "price": 5}'), (CSV, b"a,b\n1,2\n")):
        assert post(staff, content, kind, prefer="handling=lenient").status_code in (400, 422)


def test_too_much_is_refused_when_it_comes_in_chunks_too(staff: Api) -> None:
    def chunks() -> Iterator[bytes]:
        yield HEADER
        for number in range(LIMIT // 1000 + 100):
            yield b"%d,%s,5\n" % (number, b"x" * 990)

    answer = staff.post("/products/bulk", content=chunks(), headers={"content-type": CSV})

    check(answer, 413)


def _connect(staff: Api, head: str) -> socket.socket:
    host, _, port = staff.origin.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    prefix, token = staff.settings.api_prefix, staff.headers["authorization"]
    connection.sendall(
        f"POST {prefix}/products/bulk HTTP/1.1\r\nhost: {host}\r\nauthorization: {token}\r\n"
        f"content-type: text/csv\r\n{head}\r\n\r\n".encode()
    )
    return connection


def test_a_client_that_leaves_leaves_nothing(staff: Api) -> None:
    for sent in (b"", HEADER, HEADER + b"a,A,5\n" * 20_000):
        with _connect(staff, "content-length: 1000000") as connection:
            connection.sendall(sent)
            time.sleep(0.1)
    # The one connection is free again: else the fixture's list would wait for it in vain.


def test_a_client_that_dawdles_is_told_so(staff: Api) -> None:
    with _connect(staff, "transfer-encoding: chunked") as connection:
        connection.sendall(b"f\r\n" + HEADER + b"\r\n")
        began = time.monotonic()
        done = threading.Event()

        def dribble() -> None:
            while not done.wait(0.2):
                try:
                    connection.sendall(b"9\r\na,Lamp,5\n\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=dribble)
        thread.start()
        try:
            answer = connection.recv(4096)
        finally:
            done.set()
            thread.join()

    assert b" 408 " in answer.split(b"\r\n")[0]
    assert time.monotonic() - began < 10


def test_others_are_served_while_a_list_comes(staff: Api, shop: tuple[Api, Database]) -> None:
    content = HEADER + b"".join(b'"%d",Lamp,-5\n' % number for number in range(20_000))
    slowest = 0.0
    done = threading.Event()
    answers: list[httpx.Response] = []

    def load() -> None:
        try:
            answers.append(post(staff, content))
        finally:
            done.set()

    thread = threading.Thread(target=load)
    thread.start()
    with httpx.Client(base_url=staff.origin) as other:
        while not done.is_set():
            began = time.monotonic()
            assert other.get("/healthz").status_code == 200
            slowest = max(slowest, time.monotonic() - began)
    thread.join()

    assert answers[0].json()["rejected"] == 20_000
    assert slowest < 2  # not "fast": only that nothing waits for the whole list


def test_ids_of_others_are_as_ids_that_are_not_there(
    staff: Api, shop: tuple[Api, Database]
) -> None:
    api, database = shop
    ((product,),) = database.rows(
        "insert into app.products (sku, name, price, is_active) values ('H', 'Hidden', 5, false)"
        " returning id"
    )
    ((user,),) = database.rows("select id from app.users limit 1")
    member = api.as_user(user, "member")
    sheet = f"order_no,product_id,quantity,country\n1,{product},1,France\n2,999999,1,France\n"

    answer = member.post("/orders/bulk", content=sheet, headers={"content-type": CSV})
    forbidden = member.request(
        "DELETE",
        "/products/bulk",
        content=f"product_id\n{product}\n",
        headers={"content-type": CSV},
    )
    database.rows("delete from app.products returning id")

    assert answer.status_code == 422, answer.text
    first, second = (each["detail"] for each in answer.json()["rejects"])
    assert first == f"Product {product} is not for sale."
    assert second == "Product 999999 is not for sale."
    assert forbidden.status_code == 403


def test_connections_come_back_however_many_fail(staff: Api, shop: tuple[Api, Database]) -> None:
    for _ in range(8):
        assert post(staff, HEADER + b"a,Lamp,cheap\n").status_code == 422
    busy = (
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and state like 'idle in transaction%'"
    )

    assert within(5, lambda: shop[1].rows(busy) == [(0,)])
    assert json.loads(post(staff, HEADER).content)["lines"] == 0
