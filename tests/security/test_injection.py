"""Nothing that a client sends is ever carried out, and nothing makes the API fail.

Some 300 payloads meet every parameter, path segment, query name, JSON key, CSV field, cursor,
header and claim of every endpoint that the API describes. The suite takes every so-manieth of the
pairs; `./dev hostile` takes them all.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from jwt import api_jws as jws

from db.database import Database
from db.testbed import Testbed
from tests.security.detector import Detector, Finding
from tests.security.grounds import (
    LONG,
    SECRET,
    Server,
    claims,
    json_lines,
    seeded,
    served,
    token,
    user_id,
)
from tests.security.payloads import COMPUTED, MARK, PAYLOADS, SQL, Payload
from tests.security.places import CLAIMS, Operation, Place, cursor_of, operations
from tests.security.wire import Request, ask_all

# One pair in so many, by kind of place; the places that lead to the database come oftener.
STRIDE = {"parameter": 16, "cursor": 16, "csv field": 32, "claim": 60}
ELSEWHERE = 250
DEAR = 6  # so much seldomer where each request hashes a password, which is meant to be slow


@pytest.fixture(scope="module")
def shop(bed: Testbed) -> Iterator[Database]:
    yield from seeded(bed)


@pytest.fixture(scope="module")
def detector(shop: Database) -> Detector:
    """Before the server: what it sets is for connections that come after."""
    return Detector(shop)


@pytest.fixture(scope="module")
def server(
    shop: Database, detector: Detector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log: Path = tmp_path_factory.mktemp("injection") / "api.log"
    with served(shop, log, JWT_TTL="3600", STATEMENT_TIMEOUT="20000") as running:
        yield running


@pytest.fixture(scope="module")
def everything(server: Server, shop: Database) -> list[Operation]:
    return operations(server.document(), token(str(user_id(shop, "admin")), "admin"))


def pairs(places: list[Place]) -> Iterator[tuple[Place, Payload]]:
    """Each place with each payload, or with every so-manieth, another first one at each place."""
    for number, place in enumerate(places):
        often = STRIDE.get(place.kind, ELSEWHERE) * (DEAR if place.is_dear else 1)
        stride = 1 if LONG else often
        for payload in PAYLOADS[number % min(stride, len(PAYLOADS)) :: stride]:
            yield place, payload


def attack(server: Server, detector: Detector, places: list[Place]) -> list[Finding]:
    """All signs that something was carried out."""
    before, started = detector.statuses.copy(), time.monotonic()
    requests = (place.make(payload) for place, payload in pairs(places))
    asyncio.run(ask_all(server.port, requests, seen=detector.see))
    statuses = detector.statuses - before
    seconds = time.monotonic() - started
    print(f"{len(places)} places, {statuses.total():,} requests in {seconds:.1f} s")
    print(dict(sorted(statuses.items())))
    return detector.findings()


def shown(findings: list[Finding]) -> str:
    counted = Counter(each.sign for each in findings)
    return "\n".join([*map(str, counted.most_common()), *(str(each) for each in findings[:20])])


def test_there_are_enough_payloads_and_none_gives_itself_away() -> None:
    assert len({each.text for each in PAYLOADS}) >= 300
    for payload in PAYLOADS:
        assert not any(word.encode() in payload.text + payload.json for word in COMPUTED)
    assert all(MARK.encode() in payload.text for payload in SQL)


def test_what_is_sent_is_good_but_for_the_payload(
    server: Server, everything: list[Operation]
) -> None:
    """Otherwise each payload would be refused for the company it is in, and prove nothing."""
    requests = [each.request(what=each.method + " " + each.path) for each in everything]

    answered = asyncio.run(ask_all(server.port, requests, connections=1))

    refused = [(r.what, a.body) for r, a in answered if a.status in (400, 401, 403, 405, 415)]
    assert [each for each in refused if "/auth/" not in each[0]] == []
    broken = [(r.what, a.body) for r, a in answered if b"invalid-arguments" in a.body]
    assert broken == []
    assert len(answered) > 30


def test_nothing_that_is_sent_is_carried_out(
    server: Server, everything: list[Operation], detector: Detector
) -> None:
    places = [
        place
        for operation in everything
        for place in operation.places(cursor_of(operation, server.origin))
    ]
    kinds = Counter(place.kind for place in places)
    assert set(kinds) == {
        "parameter", "segment", "query name", "cursor", "csv field", "csv name", "csv", "json key",
        "json", "header",
    }  # fmt: skip
    assert kinds["parameter"] > 60
    assert kinds["cursor"] > 5

    findings = attack(server, detector, places)

    assert findings == [], shown(findings)
    assert detector.statements() > len(places)
    tracebacks = [each for each in json_lines(server.log) if "traceback" in each]
    assert tracebacks == []


def test_nor_is_a_claim_of_a_token(
    server: Server, everything: list[Operation], detector: Detector
) -> None:
    """Signed with the right key, as a service beside us might that was too trusting."""
    places = [
        Place(
            "claim",
            f"{claim} at {operation.method} {operation.path}",
            lambda payload, o=operation, c=claim: o.request(
                bearer=forged(c, payload), what=f"claim {c} of {o.method} {o.path}"
            ),
            operation.is_dear,
        )
        for operation in everything
        for claim in CLAIMS
    ]

    findings = attack(server, detector, places)

    assert findings == [], shown(findings)


def forged(claim: str, payload: Payload) -> str:
    """A token with the payload as a claim, as it stands in JSON where that is possible."""
    good = json.dumps(claims("1", "member", **{claim: "here"})).encode()
    return jws.encode(good.replace(b'"here"', payload.json[:5_000]), SECRET, algorithm="HS256")


_LONG_RUNNING = (b"generate_series", b"repeat(", b"pg_sleep")
CONTROL = [
    *(each for each in SQL[::4] if not any(word in each.text for word in _LONG_RUNNING)),
    *(each for each in SQL if b"|| pg_sleep" in each.text or b"lo_from_bytea" in each.text),
]
INJECTABLE = """
create schema lab;
grant usage on schema lab to anon;
create table lab.words (word text primary key);
insert into lab.words values ('a');
grant select, insert on lab.words to anon;

create function lab.word_find(word text) returns setof text stable language plpgsql as $$
begin
    return query execute 'select w.word from lab.words as w where w.word = ''' || word || '''';
end $$;
comment on function lab.word_find is 'HTTP GET /words';

create function lab.word_add(word text) returns text volatile language plpgsql as $$
declare
    v_word text;
begin
    execute 'select ''' || word || '''' into v_word;
    return v_word;
end $$;
comment on function lab.word_add is 'HTTP POST /words';
grant execute on all functions in schema lab to anon;
"""


def test_control_what_is_carried_out_is_noticed(bed: Testbed, tmp_path: Path) -> None:
    with bed.database() as database:
        database.psql(INJECTABLE)
        detector = Detector(database)
        with served(database, tmp_path / "api.log", API_SCHEMAS="lab") as server:
            places = [
                place
                for operation in operations(server.document(), "")
                if "/words" in operation.path
                for place in operation.places(None)
                if place.kind == "parameter"
            ]
            requests = [anonymous(place.make(payload)) for place in places for payload in CONTROL]
            asyncio.run(ask_all(server.port, requests, seen=detector.see))
        signs = {each.sign.partition(":")[0] for each in detector.findings()}

    assert len(places) == 3  # the list may be a file as well
    assert {
        "500", "the canary sang", "a statement was broken", "a payload stands in a statement",
        "computed zqstock", "an object is new",
    } <= signs  # fmt: skip
    assert any(sign.startswith("it slept") for sign in signs)


def anonymous(request: Request) -> Request:
    headers = tuple(each for each in request.headers if each[0] != b"authorization")
    return Request(request.method, request.target, headers, request.body, request.what)
