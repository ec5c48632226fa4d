"""Rates: counted once for all, wherever that is possible, and somewhere in any case."""

import math
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import redis
from pydantic import SecretStr

from api.annotation import AnnotationError, parse
from api.check import check, routes
from api.lanes import Lanes
from api.limits import Limits
from api.metrics import Metrics
from api.quota import Rate
from api.rate import Rates
from api.tokens import Caller
from db.database import Database
from db.redis_server import RedisServer
from db.testbed import Testbed
from tests.api.conftest import SECRET, Api, closed, running, within

LAB = """
create schema lab;
grant usage on schema lab to anon, member, staff, admin;
create sequence lab.calls;
grant usage on lab.calls to anon, member, staff, admin;
create function lab.draw(which text) returns bigint volatile language sql
    as 'select nextval(''lab.calls'')';
comment on function lab.draw is 'HTTP POST /draws/{which}
@rate 3/h';
create function lab.by_address() returns int stable language sql as 'select 1';
comment on function lab.by_address is 'HTTP GET /by-address
@rate 3/h per=ip';
create function lab.both() returns int stable language sql as 'select 1';
comment on function lab.both is 'HTTP GET /both
@rate 2/min per=user
@rate 5/day per=ip';
create function lab.quick() returns int stable language sql as 'select 1';
comment on function lab.quick is 'HTTP GET /quick
@rate 2/s';
create function lab.kept() returns timestamptz stable language sql as 'select clock_timestamp()';
comment on function lab.kept is 'HTTP GET /kept
@cache 1min vary=none
@rate 3/h per=ip';
create function lab.free() returns int stable language sql as 'select 1';
comment on function lab.free is 'HTTP GET /free';
create function lab.warm() returns int stable language sql as 'select 1';
comment on function lab.warm is 'HTTP GET /warm
@cache 1min vary=none';
create function lab.restricted() returns int stable language sql as 'select 1';
comment on function lab.restricted is 'HTTP GET /restricted
@rate 3/h per=ip';
grant execute on all functions in schema lab to anon, member, staff, admin;
revoke execute on function lab.restricted from public, anon;
"""
SCHEMAS = ("api", "lab")


@pytest.fixture(scope="module")
def module_lab(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(LAB)
        yield database


@pytest.fixture
def lab(module_lab: Database) -> Database:
    """The same for all tests, with nothing counted; what a process remembers goes with it."""
    module_lab.psql("delete from penstock.rate_limits; alter sequence lab.calls restart")
    return module_lab


@contextmanager
def serving(lab: Database, url: str | None, **changes: Any) -> Iterator[Api]:
    """The API on that database, and with that Redis once it is connected."""
    given = SecretStr(url) if url else None
    with running(lab.serve_url, api_schemas=SCHEMAS, redis_url=given, **changes) as api:
        assert within(5, lambda: "hit" in api.get("/warm").headers["cache-status"])
        yield api


@pytest.fixture(params=["redis", "database"])
def api(request: pytest.FixtureRequest, lab: Database) -> Iterator[Api]:
    """The API with its counts in Redis, and with its counts in the database."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    with serving(lab, url) as client:
        yield client
        if url:  # a test of Redis that asked the database would prove nothing
            assert lab.rows("select count(*) from penstock.rate_limits") == [(0,)]


def statuses(answers: list[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


def test_a_quota_may_be_used_at_once_and_then_no_more(api: Api) -> None:
    answers = [api.get("/by-address") for _ in range(5)]

    assert statuses(answers) == [200, 200, 200, 429, 429]
    assert [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers] == [
        '"ip-h";r=2', '"ip-h";r=1', '"ip-h";r=0', '"ip-h";r=0', '"ip-h";r=0',
    ]  # fmt: skip
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"ip-h";q=3;w=3600'}
    assert all(
        1190 <= int(re.fullmatch(r".*;t=(\d+)", answer.headers["ratelimit"])[1]) <= 1200  # type: ignore[index]
        for answer in answers
    )  # fmt: skip


def test_a_refusal_is_a_problem_that_says_when_to_come_again(api: Api) -> None:
    *_, answer = [api.get("/by-address") for _ in range(4)]

    assert answer.headers["content-type"] == "application/problem+json"
    seconds = int(answer.headers["retry-after"])
    assert 1190 <= seconds <= 1200
    body = answer.json()
    assert (body["type"], body["status"]) == ("/problems/quota-exceeded", 429)
    assert body["violated-policies"] == ["ip-h"]
    said = f"This may be called 3 times an hour. Try again in {seconds} seconds."
    assert body["detail"] == said


def test_what_is_refused_reaches_no_function(api: Api, lab: Database) -> None:
    answers = [api.post("/draws/x") for _ in range(6)]

    assert statuses(answers) == [200] * 3 + [429] * 3
    assert lab.rows("select last_value from lab.calls") == [(3,)]


def test_users_are_counted_each_by_themselves_and_anonymous_callers_by_address(api: Api) -> None:
    ada, bob = api.as_user(1, "member"), api.as_user(2, "member")

    assert statuses([ada.post("/draws/x") for _ in range(4)]) == [200, 200, 200, 429]
    assert statuses([bob.post("/draws/x") for _ in range(3)]) == [200, 200, 200]
    assert statuses([api.post("/draws/x") for _ in range(4)]) == [200, 200, 200, 429]
    again = api.as_user(1, "member")  # another token of the same user's
    assert again.post("/draws/x").status_code == 429


def test_by_address_all_users_of_one_are_counted_together(api: Api) -> None:
    clients = [api, api.as_user(1, "member"), api.as_user(2, "staff"), api.as_user(3, "member")]

    assert statuses([client.get("/by-address") for client in clients]) == [200, 200, 200, 429]


def test_routes_are_counted_each_by_themselves_and_whatever_their_arguments(api: Api) -> None:
    answers = [api.post(f"/draws/{number}") for number in range(4)]

    assert statuses(answers) == [200, 200, 200, 429]
    assert api.get("/by-address").status_code == 200


def test_a_call_counts_under_all_rates_or_none(api: Api) -> None:
    ada, bob = api.as_user(1, "member"), api.as_user(2, "member")
    first = ada.get("/both")
    taken = [ada.get("/both") for _ in range(6)]

    assert first.headers["ratelimit-policy"] == '"user-min";q=2;w=60, "ip-day";q=5;w=86400'
    left = re.sub(r";t=\d+", "", first.headers["ratelimit"])
    assert left == '"user-min";r=1, "ip-day";r=4'
    assert statuses(taken) == [200] + [429] * 5
    assert taken[-1].json()["violated-policies"] == ["user-min"]
    # The five that were refused to Ada are not counted against the address.
    assert re.sub(r";t=\d+", "", bob.get("/both").headers["ratelimit"]).endswith('"ip-day";r=2')


def test_what_comes_back_comes_bit_by_bit(api: Api) -> None:
    began = time.monotonic()
    served = 0
    while (seconds := time.monotonic() - began) < 2.2:
        served += api.get("/quick").status_code == 200
        time.sleep(0.01)

    assert 5 <= served <= 2 + math.ceil(2 * seconds)


def test_many_at_once_are_exactly_the_quota(api: Api) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: httpx.post(f"{api.base_url}draws/x"), range(60)))

    assert Counter(statuses(answers)) == {200: 3, 429: 57}


def test_what_is_kept_is_limited_like_all_else(api: Api) -> None:
    answers = [api.get("/kept") for _ in range(5)]

    assert statuses(answers) == [200, 200, 200, 429, 429]
    assert all("ratelimit" in answer.headers for answer in answers)


WRONG_CALLS: dict[str, Callable[[Api], httpx.Response]] = {
    "who may not": lambda api: api.get("/restricted"),
    "with a wrong token": lambda api: api.get("/restricted", headers={"authorization": "Bearer x"}),
    "with wrong arguments": lambda api: api.get("/restricted?no=1"),
}


@pytest.mark.parametrize("case", WRONG_CALLS)
def test_calls_that_come_to_nothing_count_too(api: Api, case: str) -> None:
    answers = [WRONG_CALLS[case](api) for _ in range(4)]

    assert [each.status_code for each in answers] == [401, 401, 401, 429]
    assert all("ratelimit" in answer.headers for answer in answers)


def test_a_route_without_a_rate_says_nothing_of_it(api: Api) -> None:
    answer = api.get("/free")

    assert not [name for name in answer.headers if "ratelimit" in name]


# ── Where calls are counted ──────────────────────────────────────────────────────────────────────


def test_two_processes_count_together(lab: Database, redis_url: str) -> None:
    for url in (redis_url, None):
        with serving(lab, url) as one, serving(lab, url) as other:
            answers = [each.get("/by-address") for each in (one, other, one, other)]

        assert statuses(answers) == [200, 200, 200, 429], url


def test_control_processes_that_count_by_themselves_do_not(
    lab: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nowhere(*_: object) -> None:
        return None

    monkeypatch.setattr(Rates, "_in_database", nowhere)
    with serving(lab, None) as one, serving(lab, None) as other:
        answers = [each.get("/by-address") for each in (one, other, one, other)]

    assert statuses(answers) == [200, 200, 200, 200]


def test_many_under_several_rates_neither_lock_each_other_nor_get_lost(lab: Database) -> None:
    keys = [uuid.UUID(int=number) for number in range(6)]
    take = "select penstock.rate_take(%s, array_fill(1000, array[6]), array_fill(86400, array[6]))"

    def count(seed: int) -> None:
        order = random.Random(seed)
        for _ in range(60):
            lab.rows(take, order.sample(keys, 6))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))

    moved = lab.rows("select extract(epoch from whole_at - now())::int from penstock.rate_limits")
    expected = 4 * 60 * 86_400 // 1000
    assert len(moved) == 6
    assert all(expected - 60 <= seconds <= expected for (seconds,) in moved)


def test_a_redis_that_goes_and_comes_back_costs_no_answer_and_no_limit(
    lab: Database, redis_url: str, redis_server: RedisServer
) -> None:
    with serving(lab, redis_url) as api:
        redis_server.stop()
        without = [api.get("/by-address") for _ in range(4)]
        metrics = httpx.get(api.origin + "/metrics").text
        counted = lab.rows("select count(*) from penstock.rate_limits")
        redis_server.start()

    assert statuses(without) == [200, 200, 200, 429]
    assert counted == [(1,)]
    assert 'penstock_rate_counts_total{place="database",result="admitted"} 3.0' in metrics
    assert 'penstock_rate_counts_total{place="database",result="refused"} 1.0' in metrics


def test_a_redis_that_hangs_is_waited_for_a_tenth_of_a_second(
    lab: Database, redis_url: str, redis_server: RedisServer
) -> None:
    with serving(lab, redis_url) as api:
        with redis.Redis.from_url(redis_url) as server:
            server.execute_command("CLIENT", "PAUSE", "1500", "ALL")
        began = time.monotonic()
        answers = [api.get("/by-address") for _ in range(4)]
        seconds = time.monotonic() - began

    assert statuses(answers) == [200, 200, 200, 429]
    assert seconds < 0.6
    assert lab.rows("select count(*) from penstock.rate_limits") == [(1,)]


def test_a_server_that_forgot_the_script_is_told_again(lab: Database, redis_url: str) -> None:
    with serving(lab, redis_url) as api, redis.Redis.from_url(redis_url) as server:
        server.flushall()
        api.get("/by-address")
        server.script_flush()
        answers = [api.get("/by-address") for _ in range(3)]

    assert statuses(answers) == [200, 200, 429]
    assert lab.rows("select count(*) from penstock.rate_limits") == [(0,)]


def test_what_redis_keeps_names_nobody_and_goes_by_itself(lab: Database, redis_url: str) -> None:
    with serving(lab, redis_url) as api, redis.Redis.from_url(redis_url) as server:
        server.flushall()
        api.as_user("somebody", "member").post("/draws/x")
        (key,) = [key for key in server.keys("*") if server.ttl(key) > 600]

        assert 1190 <= server.ttl(key) <= 1200
        assert b"somebody" not in key


def test_with_neither_redis_nor_database_a_process_counts_by_itself(lab: Database) -> None:
    with serving(lab, None, pool_timeout=0.2) as api:
        api.get("/free")
        with closed(lab):
            answers = [api.get("/by-address") for _ in range(4)]

    assert statuses(answers) == [503, 503, 503, 429]


def test_a_database_without_our_machinery_is_limited_as_well(empty_database: Database) -> None:
    empty_database.psql(
        "create function public.one() returns int stable language sql as 'select 1';"
        "comment on function public.one is 'HTTP GET /one\n@rate 2/h'"
    )
    with running(empty_database.serve_url, api_schemas=("public",)) as api:
        answers = [api.get("/one") for _ in range(3)]

    assert statuses(answers) == [200, 200, 429]


def test_a_flood_ends_in_the_process(lab: Database) -> None:
    """Who was refused until a moment to come is refused without asking anybody."""
    with serving(lab, None) as api:
        answers = [api.get("/by-address") for _ in range(3)]
        answers.append(api.get("/by-address"))
        lab.psql("delete from penstock.rate_limits")
        answers.append(api.get("/by-address"))

    assert statuses(answers) == [200, 200, 200, 429, 429]
    # Nothing was written, so nobody was asked.
    assert lab.rows("select count(*) from penstock.rate_limits") == [(0,)]


def test_what_a_process_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.rate._MOST", 100)
    limits = Limits("GET /x", (Rate(1, "h", "ip"),))
    rates = Rates(Lanes("", 1, 1, 1, 1), Metrics())
    for number in range(1000):
        keys = limits.keys(Caller("anon", ""), f"192.0.2.{number}")
        assert rates._in_process(limits, keys).admitted
        refused = rates._in_process(limits, keys)
        assert not refused.admitted
        rates._remember(limits, keys, refused, time.monotonic())

    assert len(rates._here) <= 100
    assert len(rates._refused) <= 100


# ── Who is counted ───────────────────────────────────────────────────────────────────────────────


def test_an_address_is_the_clients_where_the_proxy_is_trusted(lab: Database) -> None:
    def from_(client: str, api: Api) -> int:
        return api.get("/by-address", headers={"x-forwarded-for": client}).status_code

    with serving(lab, None, trusted_proxies=("127.0.0.0/8",)) as api:
        one = [from_("192.0.2.1", api) for _ in range(4)]
        other = from_("192.0.2.2", api)
        same_customer = [from_(f"2001:db8::{number}", api) for number in range(4)]
    assert one == [200, 200, 200, 429]
    assert other == 200
    assert same_customer == [200, 200, 200, 429]
    lab.psql("delete from penstock.rate_limits")
    with serving(lab, None) as api:
        assert [from_(f"192.0.2.{number}", api) for number in range(4)] == [200, 200, 200, 429]


def test_a_key_is_counted_where_the_caller_has_one() -> None:
    limits = Limits("GET /x", (Rate(1, "h", "key"),))
    user, anonymous = Caller("member", "{}", subject="7"), Caller("anon", "")
    found = {
        limits.keys(caller, address)[0]
        for caller in (Caller("member", "{}", subject="7", key="k1"), user, anonymous)
        for address in ("192.0.2.1", "192.0.2.2")
    }

    assert len(found) == 1 + 1 + 2


def test_a_user_can_be_named_like_nobody_else() -> None:
    limits = Limits("GET /x", (Rate(1, "h", "user"),))

    assert limits.keys(Caller("member", "{}", subject="192.0.2.1"), "") != limits.keys(
        Caller("anon", ""), "192.0.2.1"
    )


# ── Logging in ───────────────────────────────────────────────────────────────────────────────────

LOGIN = {"email": "nobody@example.com", "password": "wrong horse"}


def test_logging_in_is_limited_by_address_unless_told_otherwise(
    lab: Database, redis_url: str
) -> None:
    for url in (redis_url, None):
        with serving(lab, url, auth_rate=("3/h per=ip", "100/day per=ip")) as api:
            answers = [api.post("/auth/login", json=LOGIN) for _ in range(5)]
            preflights = [api.options("/auth/login") for _ in range(5)]
            assert api.get("/free").status_code == 200

        assert statuses(answers) == [401, 401, 401, 429, 429]
        assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
        assert answers[0].headers["ratelimit"].startswith('"ip-h";r=2;')
        assert answers[4].headers["retry-after"]
        assert 429 not in statuses(preflights)


def test_logging_in_is_limited_by_default() -> None:
    from api.settings import Settings  # noqa: PLC0415 -- not as the tests set it

    settings = Settings(database_url=SecretStr("postgresql://x/y"), jwt_secret=SecretStr(SECRET))

    assert settings.auth_rate == ("30/min per=ip",)


def test_logging_in_is_limited_without_redis_and_database(lab: Database) -> None:
    with serving(lab, None, pool_timeout=0.2, auth_rate=("2/h per=ip",)) as api:
        api.get("/free")
        with closed(lab):
            answers = [api.post("/auth/login", json=LOGIN) for _ in range(3)]

    assert statuses(answers) == [503, 503, 429]


# ── What is said of it ───────────────────────────────────────────────────────────────────────────

GOOD = {
    "10/min": Rate(10, "min", "user"),
    "1/s per=ip": Rate(1, "s", "ip"),
    "100000/h  per=key": Rate(100_000, "h", "key"),
    "5/day per=user": Rate(5, "day", "user"),
}


@pytest.mark.parametrize("text", GOOD)
def test_a_rate_is_read(text: str) -> None:
    annotation = parse(f"HTTP GET /x\n@rate {text}")

    assert annotation is not None
    assert annotation.rates == (GOOD[text],)


BAD = [
    "", "10", "0/min", "-1/min", "1.5/min", "100001/s", "10/minute", "10/month", "10/ min",
    "10/min per=role", "10/min per=", "10/min by=ip", "10/min per=ip burst=5", "x/min", "٣/min",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_a_wrong_rate_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(AnnotationError, match=r"has @rate .*; it takes calls \(1 to 100,000\)"):
        parse(f"HTTP GET /x\n@rate {text}")


def test_two_rates_of_a_kind_are_refused() -> None:
    with pytest.raises(AnnotationError, match="says both 10/min per=user and 20/min per=user"):
        parse("HTTP GET /x\n@rate 10/min\n@rate 20/min per=user")


def test_check_refuses_and_routes_shows(bed: Testbed, capsys: pytest.CaptureFixture[str]) -> None:
    with bed.database() as database:
        database.psql(LAB)
        _check_and_show(database, capsys)


def _check_and_show(lab: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(lab.serve_url, ("lab",)) == 0
    routes(lab.serve_url, ("lab",))
    assert "at most 2/min per=user, 5/day per=ip" in capsys.readouterr().out
    lab.psql("comment on function lab.both is 'HTTP GET /both\n@rate often'")

    assert check(lab.serve_url, ("lab",)) == 1
    assert "lab.both has @rate often; it takes calls" in capsys.readouterr().out


def test_openapi_tells_of_the_rates(lab: Database) -> None:
    with serving(lab, None, auth_rate=("3/h per=ip",)) as api:
        paths = api.get("/openapi.json").json()["paths"]

    both = paths["/api/v1/both"]["get"]["responses"]
    assert "2/min per=user, 5/day per=ip" in both["429"]["description"]
    assert set(both["429"]["headers"]) == {"RateLimit", "RateLimit-Policy", "Retry-After"}
    assert {"RateLimit", "RateLimit-Policy"} <= set(both["200"]["headers"])
    assert "429" in paths["/api/v1/auth/login"]["post"]["responses"]
    assert "429" not in paths["/api/v1/free"]["get"]["responses"]
