"""What clients may do to a server over a bare socket."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running

SQL = """
create type public.pair as (a int, b int);
create function public.word_get(word text) returns text immutable language sql as 'select word';
comment on function public.word_get is 'HTTP GET /words/{word}';
create function public.word_kept() returns text stable language sql as $$ select 'kept' $$;
comment on function public.word_kept is E'HTTP GET /kept\\n@cache 1min local=1min';
create function public.word_add(word text, numbers int[] default '{}')
    returns text volatile language sql as 'select word';
comment on function public.word_add is 'HTTP POST /words';
create function public.answers(status text, headers text) returns text volatile language plpgsql
as $$
begin
    perform set_config('response.status', status, true);
    perform set_config('response.headers', headers, true);
    return 'body';
end $$;
comment on function public.answers is 'HTTP POST /answers';
create function public.reads_headers() returns json stable language sql
    as $$ select current_setting('request.headers')::json $$;
comment on function public.reads_headers is E'HTTP GET /headers\\n@headers';
"""


@pytest.fixture(scope="module")
def server(bed: Testbed) -> Iterator[Api]:
    with bed.database("template0") as database:
        database.psql(SQL)
        with running(
            database.serve_url, api_schemas=("public",), api_prefix="", body_timeout=1.0
        ) as client:
            yield client


def connect(server: Api) -> socket.socket:
    host, port = server.origin.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def exchange(server: Api, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send raw bytes; the status, headers and body of the answer (the connection then closes)."""
    with connect(server) as wire:
        wire.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received and (chunk := wire.recv(65_536)):
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)) and (chunk := wire.recv(65_536)):
            body += chunk
    return int(status.split()[1]), headers, body


def get(path: bytes, *headers: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    lines = [method + b" " + path + b" HTTP/" + version, b"Host: x", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/words/a%2Fb", "a/b"),
        (b"/words/%C3%BC%F0%9F%98%80", "ü😀"),
        (b"/words/a+b", "a+b"),
        (b"/words/%25", "%"),
        (b"/words/%", "%"),
        (b"/words/..", ".."),
        (b"/words/a;b=c", "a;b=c"),
        (b"/words/" + b"x" * 20_000, "x" * 20_000),
        (b"http://elsewhere.example/words/absolute", "absolute"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_part_of_a_path_arrives_as_it_was_meant(server: Api, path: bytes, expected: str) -> None:
    status, _, body = exchange(server, get(path))

    assert (status, json.loads(body)) == (200, expected)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (b"//words/a", 404), (b"/words//a", 404), (b"/words/a/", 404), (b"/words", 405),
        (b"/words/", 404), (b"/Words/a", 404), (b"/docs/", 404), (b"/", 404), (b"/words/%00", 422),
        (b"/words/%ff", 400), (b"/words/%ED%A0%80", 400), (b"*", 404), (b"/../words/a", 404),
    ],
)  # fmt: skip
def test_any_other_path_is_a_problem_of_its_own(server: Api, path: bytes, status: int) -> None:
    answered, headers, body = exchange(server, get(path))

    assert answered == status
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["status"] == status


def test_a_path_of_raw_bytes_is_never_another_path(server: Api) -> None:
    status, _, body = exchange(server, get("/words/ü".encode()))

    assert status == 400 or json.loads(body) == "ü"


@pytest.mark.parametrize("method", [b"PROPFIND", b"TRACE", b"PUT", b"DELETE", b"LOCK"])
def test_a_method_that_is_not_for_a_path_is_405(server: Api, method: bytes) -> None:
    status, headers, _ = exchange(server, get(b"/words/a", b"Content-Length: 0", method=method))

    assert status == 405
    assert headers["allow"] == "GET, HEAD, OPTIONS"


def test_head_is_get_without_its_body(server: Api) -> None:
    with connect(server) as wire:
        wire.sendall(get(b"/words/abc", method=b"HEAD") + get(b"/words/next", b"Connection: close"))
        received = b""
        while chunk := wire.recv(65_536):
            received += chunk
    first, _, rest = received.partition(b"\r\n\r\n")

    assert b"content-length: 5" in first
    assert rest.startswith(b"HTTP/1.1 200")
    assert rest.endswith(b'"next"')


def test_http_1_0_is_answered_and_closed(server: Api) -> None:
    with connect(server) as wire:
        wire.sendall(b"GET /words/old HTTP/1.0\r\n\r\n")
        received = b""
        while chunk := wire.recv(65_536):
            received += chunk

    assert received.endswith(b'"old"')


POST = b"POST /words HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_body_may_come_in_chunks(server: Api) -> None:
    chunks = b'5\r\n{"wor\r\n9;x=y\r\nd": "chun\r\n4\r\nky"}\r\n0\r\nTrailer: x\r\n\r\n'

    status, _, body = exchange(server, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)

    assert (status, json.loads(body)) == (200, "chunky")


def test_a_client_that_waits_for_100_is_told_to_go_on(server: Api) -> None:
    with connect(server) as wire:
        wire.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 15\r\n\r\n")
        assert wire.recv(1000).startswith(b"HTTP/1.1 100")
        wire.sendall(b'{"word": "yes"}')

        assert wire.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_body_may_come_after_its_head_and_in_pieces(server: Api) -> None:
    with connect(server) as wire:
        for piece in (POST + b"Content-Length: 15\r\n\r\n", b'{"word"', b': "yes"}'):
            wire.sendall(piece)
            time.sleep(0.05)

        assert wire.recv(1000).endswith(b'"yes"')


def test_requests_sent_without_waiting_are_answered_in_their_order(server: Api) -> None:
    """Reads, a write, what is wrong and what is FastAPI's: each goes another way through us."""
    body = b'{"word": "b"}'
    write = POST + b"Content-Length: %d\r\n\r\n" % len(body) + body
    pages = (b"/healthz", b"/nothing", b"/words/c?x=1")
    requests = [b"/words/a", write, *pages, write, b"/words/d", b"/words/e"]
    with connect(server) as wire:
        wire.sendall(b"".join(r if r is write else get(r) for r in requests))
        received = b""
        while received.count(b"HTTP/1.1 ") < len(requests) or not received.endswith(b'"e"'):
            received += wire.recv(65_536)

    heads = [part.partition(b" ")[0] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert heads == [b"200", b"200", b"200", b"404", b"422", b"200", b"200", b"200"]
    places = [received.index(word) for word in (b'"a"', b'"b"', b"ok\n", b'"d"', b'"e"')]
    assert places == sorted(places)


def test_who_asks_no_more_gets_all_that_was_ready(server: Api) -> None:
    """The answers of one turn of the loop go out together: hanging up then loses none."""
    requests = 200
    assert server.get("/kept").json() == "kept"
    with connect(server) as wire:
        wire.sendall(get(b"/kept") * requests)
        wire.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := wire.recv(65_536):
            received += chunk

    assert received.count(b'"kept"') == requests


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(bed: Testbed) -> None:
    """A request a few times within the time that one may be idle: the clock starts anew."""
    with bed.database("template0") as database:
        database.psql(SQL)
        with (
            running(database.serve_url, idle=1, api_schemas=("public",), api_prefix="") as server,
            connect(server) as busy,
            connect(server) as idle,
        ):
            idle.sendall(get(b"/words/a"))
            for _ in range(8):
                busy.sendall(get(b"/words/a"))
                assert busy.recv(1000).endswith(b'"a"')
                time.sleep(0.25)

            idle.recv(1000)
            assert idle.recv(1000) == b""


def test_a_client_that_would_send_too_much_is_not_told_to_go_on(server: Api) -> None:
    request = POST + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"

    assert exchange(server, request)[0] == 413


def test_a_body_that_does_not_come_is_408(server: Api) -> None:
    started = time.monotonic()

    status, _, _ = exchange(server, POST + b'Content-Length: 15\r\n\r\n{"word"')

    assert status == 408
    assert time.monotonic() - started < 20


def test_a_client_that_leaves_in_the_middle_leaves_no_traceback(
    server: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        with connect(server) as wire:
            wire.sendall(POST + b'Content-Length: 15\r\n\r\n{"word"')
            time.sleep(0.05)
        time.sleep(0.2)
        assert server.get("/words/still-here").status_code == 200

    counted = httpx.get(server.origin + "/metrics").text
    assert 'requests_total{method="POST",route="/words",status="499"} 1.0' in counted
    assert not [r for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([b"Authorization: Bearer x", b"Authorization: Bearer y"], 401),
        ([b"Authorization:"], 401),
        ([b"Authorization: Bearer"], 401),
        ([b"Authorization: Bearer \xff\xfe"], 401),
        ([b"Authorization: Bearer " + b"a." * 20_000], 401),
        ([b"Authorization: Negotiate x"], 401),
    ],
)
def test_an_authorization_that_is_not_one_token_is_401(
    server: Api, headers: list[bytes], status: int
) -> None:
    assert exchange(server, get(b"/words/a", *headers))[0] == status


def test_two_tokens_are_refused_though_each_is_good(server: Api) -> None:
    """Who reads the first and who the last must not disagree about who is calling."""
    tokens = [
        f"Authorization: Bearer {server.token(n, role)}".encode()
        for n, role in ((1, "member"), (2, "admin"))
    ]

    assert exchange(server, get(b"/words/a", tokens[0]))[0] == 200
    assert exchange(server, get(b"/words/a", *tokens))[0] == 401


INJECTED = [
    '[{"X-A": "b\\r\\nSet-Cookie: evil=1"}]',
    '[{"X-A\\r\\nEvil": "b"}]',
    '[{"X A": "b"}]',
    '[{"": "b"}]',
    '[{"X-A": "b\\u0100"}]',
    '[{"Content-Length": "0"}]',
    '[{"transfer-encoding": "chunked"}]',
    '[{"Connection": "close"}]',
    '[{"X-Request-Id": "x"}]',
    '["X-A: b"]',
    '"X-A: b"',
    "3",
    "{",
]


@pytest.mark.parametrize("headers", INJECTED)
def test_a_header_that_could_split_the_answer_is_never_sent(server: Api, headers: str) -> None:
    answer = server.post("/answers", json={"status": "200", "headers": headers})

    assert answer.status_code == 500
    assert "evil" not in str(answer.headers).lower()
    assert "body" not in answer.text


@pytest.mark.parametrize(
    ("status", "expected"),
    [("200", 200), ("404", 404), ("299", 299), ("599", 599), ("100", 500), ("600", 500),
     ("2000", 500), ("abc", 500), ("-1", 500), ("٢٠٠", 500)],
)  # fmt: skip
def test_only_a_status_of_http_is_answered(server: Api, status: str, expected: int) -> None:
    answer = server.post("/answers", json={"status": status, "headers": "[]"})

    assert answer.status_code == expected


@pytest.mark.parametrize("status", ["204", "304"])
def test_what_must_have_no_body_has_none_and_the_connection_goes_on(
    server: Api, status: str
) -> None:
    for _ in range(3):
        answer = server.post("/answers", json={"status": status, "headers": '[{"ETag": "x"}]'})

        assert (answer.status_code, answer.content) == (int(status), b"")
        assert answer.headers["etag"] == "x"
        assert server.get("/words/a").json() == "a"


def test_request_headers_arrive_as_json_whatever_is_in_them(server: Api) -> None:
    headers = [b'X-Odd: "\\ \xe9 {}', b"X-Twice: 1", b"X-Twice: 2"]

    status, _, body = exchange(server, get(b"/headers", *headers))

    assert status == 200
    assert json.loads(body)["x-odd"] == '"\\ é {}'


def test_what_nobody_foresaw_is_a_problem_too(database: Database, api: Api) -> None:
    database.psql(
        "with u as (insert into app.users (email, username) values ('a@b.example', 'odd')"
        " returning id)"
        " insert into auth.credentials (user_id, password_hash)"
        " select u.id, '$argon2id$v=no hash at all' from u"
    )

    answer = api.post("/auth/login", json={"email": "a@b.example", "password": "whatever else"})

    assert answer.status_code in (401, 500)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "hash" not in answer.text


def test_a_large_body_does_not_keep_others_waiting(server: Api) -> None:
    numbers = {"word": "x", "numbers": [0] * 500_000}
    content = json.dumps(numbers, separators=(",", ":")).encode()
    assert len(content) < server.settings.max_body_bytes

    def post() -> int:
        headers = {"content-type": "application/json"}
        url = server.origin + "/words"
        return httpx.post(url, content=content, headers=headers, timeout=60).status_code

    answered = 0
    with ThreadPoolExecutor(2) as threads:
        posts = [threads.submit(post) for _ in range(2)]
        while not all(each.done() for each in posts):
            assert server.get("/healthz").status_code == 200
            answered += 1

    assert [each.result() for each in posts] == [200, 200]
    # Read on the event loop, each of the two bodies would let one or two others through.
    assert answered > 8


def test_many_unknown_names_make_no_large_answer(server: Api) -> None:
    answer = server.post("/words", json={f"unknown{i}": 0 for i in range(50_000)})

    assert answer.status_code == 422
    assert len(answer.content) < 20_000
